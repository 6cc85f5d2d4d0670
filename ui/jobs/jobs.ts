import { queryOptions } from '@tanstack/react-query';
import { ApiError, get, post, request } from '../api.ts';
import { onJob } from '../live/follow.ts';
import { isObject, type Job, type UndoReport } from '../wire.ts';
import { words } from '../words.ts';

/** A job that still has work to do. */
export function isLive(job: Pick<Job, 'state'>): boolean {
  return job.state === 'queued' || job.state === 'running';
}

/** My jobs. The live stream tells how they go; asking is the net below it. The server keeps them, so a reload loses nothing. */
export const jobsQuery = queryOptions({
  queryKey: ['jobs'],
  queryFn: async ({ signal }) => (await get<{ items: Job[] }>('/jobs', { mine: true }, signal)).items,
  refetchInterval: (query) => (query.state.data?.some(isLive) ? 5000 : 60_000),
});

/** Waits for a job to end. */
export async function waitForJob(id: string): Promise<Job> {
  for (;;) {
    const job = await get<Job>(`/jobs/${id}`);
    if (!isLive(job)) return job;
    await moved(id);
  }
}

/** Resolves when a job is told to have moved, or after a while in case nobody tells. */
function moved(id: string): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const stop = onJob((job) => job.id === id && go());
    const timer = setTimeout(go, 1000);
  });
}

export function cancelJob(id: string): Promise<unknown> {
  return post(`/jobs/${id}/cancel`);
}

function isReport(value: unknown): value is UndoReport {
  return isObject(value) && typeof value.restored === 'number' && Array.isArray(value.conflicts);
}

/** The job that an answer of 202 speaks of. */
export function jobIdOf(answer: { status: number; data: unknown }): string | null {
  if (answer.status !== 202 || !isObject(answer.data)) return null;
  const id = answer.data.id ?? answer.data.job;
  return typeof id === 'string' ? id : null;
}

/** Takes back everything one cause wrote, or with `dryRun` says what that would do; a long one is a job and is waited for. */
export async function undoCause(
  cause: string,
  dryRun = false,
  /** Only what it did to this record. */
  only?: { object: string; record: string },
): Promise<UndoReport | null> {
  const answer = await request<unknown>('POST', `/causes/${cause}/undo`, { query: { ...(dryRun ? { dryRun: true } : {}), ...only } });
  const id = jobIdOf(answer);
  if (id === null) {
    const report = isObject(answer.data) && 'result' in answer.data ? answer.data.result : answer.data;
    return isReport(report) ? report : null;
  }
  const job = await waitForJob(id);
  if (job.state !== 'done') throw new ApiError(500, 'bug', job.error ?? words().t('failure.unexpected'));
  return isReport(job.result) ? job.result : null;
}
