import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { ApiError, get } from '../api.ts';
import { showFailure, showUndo } from '../notify.tsx';
import { refreshAround, saveField } from '../record/use-record.ts';
import type { FieldMeta, ObjectMeta, Page, RecordData } from '../wire.ts';
import { askForMissing, missingIn } from './missing.ts';
import { patchLists } from './refresh-list.ts';
import type { ListRequest } from './use-records.ts';

type Pages = InfiniteData<Page, string | null>;

export interface Move {
  object: ObjectMeta;
  record: RecordData;
  field: FieldMeta;
  /** The new value as it is read: an option's key, `{id, name}`, a day. */
  value: unknown;
  /** What is said when it is done. */
  said: string;
  /** What is asked before it goes: the reason why it ends. */
  asks?: { keys: string[]; outcome: string };
  /** Of a board: the columns it leaves and enters. */
  lists?: { from: ListRequest; to: ListRequest };
}

/**
 * Gives a record another value by moving it: shown at once, taken back if the server refuses, with the way back. Another
 * field that somebody changed meanwhile is no obstacle.
 */
export async function moveRecord(client: QueryClient, move: Move): Promise<boolean> {
  const { object, record, field, value, said, lists } = move;
  const ask = (keys: readonly string[], outcome?: string): void => askForMissing({ object, record, field, value, said, keys, outcome });
  if (move.asks) {
    ask(move.asks.keys, move.asks.outcome);
    return false;
  }
  const moved = { ...record, [field.key]: value };
  const keyOf = (request: ListRequest): unknown[] => ['list', object.plural, request];
  const before = lists && [lists.from, lists.to].map((request) => [keyOf(request), client.getQueryData<Pages>(keyOf(request))] as const);
  if (lists) {
    client.setQueryData<Pages>(keyOf(lists.from), (held) => held && mapItems(held, (items) => items.filter((row) => row.id !== record.id)));
    client.setQueryData<Pages>(
      keyOf(lists.to),
      (held) => held && mapItems(held, (items, page) => (page === 0 ? [moved, ...items] : items)),
    );
  }
  patchLists(client, object.plural, record.id, { [field.key]: value });
  try {
    const saved = await saveAnyway(object, record, field, value);
    patchLists(client, object.plural, record.id, saved.record);
    showUndo(said, saved.cause);
    await refreshAround(client, object, record.id);
    return true;
  } catch (failure) {
    for (const [key, held] of before ?? []) client.setQueryData(key, held);
    patchLists(client, object.plural, record.id, { [field.key]: record[field.key] });
    void refreshAround(client, object, record.id);
    const missing = missingIn(failure, object);
    if (missing) {
      ask(missing);
      return false;
    }
    showFailure(
      failure,
      failure instanceof ApiError && failure.status !== 0 && failure.status < 502 ? undefined : () => void moveRecord(client, move),
    );
    return false;
  }
}

function mapItems(held: Pages, change: (items: RecordData[], page: number) => RecordData[]): Pages {
  return { ...held, pages: held.pages.map((page, at) => ({ ...page, items: change(page.items, at) })) };
}

async function saveAnyway(object: ObjectMeta, record: RecordData, field: FieldMeta, value: unknown): ReturnType<typeof saveField> {
  try {
    return await saveField(object, record, field, value);
  } catch (failure) {
    if (!(failure instanceof ApiError) || failure.status !== 412) throw failure;
    const theirs = await get<RecordData>(`/${object.plural}/${record.id}`, {});
    // They moved it, too: theirs stands, and the refusal says so.
    if (JSON.stringify(theirs[field.key] ?? null) !== JSON.stringify(record[field.key] ?? null)) throw failure;
    return saveField(object, theirs, field, value);
  }
}
