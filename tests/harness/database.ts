import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { processRuns, tenantsOf } from '#engine/store/data-folder.ts';
import { type Embedded, startEmbedded } from '#engine/store/embedded.ts';
import { StartRefusal } from '#engine/store/start-refusal.ts';
import { repositoryRoot } from './places.ts';

/** What a template is made of: a key that changes when its content does, and the work that fills an empty database. */
export interface Template {
  key: string;
  /** What it begins as; without it an empty one. */
  from?: Template;
  build: (url: string) => Promise<void>;
}

const GB = 1024 ** 3;
/** How Linux tells a file system that is memory. */
const TMPFS = 0x01021994;

/**
 * Where the PostgreSQL of a run lies, and every data folder of a test: in memory where there is room, for a new database is fourteen
 * hundred new files, which cost a disk half a second of work and more. Else it lies in the working copy, where only the first run ever
 * has to make it, and they where the system keeps what is temporary. Chosen once for all workers.
 */
export function chooseTestFolder(): void {
  const memory = '/dev/shm';
  if (process.env['PERIGON_TEST_FOLDER'] || process.platform !== 'linux' || !fs.existsSync(memory)) return;
  const { type, bavail, bsize } = fs.statfsSync(memory);
  if (type !== TMPFS || bavail * bsize < 8 * GB || os.freemem() < 12 * GB) return;
  const mark = createHash('sha256').update(repositoryRoot).digest('hex').slice(0, 12);
  process.env['PERIGON_TEST_FOLDER'] = path.join(memory, `perigon-tests-${mark}`);
}

const inMemory = (): string | undefined => process.env['PERIGON_TEST_FOLDER'];
const testFolder = (): string => path.join(inMemory() ?? path.join(repositoryRoot, '.cache'), 'test-data');

interface Server {
  /** May create and drop databases. */
  adminUrl: string;
  /** The role that tests connect as: no superuser, like in a real installation. */
  url: string;
  owner: string;
  stop: () => Promise<void>;
}

let server: Promise<Server> | null = null;

function testServer(): Promise<Server> {
  server ??= openServer();
  return server;
}

async function openServer(): Promise<Server> {
  const external = process.env['PERIGON_TEST_DATABASE_URL'];
  if (external) {
    return { adminUrl: external, url: external, owner: decodeURIComponent(new URL(external).username), stop: async () => {} };
  }
  let embedded: Embedded;
  try {
    embedded = await joinEmbedded();
  } catch (error) {
    if (!(error instanceof StartRefusal)) throw error;
    // It ran without fsync, so a crash of the machine may have spoilt it. Nothing in it is worth keeping.
    fs.rmSync(path.join(testFolder(), 'postgres'), { recursive: true, force: true });
    embedded = await joinEmbedded();
  }
  return { adminUrl: embedded.adminUrl, url: embedded.url, owner: 'perigon', stop: () => embedded.stop() };
}

function joinEmbedded(): Promise<Embedded> {
  return startEmbedded({
    dataFolder: testFolder(),
    kind: 'command',
    label: 'tests',
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '200',
      shared_buffers: '256MB',
      max_wal_size: '1GB',
    },
  });
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}

/** Works as the role that may create databases: on the tests' own server the superuser. */
export async function asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { adminUrl } = await testServer();
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const runId = (): string => process.env['PERIGON_TEST_RUN'] ?? `${process.pid}`;
const mine: string[] = [];
let counter = 0;

/**
 * A new, empty database; its URL. With a template the database is a copy of one that was built once in this run: some 50 ms instead of
 * the whole set-up. It goes when the test file has ended.
 */
export async function freshDatabase(options: { template?: Template } = {}): Promise<string> {
  const { url, owner } = await testServer();
  const name = `test_${runId()}_${process.pid}_${++counter}`;
  const source = options.template ? await templateDatabase(options.template) : 'template0';
  await asAdmin((client) => create(client, name, source, owner));
  mine.push(name);
  return withDatabase(url, name);
}

async function create(client: pg.Client, name: string, source: string, owner: string): Promise<void> {
  const locale = source === 'template0' ? " encoding 'UTF8'" : '';
  for (let tries = 0; ; tries++) {
    try {
      await client.query(`create database ${name} owner ${pg.escapeIdentifier(owner)} template ${source}${locale}`);
      return;
    } catch (error) {
      // Somebody is at the template, such as an autovacuum of what was just made: PostgreSQL waits five seconds for them, we longer.
      if (!(error instanceof pg.DatabaseError) || error.code !== '55006' || tries >= 12) throw error;
    }
  }
}

async function templateDatabase(template: Template): Promise<string> {
  const { url, owner } = await testServer();
  const name = `test_${runId()}_t_${createHash('sha256').update(template.key).digest('hex').slice(0, 16)}`;
  const source = template.from ? await templateDatabase(template.from) : 'template0';
  await asAdmin(async (client) => {
    // Workers that need the same template wait for the first of them to build it.
    await client.query('select pg_advisory_lock(hashtext($1))', [name]);
    const known = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (known.rowCount) return;
    const draft = `${name}_draft`;
    await client.query(`drop database if exists ${draft} with (force)`);
    await create(client, draft, source, owner);
    await template.build(withDatabase(url, draft));
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()', [draft]);
    await client.query(`alter database ${draft} rename to ${name}`);
  });
  return name;
}

async function drop(client: pg.Client, name: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await client.query(`drop database if exists ${name} with (force)`);
      return;
    } catch (error) {
      // Before PostgreSQL 17 only a superuser may end an autovacuum that happens to work there; it ends by itself.
      if (!(error instanceof pg.DatabaseError) || error.code !== '42501' || tries >= 60) throw error;
      await sleep(250);
    }
  }
}

/** Drops the databases that this worker made. */
export async function dropOwnDatabases(): Promise<void> {
  if (mine.length === 0) return;
  const names = mine.splice(0);
  await asAdmin(async (client) => {
    for (const name of names) await drop(client, name);
  });
}

async function dropDatabases(which: (run: number) => boolean): Promise<void> {
  await asAdmin(async (client) => {
    const { rows } = await client.query<{ datname: string }>("select datname from pg_database where datname like 'test\\_%'");
    for (const { datname } of rows) {
      if (which(Number(datname.split('_')[1]))) await drop(client, datname);
    }
  });
}

function serverExists(): boolean {
  return Boolean(process.env['PERIGON_TEST_DATABASE_URL']) || fs.existsSync(path.join(testFolder(), 'postgres'));
}

/** Drops what runs that were killed have left. */
export async function dropDeadDatabases(): Promise<void> {
  if (process.env['PERIGON_TEST_DATABASE_URL'] || !serverExists()) return;
  await dropDatabases((run) => !processRuns(run));
  await leaveTestServer();
}

/** At the end of a run: drops its templates and leaves the server, which stops when nobody else uses it. */
export async function closeTestServer(): Promise<void> {
  if (!serverExists()) return;
  await dropDatabases((run) => run === process.pid);
  const memory = inMemory();
  // The workers are on their way out; who leaves last stops the server.
  const others = (): boolean => memory !== undefined && tenantsOf(testFolder()).some(({ pid }) => pid !== process.pid);
  for (const until = performance.now() + 10_000; others() && performance.now() < until; ) await sleep(50);
  await leaveTestServer();
  // Nobody's memory is kept between runs.
  if (memory && !others()) fs.rmSync(memory, { recursive: true, force: true });
}

async function leaveTestServer(): Promise<void> {
  const open = await server;
  server = null;
  await open?.stop();
}
