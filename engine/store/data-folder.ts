import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { hostname } from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, StartRefusal, systemCode } from './start-refusal.ts';

/**
 * One process that uses a data folder, written into `<data folder>/run/<pid>.json`. A process id alone does not name a process
 * for good (ids come again, after a reboot even soon), so its birth and the machine's boot stand beside it.
 */
export interface Tenant {
  kind: 'server' | 'command';
  /** For a server its role, else the command. */
  label: string;
  pid: number;
  birth: string;
  boot: string;
  host: string;
  url: string | null;
  since: string;
}

/** A place held in a data folder. */
export interface Tenancy {
  readonly me: Tenant;
  /** Says at which address this server answers, for the line that a second server prints. */
  announce(url: string): void;
  leave(): void;
}

/** A tenant of another machine or container is believed alive while its file is younger than this. */
const heartbeatMs = 5_000;
const strangerAliveMs = 15_000;

/** Makes the data folder where it is missing, and proves that this process can write there. */
export function prepareDataFolder(folder: string): void {
  try {
    // Others may pass through (the database user of a root start has to), but not look around.
    makeFolder(folder, 0o711);
    makeFolder(path.join(folder, 'run'), 0o755);
    const probe = path.join(folder, 'run', `probe-${process.pid}-${randomBytes(4).toString('hex')}`);
    fs.writeFileSync(probe, '');
    fs.rmSync(probe);
  } catch (error) {
    throw new StartRefusal(
      `The data folder ${folder} cannot be written (${reasonOf(error)}). Give this user the right to write there, or set PERIGON_DATA to another folder.`,
    );
  }
}

/** Like `mkdir -p`; the recursive one of Node.js never ends where the system says "no such place" below an existing folder (`/proc`). */
function makeFolder(folder: string, mode: number): void {
  if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  if (path.dirname(folder) !== folder) makeFolder(path.dirname(folder), 0o755);
  try {
    fs.mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (systemCode(error) !== 'EEXIST' || !fs.statSync(folder).isDirectory()) throw error;
  }
}

/** When a process was born, as a text that no later process with the same id shares; null when there is no such process. */
export function processBirth(pid: number): string | null {
  if (process.platform === 'linux') {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // A zombie has ended; only its parent has not asked yet.
      return rest[0] === 'Z' ? null : (rest[19] ?? null);
    } catch {
      return null;
    }
  }
  if (!processExists(pid)) return null;
  if (process.platform === 'win32') return 'unknown';
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

/** Whether a process with this id runs. One that has ended and only waits for its parent to notice does not. */
export function processRuns(pid: number): boolean {
  return process.platform === 'linux' ? processBirth(pid) !== null : processExists(pid);
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

function bootId(): string {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function describeMe(kind: Tenant['kind'], label: string): Tenant {
  return {
    kind,
    label,
    pid: process.pid,
    birth: processBirth(process.pid) ?? '',
    boot: bootId(),
    host: hostname(),
    url: null,
    since: new Date().toISOString(),
  };
}

function isAlive(tenant: Tenant, file: string): boolean {
  if (tenant.host === hostname()) return tenant.boot === bootId() && processBirth(tenant.pid) === tenant.birth;
  try {
    return Date.now() - fs.statSync(file).mtimeMs < strangerAliveMs;
  } catch {
    return false;
  }
}

function readTenant(file: string): Tenant | null {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Tenant;
  } catch {
    return null;
  }
}

/** Who uses this data folder now. What the dead left behind is cleared away. */
export function tenantsOf(folder: string): Tenant[] {
  const run = path.join(folder, 'run');
  let names: string[];
  try {
    names = fs.readdirSync(run).filter((name) => /^\d+(-[\w.-]+)?\.json$/.test(name));
  } catch {
    return [];
  }
  const alive: Tenant[] = [];
  for (const name of names) {
    const file = path.join(run, name);
    const tenant = readTenant(file);
    if (tenant && isAlive(tenant, file)) alive.push(tenant);
    else fs.rmSync(file, { force: true });
  }
  return alive;
}

/**
 * Runs `work` while no other process changes who uses the folder or whether its database runs. Waits for its turn; a lock whose
 * holder has died is taken over.
 */
export async function whileAlone<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const file = path.join(folder, 'run', 'turn.lock');
  const mine = JSON.stringify(describeMe('command', 'turn'));
  const own = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const deadline = performance.now() + 120_000;
  for (;;) {
    // A hard link appears with its content at once, so that nobody reads a half-written lock.
    fs.writeFileSync(own, mine);
    try {
      fs.linkSync(own, file);
      break;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    } finally {
      fs.rmSync(own, { force: true });
    }
    const before = readText(file);
    const holder = readTenant(file);
    if (before !== null && holder && !isAlive(holder, file)) {
      const aside = `${own}.stale`;
      try {
        fs.renameSync(file, aside);
        // Somebody may have taken the lock between the look and the rename: then give it back.
        if (readText(aside) !== before) fs.linkSync(aside, file);
      } catch (error) {
        if (!['ENOENT', 'EEXIST'].includes(systemCode(error))) throw error;
      } finally {
        fs.rmSync(aside, { force: true });
      }
      continue;
    }
    if (performance.now() > deadline) {
      throw new StartRefusal(
        `The data folder ${folder} has been busy for two minutes (process ${holder?.pid ?? 'unknown'} is starting or stopping its database). Wait, or stop that process.`,
      );
    }
    await sleep(25);
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function readText(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/**
 * Enters the data folder. Any number of commands may share it with one server, and servers that were given a part of the work with one another; a second
 * server that does everything is refused. Call it inside {@link whileAlone}, so that two servers cannot both look first.
 */
export function enterDataFolder(folder: string, kind: Tenant['kind'], label: string): Tenancy {
  if (kind === 'server') {
    const other = tenantsOf(folder).find((tenant) => tenant.kind === 'server' && (tenant.label === 'all' || label === 'all'));
    if (other) {
      const where = other.host === hostname() ? `process ${other.pid}` : `process ${other.pid} on ${other.host}`;
      throw new StartRefusal(
        `Perigon already runs on the data folder ${folder} as ${where}${other.url ? ` at ${other.url}` : ''}. Stop it, or set PERIGON_DATA to another folder.`,
      );
    }
  }
  const me = describeMe(kind, label);
  const file = path.join(folder, 'run', `${process.pid}-${me.host.replace(/[^\w.-]/g, '_')}.json`);
  writeAtOnce(file, JSON.stringify(me));
  const beat = setInterval(() => {
    const at = new Date();
    fs.utimes(file, at, at, () => {});
  }, heartbeatMs);
  beat.unref();
  return {
    me,
    announce(url) {
      me.url = url;
      writeAtOnce(file, JSON.stringify(me));
    },
    leave() {
      clearInterval(beat);
      fs.rmSync(file, { force: true });
    },
  };
}

/** Replaces a file so that a reader sees the old text or the new one, never half of it. */
export function writeAtOnce(file: string, text: string, mode = 0o644): void {
  const draft = `${file}.${process.pid}.draft`;
  fs.writeFileSync(draft, text, { mode });
  fs.renameSync(draft, file);
}
