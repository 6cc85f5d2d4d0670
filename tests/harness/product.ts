import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { processRuns } from '#engine/store/data-folder.ts';
import { bareDatabase } from './bare.ts';
import { atEndOfFile } from './end-of-file.ts';
import { repositoryRoot, temporaryFolder } from './places.ts';

export interface BootOptions {
  env?: Record<string, string>;
  /** Arguments after `start`. */
  args?: string[];
  /** The data folder; without it a new one that goes with the test process. */
  dataFolder?: string;
  /** The database: its URL, `embedded` for the one that Perigon brings along, or (without a word) a bare one on the tests' server. */
  database?: string;
  port?: number;
  /** How long it may take to be ready. */
  withinMs?: number;
}

/** How `perigon` is started here: what `npm test` has built, or the sources. */
const commandLine = process.env['PERIGON_TEST_BUILT'] ? ['bin/perigon.mjs'] : ['--import', 'tsx', 'tests/harness/run-sources.ts'];

/** A run of `perigon` in a process of its own, as a shell would start it. */
export class Run {
  output = '';
  /** Only what came on standard output. */
  result = '';
  exitCode: number | null = null;
  signal: NodeJS.Signals | null = null;
  readonly ended: Promise<void>;

  constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
      this.result += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.exitCode = code;
        this.signal = signal;
        resolve();
      });
    });
  }

  get pid(): number {
    if (!this.child.pid) throw new Error(`It did not start: ${this.output}`);
    return this.child.pid;
  }

  get hasEnded(): boolean {
    return this.exitCode !== null || this.signal !== null;
  }
}

/** Starts `perigon <args>` and gives the process at once. */
export function startPerigon(args: string[], env: Record<string, string> = {}): Run {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|DATABASE_URL|PORT|HOST|PERIGON_DATA|NODE_OPTIONS|NODE_ENV)/.test(name),
  );
  const child = spawn(process.execPath, [...commandLine, ...args], {
    cwd: repositoryRoot,
    env: { ...Object.fromEntries(inherited), PERIGON_PREPARED: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const run = new Run(child);
  running.add(run);
  void run.ended.then(() => running.delete(run));
  return run;
}

/** Runs `perigon <args>` to its end. */
export async function perigon(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string; result: string }> {
  const run = startPerigon(args, env);
  await run.ended;
  return { code: run.exitCode, output: run.output.trim(), result: run.result.trim() };
}

/** What came back from a request. */
export interface Answer<T = unknown> {
  status: number;
  headers: Headers;
  body: T;
  text: string;
}

/** Asks Perigon over HTTP, with headers that say who asks. */
export class Api {
  constructor(
    readonly url: string,
    readonly identity: Record<string, string> = {},
  ) {}

  /** One request; a string, a form or bytes go as they are, everything else as JSON. */
  async send<T = unknown>(method: string, where: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const raw = body === undefined || typeof body === 'string' || body instanceof FormData || body instanceof Uint8Array;
    const answer = await fetch(new URL(where, this.url), {
      method,
      headers: {
        ...this.identity,
        ...(raw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: raw ? (body as BodyInit | undefined) : JSON.stringify(body),
      redirect: 'manual',
    });
    const text = await answer.text();
    const isJson = /[/+]json/.test(answer.headers.get('content-type') ?? '');
    return { status: answer.status, headers: answer.headers, text, body: (isJson && text !== '' ? JSON.parse(text) : text) as T };
  }

  get<T = unknown>(where: string, headers?: Record<string, string>): Promise<Answer<T>> {
    return this.send<T>('GET', where, undefined, headers);
  }

  post<T = unknown>(where: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>> {
    return this.send<T>('POST', where, body, headers);
  }

  patch<T = unknown>(where: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>> {
    return this.send<T>('PATCH', where, body, headers);
  }

  delete<T = unknown>(where: string, headers?: Record<string, string>): Promise<Answer<T>> {
    return this.send<T>('DELETE', where, undefined, headers);
  }
}

/** A Perigon that runs in a process of its own. */
export interface Booted {
  url: string;
  port: number;
  pid: number;
  dataFolder: string;
  /** `DATABASE_URL` of this server; null when it brought its own. */
  databaseUrl: string | null;
  run: Run;
  /** The variables with which a command reaches the same data. */
  env: Record<string, string>;
  /** Asks over HTTP, as the holder of this key. */
  api(key?: string): Api;
  /** Runs a command beside the server. */
  command(...args: string[]): Promise<{ code: number | null; output: string; result: string }>;
  /** Ends it in order; how long that took. */
  stop(): Promise<number>;
  /** Ends it without a word of warning. */
  kill9(): Promise<void>;
}

/** Starts the real product on a free port and waits until it is ready. It ends with the test, or call `stop`. */
export async function bootProduct(options: BootOptions = {}): Promise<Booted> {
  const port = options.port ?? (await freePort());
  const dataFolder = options.dataFolder ?? temporaryFolder();
  const databaseUrl = options.database === 'embedded' ? null : (options.database ?? (await bareDatabase()));
  const place: Record<string, string> = { PERIGON_DATA: dataFolder, ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}), ...options.env };
  const run = startPerigon(['start', ...(options.args ?? [])], { ...place, PORT: String(port) });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<number> => {
    const began = Date.now();
    if (!run.hasEnded) run.child.kill('SIGTERM');
    await run.ended;
    return Date.now() - began;
  };
  if (!databaseUrl) {
    if (folders.size === 0) atEndOfFile(endLeftDatabases);
    folders.add(dataFolder);
  }
  try {
    onTestFinished(async () => {
      await stop();
    });
  } catch {
    // Started outside of a test, for all of a file.
    atEndOfFile(async () => {
      if (!run.hasEnded) run.child.kill('SIGKILL');
      await run.ended;
    });
  }
  const deadline = Date.now() + (options.withinMs ?? 60_000);
  while (!(await isReady(url))) {
    if (run.hasEnded) throw new Error(`Perigon ended with ${run.exitCode ?? run.signal}:\n${run.output}`);
    if (Date.now() > deadline) {
      run.child.kill('SIGKILL');
      throw new Error(`Perigon was not ready in time:\n${run.output}`);
    }
    await sleep(25);
  }
  return {
    url,
    port,
    pid: run.pid,
    dataFolder,
    databaseUrl,
    run,
    env: place,
    api: (key) => new Api(url, key ? { authorization: `Bearer ${key}` } : {}),
    command: (...args) => perigon(args, place),
    stop,
    kill9: async () => {
      run.child.kill('SIGKILL');
      await run.ended;
    },
  };
}

/** Who `setUp` makes administrator. */
export const administrator = { name: 'Ada Admin', email: 'ada@example.org', password: 'correct horse battery' };

/** Sets a new product up over HTTP and gives the administrator's session. */
export async function setUp(product: Pick<Booted, 'url'>): Promise<Api> {
  const answer = await new Api(product.url).post('/api/v1/setup', {
    company: 'Test Ltd',
    baseCurrency: 'EUR',
    language: 'en',
    timeZone: 'Europe/Berlin',
    admin: administrator,
  });
  if (answer.status !== 201) throw new Error(`The set-up answered ${answer.status}: ${answer.text}`);
  return sessionOf(product, answer);
}

/** Signs in as whom `setUp` made administrator. */
export async function enter(product: Pick<Booted, 'url'>): Promise<Api> {
  const { email, password } = administrator;
  const answer = await new Api(product.url).post('/api/v1/session', { email, password });
  if (answer.status !== 200) throw new Error(`The sign-in answered ${answer.status}: ${answer.text}`);
  return sessionOf(product, answer);
}

const sessionOf = ({ url }: Pick<Booted, 'url'>, { headers }: Answer): Api =>
  new Api(url, { cookie: (headers.get('set-cookie') ?? '').split(';')[0] ?? '', origin: url });

const running = new Set<Run>();
const folders = new Set<string>();
process.once('exit', () => {
  for (const run of running) run.child.kill('SIGKILL');
  endLeftDatabases();
});

/** A database whose server was killed goes on alone, and would do so in a folder that is gone. */
function endLeftDatabases(): void {
  for (const folder of folders) {
    const postgres = postgresPid(folder);
    if (postgres && processRuns(postgres)) process.kill(postgres, 'SIGKILL');
  }
  folders.clear();
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).status === 200;
  } catch {
    return false;
  }
}

/** A port on which nobody listens at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/** Kills PostgreSQL without warning: its first process alone, whose children then notice, or all at once. */
export function killPostgres(dataFolder: string, how: 'first' | 'all'): void {
  const first = postgresPid(dataFolder);
  if (first && processRuns(first)) process.kill(first, 'SIGKILL');
  if (how === 'first' || process.platform !== 'linux') return;
  const folder = fs.realpathSync(path.join(dataFolder, 'postgres'));
  for (const name of fs.readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      if (fs.readlinkSync(`/proc/${name}/cwd`) === folder) process.kill(Number(name), 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}

/** The process id of the embedded PostgreSQL of a data folder, or null when none is written down. */
export function postgresPid(dataFolder: string): number | null {
  try {
    return Number(fs.readFileSync(path.join(dataFolder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return null;
  }
}
