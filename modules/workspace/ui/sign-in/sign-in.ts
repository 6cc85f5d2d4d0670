import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { SignInLine } from '#engine/declare/sign-in.ts';
import { get } from '#ui/api.ts';

/** Somewhere that somebody is signed in. */
export interface SessionLine {
  id: string;
  agent: string | null;
  address: string | null;
  createdAt: string;
  seenAt: string;
  current: boolean;
}

/** All that hangs on who is signed in where. */
export const SIGN_IN = ['sign-in'];

/** Where somebody is signed in: oneself, or for administrators another. */
export const sessionsQuery = (user: string | undefined) =>
  queryOptions({
    queryKey: [...SIGN_IN, 'sessions', user ?? 'me'],
    queryFn: async ({ signal }) => (await get<{ items: SessionLine[] }>('/sign-in/sessions', { user }, signal)).items,
  });

/** The log of one user, `me`, or for administrators of everybody. */
export const signInsQuery = (user: string | undefined) =>
  infiniteQueryOptions({
    queryKey: [...SIGN_IN, 'events', user ?? 'all'],
    queryFn: ({ pageParam, signal }) =>
      get<{ items: SignInLine[]; next: string | null }>('/sign-in/events', { user, cursor: pageParam ?? undefined, limit: 30 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });

/** A passkey, as it is listed. */
export interface PasskeyLine {
  id: string;
  name: string;
  createdAt: string;
  usedAt: string | null;
}

export const passkeysQuery = queryOptions({
  queryKey: [...SIGN_IN, 'passkeys'],
  queryFn: async ({ signal }) => (await get<{ items: PasskeyLine[] }>('/sign-in/passkeys', {}, signal)).items,
});

/** How somebody's second factor stands. */
export interface SecondFactor {
  since: string | null;
  recovery: number;
  passkeys: number;
  demanded: boolean;
}

export const factorQuery = (user: string | undefined) =>
  queryOptions({
    queryKey: [...SIGN_IN, 'factor', user ?? 'me'],
    queryFn: ({ signal }) => get<SecondFactor>('/sign-in/factor', { user }, signal),
  });
