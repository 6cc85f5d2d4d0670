import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, get as httpGet, request as httpRequest } from 'node:http';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { bookingRows } from './booking.ts';
import { bulkRows } from './bulk.ts';
import { callingRow } from './calling.ts';
import { convertingRow } from './converting.ts';
import { listingRow } from './listing.ts';
import { loadAutoExplain, productPlans, unloadAutoExplain } from './plans.ts';
import { reachRows } from './reach.ts';
import { rows } from './rows.ts';

/**
 * `npm run bench -- [--parties N] [--only name,…] [--rounds N] [--plan]`: every capability beside its floor in the same run.
 * The floor is the same answer by hand-written SQL (`bench/floors`) on a bare connection, plus a request to an empty HTTP
 * route. `--deals N` seeds another number of opportunities than a fifth of the parties. Figures are medians and 95th percentiles in
 * milliseconds and the ratio of the medians. The base is kept in `.cache` and used again; the first run makes it. `--plan` adds, below
 * each row with a floor, the plans of what the product asked for one such request and the plan of the floor's statement. `--role web`
 * leaves out the work behind: a base that was just made, or comes from an older version, has much to catch up with.
 */
const root = resolve(fileURLToPath(import.meta.url), '../..');
const { values: options } = parseArgs({
  options: {
    parties: { type: 'string', default: '1000000' },
    only: { type: 'string' },
    role: { type: 'string' },
    rounds: { type: 'string', default: '200' },
    plan: { type: 'boolean' },
    data: { type: 'string' },
    growth: { type: 'string' },
    deals: { type: 'string' },
  },
});
/** Millions of interactions, one size after the other; the row `growth` has a base of its own, made anew each time. */
const most = Number(options.growth);
const growth = options.growth === undefined ? null : [...[1, 10].filter((size) => size < most), most];
const parties = growth ? 100_000 : Number(options.parties);
const rounds = Number(options.rounds);
const dataFolder = resolve(
  options.data ?? join(root, '.cache', growth ? 'bench-growth' : `bench-${parties}${options.deals ? `-${options.deals}-deals` : ''}`),
);
const env = { PERIGON_LOG: 'warn', ...process.env, PERIGON_DATA: dataFolder, PORT: '0', HOST: '127.0.0.1' };
const COMPANY = [
  '--company',
  'Bench',
  '--currency',
  'EUR',
  '--language',
  'en',
  '--time-zone',
  'Europe/Berlin',
  '--email',
  'bench@perigon.example',
  '--name',
  'Bench',
  '--password',
  'bench-perigon',
];

/** Runs a command of the product to its end and gives what it printed. */
export const perigon = (...args: string[]): Promise<string> => perigonIn(env, ...args);

function perigonIn(variables: NodeJS.ProcessEnv, ...args: string[]): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [join(root, 'bin/perigon.mjs'), ...args], {
      env: variables,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('close', (code) => (code === 0 ? done(text.trim()) : fail(new Error(`perigon ${args[0]} ended with ${code}: ${text}`))));
  });
}

export interface Bench {
  url: string;
  key: string;
  floor: pg.Client;
  parties: number;
  rounds: number;
  /** In millions; empty unless asked for. */
  growth: readonly number[];
  /** One request over a kept connection; gives the body. */
  ask(method: string, path: string, body?: unknown, as?: string): Promise<{ status: number; text: string; ms: number }>;
  /** Milliseconds of one request to an empty route. */
  empty(): Promise<number>;
  pid: number;
  dataFolder: string;
  env: NodeJS.ProcessEnv;
  only(name: string): boolean;
  perigon: typeof perigon;
  floorUrl: string;
  /** Runs `copy … to stdout` on the bare connection and throws the text away. */
  copyOut(statement: string): Promise<void>;
  /** A second, empty company in a folder of its own. */
  startFresh(folder: string, more?: NodeJS.ProcessEnv): Promise<{ url: string; key: string; databaseUrl: string; stop(): Promise<void> }>;
  /** One more server on a base. */
  startBeside(databaseUrl: string, folder: string): Promise<{ url: string; stop(): Promise<void> }>;
}

export const median = (list: number[], part = 0.5): number =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))] ?? Number.NaN;
export const ms = (value: number): string => (Number.isNaN(value) ? '–' : value < 10 ? value.toFixed(2) : value.toFixed(1));

const floorSql = (name: string) => readFileSync(join(root, 'bench/floors', `${name}.sql`), 'utf8').replace(/;\s*$/, '');

async function start(variables: NodeJS.ProcessEnv = env): Promise<{ child: ChildProcess; url: string; readyMs: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, 'bin/perigon.mjs'), 'start', ...(options.role ? ['--role', options.role] : [])], {
    env: variables,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const url = await new Promise<string>((done, fail) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const match = /runs at (http\S+)/.exec(text);
      if (match?.[1]) done(match[1]);
    });
    child.on('close', () => fail(new Error(`Perigon ended: ${text}`)));
  });
  for (;;) {
    const ready = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) break;
  }
  return { child, url, readyMs: performance.now() - began };
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await new Promise((done) => child.on('close', done));
}

async function main(): Promise<void> {
  mkdirSync(join(root, '.cache'), { recursive: true });
  // What grew does not shrink.
  if (existsSync(join(dataFolder, 'grown'))) rmSync(dataFolder, { recursive: true });
  if (!existsSync(join(dataFolder, 'seeded'))) {
    await perigon('setup', ...COMPANY);
    process.stdout.write(`${await perigon('seed', '--parties', String(parties), ...(options.deals ? ['--deals', options.deals] : []))}\n`);
    writeFileSync(join(dataFolder, 'seeded'), '');
  }
  // Warm start: the second of two, as a machine that ran it before.
  const before = await start();
  if (options.plan) await loadAutoExplain(urlOf(dataFolder));
  await stop(before.child);
  const { child, url, readyMs } = await start();
  try {
    const key = await perigon('key', 'create', '--email', 'bench@perigon.example');
    const bench = await benchOf(url, key, child);
    // A kept base is older than a day: its nightly backup would be measured along.
    await bench.ask('PUT', '/api/v1/backups/plan', { daily: false, keep: 1 });
    const result: string[] = [];
    const line = (text: string) => {
      result.push(text);
      process.stdout.write(`${text}\n`);
    };
    line(
      `${parties.toLocaleString('en')} parties, ${rounds} rounds. Milliseconds; floor = hand-written SQL on a bare connection + an empty HTTP route.`,
    );
    if (bench.only('start')) line(`warm start to ready: ${(readyMs / 1000).toFixed(2)} s (goal < 3 s)`);
    if (bench.only('memory')) line(`resident memory of the process tree, idle: ${memory(child.pid ?? 0)}`);
    line(`${'row'.padEnd(30)} ${'p50'.padStart(8)} ${'p95'.padStart(8)} ${'floor'.padStart(8)} ${'ratio'.padStart(6)}`);
    for (const row of [...rows, convertingRow, listingRow, ...bookingRows, callingRow, ...reachRows]) {
      if (!bench.only(row.name)) continue;
      const taken: number[] = [];
      const floors: number[] = [];
      const sql = row.floor ? floorSql(row.floor) : null;
      const prepared = await row.prepare(bench);
      for (let i = -Math.min(20, rounds); i < rounds; i++) {
        const turn = await prepared(Math.abs(i) + (i < 0 ? rounds : 0));
        const product = () => bench.ask(turn.method ?? 'GET', turn.path, turn.body, turn.key);
        const floor = async () => {
          if (!sql || !turn.values) return null;
          const began = performance.now();
          const { rows: found } = await bench.floor.query<{ json: string }>({ name: row.floor, text: sql, values: turn.values });
          return { ms: performance.now() - began + (await bench.empty()), json: found[0]?.json ?? 'null' };
        };
        // Who asks first fetches the pages from the disk for the other: they take turns.
        const floorFirst = i % 2 !== 0 ? await floor() : null;
        const answer = await product();
        if (answer.status >= 300) throw new Error(`${row.name}: ${answer.status} ${answer.text.slice(0, 300)}`);
        const least = floorFirst ?? (await floor());
        if (least && (i === 0 || i === rounds - 1)) row.same?.(JSON.parse(answer.text), JSON.parse(least.json));
        if (i < 0) continue;
        taken.push(answer.ms);
        floors.push(least?.ms ?? Number.NaN);
      }
      const ratio = median(taken) / median(floors);
      line(
        `${row.name.padEnd(30)} ${ms(median(taken)).padStart(8)} ${ms(median(taken, 0.95)).padStart(8)} ${ms(median(floors)).padStart(8)} ${(Number.isNaN(ratio) ? '–' : ratio.toFixed(2)).padStart(6)}  ${row.goal ?? ''}`,
      );
      if (options.plan) {
        // Turns of their own, so that a write writes.
        const turn = await prepared(2 * rounds + 100);
        const plans = await productPlans(urlOf(dataFolder)).of(async (i) => {
          const own = await prepared(2 * rounds + 101 + i);
          await bench.ask(own.method ?? 'GET', own.path, own.body, own.key);
        });
        for (const plan of plans) printPlan('product', plan);
        if (!sql) continue;
        const { rows: plan } = await bench.floor.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers) ${sql}`, turn.values ?? []);
        printPlan('floor', plan.map((part) => part['QUERY PLAN']).join('\n'));
      }
    }
    if (growth) writeFileSync(join(dataFolder, 'grown'), '');
    for (const bulk of bulkRows) if (bench.only(bulk.name)) for (const text of await bulk.run(bench)) line(text);
    writeFileSync(join(root, '.cache', growth ? 'bench-growth.txt' : `bench-${parties}.txt`), `${result.join('\n')}\n`);
    await bench.floor.end();
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  } finally {
    if (options.plan) await unloadAutoExplain(urlOf(dataFolder));
    await stop(child);
  }
}

const printPlan = (whose: string, plan: string) => process.stdout.write(`  ${whose}:\n${plan.replace(/^/gm, '    ')}\n`);

async function benchOf(url: string, key: string, child: ChildProcess): Promise<Bench> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const server = createServer((_request, response) => response.end('{}'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  const address = server.address();
  const emptyUrl = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;
  const emptyAgent = new Agent({ keepAlive: true, maxSockets: 1 });
  const floorUrl = urlOf(dataFolder);
  const floor = new pg.Client({ connectionString: floorUrl, options: '-c jit=off -c TimeZone=UTC' });
  floor.on('error', () => undefined);
  await floor.connect();
  const only = growth ? ['growth'] : options.only?.split(',');
  return {
    url,
    key,
    floor,
    floorUrl,
    parties,
    copyOut: async (statement) => {
      for await (const _chunk of floor.query(copyTo(statement))) {
        // Only its speed matters.
      }
    },
    startBeside: async (databaseUrl, folder) => {
      const beside = await start({ ...env, PERIGON_DATA: folder, DATABASE_URL: databaseUrl });
      return { url: beside.url, stop: () => stop(beside.child) };
    },
    startFresh: async (folder, more = {}) => {
      const variables = { ...env, ...more, PERIGON_DATA: folder };
      await perigonIn(variables, 'setup', ...COMPANY);
      const fresh = await start(variables);
      return {
        url: fresh.url,
        key: await perigonIn(variables, 'key', 'create', '--email', 'bench@perigon.example'),
        databaseUrl: urlOf(folder),
        stop: () => stop(fresh.child),
      };
    },
    rounds,
    growth: growth ?? [],
    dataFolder,
    env,
    perigon,
    pid: child.pid ?? 0,
    only: (name) => !only || only.some((part) => name.startsWith(part)),
    ask: (method, path, body, as = key) =>
      new Promise((done, fail) => {
        const text = body === undefined ? undefined : JSON.stringify(body);
        const began = performance.now();
        const asked = httpRequest(
          `${url}${path}`,
          {
            method,
            agent,
            headers: {
              authorization: `Bearer ${as}`,
              ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
            },
          },
          (answer) => {
            const parts: Buffer[] = [];
            answer.on('data', (part: Buffer) => parts.push(part));
            answer.on('end', () =>
              done({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString(), ms: performance.now() - began }),
            );
          },
        );
        asked.on('error', fail);
        asked.end(text);
      }),
    empty: () =>
      new Promise((done, fail) => {
        const began = performance.now();
        httpGet(emptyUrl, { agent: emptyAgent }, (answer) => {
          answer.resume();
          answer.on('end', () => done(performance.now() - began));
        }).on('error', fail);
      }),
  };
}

/** The URL of the database in a data folder, as its administrator. */
function urlOf(folder: string): string {
  const { port, adminPassword } = JSON.parse(readFileSync(join(folder, 'postgres/perigon.json'), 'utf8')) as {
    port: number;
    adminPassword: string;
  };
  return `postgres://postgres:${adminPassword}@127.0.0.1:${port}/perigon`;
}

/** Resident memory of a process and all below it, shared pages counted once where the kernel says so (Pss), in MB by program. */
function memory(pid: number): string {
  const parent = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parent.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const within = (candidate: number): boolean => candidate === pid || (candidate > 1 && within(parent.get(candidate) ?? 0));
  let node = 0;
  let database = 0;
  for (const candidate of parent.keys()) {
    if (!within(candidate)) continue;
    try {
      const kb = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${candidate}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
      if (readFileSync(`/proc/${candidate}/comm`, 'utf8').startsWith('postgres')) database += kb;
      else node += kb;
    } catch {
      // Not ours to read.
    }
  }
  return `${Math.round((node + database) / 1024)} MB (Node ${Math.round(node / 1024)}, PostgreSQL ${Math.round(database / 1024)} with what it holds in shared buffers)`;
}

await main();
