import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import pg from 'pg';
import { writeAtOnce } from './data-folder.ts';
import { findBinaries } from './embedded-binaries.ts';
import { settingsText } from './embedded-settings.ts';

/**
 * PostgreSQL's own log (WAL) of the embedded database, kept so that one can go back to any second (decision 0037). PostgreSQL lays each
 * finished segment into `outgoing` by its module basic_archive, synced to the disk; whoever keeps backups takes it from there.
 */

/** Whether the log is kept: the file that says so, and under which name, goes with the database's folder. */
const MARKER = 'kept-log';
export const OUTGOING = 'outgoing';
/** A segment that is not full is finished after so many seconds in which something was written: what a lost disk takes at most. */
const TIMEOUT = '60s';

export interface BaseMoment {
  /** The first segment of the log that the copy needs. */
  startSegment: string;
  /** What PostgreSQL wants to find beside the copy. */
  label: string;
  /** From when on the copy, with its log, can be brought to. */
  at: string;
  postgres: string;
}

/** The log of a running embedded database. */
export interface EmbeddedLog {
  /** The database's folder. */
  readonly folder: string;
  /** The name under which it is kept; null where it is not. */
  name(): string | null;
  /** Begins to keep it, under a new name, or ends that. At once, without a restart. */
  keep(on: boolean): Promise<void>;
  /** Holds the database in its state for copying while `copy` runs; it goes on writing. Returns once the log up to the end lies in `outgoing`. */
  whileCopied(copy: () => Promise<void>): Promise<BaseMoment>;
}

/** Whether the PostgreSQL of this platform came with the module that keeps its log. */
export function keepsLog(): boolean {
  const { root } = findBinaries();
  return ['lib/postgresql', 'lib'].some((folder) =>
    ['so', 'dylib', 'dll'].some((ending) => fs.existsSync(path.join(root, folder, `basic_archive.${ending}`))),
  );
}

/** The name under which the log of a database's folder is kept; null where it is not. */
export function keptName(folder: string): string | null {
  try {
    return /^[0-9a-f]{12}$/.exec(fs.readFileSync(path.join(folder, MARKER), 'utf8').trim())?.[0] ?? null;
  } catch {
    return null;
  }
}

/** Whether a file of the database's folder belongs to this run of it, and not to a copy. */
export const isOfThisRun = (name: string): boolean =>
  [
    MARKER,
    OUTGOING,
    'log',
    'pg_wal',
    'pg_replslot',
    'pg_dynshmem',
    'pg_notify',
    'pg_serial',
    'pg_snapshots',
    'pg_stat_tmp',
    'pg_subtrans',
  ].includes(name.split('/')[0] ?? '') ||
  /^(postmaster\.(pid|opts)|perigon\.conf|backup_label.*|tablespace_map.*|recovery\.signal|current_logfiles)$|(^|\/)(pgsql_tmp|pg_internal\.init)/.test(
    name,
  );

const SETTING = /^(archive_library|archive_command|archive_timeout|basic_archive\.archive_directory) = /;

/** The settings by which the log of this folder is kept or not. Whether it can be is settled at the start, whether it is at any time. */
export function logSettings(folder: string): Record<string, string> {
  if (keptName(folder) === null) return { archive_mode: 'on', archive_library: '', archive_command: 'exit 0', archive_timeout: '0' };
  return {
    archive_mode: 'on',
    archive_command: '',
    archive_library: 'basic_archive',
    'basic_archive.archive_directory': OUTGOING,
    archive_timeout: TIMEOUT,
  };
}

/** The log of the database in `folder`, which `adminUrl` reaches as its superuser. */
export function embeddedLog(folder: string, adminUrl: () => string): EmbeddedLog {
  const asAdmin = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: adminUrl(), application_name: 'perigon log' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  return {
    folder,
    name: () => keptName(folder),
    async keep(on) {
      if (on === (keptName(folder) !== null)) return;
      const { uid, gid } = fs.statSync(folder);
      const own = (file: string) => process.getuid?.() === 0 && fs.chownSync(file, uid, gid);
      const marker = path.join(folder, MARKER);
      if (on) {
        // What lies there is of an earlier name: with a gap after it nothing leads on from it.
        fs.rmSync(path.join(folder, OUTGOING), { recursive: true, force: true });
        fs.mkdirSync(path.join(folder, OUTGOING), { mode: 0o700 });
        own(path.join(folder, OUTGOING));
        writeAtOnce(marker, randomBytes(6).toString('hex'), 0o600);
        own(marker);
      } else fs.rmSync(marker, { force: true });
      const conf = path.join(folder, 'perigon.conf');
      const others = fs
        .readFileSync(conf, 'utf8')
        .split('\n')
        .filter((line) => !SETTING.test(line));
      const { archive_mode: _settled, ...mine } = logSettings(folder);
      const lines = settingsText(mine)
        .split('\n')
        .filter((line) => SETTING.test(line));
      writeAtOnce(conf, `${[...others.filter(Boolean), ...lines].join('\n')}\n`, 0o644);
      own(conf);
      await asAdmin((client) => client.query('select pg_reload_conf()'));
    },
    whileCopied: (copy) =>
      asAdmin(async (client) => {
        // Until an archiver that was told to begin has begun, a finished segment would be thrown away.
        await archiverRuns(client);
        const { rows: started } = await client.query<{ segment: string }>(
          `select pg_walfile_name(pg_backup_start('perigon', true)) as segment`,
        );
        await copy();
        await client.query(`set statement_timeout = '10min'`);
        const { rows: stopped } = await client.query<{ label: string; at: string; postgres: string }>(
          `select labelfile as label, to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
             current_setting('server_version') as postgres
           from pg_backup_stop(true)`,
        );
        const [begun, done] = [started[0], stopped[0]];
        if (!begun || !done) throw new Error('PostgreSQL did not say where its copy begins and ends.');
        return { startSegment: begun.segment, ...done };
      }),
  };
}

/** Waits until the archiver lays a segment where it is to. */
async function archiverRuns(client: pg.Client): Promise<void> {
  for (let tries = 0; ; tries++) {
    const { rows } = await client.query<{ library: string; runs: boolean }>(
      `select current_setting('archive_library') as library,
         exists (select 1 from pg_stat_activity where backend_type = 'archiver') as runs`,
    );
    if (rows[0]?.library === 'basic_archive' && rows[0].runs) return;
    if (tries > 600) throw new Error('PostgreSQL does not keep its log, although it was told to.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
