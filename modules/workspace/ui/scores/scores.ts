import { queryOptions } from '@tanstack/react-query';
import { get, post } from '#ui/api.ts';
import { queryClient } from '#ui/query-client.ts';
import type { RecordData } from '#ui/wire.ts';

export const GRADES = ['A', 'B', 'C', 'D'] as const;
export type Grade = (typeof GRADES)[number];
export type Counts = Record<Grade, number>;
export interface Thresholds {
  A: number;
  B: number;
  C: number;
}

/** A rule as its record holds it. */
export interface ScoreRule extends RecordData {
  name: string;
  active: boolean;
  kind: 'fit' | 'engagement';
  condition: unknown;
  points: number;
  most: number | null;
  halfLifeDays: number | null;
}

export interface ScorePreview {
  total: number;
  before: Counts;
  after: Counts;
  examples: { id: string; name: string; before: number; after: number; gradeBefore: Grade; gradeAfter: Grade }[];
}

export const rulesQuery = queryOptions({
  queryKey: ['leadScores', 'rules'],
  queryFn: async ({ signal }) =>
    (
      await post<{ items: ScoreRule[] }>(
        '/scoreRules/query',
        { fields: ['name', 'active', 'kind', 'condition', 'points', 'most', 'halfLifeDays'], sort: ['-points', 'name'], limit: 200 },
        signal,
      )
    ).items,
});

export const gradesQuery = queryOptions({
  queryKey: ['leadScores', 'grades'],
  queryFn: ({ signal }) => get<{ grades: Thresholds; leads: Counts }>('/lead-grades', {}, signal),
});

export const refreshScores = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['leadScores'] });
