import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Db } from '#engine/store/db.ts';
import type { EmbeddedLog } from '#engine/store/embedded-log.ts';
import { pendingMigrations } from '#engine/store/schema.ts';
import { reasonOf, StartRefusal } from '#engine/store/start-refusal.ts';
import { writeBackup } from './backup.ts';
import { spanOf } from './kept-log.ts';

/** Only one server backs up; the others wait and find nothing left to do. */
const LOCK = 0x70657267;
const KEPT = 3;
const NAME = /^before-migration-\d+-[\d-]+\.perigon$/;

/**
 * Before a new version changes the tables of a base that holds something: its rows in one file, unless one can go back to this second
 * anyway. The migrations themselves run in one transaction, which is their rehearsal; this is for the day on which they did what
 * they said and it was not what was wanted. `PERIGON_BACKUP_BEFORE_UPGRADE=off` is for whoever has made a copy already.
 */
export async function backUpBeforeMigrating(
  o: { db: Db; folder: string; log: EmbeddedLog | null; version: string; say(message: string): void },
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | null> {
  if (!(await isDue(o.db)) || env.PERIGON_BACKUP_BEFORE_UPGRADE?.trim() === 'off') return null;
  const alone = await o.db.connect();
  try {
    await alone.query('select pg_advisory_lock($1::bigint)', [LOCK]);
    const first = await isDue(o.db);
    if (first === null) return null;
    if (o.log && (await spanOf(o.log, o.folder))) {
      o.say(`the base is brought up to Perigon ${o.version}; perigon restore --to ${new Date().toISOString()} brings back what it was`);
      return null;
    }
    const name = `before-migration-${first}-${new Date().toISOString().slice(0, 19).replace(/[T:]/g, '-')}.perigon`;
    try {
      await mkdir(o.folder, { recursive: true, mode: 0o700 });
      await writeBackup({ db: o.db, files: null, path: join(o.folder, name), version: o.version });
    } catch (error) {
      throw new StartRefusal(
        `The base could not be backed up to ${o.folder} before it is brought up to Perigon ${o.version} (${reasonOf(error)}). Mend that, or set PERIGON_BACKUP_BEFORE_UPGRADE=off if you have a backup.`,
      );
    }
    o.say(`the base is brought up to Perigon ${o.version}; what it was is in ${join(o.folder, name)}`);
    const old = (await readdir(o.folder)).filter((one) => NAME.test(one)).sort((a, b) => (timeIn(a) < timeIn(b) ? 1 : -1));
    for (const one of old.slice(KEPT)) await rm(join(o.folder, one), { force: true });
    return name;
  } finally {
    await alone.end();
  }
}

const timeIn = (name: string): string => name.replace(/^before-migration-\d+-/, '');

/** The first migration that a base with a company in it has not taken; null where there is none. */
async function isDue(db: Db): Promise<number | null> {
  const [first] = (await pendingMigrations(db)) ?? [];
  if (first === undefined) return null;
  const [held] = await db.query<{ company: boolean }>(`select exists (select 1 from settings where key = 'company') as company`);
  return held?.company ? first : null;
}
