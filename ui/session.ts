import { queryOptions, useQuery } from '@tanstack/react-query';
import { ApiError, request } from './api.ts';
import { setClock, setLocale } from './format.ts';
import { queryClient } from './query-client.ts';
import type { Session } from './wire.ts';

/** Who is signed in; `null` when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const { data } = await request<Session>('GET', '/session', { signal, expectSignedOut: true });
      setLocale({ timeZone: data.user.timeZone ?? data.company.timeZone });
      setClock({ now: data.now, timeZone: data.company.timeZone });
      return data;
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 401) return null;
      throw failure;
    }
  },
  staleTime: 5 * 60_000,
});

/** What a user may say about how Perigon speaks to them: empty stands for the company's choice. */
export type Preferences = Partial<Pick<Session['user'], 'language' | 'timeZone'>>;

/** The language wanted by whoever is signed in: their own, else the company's. */
export function wantedLanguage(session: Session): string {
  return session.user.language ?? session.company.language;
}

/** Stores one's own language or time zone, and takes it over here. */
export async function savePreferences(preferences: Preferences): Promise<Session> {
  const { data } = await request<Session>('PATCH', '/session', { body: preferences });
  queryClient.setQueryData(sessionQuery.queryKey, data);
  return data;
}

/** The session; `null` before sign-in. */
export function useSession(): Session | null {
  return useQuery(sessionQuery).data ?? null;
}
