import { join, resolve } from 'node:path';
import { restoreBackup } from '#engine/backup/restore.ts';
import { openFileStore } from '#engine/files/store.ts';
import { openDb } from '#engine/store/db.ts';
import { lastMigration } from '#engine/store/schema.ts';
import type { Command } from '../command.ts';

/** `perigon restore FILE`: what a backup holds, into an empty data folder or database. */
export const command: Command = {
  usage: 'restore FILE',
  options: {},
  operands: { min: 1, max: 1 },
  run: async ({ environment, operands, openDatabase, print }) => {
    const database = await openDatabase();
    const db = openDb(database.url, { max: 2, applicationName: 'perigon restore' });
    try {
      const manifest = await restoreBackup({
        db,
        files: openFileStore(environment.dataFolder),
        path: resolve(operands[0] ?? ''),
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
  },
};
