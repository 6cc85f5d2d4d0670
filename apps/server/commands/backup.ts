import { resolve } from 'node:path';
import { writeBackup } from '#engine/backup/backup.ts';
import { openFileStore } from '#engine/files/store.ts';
import { openDb } from '#engine/store/db.ts';
import type { Command } from '../command.ts';
import { perigonVersion } from '../environment.ts';

/** `perigon backup FILE`: everything the company has as it is at this moment, while a server goes on. */
export const command: Command = {
  usage: 'backup FILE',
  options: {},
  operands: { min: 1, max: 1 },
  run: async ({ environment, operands, openDatabase, print, warn }) => {
    const path = resolve(operands[0] ?? '');
    const database = await openDatabase();
    const db = openDb(database.url, { max: 2, applicationName: 'perigon backup' });
    try {
      const report = await writeBackup({ db, files: openFileStore(environment.dataFolder), path, version: perigonVersion() });
      print(`${report.rows} rows and ${report.files} files in ${path} (${(report.bytes / 1e6).toFixed(1)} MB)`);
      for (const sha256 of report.missing) warn(`The content ${sha256} is missing or damaged in the store; it will not be put back.`);
      return report.missing.length > 0 ? 2 : 0;
    } finally {
      await db.end();
    }
  },
};
