import pg from 'pg';
import { backupFolder } from '#engine/backup/kept.ts';
import { tenantsOf } from '#engine/store/data-folder.ts';
import { type Command, optional } from '../command.ts';
import { lookAtBackups } from '../doctor/backups.ts';
import { lookAtDatabase } from '../doctor/database.ts';
import { type Ask, type Finding, lineOf, ok } from '../doctor/finding.ts';
import { lookAtAddress, lookAtDisk, lookAtListening, lookAtMemory, lookAtSameDisk } from '../doctor/machine.ts';
import { lookAtWork } from '../doctor/work.ts';
import { perigonVersion } from '../environment.ts';

/** `perigon doctor`: one line for each thing that must be right; what is wrong says how to mend it. */
export const command: Command = {
  usage: 'doctor [--address https://…]',
  options: { address: { type: 'string' } },
  run: async ({ environment, options, openDatabase, print }) => {
    let wrong = 0;
    const tell = (findings: readonly Finding[]) => {
      for (const finding of findings) {
        if (finding.is === 'wrong') wrong++;
        print(lineOf(finding));
      }
    };
    const database = await openDatabase();
    const { dataFolder } = environment;
    const servers = tenantsOf(dataFolder).filter((tenant) => tenant.kind === 'server');
    tell([
      ok(`Perigon ${perigonVersion()} on Node.js ${process.versions.node}, ${process.platform}-${process.arch}`),
      lookAtDisk(dataFolder, 'the data folder'),
      ...lookAtSameDisk(dataFolder, backupFolder(dataFolder)),
      ...servers.map(({ pid, since, url }) => ok(`a server runs as process ${pid} since ${since}${url ? ` at ${url}` : ''}`)),
      ...lookAtMemory(servers),
      ...lookAtListening(environment),
    ]);
    const address = optional(options, 'address') ?? process.env['PERIGON_ADDRESS']?.trim();
    if (address) tell(await lookAtAddress(address));

    const client = new pg.Client({ connectionString: database.url, application_name: 'perigon doctor' });
    client.on('error', () => {});
    await client.connect();
    try {
      const ask: Ask = async <R>(sql: string, values: unknown[] = []) => (await client.query(sql, values)).rows as R[];
      tell(await lookAtDatabase(ask, database.embedded));
      const [there] = await ask<{ is: boolean }>("select to_regclass('jobs') is not null and to_regclass('webhooks') is not null as is");
      if (there?.is) {
        tell(await lookAtWork(ask));
        tell(await lookAtBackups(ask, backupFolder(dataFolder), database.log));
      }
    } finally {
      await client.end();
    }
    return wrong === 0 ? 0 : 1;
  },
};
