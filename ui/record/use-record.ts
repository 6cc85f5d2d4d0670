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

/** Writes one field against the version it was read at; a 412 tells that somebody was faster. */
export async function saveField(
  object: ObjectMeta,
  record: RecordData,
  field: FieldMeta,
  value: unknown,
): Promise<{ record: RecordData; cause: string | null }> {
  const { data, cause } = await request<RecordData>('PATCH', `/${object.plural}/${record.id}`, {
    body: { [field.key]: viewOf(field.type).write(value, field) },
    headers: { 'if-match': `"${record.version}"` },
  });
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
