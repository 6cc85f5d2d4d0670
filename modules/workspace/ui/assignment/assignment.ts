import { queryOptions } from '@tanstack/react-query';
import { post, request } from '#ui/api.ts';
import { queryClient } from '#ui/query-client.ts';
import type { Named, RecordData } from '#ui/wire.ts';

export const WAYS = ['roundRobin', 'load', 'skill', 'territory', 'fixed'] as const;
export type Way = (typeof WAYS)[number];

/** A rule as its record holds it. */
export interface AssignmentRule extends RecordData {
  name: string;
  active: boolean;
  position: number | null;
  condition: unknown;
  way: Way;
  members: Named[] | null;
  teams: Named[] | null;
  skills: string[] | null;
  skillsFrom: string[] | null;
}

export interface WouldGet {
  id: string;
  name: string;
  user: Named | null;
  why: { way: Way; rule: string } | null;
}

const FIELDS = ['name', 'active', 'position', 'condition', 'way', 'members', 'teams', 'skills', 'skillsFrom'];

export const rulesQuery = queryOptions({
  queryKey: ['assignment', 'rules'],
  queryFn: async ({ signal }) =>
    (
      await post<{ items: AssignmentRule[] }>(
        '/assignmentRules/query',
        { where: { field: 'object', op: 'eq', value: 'lead' }, fields: FIELDS, sort: ['position', 'name'], limit: 200 },
        signal,
      )
    ).items,
});

export const refreshRules = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['assignment'] });

/** Writes the places of rules in their order; gives the cause under which that can be taken back. */
export const writeOrder = (rules: readonly AssignmentRule[]): Promise<{ cause: string | null }> =>
  request('POST', '/assignmentRules/batch', {
    body: { operations: rules.map(({ id }, at) => ({ op: 'update', id, values: { position: at + 1 } })) },
  });
