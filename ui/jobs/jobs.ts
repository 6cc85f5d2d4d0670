import { queryOptions, useQuery } from '@tanstack/react-query';
import { get, post, request } from '../api.ts';
import type { Job } from '../wire.ts';

/** A job that still has work to do. */
export function isLive(job: Pick<Job, 'state'>): boolean {
  return job.state === 'queued' || job.state === 'running';
}

/** My jobs, asked more often while one of them runs. The server keeps them, so a reload loses nothing. */
export const jobsQuery = queryOptions({
  queryKey: ['jobs'],
  queryFn: async ({ signal }) => (await get<{ items: Job[] }>('/jobs', { mine: true }, signal)).items,
  refetchInterval: (query) => (query.state.data?.some(isLive) ? 1500 : 30_000),
  staleTime: 1000,
});

/** One job until it ends. */
export function useJob(id: string | null): Job | undefined {
  return useQuery({
    queryKey: ['jobs', id],
    queryFn: ({ signal }) => get<Job>(`/jobs/${id}`, {}, signal),
    enabled: id !== null,
    refetchInterval: (query) => (query.state.data && !isLive(query.state.data) ? false : 700),
  }).data;
}

/** Waits for a job to end. */
export async function waitForJob(id: string): Promise<Job> {
  for (;;) {
    const job = await get<Job>(`/jobs/${id}`);
    if (!isLive(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

export function cancelJob(id: string): Promise<unknown> {
  return post(`/jobs/${id}/cancel`);
}

/** Takes back everything one cause wrote; a long one is a job and is waited for. */
export async function undoCause(cause: string): Promise<unknown> {
  const { data, status } = await request<{ id?: string; job?: string } & Record<string, unknown>>('POST', `/causes/${cause}/undo`);
  const id = status === 202 ? (data?.job ?? data?.id) : undefined;
  return id ? (await waitForJob(id)).result : data;
}
