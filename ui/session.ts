import { queryOptions, useQuery } from '@tanstack/react-query';
import { ApiError, request } from './api.ts';
import { setLocale } from './format.ts';
import type { Session } from './wire.ts';

/** Who is signed in; `null` when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const { data } = await request<Session>('GET', '/session', { signal, expectSignedOut: true });
      setLocale({ language: data.user.language ?? data.company.language, timeZone: data.user.timeZone ?? data.company.timeZone });
      return data;
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 401) return null;
      throw failure;
    }
  },
  staleTime: 5 * 60_000,
});

/** The session; `null` before sign-in. */
export function useSession(): Session | null {
  return useQuery(sessionQuery).data ?? null;
}
