import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { type EmbeddedLog, OUTGOING } from '#engine/store/embedded-log.ts';
import { asWork } from '#engine/store/origin.ts';
import { writeBaseCopy } from './base-copy.ts';

/**
 * What one needs to go back to any second: copies of the embedded database, and its log from the oldest of them on, in `log-<name>` of
 * the folder of backups. A segment leaves the data folder only once it lies there compressed and synced.
 */

/** `000000010000000000000003`: timeline, and place in the log. Their order as text is that of the log. */
export const SEGMENT = /^[0-9A-F]{24}$/;
const KEPT = /^([0-9A-F]{24}|[0-9A-F]{8}\.history)\.gz$/;
/** A copy is named after the first segment it needs and the moment from which on one can go back to it. */
const BASE = /^([0-9A-F]{24})-(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{3}Z)\.base$/;
const EVERY_MS = 2000;

export interface KeptBase {
  path: string;
  startSegment: string;
  at: Date;
}

/** The stretch of time one can go back to. */
export interface Span {
  from: string;
  to: string;
}

export const logFolder = (backups: string, name: string): string => join(backups, `log-${name}`);

/** The copies that lie in a folder, oldest first. */
export async function basesIn(folder: string): Promise<KeptBase[]> {
  return (await namesIn(folder))
    .flatMap((name) => {
      const [, startSegment, at] = BASE.exec(name) ?? [];
      if (!startSegment || !at) return [];
      return [{ path: join(folder, name), startSegment, at: new Date(at.replace(/T(\d+)-(\d+)-(\d+)-(\d+)Z/, 'T$1:$2:$3.$4Z')) }];
    })
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** The names of the log's segments (and histories) that lie in a folder, in the order of the log. */
export const segmentsIn = async (folder: string): Promise<string[]> =>
  (await namesIn(folder))
    .filter((name) => KEPT.test(name))
    .map((name) => name.slice(0, -3))
    .sort();

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

/** From when to when one can go back; the database behind it lives, so up to now. */
export async function spanOf(log: EmbeddedLog, backups: string): Promise<Span | null> {
  const name = log.name();
  const [oldest] = name === null ? [] : await basesIn(logFolder(backups, name));
  return oldest ? { from: oldest.at.toISOString(), to: new Date().toISOString() } : null;
}

/** Takes the log of a running database into the folder of backups. */
export class LogKeeper {
  private timer: NodeJS.Timeout | undefined;
  private moving: Promise<void> | null = null;
  constructor(
    readonly log: EmbeddedLog,
    private readonly backups: string,
    private readonly fault: (message: string, error?: unknown) => void,
  ) {}

  start(): void {
    let failed = false;
    const next = () => {
      this.timer = setTimeout(() => {
        void this.take()
          .then(() => {
            failed = false;
          })
          .catch((error: unknown) => {
            // Once, until it works again; doctor tells on.
            if (!failed) this.fault('the log of the database could not be put beside the backups', error);
            failed = true;
          })
          .finally(next);
      }, EVERY_MS).unref();
    };
    asWork('log', next);
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.moving?.catch(() => undefined);
  }

  /** Ends keeping where backups are off. What is kept stays until it is taken away by hand. */
  async follow(on: boolean): Promise<void> {
    if (!on) await this.log.keep(false);
  }

  /** Moves what PostgreSQL laid out. */
  take(): Promise<void> {
    this.moving ??= this.move().finally(() => {
      this.moving = null;
    });
    return this.moving;
  }

  private async move(): Promise<void> {
    const name = this.log.name();
    if (name === null) return;
    const [from, into] = [join(this.log.folder, OUTGOING), logFolder(this.backups, name)];
    const finished = (await namesIn(from)).filter((one) => KEPT.test(`${one}.gz`)).sort();
    if (finished.length === 0) return;
    await mkdir(into, { recursive: true, mode: 0o700 });
    for (const one of finished) {
      if (!(await this.isOurs(join(from, one), join(into, `${one}.gz`)))) {
        await this.log.keep(false);
        throw new Error(`another database keeps its log as ${name}; this one begins anew with its next backup`);
      }
      const draft = join(into, `${one}.${process.pid}.draft`);
      const { mtime } = await stat(join(from, one));
      await pipeline(createReadStream(join(from, one)), createGzip({ level: 3 }), createWriteStream(draft, { mode: 0o600 }));
      const file = await open(draft, 'r+');
      await file.sync();
      await file.close();
      await utimes(draft, mtime, mtime);
      await rename(draft, join(into, `${one}.gz`));
      await rm(join(from, one), { force: true });
    }
  }

  /** Laid out twice after a crash a segment is the same; that of a copied data folder is not, and must not take the place of the other's. */
  private async isOurs(laid: string, kept: string): Promise<boolean> {
    if (!(await stat(kept).catch(() => null))) return true;
    const [one, two] = await Promise.all([digestOf(createReadStream(laid)), digestOf(createReadStream(kept).pipe(createGunzip()))]);
    return one === two;
  }

  /** One copy more, and those beyond the wanted number fewer, with the log that nothing left needs. */
  async makeBase(keep: number, check?: () => void): Promise<{ bytes: number; at: string }> {
    await this.log.keep(true);
    const folder = logFolder(this.backups, this.log.name() ?? '');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await Promise.all(
      (await namesIn(folder)).filter((name) => /\.base\.new(\.draft)?$/.test(name)).map((name) => rm(join(folder, name), { force: true })),
    );
    const made = await writeBaseCopy(this.log, join(folder, 'copy.base.new'), check);
    // It leads nowhere without the log up to its end.
    await this.take();
    await this.take();
    await rename(join(folder, 'copy.base.new'), join(folder, `${made.startSegment}-${made.at.replace(/[:.]/g, '-')}.base`));
    await retire(folder, keep);
    return { bytes: made.bytes, at: made.at };
  }
}

async function digestOf(source: Readable): Promise<string> {
  const digest = createHash('sha256');
  for await (const piece of source as AsyncIterable<Buffer>) digest.update(piece);
  return digest.digest('hex');
}

async function retire(folder: string, keep: number): Promise<void> {
  const bases = await basesIn(folder);
  for (const { path } of bases.slice(0, Math.max(bases.length - keep, 0))) await rm(path, { force: true });
  const [oldest] = await basesIn(folder);
  if (!oldest) return;
  for (const name of await segmentsIn(folder))
    if (SEGMENT.test(name) && name < oldest.startSegment) await rm(join(folder, `${name}.gz`), { force: true });
}
