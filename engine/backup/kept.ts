import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SYSTEM } from '#engine/access/actor.ts';
import type { ValueEnv } from '#engine/declare/field.ts';
import type { FileStore } from '#engine/files/file-store.ts';
import { enqueueJob, type JobHandler } from '#engine/jobs/jobs.ts';
import type { Context } from '#engine/record/context.ts';
import type { Db, Queryable } from '#engine/store/db.ts';
import type { EmbeddedLog } from '#engine/store/embedded-log.ts';
import { dateIn, hourIn } from '#kit/calendar.ts';
import { denied } from '#kit/errors.ts';
import { verifyArchive } from './archive.ts';
import { type BackupOptions, type BackupReport, writeBackup } from './backup.ts';
import type { LogKeeper, Span } from './kept-log.ts';
import { spanOf } from './kept-log.ts';

/** Where Perigon keeps the backups it makes by itself: `PERIGON_BACKUPS`, better on another disk, or a folder below the data folder. */
export const backupFolder = (dataFolder: string, env: NodeJS.ProcessEnv = process.env): string =>
  env.PERIGON_BACKUPS?.trim() || join(dataFolder, 'backups');

export interface BackupPlan {
  /** Made every night by itself. */
  daily: boolean;
  /** So many are kept; older ones go once a new one is whole. */
  keep: number;
}

const PLAN: BackupPlan = { daily: true, keep: 7 };
const NAME = /^perigon-\d{4}-\d{2}-\d{2}-\d{6}\.perigon$/;
/** The hour from which on a night's backup is made. */
const FROM_HOUR = 3;

export interface KeptBackup {
  name: string;
  bytes: number;
  /** When it was whole. */
  at: string;
}

const administers = (ctx: Context): void => {
  if (!ctx.actor.rights.may('administer')) throw denied('Only an administrator looks after backups.');
};

/** How backups are made, and those that are there, newest first. */
export async function listBackups(
  ctx: Context,
  folder: string,
  log: EmbeddedLog | null,
): Promise<{ folder: string; plan: BackupPlan; items: KeptBackup[]; job: string | null; back: Span | null }> {
  administers(ctx);
  const [running] = await ctx.db.query<{ id: string }>(
    `select id from jobs where kind = 'backup' and state in ('queued', 'running') limit 1`,
  );
  return {
    folder,
    plan: await backupPlan(ctx.db),
    items: await keptIn(folder),
    job: running?.id ?? null,
    back: log && (await spanOf(log, folder)),
  };
}

export async function saveBackupPlan(ctx: Context, plan: BackupPlan): Promise<void> {
  administers(ctx);
  await ctx.db.query(
    `insert into settings (key, value) values ('backups', $1::jsonb) on conflict (key) do update set value = excluded.value`,
    [JSON.stringify({ daily: plan.daily, keep: plan.keep })],
  );
}

/** Puts a backup into the queue, unless one waits or runs already; gives its job. */
export async function startBackup(ctx: Context): Promise<string> {
  administers(ctx);
  return enqueueOnce(ctx.db, ctx.actor);
}

/**
 * Makes a backup once a night, from the day after the company began. `newest` is of the folder, so that whoever clears it, or
 * copies a base elsewhere, gets one the night after.
 */
export async function backUpDaily(db: Db, env: ValueEnv, folder: string): Promise<void> {
  const plan = await backupPlan(db);
  if (!plan.daily || hourIn(env.now, env.timeZone) < FROM_HOUR) return;
  const [newest] = await keptIn(folder);
  const [begun] = await db.query<{ at: string | null }>(`select min(at)::text as at from causes where kind = 'setup'`);
  const last = newest?.at ?? begun?.at;
  if (!last || dateIn(new Date(last), env.timeZone) >= dateIn(env.now, env.timeZone)) return;
  await enqueueOnce(db, SYSTEM);
}

/** Brings the keeping of the log to what the plan says. */
export async function followPlan(db: Db, keeper: LogKeeper): Promise<void> {
  await keeper.follow((await backupPlan(db)).daily);
}

/** The job: one file more, and those beyond the wanted number fewer. Broken off it begins anew, unless its file is there; nothing half stays. */
export const backupJob =
  (o: { db: Db; files: FileStore; folder: string; version: string; keeper: LogKeeper | null }): JobHandler =>
  async ({ job, ctx, save, cancelled }) => {
    await mkdir(o.folder, { recursive: true, mode: 0o700 });
    await Promise.all(
      (await readdir(o.folder)).filter((name) => name.endsWith('.perigon.draft')).map((name) => rm(join(o.folder, name), { force: true })),
    );
    const made = job.progress.name;
    const fresh = `perigon-${ctx.env.now.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '')}.perigon`;
    const name = typeof made === 'string' && NAME.test(made) ? made : fresh;
    if (name === fresh) await save(null, { progress: { name } });
    const path = join(o.folder, name);
    let rows = 0;
    let saved = performance.now();
    // Broken off after its file was whole, it has only to say so.
    const write = name !== fresh && existsSync(path) ? reportOfWhole : writeBackup;
    const report = await write({
      ...o,
      path,
      progress(done) {
        rows += done.rows;
        if (performance.now() - saved < 1000) return;
        saved = performance.now();
        void save(null, { done: rows }).catch(() => undefined);
      },
      check() {
        if (cancelled()) throw new Cancelled();
      },
    }).catch((error: unknown) => {
      if (error instanceof Cancelled) return null;
      throw error;
    });
    if (!report) return { unfinished: true };
    const { keep, daily } = await backupPlan(o.db);
    for (const old of (await keptIn(o.folder)).slice(keep)) await rm(join(o.folder, old.name), { force: true });
    // Beside the file a copy from which one can go to any second after it.
    if (o.keeper && daily) await o.keeper.makeBase(keep);
    return { name, rows: report.rows, files: report.files, bytes: report.bytes, missing: report.missing.length };
  };

/** What is in a file that was whole before. */
async function reportOfWhole({ path }: Pick<BackupOptions, 'path'>): Promise<BackupReport> {
  const { tables, files } = await verifyArchive(path);
  const { size } = await stat(path);
  return { rows: Object.values(tables).reduce((sum, { rows }) => sum + rows, 0), files: files.count, bytes: size, missing: files.missing };
}

class Cancelled extends Error {}

async function enqueueOnce(q: Queryable, actor: Context['actor']): Promise<string> {
  const [same] = await q.query<{ id: string }>(`select id from jobs where kind = 'backup' and state in ('queued', 'running') limit 1`);
  return same?.id ?? enqueueJob(q, { kind: 'backup', actor });
}

async function backupPlan(q: Queryable): Promise<BackupPlan> {
  const [held] = await q.query<{ value: Partial<BackupPlan> }>(`select value from settings where key = 'backups'`);
  return { ...PLAN, ...held?.value };
}

/** Whole backups in a folder, newest first. */
export async function keptIn(folder: string): Promise<KeptBackup[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const kept = await Promise.all(
    names.filter((name) => NAME.test(name)).map(async (name) => ({ name, about: await stat(join(folder, name)).catch(() => null) })),
  );
  return kept
    .flatMap(({ name, about }) => (about ? [{ name, bytes: about.size, at: about.mtime.toISOString() }] : []))
    .sort((a, b) => (a.name < b.name ? 1 : -1));
}
