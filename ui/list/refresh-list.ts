import type { InfiniteData, Query, QueryClient } from '@tanstack/react-query';
import { post } from '../api.ts';
import type { LiveChange } from '../live/wire.ts';
import type { MetaIndex } from '../meta.ts';
import { isObject, type ObjectMeta, type Page, type RecordData } from '../wire.ts';

export const pageSize = 100;
/** Loaded pages that are fetched anew at once; with more, only what is in sight. */
const fewPages = 3;

type Pages = InfiniteData<Page, string | null>;
interface Asked {
  where?: unknown;
  sort: string[];
  fields: string[];
}

/** The last row in sight of each open list, by the hash of its question. */
const sight = new Map<string, number>();
/** Lists that were scrolled far down when something came in above: fetched anew on the way back. */
const behind = new Set<string>();

/** Notes how far down a list is in sight; says whether it now has to be fetched anew. */
export function noteSight(hash: string, last: number): boolean {
  sight.set(hash, last);
  return nearTop(last) && behind.has(hash);
}

const nearTop = (last: number): boolean => last < (fewPages - 1) * pageSize;

/** Field paths and conditions that a question reads, as written. */
function pathsOf(node: unknown, found: Set<string> = new Set()): Set<string> {
  if (Array.isArray(node)) for (const one of node) pathsOf(one, found);
  else if (isObject(node)) {
    if (typeof node.field === 'string') found.add(node.field);
    if (typeof node.count === 'string') found.add(node.count);
    for (const key of ['all', 'any', 'none']) pathsOf(node[key], found);
  }
  return found;
}

/** The objects that a path leads through, beginning with the field's target. */
function objectsOn(meta: MetaIndex, object: ObjectMeta, path: string): string[] {
  const [key = '', ...rest] = path.split('.');
  const field = object.fields.find((one) => one.key === key);
  const target = meta.object(field?.to ?? (field?.type === 'user' ? 'user' : undefined));
  if (!target) return [];
  return [target.key, ...(rest.length > 0 ? objectsOn(meta, target, rest.join('.')) : [])];
}

const mentions = (row: RecordData, id: string): boolean =>
  Object.values(row).some((value) =>
    Array.isArray(value) ? value.some((one) => isObject(one) && one.id === id) : isObject(value) && value.id === id,
  );

/** Whether a change may show in a list: in its rows, in which rows there are, in their order or in a name they show. */
export function concernsList(meta: MetaIndex, object: ObjectMeta, query: Query, change: LiveChange): boolean {
  if (change.scope || (change.op === 'left' && object.party !== null)) return true;
  const { where, sort, fields } = query.queryKey[2] as Asked;
  const rows = (query.state.data as Pages | undefined)?.pages.flatMap((page) => page.items) ?? [];
  const paths = [...pathsOf(where), ...sort.map((one) => one.replace(/^-/, ''))];
  if (change.object === object.key) {
    if (change.op !== 'updated' || rows.some((row) => row.id === change.id)) return true;
    const reads = new Set([...paths.map((path) => path.split('.')[0]), 'updatedAt', 'updatedBy']);
    return paths.length > 0 && (change.changed ?? []).some((key) => reads.has(key));
  }
  const through = paths.some(
    (path) => (path.includes('.') || where !== undefined) && objectsOn(meta, object, path).includes(change.object),
  );
  const columns = fields.some((path) => path.includes('.') && objectsOn(meta, object, path).includes(change.object));
  if (through || columns || change.op === 'many') return through || columns;
  const { id } = change;
  const title = meta.object(change.object)?.title ?? '';
  const renamed = change.op !== 'updated' || (change.changed ?? []).includes(title);
  return id !== undefined && renamed && rows.some((row) => mentions(row, id));
}

/**
 * Fetches an open list anew without fetching what nobody sees: a few pages as they are; of many, near the top, the first
 * (what lies below is loaded again on the way there); far down, the changed rows and those in sight, in place.
 */
export async function refreshList(client: QueryClient, query: Query, changes: readonly LiveChange[]): Promise<void> {
  const { queryKey, queryHash } = query;
  const data = query.state.data as Pages | undefined;
  const last = sight.get(queryHash) ?? 0;
  behind.delete(queryHash);
  if (data && data.pages.length > fewPages) {
    if (!nearTop(last)) {
      behind.add(queryHash);
      await refreshRows(client, query, data, last, changes);
      return;
    }
    client.setQueryData<Pages>(queryKey, { pages: data.pages.slice(0, fewPages), pageParams: data.pageParams.slice(0, fewPages) });
  }
  await client.invalidateQueries({ queryKey, exact: true });
}

async function refreshRows(client: QueryClient, query: Query, data: Pages, last: number, changes: readonly LiveChange[]): Promise<void> {
  const { queryKey } = query;
  const [, plural, request] = queryKey as [string, string, Asked];
  const rows = data.pages.flatMap((page) => page.items);
  const told = new Set(changes.map((change) => change.id));
  const near = rows.slice(Math.max(0, last - 60), last + 1);
  const ids = [...new Set([...rows.filter((row) => told.has(row.id)), ...near].map((row) => row.id))].slice(0, 500);
  if (ids.length === 0) return;
  const one = { field: 'id', op: 'in', value: ids };
  const where = request.where ? { all: [request.where, one] } : one;
  // Without an answer the rows stay as they are; the next change asks again.
  const fresh = await post<Page>(`/${plural}/query`, { ...request, where, limit: ids.length }).catch(() => null);
  if (!fresh) return;
  const byId = new Map(fresh.items.map((row) => [row.id, row]));
  const asked = new Set(ids);
  client.setQueryData<Pages>(
    queryKey,
    (now) =>
      now && {
        ...now,
        pages: now.pages.map((page) => ({
          ...page,
          items: page.items.filter((row) => !asked.has(row.id) || byId.has(row.id)).map((row) => byId.get(row.id) ?? row),
        })),
      },
  );
}

/** Shows values of a record in the lists that hold it, before they are fetched anew. */
export function patchLists(client: QueryClient, plural: string, id: string, values: Record<string, unknown>): void {
  const patchRow = (row: RecordData): RecordData => {
    const shown = Object.entries(values).filter(([key]) => key in row);
    return row.id === id && shown.length > 0 ? { ...row, ...Object.fromEntries(shown) } : row;
  };
  const patch = (page: Page): Page => ({ ...page, items: page.items.map(patchRow) });
  client.setQueriesData<Pages>({ queryKey: ['list', plural] }, (data) => data && { ...data, pages: data.pages.map(patch) });
  client.setQueriesData<Page>({ queryKey: ['related', plural] }, (data) => data && patch(data));
}
