import { copyBase } from '#engine/backup/move.ts';
import { tenantsOf } from '#engine/store/data-folder.ts';
import { openDb } from '#engine/store/db.ts';
import { conflict, invalid } from '#kit/errors.ts';
import { type Command, required } from '../command.ts';
import { openDatabase as openThere } from '../database.ts';

/** `perigon move --to URL|embedded`: the base goes to another database; the one it was in stays as it is. */
export const command: Command = {
  usage: 'move --to URL|embedded',
  options: { to: { type: 'string' } },
  run: async ({ environment, options, openDatabase, print, warn }) => {
    const to = required(options, 'to');
    if (to === 'embedded' && !environment.databaseUrl)
      throw invalid('The base is in the embedded database already; set DATABASE_URL to where it comes from.');
    if (to !== 'embedded' && environment.databaseUrl)
      throw invalid('The base goes back with --to embedded; from one external database to another take a backup.');
    const server = tenantsOf(environment.dataFolder).find((tenant) => tenant.kind === 'server');
    if (server)
      throw conflict(`A server runs as process ${server.pid}. Stop it first: what is written while the base moves would stay behind.`);
    const source = await openDatabase();
    const target = await openThere(
      { ...environment, databaseUrl: to === 'embedded' ? null : to },
      { kind: 'command', label: 'move' },
      warn,
    );
    const from = openDb(source.url, { max: 2, applicationName: 'perigon move' });
    const into = openDb(target.url, { max: 2, applicationName: 'perigon move' });
    try {
      const [busy] = await from.query<{ name: string }>(
        `select application_name as name from pg_stat_activity where datname = current_database() and application_name like 'perigon-%' limit 1`,
      );
      if (busy)
        throw conflict('A server is connected to this database. Stop it first: what is written while the base moves would stay behind.');
      const told = await copyBase(from, into);
      print(`${told.rows} rows of ${told.tables} tables are there now, and still here.`);
      print(to === 'embedded' ? 'Start without DATABASE_URL from now on.' : 'Start with DATABASE_URL set to it from now on.');
      return 0;
    } finally {
      await Promise.all([from.end(), into.end()]);
      await target.stop();
    }
  },
};
