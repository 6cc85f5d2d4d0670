import { queryOptions } from '@tanstack/react-query';
import { get, post, request } from '#ui/api.ts';
import { jobIdOf, waitForJob } from '#ui/jobs/jobs.ts';
import { showFailure, showFailureText, showUndo } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { isObject, type Named, type Page, type RecordData } from '#ui/wire.ts';
import { words } from '#ui/words.ts';

export interface Territory extends RecordData {
  name: string;
  parent: Named | null;
  manager: Named | null;
  members: Named[] | null;
  rule: unknown;
  rank: number | null;
}

/** A territory with how deep it stands below the top. */
export interface Placed {
  territory: Territory;
  depth: number;
}

/** Territories as a tree written down from the top, each under the one it stands below. */
export function asTree(territories: readonly Territory[]): Placed[] {
  const ids = new Set(territories.map((one) => one.id));
  const below = (parent: string | null): Territory[] =>
    territories
      .filter((one) => (one.parent && ids.has(one.parent.id) ? one.parent.id : null) === parent)
      .sort((a, b) => a.name.localeCompare(b.name));
  const walk = (parent: string | null, depth: number): Placed[] =>
    depth > 50 ? [] : below(parent).flatMap((territory) => [{ territory, depth }, ...walk(territory.id, depth + 1)]);
  return walk(null, 0);
}

export const territoriesQuery = queryOptions({
  queryKey: ['territories'],
  queryFn: async ({ signal }) => (await get<Page<Territory>>('/territories', { limit: 500 }, signal)).items,
});

/** How many customers lie where; those of no territory under null. */
export const countsQuery = queryOptions({
  queryKey: ['territories', 'counts'],
  queryFn: async ({ signal }) => {
    const body = { groupBy: ['territory'], measures: { n: { op: 'count' } }, limit: 1000 };
    const { rows } = await post<{ rows: { territory: Named | null; n: number }[] }>('/parties/aggregate', body, signal);
    return new Map(rows.map((row) => [row.territory?.id ?? null, row.n]));
  },
});

export interface RuleChange {
  id: string;
  rule: unknown;
}

export interface Preview {
  total: number;
  moves: { from: string | null; to: string | null; count: number; openOpportunities: number | null; revenue: string | null }[];
  first: { id: string; name: string | null; from: string | null; to: string | null }[];
}

export const previewQuery = (rules: readonly RuleChange[]) =>
  queryOptions({
    queryKey: ['territories', 'preview', rules],
    queryFn: ({ signal }) => post<Preview>('/territories/preview', { rules }, signal),
    staleTime: 0,
    gcTime: 0,
  });

const again = (): Promise<void> =>
  queryClient.invalidateQueries({ predicate: (query) => !['session', 'meta'].includes(String(query.queryKey[0])) });

/** Makes the cut; the rest of it goes on as a job, and what it did can be taken back. */
export async function applyRules(rules: readonly RuleChange[]): Promise<void> {
  const answer = await request<unknown>('POST', '/territories/apply', {
    body: { rules },
    headers: { 'idempotency-key': crypto.randomUUID() },
  });
  const id = jobIdOf(answer);
  await queryClient.invalidateQueries({ predicate: ({ queryKey: [kind] }) => kind === 'jobs' || kind === 'territories' });
  if (id !== null) void follow(id, answer.cause);
}

async function follow(id: string, cause: string | null): Promise<void> {
  const { t } = words();
  try {
    const job = await waitForJob(id);
    await again();
    const changed = isObject(job.result) ? Number(job.result.changed ?? 0) : 0;
    if (job.state === 'failed') showFailureText(job.error ?? t('failure.unexpected'));
    else showUndo(t('territories.done', { count: changed }), cause, () => void again());
  } catch (failure) {
    showFailure(failure);
  }
}
