import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { get, request } from '../api.ts';
import { viewOf } from '../fields/registry.ts';
import { patchLists } from '../list/refresh-list.ts';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';

/** One record by id. */
export function recordQuery(plural: string, id: string) {
  return queryOptions({
    queryKey: ['record', plural, id],
    queryFn: ({ signal }) => get<RecordData>(`/${plural}/${id}`, {}, signal),
  });
}

/** The last save of a record from this page: under way or done. It led from one version to the next, and nobody came between. */
const ownSaves = new Map<string, { from: number; saved: Promise<RecordData> }>();

/** The version to save against: somebody who edits one field after the other is not to stumble over their own last save. */
async function versionNow(record: RecordData): Promise<number> {
  const last = ownSaves.get(record.id);
  if (last?.from !== record.version) return record.version;
  const saved = await last.saved.catch(() => null);
  return saved?.version ?? record.version;
}

/** Writes one field against the version it was read at; a 412 tells that somebody was faster. */
export async function saveField(
  object: ObjectMeta,
  record: RecordData,
  field: FieldMeta,
  value: unknown,
): Promise<{ record: RecordData; cause: string | null }> {
  const from = await versionNow(record);
  const answer = request<RecordData>('PATCH', `/${object.plural}/${record.id}`, {
    body: { [field.key]: viewOf(field.type).write(value, field) },
    headers: { 'if-match': `"${from}"` },
  });
  const saved = answer.then(({ data }) => data);
  // Who waits for it hears how it went below.
  saved.catch(() => undefined);
  ownSaves.set(record.id, { from: record.version, saved });
  const { data, cause } = await answer;
  return { record: data, cause };
}

/**
 * Shows a value before the server has it: on the record and in the lists that hold it. Gives the way to take it back,
 * which leaves alone what came in meanwhile.
 */
export function showEarly(client: QueryClient, object: ObjectMeta, record: RecordData, field: FieldMeta, value: unknown): () => void {
  const { queryKey } = recordQuery(object.plural, record.id);
  const show = (shown: unknown): void => {
    client.setQueryData(queryKey, (held) => (held && held.version <= record.version ? { ...held, [field.key]: shown } : held));
    patchLists(client, object.plural, record.id, { [field.key]: shown });
  };
  show(value);
  return () => show(record[field.key]);
}

/** Everything on screen that shows a record, asked for again after it changed. */
export async function refreshAround(client: QueryClient, object: ObjectMeta, id: string): Promise<void> {
  await client.invalidateQueries({
    predicate: ({ queryKey }) =>
      queryKey[0] === 'list' ||
      queryKey[0] === 'figures' ||
      queryKey[0] === 'related' ||
      queryKey[0] === 'overview' ||
      queryKey[0] === 'timeline' ||
      (queryKey[0] === 'history' && queryKey[2] === id) ||
      (queryKey[0] === 'record' && queryKey[1] !== object.plural),
  });
}

/**
 * A record that a larger answer brought along, kept in the one place where records live: an edit in place
 * shows at once, and a newer version in the next large answer takes over.
 */
export function useRecordInStep(plural: string, id: string, brought: RecordData | undefined): RecordData | undefined {
  const client = useQueryClient();
  const options = recordQuery(plural, id);
  const kept = useQuery({ ...options, enabled: false }).data;
  useEffect(() => {
    if (!brought) return;
    client.setQueryData(recordQuery(plural, id).queryKey, (was) => (was && was.version > brought.version ? was : brought));
  }, [client, plural, id, brought]);
  return kept && (!brought || kept.version >= brought.version) ? kept : brought;
}
