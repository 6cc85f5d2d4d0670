import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  enterDataFolder,
  prepareDataFolder,
  processBirth,
  processRuns,
  type Tenancy,
  type Tenant,
  tenantsOf,
  whileAlone,
  writeAtOnce,
} from './data-folder.ts';
import { type Binaries, databaseUser, embeddedMajor, findBinaries, type Launch, launch, launchAs } from './embedded-binaries.ts';
import { type EmbeddedLog, embeddedLog, keepsLog, logSettings } from './embedded-log.ts';
import { embeddedSettings, settingsText } from './embedded-settings.ts';
import { reasonOf, StartRefusal, systemCode } from './start-refusal.ts';

/** What happens to the embedded database while somebody uses it. */
export type EmbeddedEvent = 'creating' | 'recovering' | 'adopted' | 'died' | 'restarted' | 'restartFailed';

export interface EmbeddedOptions {
  /** `PERIGON_DATA`; the database lies in `postgres` below it. */
  dataFolder: string;
  /** A server is alone on its data folder; commands share it with one another and with a server. */
  kind: Tenant['kind'];
  /** A server's role (`all`, `web`, `worker`), or the command. */
  label: string;
  /** Settings over those reckoned from the machine. */
  settings?: Record<string, string>;
  /** For how long a start may recover. */
  readyWithinMs?: number;
  onEvent?: (event: EmbeddedEvent, detail: string) => void;
}

/** A running embedded database, as seen by one process that uses it. */
export interface Embedded {
  /** Connects as the role that owns Perigon's tables and nothing more. */
  readonly url: string;
  /** Connects as the superuser: for tests and repairs. */
  readonly adminUrl: string;
  /** The log by which one can go back to any second; null where this platform's PostgreSQL cannot keep it. */
  readonly log: EmbeddedLog | null;
  /** Says at which address this server answers, for others who look at the data folder. */
  announce(url: string): void;
  /** Leaves; the last one to leave stops PostgreSQL. Gives up waiting after `withinMs` and ends it the hard way: the next start recovers. */
  stop(withinMs?: number): Promise<void>;
}

/** Kept beside the database, readable by its owner alone. */
interface Keys {
  port: number;
  adminPassword: string;
  password: string;
}

const readyWithin = 10 * 60_000;

/** Starts the embedded PostgreSQL of a data folder, or joins the one that runs there already. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  prepareDataFolder(options.dataFolder);
  return whileAlone(options.dataFolder, async () => {
    const tenancy = enterDataFolder(options.dataFolder, options.kind, options.label);
    try {
      const cluster = new Cluster(options);
      await cluster.bringUp(tenantsOf(options.dataFolder).every((tenant) => tenant.pid === process.pid));
      return new Tenanted(cluster, tenancy, options);
    } catch (error) {
      tenancy.leave();
      throw error;
    }
  });
}

/** Watches the database on behalf of one process and brings it up again when it dies. */
class Tenanted implements Embedded {
  readonly url: string;
  readonly adminUrl: string;
  readonly log: EmbeddedLog | null;
  private readonly timer: NodeJS.Timeout;
  private stopping = false;
  private mending: Promise<void> | null = null;

  constructor(
    private readonly cluster: Cluster,
    private readonly tenancy: Tenancy,
    private readonly options: EmbeddedOptions,
  ) {
    this.url = cluster.url('perigon');
    this.adminUrl = cluster.url('postgres');
    this.log = keepsLog() ? embeddedLog(cluster.folder, () => cluster.url('postgres')) : null;
    // Whoever started PostgreSQL may be gone, so nobody relies on being its parent: all look whether it lives.
    this.timer = setInterval(() => this.look(), 250);
    this.timer.unref();
  }

  announce(url: string): void {
    this.tenancy.announce(url);
  }

  private look(): void {
    if (this.stopping || this.mending || this.cluster.lives()) return;
    this.mending = this.mend().finally(() => {
      this.mending = null;
    });
  }

  private async mend(): Promise<void> {
    this.options.onEvent?.('died', '');
    for (let attempt = 0; !this.stopping; attempt++) {
      try {
        await whileAlone(this.options.dataFolder, () => this.cluster.bringUp(false));
        this.options.onEvent?.('restarted', '');
        return;
      } catch (error) {
        this.options.onEvent?.('restartFailed', reasonOf(error));
        await sleep(Math.min(30_000, 500 * 2 ** attempt), undefined, { ref: false });
      }
    }
  }

  async stop(withinMs = 4_000): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    clearInterval(this.timer);
    await Promise.race([this.mending, sleep(1_000, undefined, { ref: false })]);
    await whileAlone(this.options.dataFolder, async () => {
      this.tenancy.leave();
      if (tenantsOf(this.options.dataFolder).length === 0) await this.cluster.stop(withinMs);
    });
  }
}

/** The files and the processes of one embedded PostgreSQL. */
class Cluster {
  readonly folder: string;
  private readonly binaries: Binaries;
  private pid = 0;
  private birth: string | null = null;
  private keys: Keys | null = null;

  constructor(private readonly options: EmbeddedOptions) {
    this.folder = path.join(options.dataFolder, 'postgres');
    this.binaries = findBinaries();
  }

  url(role: 'perigon' | 'postgres'): string {
    const keys = this.heldKeys();
    const password = role === 'perigon' ? keys.password : keys.adminPassword;
    return `postgresql://${role}:${password}@127.0.0.1:${keys.port}/${role}`;
  }

  lives(): boolean {
    if (this.pid === 0) return false;
    // Asked four times a second: elsewhere than on Linux the birth costs a process of its own.
    return process.platform === 'linux' ? processBirth(this.pid) === this.birth : processRuns(this.pid);
  }

  /** Makes the database where there is none, joins the one that runs, or starts it. `alone`: no other process uses it. */
  async bringUp(alone: boolean): Promise<void> {
    if (!fs.existsSync(this.folder)) await this.create();
    this.examine();
    const how = this.how();
    const running = this.postmaster();
    if (running) {
      if (await this.answers(running, alone)) {
        this.remember(running);
        this.options.onEvent?.('adopted', String(running));
      } else {
        await this.end(running, 'SIGQUIT', 5_000);
      }
    }
    if (!this.lives()) await this.start(how);
    await this.ensureDatabase();
  }

  private how(): Launch {
    const user = databaseUser(this.folder);
    // A folder that was copied or restored by root belongs to root: PostgreSQL insists on owning it.
    if (user && fs.statSync(this.folder).uid === 0) giveAway(this.folder, user.uid, user.gid);
    return launchAs(user, this.binaries, this.folder);
  }

  private heldKeys(): Keys {
    if (!this.keys) throw new Error('The embedded database was not brought up.');
    return this.keys;
  }

  /** Creates the database beside its place and moves it there when it is whole, so that a crash leaves nothing half-made. */
  private async create(): Promise<void> {
    this.options.onEvent?.('creating', this.folder);
    const draft = `${this.folder}.new`;
    const passwordFile = path.join(this.options.dataFolder, 'run', 'initdb-password');
    if (fs.existsSync(draft)) {
      // From a first start that was killed; its helpers may still be writing.
      endLeftOvers(draft);
      fs.rmSync(draft, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    }
    const user = databaseUser(draft);
    const keys: Keys = { port: await freePort(), adminPassword: newPassword(), password: newPassword() };
    try {
      fs.mkdirSync(draft, { mode: 0o700 });
      fs.rmSync(passwordFile, { force: true });
      fs.writeFileSync(passwordFile, keys.adminPassword, { mode: 0o600 });
      if (user) {
        fs.chownSync(draft, user.uid, user.gid);
        fs.chownSync(passwordFile, user.uid, user.gid);
      }
      const how = launchAs(user, this.binaries, draft);
      const lines = await run(
        how,
        this.binaries.initdb,
        [
          `--pgdata=${draft}`,
          '--username=postgres',
          '--auth=scram-sha-256',
          `--pwfile=${passwordFile}`,
          '--encoding=UTF8',
          '--locale=C',
          '--locale-provider=builtin',
          '--builtin-locale=C.UTF-8',
          '--data-checksums',
          '--no-instructions',
          ...(this.options.settings?.fsync === 'off' ? ['--no-sync'] : []),
        ],
        draft,
      );
      if (lines !== null) {
        throw new StartRefusal(
          /No space left/.test(lines)
            ? `The disk of ${this.options.dataFolder} is full. Make room there (a new database needs about 60 MB), or set PERIGON_DATA to another folder.`
            : `PostgreSQL could not make a database in ${draft}: ${lastFault(lines)}. Mend that, or set DATABASE_URL to a PostgreSQL 15 or newer.`,
        );
      }
      fs.writeFileSync(
        path.join(draft, 'postgresql.conf'),
        "# Perigon reckons its settings from the machine at each start and writes them into perigon.conf.\n# What you write below that line wins.\ninclude_if_exists 'perigon.conf'\n",
      );
      writeAtOnce(path.join(draft, 'perigon.json'), JSON.stringify(keys), 0o600);
      if (user) fs.chownSync(path.join(draft, 'perigon.json'), user.uid, user.gid);
      fs.renameSync(draft, this.folder);
    } catch (error) {
      fs.rmSync(draft, { recursive: true, force: true });
      if (systemCode(error) === '') throw error;
      throw new StartRefusal(
        `The data folder ${this.options.dataFolder} cannot be written (${reasonOf(error)}). Give this user the right to write there, or set PERIGON_DATA to another folder.`,
      );
    } finally {
      fs.rmSync(passwordFile, { force: true });
    }
  }

  /** Refuses a folder that is not a whole database of this version, before PostgreSQL says so in its own words. */
  private examine(): void {
    const version = this.readOwn('PG_VERSION').trim();
    if (version !== String(embeddedMajor)) {
      throw new StartRefusal(
        /^\d+$/.test(version)
          ? `The database in ${this.folder} was made by PostgreSQL ${version}, and this Perigon brings PostgreSQL ${embeddedMajor}. Start it with the Perigon that made it, or set PERIGON_DATA to another folder.`
          : this.damaged('its file PG_VERSION is not readable as a version'),
      );
    }
    this.readOwn('global/pg_control');
    let keys: unknown;
    try {
      keys = JSON.parse(this.readOwn('perigon.json'));
    } catch (error) {
      if (error instanceof StartRefusal) throw error;
      throw new StartRefusal(this.damaged('its file perigon.json is not readable'));
    }
    this.keys ??= keys as Keys;
  }

  private readOwn(name: string): string {
    try {
      return fs.readFileSync(path.join(this.folder, name), 'utf8');
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EACCES' || code === 'EPERM') {
        throw new StartRefusal(
          `The database in ${this.folder} belongs to another user. Start Perigon as that user, or set PERIGON_DATA to another folder.`,
        );
      }
      throw new StartRefusal(this.damaged(`its file ${name} is missing`));
    }
  }

  private damaged(why: string): string {
    return `The database in ${this.folder} is damaged: ${why}. Restore a backup there, or set PERIGON_DATA to another folder.`;
  }

  /** The process id of a PostgreSQL that runs on this folder, whoever started it. */
  private postmaster(): number | null {
    const pid = Number(this.pidFile()[0]);
    if (!Number.isInteger(pid) || pid <= 1) return null;
    if (processBirth(pid) === null) return null;
    if (process.platform !== 'linux') return pid;
    // After a reboot the number may belong to anything; PostgreSQL itself would take such a process for its own and refuse to start.
    const place = linkOf(`/proc/${pid}/cwd`);
    if (place === null ? nameOf(pid).startsWith('postgres') : place === fs.realpathSync(this.folder)) return pid;
    fs.rmSync(path.join(this.folder, 'postmaster.pid'), { force: true });
    return null;
  }

  private pidFile(): string[] {
    try {
      return fs.readFileSync(path.join(this.folder, 'postmaster.pid'), 'utf8').split('\n');
    } catch {
      return [];
    }
  }

  /** Whether a PostgreSQL that somebody else started takes our connections; it may still be recovering. */
  private async answers(pid: number, alone: boolean): Promise<boolean> {
    const port = Number(this.pidFile()[3]);
    if (!port) return false;
    const keys = this.heldKeys();
    if (keys.port !== port) this.keys = { ...keys, port };
    for (let tries = 0; processBirth(pid) !== null; tries++) {
      const client = new pg.Client({ connectionString: this.url('postgres'), connectionTimeoutMillis: 3_000 });
      client.on('error', () => {});
      try {
        await client.connect();
        // What a killed server left running may hold locks for long.
        if (alone)
          await client.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = $1', [
            'client backend',
          ]);
        return true;
      } catch (error) {
        const code = systemCode(error);
        // 57P03: it starts, recovers or shuts down.
        const waiting = code === '57P03';
        const stopping = this.pidFile()[7]?.trim() === 'stopping';
        if (waiting && !stopping && tries === 20) this.options.onEvent?.('recovering', '');
        if (tries >= (stopping ? 50 : waiting ? 3_000 : 5)) return false;
      } finally {
        await client.end().catch(() => {});
      }
      await sleep(200);
    }
    return false;
  }

  private remember(pid: number): void {
    this.pid = pid;
    this.birth = processBirth(pid);
  }

  private async start(how: Launch): Promise<void> {
    let keys = this.heldKeys();
    const mayMove = this.pid === 0;
    for (let attempt = 0; ; attempt++) {
      if (mayMove && !(await isFree(keys.port))) keys = { ...keys, port: await freePort() };
      this.keys = keys;
      this.write(
        'perigon.conf',
        settingsText({ ...embeddedSettings(keys.port), ...logSettings(this.folder), ...this.options.settings }),
        0o644,
      );
      this.write('perigon.json', JSON.stringify(keys), 0o600);
      const fault = await this.tryStart(how);
      if (fault === null) return;
      if (/pre-existing shared memory block|postmaster\.pid" already exists/.test(fault) && attempt < 40) {
        // PostgreSQL was killed and its children have not noticed yet: after a second they are helped.
        if (attempt >= 4) endLeftOvers(this.folder);
        await sleep(200);
        continue;
      }
      if (/Address already in use|could not bind/.test(fault) && attempt < 10) {
        await sleep(mayMove ? 0 : 300);
        continue;
      }
      throw new StartRefusal(this.explain(fault));
    }
  }

  private write(name: string, text: string, mode: number): void {
    const file = path.join(this.folder, name);
    const { uid, gid } = fs.statSync(this.folder);
    writeAtOnce(file, text, mode);
    if (process.getuid?.() === 0) fs.chownSync(file, uid, gid);
  }

  /** One attempt; the answer is what PostgreSQL said when it did not come up, or null. */
  private async tryStart(how: Launch): Promise<string | null> {
    const saidFile = path.join(this.options.dataFolder, 'run', 'postgres-start.log');
    const said = fs.openSync(saidFile, 'w');
    const began = performance.now();
    const logged = this.logSizes();
    let child: ChildProcess;
    try {
      // Detached: Ctrl-C goes to this process alone, which then stops PostgreSQL in order.
      child = launch(how, this.binaries.postgres, ['-D', this.folder], {
        cwd: this.folder,
        env: cleanEnvironment(),
        detached: true,
        stdio: ['ignore', said, said],
      });
    } finally {
      fs.closeSync(said);
    }
    let over: string | null = null;
    child.once('error', (error) => {
      over = reasonOf(error);
    });
    child.once('exit', () => {
      over ??= 'ended';
    });
    child.unref();
    for (let waited = 0; ; waited++) {
      await sleep(10);
      const lines = this.pidFile();
      if (child.pid && Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') {
        this.remember(child.pid);
        return null;
      }
      if (over !== null) {
        const text = `${readTail(saidFile)}\n${this.newLog(logged)}`.trim();
        return text || over;
      }
      if (waited === 300) this.options.onEvent?.('recovering', '');
      if (performance.now() - began > (this.options.readyWithinMs ?? readyWithin)) return 'It did not become ready in time';
    }
  }

  private logSizes(): Map<string, number> {
    try {
      const folder = path.join(this.folder, 'log');
      return new Map(fs.readdirSync(folder).map((name) => [path.join(folder, name), fs.statSync(path.join(folder, name)).size]));
    } catch {
      return new Map();
    }
  }

  /** What PostgreSQL wrote into its own log since it had these sizes. */
  private newLog(before: Map<string, number>): string {
    return [...this.logSizes()]
      .filter(([file, size]) => size !== (before.get(file) ?? 0))
      .map(([file, size]) => readTail(file, Math.max(size - (before.get(file) ?? 0), 0)))
      .join('\n');
  }

  private explain(fault: string): string {
    if (/No space left/.test(fault)) {
      return `The disk of ${this.folder} is full. Make room there and start again; nothing saved is lost.`;
    }
    if (/could not map anonymous shared memory|Cannot allocate memory/.test(fault)) {
      return `This machine has too little free memory for the database. End other programs, or lower shared_buffers in ${path.join(this.folder, 'postgresql.conf')}.`;
    }
    if (
      /control file|pg_control|checkpoint record|checkpoint location|could not (open|read|access|stat|locate)|required WAL|directory .* does not exist|invalid data|is not a valid|incompatible|PANIC|could not find (the )?database system/i.test(
        fault,
      )
    ) {
      return this.damaged(`PostgreSQL says "${lastFault(fault)}"`);
    }
    return `PostgreSQL did not start: ${lastFault(fault)}. Mend that (its log is in ${path.join(this.folder, 'log')}), or set PERIGON_DATA to another folder.`;
  }

  /** The role and the database that Perigon uses; there already after the first start. */
  private async ensureDatabase(): Promise<void> {
    const trial = new pg.Client({ connectionString: this.url('perigon') });
    trial.on('error', () => {});
    try {
      await trial.connect();
      return;
    } catch (error) {
      // 28P01 wrong password or no such role, 3D000 no such database.
      if (!['28P01', '28000', '3D000'].includes(systemCode(error))) throw error;
    } finally {
      await trial.end().catch(() => {});
    }
    const admin = new pg.Client({ connectionString: this.url('postgres') });
    admin.on('error', () => {});
    try {
      await admin.connect();
      const password = pg.escapeLiteral(this.heldKeys().password);
      const role = await admin.query("select 1 from pg_roles where rolname = 'perigon'");
      await admin.query(`${role.rowCount ? 'alter' : 'create'} role perigon login password ${password}`);
      await admin.query('grant pg_monitor to perigon');
      const database = await admin.query("select 1 from pg_database where datname = 'perigon'");
      if (!database.rowCount) await admin.query('create database perigon owner perigon');
    } catch (error) {
      if (systemCode(error) === '28P01') {
        throw new StartRefusal(this.damaged('its file perigon.json does not hold the password of the database'));
      }
      throw error;
    } finally {
      await admin.end().catch(() => {});
    }
  }

  /** Stops PostgreSQL: in order when it manages within the time, else at once (the next start recovers). */
  async stop(withinMs: number): Promise<void> {
    const pid = this.lives() ? this.pid : this.postmaster();
    this.pid = 0;
    if (pid) await this.end(pid, 'SIGINT', withinMs);
  }

  private async end(pid: number, signal: 'SIGINT' | 'SIGQUIT', withinMs: number): Promise<void> {
    const birth = processBirth(pid);
    const steps: [NodeJS.Signals, number][] = [
      [signal, withinMs],
      ['SIGQUIT', 1_000],
      ['SIGKILL', 1_000],
    ];
    for (const [step, patience] of steps) {
      if (processBirth(pid) !== birth) return;
      try {
        process.kill(pid, step);
      } catch (error) {
        if (systemCode(error) === 'ESRCH') return;
        throw error;
      }
      const deadline = performance.now() + patience;
      while (performance.now() < deadline) {
        if (processBirth(pid) !== birth) return;
        await sleep(10);
      }
    }
  }
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

function linkOf(file: string): string | null {
  try {
    return fs.readlinkSync(file);
  } catch {
    return null;
  }
}

function nameOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Ends what a killed PostgreSQL or its set-up left running: such processes work in its folder and hold its shared memory. */
function endLeftOvers(folder: string): void {
  if (process.platform !== 'linux') return;
  const real = fs.realpathSync(folder);
  for (const name of fs.readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || !processRuns(pid) || !/^(postgres|initdb)/.test(nameOf(pid))) continue;
    if (linkOf(`/proc/${pid}/cwd`) === real) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended meanwhile.
      }
    }
  }
}

function giveAway(folder: string, uid: number, gid: number): void {
  fs.lchownSync(folder, uid, gid);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
    fs.lchownSync(path.join(entry.parentPath, entry.name), uid, gid);
  }
}

/** PostgreSQL must not take its place or port from the variables of whoever starts Perigon. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG|TZ$|NODE_|npm_)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

function readTail(file: string, bytes = 4_000): string {
  try {
    return fs.readFileSync(file).subarray(-Math.min(bytes, 4_000)).toString();
  } catch {
    return '';
  }
}

/** The last line in which PostgreSQL names a fault, without its time stamp. */
function lastFault(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const faults = lines.filter((line) => /\b(PANIC|FATAL|error):/i.test(line));
  // The first fault is the cause; "startup process exited" and the like follow from it.
  const line = faults[0] ?? lines.at(-1) ?? 'no reason given';
  return line.replace(/^.*?\b(PANIC|FATAL|initdb: error|error):\s*/i, '').trim();
}

async function run(how: Launch, program: string, args: string[], cwd: string): Promise<string | null> {
  const child = launch(how, program, args, { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'], cwd });
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(reasonOf(error)));
    child.once('close', (code) => resolve(code === 0 ? null : said || `it ended with code ${code}`));
  });
}

/** Why this process cannot listen on this port, as a system code; null when it can. */
export function listenFault(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) => resolve(systemCode(error) || 'unknown'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

async function isFree(port: number): Promise<boolean> {
  return (await listenFault(port, '127.0.0.1')) === null;
}

/** A port below those that systems hand out for outgoing connections, so that it stays ours between starts. */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new StartRefusal('No free port was found for the database between 20000 and 32000. End programs that listen there.');
}
