import { queryOptions } from '@tanstack/react-query';
import { get } from '#ui/api.ts';
import { queryClient } from '#ui/query-client.ts';

export const ACTS = ['delete', 'erase', 'files'] as const;

/** For how long something is kept, and what becomes of it then. */
export interface RetentionRule {
  id: string;
  name: string;
  act: (typeof ACTS)[number];
  object: string | null;
  condition: unknown;
  days: number;
  active: boolean;
}

export interface RetentionRun {
  id: string;
  rule: string;
  at: string;
  endedAt: string | null;
  done: number;
  failed: number;
  purged: number;
}

/** What a rule would do tonight. */
export interface RetentionPreview {
  count: number;
  held: number;
  first: { id: string; name: string | null }[];
}

const RETENTION = ['retention'];

export const rulesQuery = queryOptions({
  queryKey: [...RETENTION, 'rules'],
  queryFn: async ({ signal }) =>
    (
      await get<{ items: RetentionRule[] }>(
        '/retentionRules',
        { fields: 'name,act,object,condition,days,active', sort: 'name', limit: 200 },
        signal,
      )
    ).items,
});

export const runsQuery = queryOptions({
  queryKey: [...RETENTION, 'runs'],
  queryFn: async ({ signal }) => (await get<{ items: RetentionRun[] }>('/retention/runs', {}, signal)).items,
});

export const refreshRetention = (): Promise<void> => queryClient.invalidateQueries({ queryKey: RETENTION });
