import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { get, post, request } from '../api.ts';
import { formatNumber } from '../format.ts';
import { jobIdOf, waitForJob } from '../jobs/jobs.ts';
import { showAct, showDone, showFailure, showFailureText, showUndo } from '../notify.tsx';
import { queryClient } from '../query-client.ts';
import { isObject, type ObjectMeta, type RecordData } from '../wire.ts';
import { words } from '../words.ts';

/** Why two records are likely the same one. */
export interface Reason {
  field: string;
  question: string;
  level: string;
  /** Below zero it speaks against. */
  bits: number;
}

/** A record that may be the one being typed. */
export interface Like {
  likelihood: number;
  reasons: Reason[];
  record: RecordData;
}

/** Two records of the queue. */
export interface Pair {
  id: string;
  state: PairState;
  likelihood: number;
  reasons: Reason[];
  records: RecordData[];
}

export type PairState = 'open' | 'dismissed';

interface PairPage {
  items: Pair[];
  next: string | null;
  count?: { value: number; exact: boolean };
}

/** What speaks for it in words, the strongest first: "Same phone · Similar name". */
export function reasonText(object: ObjectMeta, reasons: readonly Reason[]): string {
  const { t, has, field } = words();
  const said = reasons
    .filter((one) => one.bits > 0 && has(`duplicate.reason.${one.question}.${one.level}`))
    .map((one) => t(`duplicate.reason.${one.question}.${one.level}`, { field: field(object.key, one.field) }));
  return [...new Set(said)].join(' · ');
}

/** Records that are likely the one with these values, as it is typed. */
export function likeQuery(object: ObjectMeta, values: Record<string, unknown>) {
  return queryOptions({
    queryKey: ['duplicates', object.key, 'like', values],
    queryFn: async ({ signal }) =>
      (await post<{ items: Like[] }>('/duplicates/like', { object: object.key, values, limit: 3 }, signal)).items,
    gcTime: 0,
  });
}

/** The queue, page after page, the most certain first. */
export function pairsQuery(object: ObjectMeta, state: PairState) {
  return infiniteQueryOptions({
    queryKey: ['duplicates', object.key, 'pairs', state],
    queryFn: ({ pageParam, signal }) => get<PairPage>('/duplicates', { object: object.key, state, cursor: pageParam, limit: 50 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

/** The open pairs that one record is in. */
export function pairsOfQuery(object: ObjectMeta, id: string) {
  return queryOptions({
    queryKey: ['duplicates', object.key, 'of', id],
    queryFn: async ({ signal }) => (await get<PairPage>('/duplicates', { object: object.key, record: id, limit: 5 }, signal)).items,
  });
}

/** How many pairs are open. */
export function openPairsQuery(object: ObjectMeta) {
  return queryOptions({
    queryKey: ['duplicates', object.key, 'count'],
    queryFn: async ({ signal }) =>
      (await get<PairPage>('/duplicates', { object: object.key, limit: 1, count: true }, signal)).count ?? null,
  });
}

const anew = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['duplicates'] });

/** Says that two records are not the same one, with the way back; or puts the pair back. */
export async function decide(pair: Pair, state: PairState, names: { one: string; other: string }): Promise<void> {
  const { t } = words();
  const say = async (what: PairState): Promise<void> => {
    await post(`/duplicates/${pair.id}/decide`, { state: what });
    await anew();
  };
  try {
    await say(state);
    if (state === 'dismissed') showAct(t('duplicate.dismissed', names), t('action.undo'), () => say('open'));
  } catch (failure) {
    showFailure(failure);
  }
}

/** Looks through all records as a job that the tray shows, and says at its end what there is. */
export async function lookThroughAll(object: ObjectMeta): Promise<void> {
  const { t, plural, inSentence } = words();
  try {
    const id = jobIdOf(await request<unknown>('POST', '/duplicates/scan', { body: { object: object.key } }));
    await queryClient.invalidateQueries({ queryKey: ['jobs'] });
    if (id === null) return;
    showDone(t('duplicate.scanning', { objects: inSentence(plural(object.key)) }));
    const job = await waitForJob(id);
    await Promise.all([anew(), queryClient.invalidateQueries({ queryKey: ['jobs'] })]);
    if (job.state === 'failed') showFailureText(job.error ?? t('failure.unexpected'));
    if (job.state !== 'done') return;
    const open = isObject(job.result) ? Number(job.result.open ?? 0) : 0;
    showDone(open === 0 ? t('duplicate.none') : t('duplicate.found', { count: open, n: formatNumber(open, 0) }));
  } catch (failure) {
    showFailure(failure);
  }
}

export type Keep = 'survivor' | 'loser' | 'both';

export interface MergePreview {
  fields: { key: string; keep: Keep; list: boolean }[];
  moves: { object: string; field: string; count: number }[];
}

/** What a merge would do; says besides which one it was asked to keep. */
export function previewQuery(object: ObjectMeta, survivor: string, loser: string) {
  return queryOptions({
    queryKey: ['duplicates', object.key, 'preview', survivor, loser],
    queryFn: async ({ signal }) => ({
      survivor,
      ...(await post<MergePreview>('/merges/preview', { object: object.key, survivor, loser }, signal)),
    }),
  });
}

/**
 * Makes two records one and offers to take them apart again. Throws what refuses it. `leave` goes to the one that stayed before
 * anything is asked anew: of the other there is nothing to ask any more.
 */
export async function merge(
  object: ObjectMeta,
  survivor: { id: string; name: string },
  loser: { id: string; name: string },
  keep: Record<string, Keep>,
  key: string,
  leave: () => Promise<void>,
): Promise<void> {
  const { t } = words();
  const { data, cause } = await request<{ refused: unknown[]; job?: string }>('POST', '/merges', {
    body: { object: object.key, survivor: survivor.id, loser: loser.id, keep },
    headers: { 'idempotency-key': key },
  });
  await leave();
  queryClient.removeQueries({ queryKey: ['duplicates', object.key, 'preview'] });
  await queryClient.invalidateQueries({ predicate: (query) => !['session', 'meta'].includes(String(query.queryKey[0])) });
  // What hangs on the other is still on its way: the tray shows how far.
  showUndo(t(data.job ? 'merge.following' : 'merge.done', { gone: loser.name, name: survivor.name }), cause);
  const count = data.refused.length;
  if (count > 0) showFailureText(t('merge.refused', { count, n: formatNumber(count, 0) }));
}
