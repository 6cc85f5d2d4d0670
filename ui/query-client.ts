import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './api.ts';

/**
 * One cache for the app: what was seen shows at once and is asked for anew each time a screen opens, since an import, a
 * colleague or the API may have written meanwhile. A refusal is an answer and is not asked for again; only an absent server is.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 0,
      gcTime: 30 * 60_000,
      retry: (count, failure) => count < 2 && (!(failure instanceof ApiError) || failure.status === 0 || failure.status >= 502),
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
});
