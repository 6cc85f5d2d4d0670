import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { Lifeline } from './lifeline.ts';
import type { SentQuery, Watcher } from './origin.ts';

/** Anything statements can be sent to: the database or one transaction. */
export interface Queryable {
  /** Runs one statement, prepared under a name per text; rows come as plain objects. */
  query<R = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

export interface Tx extends Queryable {
  /** Runs statements without parameters (DDL, several at once). */
  script(text: string): Promise<void>;
  /** Streams lines into `copy … from stdin`. */
  copyIn(statement: string, source: Readable): Promise<void>;
  /** Streams what `copy … to stdout` gives. */
  copyOut(statement: string): Readable;
  /** Does `work` after the commit; dropped when the transaction rolls back. */
  afterCommit(work: () => void): void;
}

/**
 * One database, four pools that differ in what their sessions are set to (engine-notes 4 and 6):
 * `keyed` for reads by key under generic plans, `lists` under a limit of five seconds, `counts` under 200 ms, and `work` for the rest.
 * `fitted` is `lists` planned for the very values each time: where the way depends on how many rows a value leads to.
 */
export interface Db extends Queryable {
  keyed<R = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>;
  lists<R = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>;
  fitted<R = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>;
  counts<R = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>;
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** A connection of one's own, outside the pools, for LISTEN and advisory locks. The caller ends it. */
  connect(): Promise<pg.Client>;
  /** Opens the first connections ahead of the first request. */
  warm(): Promise<void>;
  end(): Promise<void>;
  readonly url: string;
}

/** Whether a transaction was refused for what others did meanwhile: deadlock, serialisation, lock timeout. Tried again it may hold. */
export const isPassing = (error: unknown): boolean => ['40P01', '40001', '55P03'].includes(sqlState(error) ?? '');

const MAX_PREPARED = 200;
const names = new Map<string, string>();
const prepared = new WeakMap<object, Map<string, true>>();

// Numbers and dates leave as text or inside JSON; nothing may pass through a JavaScript date or float on the way.
const TEXT = (value: string) => value;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === 1082 || oid === 1114 || oid === 1184 || oid === 1700
      ? TEXT
      : oid === 20
        ? Number
        : pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
};

/** pg remembers on its connection which names are parsed; it has no door to forget one. */
const parsedBy = (client: pg.ClientBase) =>
  (client as unknown as { connection?: { parsedStatements?: Record<string, string> } }).connection?.parsedStatements;

async function run<R>(lifeline: Lifeline, client: pg.ClientBase, text: string, values: readonly unknown[]): Promise<R[]> {
  let name = names.get(text);
  if (!name) {
    // A flood of shapes (ad-hoc filters) must not grow without bound: forget all names, connections age them out.
    if (names.size >= 5000) names.clear();
    name = `q${(serial++).toString(36)}`;
    names.set(text, name);
  }
  const held = prepared.get(client) ?? new Map<string, true>();
  prepared.set(client, held);
  if (held.has(name)) held.delete(name);
  else if (held.size >= MAX_PREPARED) {
    const oldest = held.keys().next().value as string;
    held.delete(oldest);
    await client.query(`deallocate ${oldest}`);
    delete parsedBy(client)?.[oldest];
  }
  held.set(name, true);
  try {
    const result = await lifeline.over(client, () => client.query<Record<string, unknown>>({ name, text, values: values as unknown[] }));
    return result.rows as R[];
  } catch (error) {
    held.delete(name);
    delete parsedBy(client)?.[name];
    names.delete(text);
    throw error;
  }
}
let serial = 0;

/** Without a name PostgreSQL keeps no plan, and makes one for these values. */
async function runOnce<R>(lifeline: Lifeline, client: pg.ClientBase, text: string, values: readonly unknown[]): Promise<R[]> {
  return (await lifeline.over(client, () => client.query<Record<string, unknown>>({ text, values: values as unknown[] }))).rows as R[];
}

/**
 * The database as seen from inside a transaction: every statement runs in it, and transactions within are savepoints. So work that
 * opens transactions of its own takes part in a larger one, and is undone alone where it fails.
 */
export function within(db: Db, tx: Tx): Db {
  const query: Queryable['query'] = (text, values) => tx.query(text, values);
  return {
    url: db.url,
    query,
    keyed: query,
    lists: query,
    fitted: query,
    counts: query,
    async transaction(work) {
      savepoints = (savepoints + 1) % 1e9;
      const name = `s${savepoints}`;
      await tx.script(`savepoint ${name}`);
      try {
        const result = await work(tx);
        await tx.script(`release savepoint ${name}`);
        return result;
      } catch (error) {
        // Where the connection is gone, the whole transaction is.
        if (!isDatabaseAway(error)) await tx.script(`rollback to savepoint ${name}; release savepoint ${name}`);
        throw error;
      }
    },
    connect: () => db.connect(),
    warm: async () => undefined,
    end: async () => undefined,
  };
}
let savepoints = 0;

/** Sends a statement under the eyes of a watcher; without one nothing is measured. */
function watched(watch: Watcher | undefined) {
  const tell = watch?.query?.bind(watch);
  if (!tell) return <R>(_pool: SentQuery['pool'], _text: string, _waited: number, send: () => Promise<R[]>): Promise<R[]> => send();
  return async <R>(pool: SentQuery['pool'], text: string, waited: number, send: () => Promise<R[]>): Promise<R[]> => {
    const began = performance.now();
    let rows: number | null = null;
    try {
      const found = await send();
      rows = found.length;
      return found;
    } finally {
      tell({ text, pool, ms: performance.now() - began, waited, rows });
    }
  };
}

/** Opens the pools over a PostgreSQL URL. Connections are made when first needed. */
export function openDb(url: string, o: { max?: number; applicationName?: string; watch?: Watcher } = {}): Db {
  const lifeline = new Lifeline(url);
  const seen = watched(o.watch);
  const pool = (max: number, settings: string) => {
    const made = new pg.Pool({
      connectionString: url,
      max,
      types,
      application_name: o.applicationName ?? 'perigon',
      idleTimeoutMillis: 60_000,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      options: `-c TimeZone=UTC -c DateStyle=ISO -c search_path=public -c jit=off ${settings}`,
    });
    // A connection that dies while idle is replaced by the next request; the request itself reports what it sees.
    made.on('error', () => undefined);
    made.on('connect', (client) => client.on('error', () => undefined));
    return made;
  };
  const scale = o.max ?? 6;
  const work = pool(scale, '-c lock_timeout=10s');
  const keyed = pool(scale, '-c plan_cache_mode=force_generic_plan -c statement_timeout=5s');
  // Words as near as this are looked at when a word with a slip is searched (engine/search/words.ts).
  const lists = pool(scale, '-c statement_timeout=5s -c pg_trgm.similarity_threshold=0.18');
  const counts = pool(2, '-c statement_timeout=200');
  const on =
    (target: pg.Pool, pool: SentQuery['pool'], asked = run) =>
    async <R>(text: string, values: readonly unknown[] = []): Promise<R[]> => {
      const began = performance.now();
      const client = await target.connect();
      const waited = performance.now() - began;
      let broken: Error | undefined;
      try {
        return await seen(pool, text, waited, () => asked<R>(lifeline, client, text, values));
      } catch (error) {
        if (isDatabaseAway(error)) broken = error as Error;
        throw error;
      } finally {
        client.release(broken);
      }
    };
  return {
    url,
    query: on(work, 'work'),
    keyed: on(keyed, 'keyed'),
    lists: on(lists, 'lists'),
    fitted: on(lists, 'lists', runOnce),
    counts: on(counts, 'counts'),
    async transaction(body) {
      const asked = performance.now();
      const client = await work.connect();
      // Told with the first statement: it is that one's asker who waited.
      let waited = performance.now() - asked;
      const once = () => {
        const told = waited;
        waited = 0;
        return told;
      };
      const after: (() => void)[] = [];
      let broken: Error | undefined;
      try {
        await lifeline.over(client, () => client.query('begin'));
        const result = await body({
          query: (text, values = []) => seen('transaction', text, once(), () => run(lifeline, client, text, values)),
          script: async (text) => {
            await seen('transaction', text, once(), async () => {
              await lifeline.over(client, () => client.query(text));
              return [];
            });
          },
          copyIn: (statement, source) => pipeline(source, client.query(copyFrom(statement))),
          copyOut: (statement) => {
            const rows = new PassThrough();
            // What ends the copying ends the reading of it, with its reason.
            pipeline(client.query(copyTo(statement)), rows).catch(() => undefined);
            return rows;
          },
          afterCommit: (task) => after.push(task),
        });
        await seen('transaction', 'commit', 0, async () => (await lifeline.over(client, () => client.query('commit'))).rows);
        for (const task of after) task();
        return result;
      } catch (error) {
        if (isDatabaseAway(error)) broken = error as Error;
        else await lifeline.over(client, () => client.query('rollback')).catch((failure: Error) => (broken = failure));
        throw error;
      } finally {
        client.release(broken);
      }
    },
    async connect() {
      const client = new pg.Client({ connectionString: url, types, application_name: o.applicationName ?? 'perigon', keepAlive: true });
      client.on('error', () => undefined);
      await client.connect();
      lifeline.keep(client);
      return client;
    },
    async warm() {
      await Promise.all([work, keyed, lists, counts].map(async (target) => (await target.connect()).release()));
    },
    async end() {
      lifeline.end();
      await Promise.all([work, keyed, lists, counts].map((target) => target.end()));
    },
  };
}

/** Whether an error means that the database cannot be reached or is on its way down or up, so that trying again later makes sense. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && (/^(08|57P0)/.test(code) || AWAY.has(code))) return true;
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed/.test(
    error.message,
  );
}
const AWAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', '53300']);

/** Whether there was no room: on the disk of the database, or on this server's own. Nothing of what was asked for is written. */
export const isDiskFull = (error: unknown): boolean =>
  ['53100', 'ENOSPC', 'EDQUOT'].includes(String((error as { code?: unknown } | null)?.code));
/** What is said of it. */
export const DISK_FULL = 'The disk is full, and nothing was written. Make room, then try again.';

/** The SQLSTATE of a database error; null for anything else. */
export const sqlState = (error: unknown): string | null =>
  error instanceof pg.DatabaseError && typeof error.code === 'string' ? error.code : null;
