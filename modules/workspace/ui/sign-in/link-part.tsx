import { Button, CopyButton, Group } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { post } from '#ui/api.ts';
import { formatDateTime } from '#ui/format.ts';
import { showFailure } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { SettingsPart } from '#ui/settings/settings-frame.tsx';
import type { Named } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './sign-in.module.css';
import { SIGN_IN } from './sign-in.ts';

/** For administrators: a link by which a user sets their password, shown this once to be handed over. */
export function LinkPart({ user }: { user: Named }): ReactNode {
  const { t } = useWords();
  const [link, setLink] = useState<{ address: string; kind: 'invitation' | 'reset'; expiresAt: string } | null>(null);
  const make = async (): Promise<void> => {
    try {
      const { token, ...rest } = await post<{ token: string; kind: 'invitation' | 'reset'; expiresAt: string }>('/sign-in/links', {
        user: user.id,
      });
      // Behind the #: what stands there is sent to no server and stands in no log.
      setLink({ address: `${window.location.origin}/enter#${token}`, ...rest });
      await queryClient.invalidateQueries({ queryKey: SIGN_IN });
    } catch (failure) {
      showFailure(failure);
    }
  };
  return (
    <SettingsPart
      title={t('links.title', { name: user.name })}
      acts={
        <Button size="compact" variant="default" onClick={() => void make()}>
          {t('links.make')}
        </Button>
      }
    >
      <p className="pg-secondary">{t('links.lead')}</p>
      {link && (
        <div className={classes.link} role="status">
          <p>{t(`links.made.${link.kind}`, { when: formatDateTime(link.expiresAt) })}</p>
          <code>{link.address}</code>
          <Group>
            <CopyButton value={link.address}>
              {({ copied, copy }) => <Button onClick={copy}>{t(copied ? 'links.copied' : 'links.copy')}</Button>}
            </CopyButton>
          </Group>
        </div>
      )}
    </SettingsPart>
  );
}
