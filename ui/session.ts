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
      takeOver(data);
      return data;
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 401) return null;
      throw failure;
    }
  },
  staleTime: 5 * 60_000,
});

/** Times are told as this session tells them. */
function takeOver(session: Session): void {
  setLocale({ timeZone: session.user.timeZone ?? session.company.timeZone });
  setClock({ now: session.now, timeZone: session.company.timeZone });
}

/** Remembers who has just come in, for all screens. */
export function enter(session: Session): void {
  takeOver(session);
  queryClient.setQueryData(sessionQuery.queryKey, session);
}

/** Ends this session; where to next is for the caller to say. */
export async function leave(): Promise<void> {
  await request('DELETE', '/session');
  queryClient.clear();
  queryClient.setQueryData(sessionQuery.queryKey, null);
}

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

/** Whether this browser has passkeys, here: it has none on pages that are not secure. */
export const hasPasskeys = (): boolean => typeof window.PublicKeyCredential === 'function';

/** The session; `null` before sign-in. */
export function useSession(): Session | null {
  return useQuery(sessionQuery).data ?? null;
}
