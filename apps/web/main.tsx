import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import '#ui/base.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { onSignedOut } from '#ui/api.ts';
import { MissingAsker } from '#ui/list/missing-asker.tsx';
import { styleNonce } from '#ui/nonce.ts';
import { ProofAsker } from '#ui/proof/proof-asker.tsx';
import { queryClient } from '#ui/query-client.ts';
import { sessionQuery } from '#ui/session.ts';
import { cssVariablesResolver, theme } from '#ui/theme.ts';
import { WithWords } from '#ui/words.ts';
import { Direction } from './direction.tsx';
import { router } from './router.tsx';
import { begin } from './words.ts';

await begin();

const nonce = styleNonce();
// What keeps the page still under a dialog brings a sheet of its own.
if (nonce) setNonce(nonce);

// A session that ends while somebody works leads to the sign-in and back to the same page.
onSignedOut(() => {
  if (queryClient.getQueryData(sessionQuery.queryKey) === null) return;
  queryClient.setQueryData(sessionQuery.queryKey, null);
  void router.invalidate();
});

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <WithWords>
        <Direction>
          <MantineProvider
            theme={theme}
            getStyleNonce={() => nonce ?? ''}
            cssVariablesResolver={cssVariablesResolver}
            defaultColorScheme="auto"
          >
            <QueryClientProvider client={queryClient}>
              <RouterProvider router={router} />
              <ProofAsker />
              <MissingAsker />
            </QueryClientProvider>
          </MantineProvider>
        </Direction>
      </WithWords>
    </StrictMode>,
  );
}
