import { copyFile, readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorFile } from '#engine/import/import.job.ts';
import { importStatus, startImport, uploadPath } from '#engine/import/imports.ts';
import { invalid } from '#kit/errors.ts';
import { type Command, optional, UsageError } from '../command.ts';

interface Result {
  created: number;
  updated: number;
  skipped: number;
  failed: number;
  cause: string | null;
  errors: string | null;
}

/** `perigon import`: files one after the other, each followed to its end; the work itself is the same job as in the browser. */
export const command: Command = {
  usage:
    'import FILE… --preset NAME | --object KEY [--map FILE] [--mode create|update|upsert] [--sheet NAME] [--dry-run] [--leave-out-likely] [--json] [--as EMAIL]',
  options: {
    preset: { type: 'string' },
    object: { type: 'string' },
    map: { type: 'string' },
    mode: { type: 'string' },
    sheet: { type: 'string' },
    'leave-out-likely': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    json: { type: 'boolean' },
    as: { type: 'string' },
  },
  operands: { min: 1, max: 1000 },
  run: async ({ options, operands, open, print, warn, environment }) => {
    const mode = optional(options, 'mode');
    if (mode !== undefined && mode !== 'create' && mode !== 'update' && mode !== 'upsert')
      throw new UsageError(`--mode is "${mode}", and a mode is create, update or upsert.`);
    const [preset, object, mapFile] = [optional(options, 'preset'), optional(options, 'object'), optional(options, 'map')];
    if (!preset && !object && !mapFile) throw new UsageError('Say what the rows are: --preset, --object or --map.');
    const dryRun = options['dry-run'] === true;
    const map = mapFile ? await readMap(mapFile) : undefined;
    for (const file of operands) await readable(file);
    const product = await open();
    await product.start();
    const total: Result = { created: 0, updated: 0, skipped: 0, failed: 0, cause: null, errors: null };
    let broken = false;
    for (const file of operands) {
      const ctx = await product.commandContext(optional(options, 'as'));
      const upload = await uploadPath(product.importPlace);
      await copyFile(file, upload.path);
      const id = await startImport(ctx, product.importPlace, {
        token: upload.token,
        name: basename(file),
        preset,
        object,
        map,
        mode,
        dryRun,
        sheet: optional(options, 'sheet'),
        leaveOutLikely: options['leave-out-likely'] === true,
      });
      let status = await importStatus(ctx, id);
      while (status.state === 'queued' || status.state === 'running') {
        await sleep(50);
        status = await importStatus(ctx, id);
      }
      const errors = status.errors === null ? null : errorFile(environment.dataFolder, id);
      for (const key of ['created', 'updated', 'skipped', 'failed'] as const) total[key] += Number(status[key]);
      if (typeof status.cause === 'string') total.cause = status.cause;
      total.errors = errors ?? total.errors;
      if (status.state !== 'done') {
        broken = true;
        warn(`${file}: ${String(status.error ?? `the import was ${String(status.state)}`)}`);
      }
      if (options['json'] !== true) {
        const counts = `${status.created} created, ${status.updated} updated, ${status.skipped} skipped, ${status.failed} failed`;
        print(`${file}: ${counts}${dryRun ? ' (nothing was written)' : `. Undo it with: perigon undo ${String(status.cause)}`}`);
        if (errors) print(`Its problems are in ${errors}`);
      }
    }
    if (options['json'] === true) print(JSON.stringify(total));
    const done = total.created + total.updated + total.skipped;
    if (broken) return done > 0 ? 2 : 1;
    return total.failed === 0 ? 0 : done > 0 ? 2 : 1;
  },
};

async function readMap(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    throw invalid(`The mapping ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function readable(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (!found) throw invalid(`There is no file ${file}.`);
  if (!found.isFile()) throw invalid(`${file} is not a file.`);
}
