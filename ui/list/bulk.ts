import { request } from '../api.ts';
import { formatNumber } from '../format.ts';
import { jobIdOf, waitForJob } from '../jobs/jobs.ts';
import { showFailure, showFailureText, showUndo } from '../notify.tsx';
import { queryClient } from '../query-client.ts';
import { isObject, type ObjectMeta } from '../wire.ts';
import { words } from '../words.ts';

/** What happens to all selected records. */
export type BulkChange = { set: Record<string, unknown> } | { delete: true };

interface BulkResult {
  changed: number;
  unchanged: number;
  failed: number;
  problems: { detail: string }[];
}

function readResult(result: unknown): BulkResult {
  const number = (key: string): number => (isObject(result) && typeof result[key] === 'number' ? result[key] : 0);
  const problems = isObject(result) && Array.isArray(result.problems) ? result.problems : [];
  return {
    changed: number('changed'),
    unchanged: number('unchanged'),
    failed: number('failed'),
    problems: problems.filter((one): one is { detail: string } => isObject(one) && typeof one.detail === 'string'),
  };
}

/**
 * Changes all records of a condition: the server refuses at once what no record could take (that throws), then works as a job
 * that the tray shows; at its end it is said how many were changed, and why not all, with the way back.
 */
export async function changeAll(object: ObjectMeta, where: unknown, change: BulkChange): Promise<void> {
  const answer = await request<unknown>('POST', `/${object.plural}/bulk`, {
    body: { where, ...change },
    headers: { 'idempotency-key': crypto.randomUUID() },
  });
  const id = jobIdOf(answer);
  if (id === null) return;
  await queryClient.invalidateQueries({ queryKey: ['jobs'] });
  void follow(id, answer.cause, 'delete' in change);
}

async function follow(id: string, cause: string | null, deleted: boolean): Promise<void> {
  const { t } = words();
  try {
    const job = await waitForJob(id);
    await queryClient.invalidateQueries({ predicate: (query) => !['session', 'meta'].includes(String(query.queryKey[0])) });
    const { changed, failed, problems } = readResult(job.result);
    if (job.state === 'failed') showFailureText(job.error ?? t('failure.unexpected'));
    if (changed > 0) showUndo(t(deleted ? 'bulk.deleted' : 'bulk.changed', { count: changed, n: formatNumber(changed, 0) }), cause);
    if (failed > 0)
      showFailureText(
        `${t('bulk.failed', { count: failed, n: formatNumber(failed, 0) })} ${[...new Set(problems.map((one) => one.detail))].slice(0, 3).join(' ')}`,
      );
  } catch (failure) {
    showFailure(failure);
  }
}
