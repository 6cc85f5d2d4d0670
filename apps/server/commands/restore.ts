import { join, resolve } from 'node:path';
import { goBack } from '#engine/backup/go-back.ts';
import { backupFolder } from '#engine/backup/kept.ts';
import { restoreBackup } from '#engine/backup/restore.ts';
import { openFileStore } from '#engine/files/store.ts';
import { openDb } from '#engine/store/db.ts';
import { lastMigration } from '#engine/store/schema.ts';
import { invalid } from '#kit/errors.ts';
import { type Command, type CommandContext, optional, required, UsageError } from '../command.ts';

/** `perigon restore FILE`: what a backup holds, into an empty data folder or database. `--to TIME --into FOLDER`: the base of that second. */
export const command: Command = {
  usage: 'restore FILE | restore --to TIME --into FOLDER',
  options: { to: { type: 'string' }, into: { type: 'string' } },
  operands: { min: 0, max: 1 },
  run: async (context) => {
    const to = optional(context.options, 'to');
    if (to !== undefined) return toMoment(context, to);
    const [file] = context.operands;
    if (!file) throw new UsageError('Something is missing on the line.');
    return fromFile(context, file);
  },
};

async function fromFile({ environment, openDatabase, print }: CommandContext, file: string): Promise<number> {
  const database = await openDatabase();
  const db = openDb(database.url, { max: 2, applicationName: 'perigon restore' });
  try {
    const manifest = await restoreBackup({
      db,
      files: openFileStore(environment.dataFolder),
      path: resolve(file),
      temporary: join(environment.dataFolder, 'temporary'),
      knows: lastMigration(),
    });
    const rows = Object.values(manifest.tables).reduce((sum, table) => sum + table.rows, 0);
    print(
      `${manifest.company ?? 'The company'} is back as of ${manifest.at}: ${rows} rows and ${manifest.files.count} files, of Perigon ${manifest.perigon}.`,
    );
    print('npm start brings it up.');
    return manifest.files.missing.length > 0 ? 2 : 0;
  } finally {
    await db.end();
  }
}

async function toMoment({ environment, options, operands, print, warn }: CommandContext, typed: string): Promise<number> {
  if (operands.length > 0) throw new UsageError('Either a file or a moment.');
  if (environment.databaseUrl)
    throw invalid('That is for the embedded database. Of a PostgreSQL of your own its own tools keep the log (docs/running.md).');
  const to = new Date(typed);
  // Without a zone it would be another moment on every machine.
  if (Number.isNaN(to.getTime()) || !/(Z|[+-]\d{2}:?\d{2})$/.test(typed))
    throw new UsageError(`--to is "${typed}", and a moment is written as 2026-11-22T15:04:05Z.`);
  const into = resolve(required(options, 'into'));
  const { base } = await goBack({
    dataFolder: environment.dataFolder,
    backups: backupFolder(environment.dataFolder),
    to,
    into,
    say: warn,
  });
  print(`The base as it was at ${to.toISOString()} is in ${into}, from the copy of ${base.at.toISOString()}.`);
  print(`PERIGON_DATA=${into} npm start brings it up; the folder that was stays as it is.`);
  return 0;
}
