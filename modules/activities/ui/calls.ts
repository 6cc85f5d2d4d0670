import { queryOptions } from '@tanstack/react-query';
import { get, post } from '#ui/api.ts';
import { queryClient } from '#ui/query-client.ts';
import type { Named, RecordData } from '#ui/wire.ts';

export interface CallListFigures {
  id: string;
  name: string;
  status: 'open' | 'closed';
  owner: Named | null;
  total: number;
  waiting: number;
  done: number;
  unreachable: number;
  excluded: number;
  outcomes: Record<string, number>;
}

/** One touch of the customer's timeline. */
export interface Touch {
  object: string;
  id: string;
  at: string;
  kind: string | null;
  title: string | null;
  detail: string | null;
  actor: Named | null;
}

/** A customer to call now, or that nobody is. */
export interface Handed {
  list: { id: string; name: string; script: string | null };
  entry: { id: string; tries: number; note: string | null; outcome: string | null; lastCalledAt: string | null } | null;
  party?: RecordData;
  touches?: { items: Touch[] };
}

/** Outcomes in the order of their keys, 1 to 8. */
export const OUTCOME_KEYS = ['reached', 'interested', 'notInterested', 'noAnswer', 'busy', 'wrongNumber', 'callBack', 'doNotCall'] as const;
export type OutcomeKey = (typeof OUTCOME_KEYS)[number];

export const callListsQuery = queryOptions({
  queryKey: ['calls'],
  queryFn: async ({ signal }) => (await get<{ items: CallListFigures[] }>('/calls', {}, signal)).items,
});
export const callListQuery = (id: string) =>
  queryOptions({ queryKey: ['calls', id], queryFn: ({ signal }) => get<CallListFigures>(`/calls/${id}`, {}, signal) });
export const refreshCalls = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['calls'] });

/** Takes the next customer in hand; `after` one that is passed by. */
export const nextCall = (list: string, after: string | null): Promise<Handed> => post<Handed>(`/calls/${list}/next`, { after });
