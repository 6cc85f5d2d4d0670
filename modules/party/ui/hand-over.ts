import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { get, post, request } from '#ui/api.ts';
import { formatNumber } from '#ui/format.ts';
import { jobIdOf, waitForJob } from '#ui/jobs/jobs.ts';
import { showFailure, showFailureText, showUndo } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { isObject, type Named, type Page, readNamed } from '#ui/wire.ts';
import { words } from '#ui/words.ts';

/** What a member of staff holds, as far as one may hand it over. */
export interface Holds {
  user: Named;
  holds: { object: string; count: number }[];
}

export function holdsQuery(user: string) {
  return queryOptions({
    queryKey: ['figures', 'parties', 'held', user],
    queryFn: ({ signal }) => get<Holds>(`/users/${user}/hand-over`, {}, signal),
  });
}

/** The customers of a user, by name or those that came last first. */
export function portfolioQuery(user: string, newest: boolean) {
  return infiniteQueryOptions({
    queryKey: ['figures', 'parties', 'owned', user, newest],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      post<Page>(
        '/parties/query',
        {
          where: { field: 'owner', op: 'eq', value: user },
          fields: ['name', 'lifecycleStage', 'city', 'country'],
          sort: [newest ? '-updatedAt' : 'name'],
          limit: 100,
          cursor: pageParam,
        },
        signal,
      ),
    getNextPageParam: (page) => page.next,
  });
}

/** What is promised to a customer, or to be done for one, and when the first of it is due. */
export interface Due {
  promises: number;
  tasks: number;
  first: string | null;
}

/** Open tasks of all customers of a user, in one question. */
export function dueQuery(user: string) {
  return queryOptions({
    queryKey: ['figures', 'tasks', 'owned', user],
    queryFn: async ({ signal }) =>
      readDue(
        (
          await post<{ rows: Record<string, unknown>[] }>(
            '/tasks/aggregate',
            {
              where: {
                all: [
                  { field: 'party.owner', op: 'eq', value: user },
                  { field: 'status', op: 'eq', value: 'open' },
                ],
              },
              groupBy: ['party', 'kind'],
              measures: { n: { op: 'count' }, first: { op: 'min', field: 'dueOn' } },
              limit: 10_000,
            },
            signal,
          )
        ).rows,
      ),
  });
}

/** Rows by party and kind as what is due by party. Pure. */
export function readDue(rows: readonly Record<string, unknown>[]): Map<string, Due> {
  const due = new Map<string, Due>();
  for (const row of rows) {
    const party = readNamed(row.party);
    if (!party) continue;
    const was = due.get(party.id) ?? { promises: 0, tasks: 0, first: null };
    const n = Number(row.n ?? 0);
    const first = typeof row.first === 'string' ? row.first : null;
    due.set(party.id, {
      promises: was.promises + (row.kind === 'promise' ? n : 0),
      tasks: was.tasks + (row.kind === 'promise' ? 0 : n),
      first: was.first === null || (first !== null && first < was.first) ? first : was.first,
    });
  }
  return due;
}

/** Gives everything to a successor, as a job that the tray shows; at its end it is said what went over, with the way back. */
export async function handOver(from: Named, to: Named): Promise<void> {
  const answer = await request<unknown>('POST', `/users/${from.id}/hand-over`, {
    body: { to: to.id },
    headers: { 'idempotency-key': crypto.randomUUID() },
  });
  const id = jobIdOf(answer);
  if (id === null) return;
  await queryClient.invalidateQueries({ queryKey: ['jobs'] });
  void follow(id, answer.cause, to);
}

const again = (): Promise<void> =>
  queryClient.invalidateQueries({ predicate: (query) => !['session', 'meta'].includes(String(query.queryKey[0])) });

async function follow(id: string, cause: string | null, to: Named): Promise<void> {
  const { t } = words();
  try {
    const job = await waitForJob(id);
    await again();
    const result = isObject(job.result) ? job.result : {};
    const [changed, failed] = [Number(result.changed ?? 0), Number(result.failed ?? 0)];
    if (job.state === 'failed') showFailureText(job.error ?? t('failure.unexpected'));
    if (changed > 0)
      showUndo(t('handOver.done', { count: changed, n: formatNumber(changed, 0), name: to.name }), cause, () => void again());
    if (failed > 0) showFailureText(t('bulk.failed', { count: failed, n: formatNumber(failed, 0) }));
  } catch (failure) {
    showFailure(failure);
  }
}
