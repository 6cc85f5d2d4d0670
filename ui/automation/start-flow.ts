import { queryOptions, useQuery } from '@tanstack/react-query';
import { get, request } from '../api.ts';
import { formatNumber } from '../format.ts';
import { jobIdOf, waitForJob } from '../jobs/jobs.ts';
import { showDone, showFailure, showFailureText } from '../notify.tsx';
import { queryClient } from '../query-client.ts';
import { isObject, type Named } from '../wire.ts';
import { words } from '../words.ts';

/** Automations that somebody starts by hand for records they see. */

/** Records that are named one by one at most; more are started by the condition that says which. */
const NAMED = 2000;
/** Which there are changes rarely; an administrator who switches one sees it at once. */
const STALE_MS = 300_000;

const startableQuery = (object: string) =>
  queryOptions({
    queryKey: ['flows', 'startable', object],
    queryFn: async ({ signal }) => (await get<{ items: Named[] }>('/flows/startable', { object }, signal)).items,
    staleTime: STALE_MS,
  });

/** The automations that the reader may start for records of an object. */
export const useStartable = (object: string): readonly Named[] => useQuery(startableQuery(object)).data ?? [];

/** Starts an automation for records, named or by a condition, and says for how many. */
export async function startFlow(flow: Named, records: { ids: readonly string[] } | { where: unknown }): Promise<void> {
  const { t } = words();
  const { name } = flow;
  try {
    const few = 'ids' in records && records.ids.length <= NAMED;
    const where = 'ids' in records ? { field: 'id', op: 'in', value: records.ids } : records.where;
    const answer = await request<unknown>('POST', `/flows/${flow.id}/start`, {
      body: few ? { ids: records.ids } : { where },
      headers: { 'idempotency-key': crypto.randomUUID() },
    });
    const job = jobIdOf(answer);
    let result = answer.data;
    if (job !== null) {
      await queryClient.invalidateQueries({ queryKey: ['jobs'] });
      const ended = await waitForJob(job);
      if (ended.state === 'failed') return showFailureText(ended.error ?? t('failure.unexpected'));
      result = ended.result;
    }
    const count = isObject(result) && typeof result.started === 'number' ? result.started : 0;
    showDone(count === 0 ? t('automation.notMet', { name }) : t('automation.started', { name, count, n: formatNumber(count, 0) }));
    await queryClient.invalidateQueries({ queryKey: ['flows'] });
  } catch (failure) {
    showFailure(failure);
  }
}
