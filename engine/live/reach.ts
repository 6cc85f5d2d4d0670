import type { Actor } from '#engine/access/actor.ts';
import { mayReadField, scopeCondition } from '#engine/access/policy.ts';
import type { Model } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Queryable } from '#engine/store/db.ts';
import { Params } from '#engine/store/sql.ts';
import { isObject } from '#kit/json.ts';
import type { FeedBulk, FeedRow } from './feed.ts';

/**
 * Who may be told of what (decision 0018). An id by itself says that a record exists, so every event is held against the
 * scope of each kind of reader: one statement an object and reading for all of them together, whatever the number of
 * streams, made of the very conditions that lists and records are read under.
 */

/** What a stream tells of one row of the log. */
export interface LiveEvent {
  seq: number;
  object: string;
  id?: string;
  op: 'created' | 'updated' | 'deleted' | 'restored' | 'left' | 'many';
  /** Keys of the written fields that this reader may know of. */
  changed?: string[];
  party?: string | null;
  version?: number;
  /** The change may have moved other records (those that follow this one) into or out of someone's reach. */
  scope?: true;
  by?: { id: string; name: string } | null;
  cause?: string;
}

/** Readers in one statement: a branch each, planned once while the same people are there. */
const READERS_AT_ONCE = 40;
const OPS = { create: 'created', update: 'updated', delete: 'deleted', restore: 'restored' } as const;

/** The events of some rows for each reader, by the reader's reach, in the order of the log. */
export async function eventsFor(
  q: Queryable,
  model: Model,
  feed: { rows: readonly FeedRow[]; bulks: readonly FeedBulk[] },
  readers: readonly Actor[],
): Promise<Map<string, LiveEvent[]>> {
  const reaches = new Map<string, Reach>();
  for (const key of new Set(feed.rows.map((row) => row.object))) {
    const object = model.objects.get(key);
    if (object)
      reaches.set(
        key,
        await reachOf(
          q,
          model,
          object,
          feed.rows.filter((row) => row.object === key),
          readers,
        ),
      );
  }
  return new Map(
    readers.map((reader) => [
      reader.reach,
      [
        ...feed.rows.flatMap((row) => {
          const object = model.objects.get(row.object);
          const event = object && rowEvent(model, object, row, reader, reaches.get(row.object));
          return event ? [event] : [];
        }),
        ...feed.bulks.flatMap((bulk) => bulkEvent(bulk, reader)),
      ].sort((a, b) => a.seq - b.seq),
    ]),
  );
}

function rowEvent(model: Model, object: ModelObject, row: FeedRow, reader: Actor, reach: Reach | undefined): LiveEvent | null {
  const seen = reach?.now.get(reader.reach);
  if (seen !== 'all' && !seen?.has(row.id)) {
    // Who could see it until this change learns that it is gone for them, and nothing else about it.
    const could = reach?.before.get(reader.reach)?.has(row.seq) === true;
    return could ? { seq: row.seq, object: row.object, id: row.id, op: 'left' } : null;
  }
  const changed = row.keys.filter((key) => {
    const field = object.fields.get(key);
    return field !== undefined && mayReadField(reader, object, field);
  });
  const user = model.objects.get('user');
  const name = user?.fields.get('name');
  const knowsUsers = user && name && mayReadField(reader, user, name);
  return {
    seq: row.seq,
    object: row.object,
    id: row.id,
    op: OPS[row.action],
    changed,
    party: mayKnowParty(object, reader) ? row.party : null,
    version: row.version,
    ...(decides(object, row) ? { scope: true } : {}),
    by: row.byId && row.byName && (knowsUsers || row.byId === reader.userId) ? { id: row.byId, name: row.byName } : null,
    cause: row.cause,
  };
}

/** Says of many changes only that lists of this kind are worth asking again; whose they were only to those who see all. */
function bulkEvent(bulk: FeedBulk, reader: Actor): LiveEvent[] {
  const scope = reader.rights.scope(bulk.object, 'read');
  if (scope === 'none') return [];
  return [{ seq: bulk.seq, object: bulk.object, op: 'many', ...(scope === 'all' ? { cause: bulk.cause } : {}) }];
}

const mayKnowParty = (object: ModelObject, reader: Actor): boolean => {
  const field = object.party ? object.fields.get(object.party) : undefined;
  return field ? mayReadField(reader, object, field) : true;
};

const decides = (object: ModelObject, row: FeedRow): boolean =>
  row.before !== null &&
  [object.owner, object.team, object.territory, object.party].some((key) => key !== undefined && key in (row.before ?? {}));

/**
 * What readers are told of figures that moved: of each record in their reach, with those of the figures that they may know; of
 * many (`ids` null) only that. A figure has no row in the log, so the event has neither position nor version.
 */
export async function figureEvents(
  q: Queryable,
  model: Model,
  object: ModelObject,
  ids: readonly string[] | null,
  keys: readonly string[],
  readers: readonly Actor[],
): Promise<Map<string, Omit<LiveEvent, 'seq'>[]>> {
  const knows = new Map(
    readers.map((reader) => [
      reader.reach,
      keys.filter((key) => {
        const field = object.fields.get(key);
        return field !== undefined && mayReadField(reader, object, field);
      }),
    ]),
  );
  const concerned = readers.filter((reader) => (knows.get(reader.reach) ?? []).length > 0);
  if (ids === null) return new Map(concerned.map(({ reach }) => [reach, [{ object: object.key, op: 'many' }]]));
  const rows = ids.map((id): FeedRow => rowOf(object, id));
  const { now } = await reachOf(q, model, object, rows, concerned);
  return new Map(
    concerned.map(({ reach }) => {
      const seen = now.get(reach);
      const some = seen === 'all' ? ids : ids.filter((id) => seen?.has(id));
      return [reach, some.map((id) => ({ object: object.key, id, op: 'updated', changed: knows.get(reach) ?? [] }))];
    }),
  );
}

/** Stands for a record of which the log says nothing just now. */
export const rowOf = (object: ModelObject, id: string): FeedRow => ({
  seq: 0,
  object: object.key,
  id,
  party: null,
  action: 'create',
  version: 0,
  keys: [],
  before: null,
  cause: '',
  byId: null,
  byName: null,
});

export interface Reach {
  /** Records in reach now, by reader. */
  now: Map<string, Set<string> | 'all'>;
  /** Rows (by position) whose record was in reach by the values that the row replaced. */
  before: Map<string, Set<number>>;
}

/** Which records of some rows readers reach now, and which they reached by what the rows replaced. */
export async function reachOf(
  q: Queryable,
  model: Model,
  object: ModelObject,
  rows: readonly FeedRow[],
  readers: readonly Actor[],
): Promise<Reach> {
  const now: Reach['now'] = new Map();
  const before: Reach['before'] = new Map();
  const ids = [...new Set(rows.map((row) => row.id))];
  const narrow: Actor[] = [];
  for (const reader of readers) {
    if (reader.rights.scope(object.key, 'read') === 'none') now.set(reader.reach, new Set());
    else if (scopeCondition(model, reader, object, 'read', 't', new Params()) === null) now.set(reader.reach, 'all');
    else narrow.push(reader);
  }
  const moved = rows.filter((row) => decides(object, row));
  for (let at = 0; at < narrow.length; at += READERS_AT_ONCE) {
    const some = narrow.slice(at, at + READERS_AT_ONCE);
    for (const reader of some) now.set(reader.reach, new Set());
    const found = await branches<{ g: number; id: string }>(q, some, (reader, g, params, first) => {
      const list = first ? params.add(ids, 'uuid[]') : '$1::uuid[]';
      return `select ${g} as g, t.id from ${object.table} t where t.id = any(${list}) and ${scopeCondition(model, reader, object, 'read', 't', params)}`;
    });
    for (const { g, id } of found) (now.get(some[g]?.reach ?? '') as Set<string>).add(id);
    if (moved.length > 0) for (const [reach, seqs] of await reachedBefore(q, model, object, moved, some)) before.set(reach, seqs);
  }
  return { now, before };
}

/**
 * Whose reach the replaced values were in. The scope's own condition is asked over those values instead of the table; what
 * the row left alone stands as empty, since a record in reach by what did not change is in reach still.
 */
async function reachedBefore(
  q: Queryable,
  model: Model,
  object: ModelObject,
  rows: readonly FeedRow[],
  readers: readonly Actor[],
): Promise<Map<string, Set<number>>> {
  const columns = [object.owner, object.territory, object.party].flatMap((key) => {
    const field = key === undefined ? undefined : object.fields.get(key);
    return field && key !== undefined ? [{ key, column: `${field.column}_id` }] : [];
  });
  const values = (key: string) => rows.map((row) => (typeof row.before?.[key] === 'string' ? row.before[key] : null));
  const found = await branches<{ g: number; seq: number }>(q, readers, (reader, g, params, first) => {
    const lists = first
      ? [
          params.add(
            rows.map((row) => row.seq),
            'bigint[]',
          ),
          params.add(
            rows.map((row) => row.id),
            'uuid[]',
          ),
        ].concat(columns.map(({ key }) => params.add(values(key), 'uuid[]')))
      : ['$1::bigint[]', '$2::uuid[]', ...columns.map((_, i) => `$${i + 3}::uuid[]`)];
    const from = `unnest(${lists.join(', ')}) as t(seq, id${columns.map(({ column }) => `, ${column}`).join('')})`;
    return `select ${g} as g, t.seq from ${from} where ${scopeCondition(model, reader, object, 'read', 't', params)}`;
  });
  const reached = new Map(readers.map((reader) => [reader.reach, new Set<number>()]));
  for (const { g, seq } of found) reached.get(readers[g]?.reach ?? '')?.add(seq);
  // Links are not columns: who was taken off the account team stands in the row itself.
  const now = new Date().toISOString();
  for (const reader of readers) {
    for (const row of rows) {
      const links = object.team ? row.before?.[object.team] : null;
      if (Array.isArray(links) && links.some((link) => isObject(link) && link.id === reader.userId && hadBegun(link, now)))
        reached.get(reader.reach)?.add(row.seq);
    }
  }
  return reached;
}

/** Whether a membership that a row replaced had begun: of one that was still to come nobody hears that it is gone. */
const hadBegun = (link: Record<string, unknown>, now: string): boolean => typeof link.since !== 'string' || link.since <= now;

/** One branch a reader, joined into one statement. */
function branches<R>(
  q: Queryable,
  readers: readonly Actor[],
  branch: (reader: Actor, g: number, params: Params, first: boolean) => string,
): Promise<R[]> {
  const params = new Params();
  const text = readers.map((reader, g) => branch(reader, g, params, g === 0)).join(' union all ');
  return q.query<R>(text, params.values);
}

/** Whether a reader's reach rests on who is in which team or who owns what, for any object. */
export const isNarrow = (model: Model, reader: Actor): boolean =>
  [...model.objects.keys()].some((key) => ['own', 'team', 'territory'].includes(reader.rights.scope(key, 'read')));

/** Those of some readers who may see one record now. */
export async function mayRead(
  q: Queryable,
  model: Model,
  object: ModelObject,
  id: string,
  readers: readonly Actor[],
): Promise<Set<string>> {
  const { now } = await reachOf(q, model, object, [rowOf(object, id)], readers);
  return new Set(
    readers.filter((reader) => now.get(reader.reach) === 'all' || (now.get(reader.reach) as Set<string>).has(id)).map((r) => r.reach),
  );
}
