import { queryOptions } from '@tanstack/react-query';
import { post, request } from '#ui/api.ts';
import { jobIdOf, waitForJob } from '#ui/jobs/jobs.ts';
import { queryClient } from '#ui/query-client.ts';
import type { Page, RecordData } from '#ui/wire.ts';

export interface Pipeline extends RecordData {
  name: string;
  isDefault: boolean | null;
}

export interface Stage extends RecordData {
  name: string;
  pipeline: { id: string; name: string };
  category: 'open' | 'won' | 'lost';
  probability: number;
  position: number;
  forecastCategory: string | null;
  guidance: string | null;
  requiredToEnter: string[] | null;
  requiredToLeave: string[] | null;
  maxAgeDays: number | null;
}

/** A step of the playbook of a stage. */
export interface PlaybookStep extends RecordData {
  text: string;
  stage: { id: string; name: string };
  detail: string | null;
  asks: string | null;
  required: boolean | null;
  makesTask: boolean | null;
  position: number;
}

/** Pipelines with their stages in order and how many opportunities lie in each; kept in step by the live stream. */
export const pipelinesQuery = queryOptions({
  queryKey: ['figures', 'pipelines', 'all'],
  queryFn: async ({ signal }) =>
    (await post<Page>('/pipelines/query', { fields: ['name', 'isDefault'], sort: ['createdAt'], limit: 200 }, signal)).items as Pipeline[],
});

const STAGE_FIELDS = [
  'name',
  'pipeline',
  'category',
  'probability',
  'position',
  'forecastCategory',
  'guidance',
  'requiredToEnter',
  'requiredToLeave',
  'maxAgeDays',
];

/** The playbooks of all stages, each in its order. */
export const playbookQuery = queryOptions({
  queryKey: ['figures', 'playbookSteps', 'all'],
  queryFn: async ({ signal }) =>
    (
      await post<Page>(
        '/playbookSteps/query',
        { fields: ['text', 'stage', 'detail', 'asks', 'required', 'makesTask', 'position'], sort: ['position'], limit: 500 },
        signal,
      )
    ).items as PlaybookStep[],
});

export const stagesQuery = queryOptions({
  queryKey: ['figures', 'stages', 'all'],
  queryFn: async ({ signal }) =>
    (await post<Page>('/stages/query', { fields: STAGE_FIELDS, sort: ['position'], limit: 500 }, signal)).items as Stage[],
});

export const dealsQuery = queryOptions({
  queryKey: ['figures', 'opportunities', 'byStage'],
  queryFn: async ({ signal }) => {
    const { rows } = await post<{ rows: { stage: { id: string } | null; n: number }[] }>(
      '/opportunities/aggregate',
      { groupBy: ['stage'], measures: { n: { op: 'count' } }, limit: 500 },
      signal,
    );
    return new Map(rows.flatMap((row) => (row.stage ? [[row.stage.id, row.n] as const] : [])));
  },
});

/** Has what is shown of pipelines asked for anew. */
export const fetchPipelines = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['figures'] });

/** Writes stages in one act: all or none. */
export function writeStages(operations: readonly Record<string, unknown>[]): Promise<{ cause: string | null }> {
  return request('POST', '/stages/batch', { body: { operations } });
}

/** The writes that give stages the places they stand at, of those that stand elsewhere. */
export function places(stages: readonly Pick<Stage, 'id' | 'position'>[]): { op: 'update'; id: string; values: { position: number } }[] {
  return stages.flatMap(({ id, position }, at) =>
    position === at + 1 ? [] : [{ op: 'update' as const, id, values: { position: at + 1 } }],
  );
}

/** Where a new open stage belongs: ahead of those that end a deal. */
export function placeForNew(stages: readonly Pick<Stage, 'category'>[]): number {
  const closing = stages.findIndex((stage) => stage.category !== 'open');
  return closing === -1 ? stages.length : closing;
}

/** Moves all opportunities of a stage to another one; gives the reason why some stayed, if any did. */
export async function moveDeals(from: string, to: string): Promise<string | null> {
  const answer = await request<unknown>('POST', '/opportunities/bulk', {
    body: { where: { field: 'stage', op: 'eq', value: from }, set: { stage: to } },
    headers: { 'idempotency-key': crypto.randomUUID() },
  });
  const id = jobIdOf(answer);
  if (id === null) return null;
  const job = await waitForJob(id);
  const { failed, problems } = (job.result ?? {}) as { failed?: number; problems?: { detail: string }[] };
  if (job.state !== 'done') return job.error ?? '';
  return failed ? (problems?.[0]?.detail ?? '') : null;
}
