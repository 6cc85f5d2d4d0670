import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { startEmbedded } from '#engine/store/embedded.ts';
import { keptName, OUTGOING } from '#engine/store/embedded-log.ts';
import { StartRefusal } from '#engine/store/start-refusal.ts';
import { invalid } from '#kit/errors.ts';
import { unpackBaseCopy } from './base-copy.ts';
import { basesIn, type KeptBase, logFolder, SEGMENT, segmentsIn } from './kept-log.ts';

export interface GoBackOptions {
  /** The data folder that was; it may be gone, as long as the folder of backups is there. */
  dataFolder: string;
  backups: string;
  /** The moment whose state is wanted. */
  to: Date;
  /** A folder that is not there yet, or is empty. */
  into: string;
  say?(line: string): void;
}

/** One day: a recovery reads all that was written since the copy. */
const READY_WITHIN_MS = 24 * 3_600_000;

/**
 * Makes a data folder that holds the base as it was at one moment: the last copy before it, and PostgreSQL's log from there on,
 * up to the last transaction that was committed by then. Nothing of the old folder is touched.
 * @throws PerigonError `invalid` where the moment cannot be reached; its words say which can.
 */
export async function goBack(o: GoBackOptions): Promise<{ base: KeptBase }> {
  await refuseFilled(o.into);
  if (o.to.getTime() > Date.now()) throw invalid('That moment has not come yet.');
  const found = await findBase(o, join(o.dataFolder, 'postgres'));
  await mkdir(o.into, { recursive: true, mode: 0o711 });
  try {
    await build(o, found);
  } catch (error) {
    // It was empty: nothing half-made stands in the way of the next try.
    for (const name of await readdir(o.into)) await rm(join(o.into, name), { recursive: true, force: true });
    throw error;
  }
  return { base: found.base };
}

async function build(o: GoBackOptions, { folder, live, base }: Found): Promise<void> {
  const database = join(o.dataFolder, 'postgres');
  const draft = join(o.into, 'postgres.new');
  o.say?.(`Unpacking the copy of ${base.at.toISOString()} …`);
  await unpackBaseCopy(base.path, draft);
  const wal = join(draft, 'pg_wal');
  // What had not been put beside the backups yet lies in the old folder: nothing that was acknowledged is missing then. It is taken
  // first, since a running server moves it from there to here meanwhile, where it is whole.
  if (live) for (const place of [join(database, 'pg_wal'), join(database, OUTGOING)]) await addSegments(place, wal, base.startSegment);
  for (const name of await segmentsIn(folder))
    if (!SEGMENT.test(name) || name >= base.startSegment)
      await pipeline(createReadStream(join(folder, `${name}.gz`)), createGunzip(), createWriteStream(join(wal, name), { mode: 0o600 }));
  await writeFile(join(draft, 'recovery.signal'), '', { mode: 0o600 });
  await rename(draft, join(o.into, 'postgres'));

  o.say?.('Bringing it forward …');
  await recover(o, live);
  await bringBeside(o);
}

interface Found {
  folder: string;
  /** Whether the data folder that the log is of is still there. */
  live: boolean;
  base: KeptBase;
}

async function findBase(o: GoBackOptions, database: string): Promise<Found> {
  const own = keptName(database);
  const there = (await readdir(o.backups).catch(() => [])).filter((name) => /^log-[0-9a-f]{12}$/.test(name));
  const names = own !== null && there.includes(`log-${own}`) ? [`log-${own}`] : there;
  let earliest: KeptBase | undefined;
  const found: Found[] = [];
  for (const name of names) {
    const folder = logFolder(o.backups, name.slice(4));
    const bases = await basesIn(folder);
    if (bases[0] && (!earliest || bases[0].at < earliest.at)) earliest = bases[0];
    const base = bases.filter(({ at }) => at <= o.to).at(-1);
    if (base) found.push({ folder, live: own !== null && name === `log-${own}`, base });
  }
  const [latest] = found.sort((a, b) => b.base.at.getTime() - a.base.at.getTime());
  if (latest) return latest;
  throw invalid(
    earliest
      ? `One can go back to ${earliest.at.toISOString()} at the earliest.`
      : `In ${o.backups} there is no copy of an embedded database from which one could go back. Set PERIGON_BACKUPS to where the backups are; perigon restore FILE puts one of them back.`,
  );
}

async function addSegments(place: string, wal: string, from: string): Promise<void> {
  for (const name of await readdir(place).catch(() => []))
    if (SEGMENT.test(name) && name >= from)
      await copyFile(join(place, name), join(wal, name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
}

/** Starts PostgreSQL on the new folder once, so that it plays its log up to the moment, and stops it. */
async function recover(o: GoBackOptions, live: boolean): Promise<void> {
  const start = (target: boolean) =>
    startEmbedded({
      dataFolder: o.into,
      kind: 'command',
      label: 'restore',
      readyWithinMs: READY_WITHIN_MS,
      settings: {
        // All of the log lies there already: whatever is asked for is not to be had.
        restore_command: 'exit 1',
        hot_standby: 'off',
        recovery_target_timeline: 'latest',
        ...(target
          ? { recovery_target_time: o.to.toISOString().replace('T', ' ').replace('Z', '+00'), recovery_target_action: 'promote' }
          : {}),
      },
    });
  const unreached = (error: unknown) =>
    error instanceof StartRefusal && /before configured recovery target was reached/.test(error.message);
  const running = await start(true).catch((error: unknown) => {
    if (!unreached(error)) throw error;
    if (live) return null;
    throw invalid(
      'The log that was kept ends before that moment, and the data folder with the rest of it is not there. Take an earlier moment, or set PERIGON_DATA to that folder.',
    );
  });
  // Nothing was written between that moment and now: then the end of the log is what it was.
  await (running ?? (await start(false))).stop(60_000);
}

/** Keys, modules and the contents of files do not change with time: an old folder has all that the base of then speaks of. */
async function bringBeside(o: GoBackOptions): Promise<void> {
  for (const name of ['sign-in.key', 'files', 'modules'])
    await cp(join(o.dataFolder, name), join(o.into, name), { recursive: true, preserveTimestamps: true, errorOnExist: false }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      },
    );
}

async function refuseFilled(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length > 0) throw invalid(`There is something in ${folder} already. Name a new folder.`);
}
