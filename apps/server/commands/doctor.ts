import { statfsSync } from 'node:fs';
import pg from 'pg';
import { backupFolder, keptIn } from '#engine/backup/kept.ts';
import { tenantsOf } from '#engine/store/data-folder.ts';
import type { Command } from '../command.ts';
import { perigonVersion } from '../environment.ts';

const gigabyte = 1024 ** 3;

interface Figures {
  version: string;
  size: string;
  connections: number;
  allowed: number;
  oldest: number;
  checksums: string;
}

/** `perigon doctor`: one line for each thing that must be right; what is wrong says how to mend it. */
export const command: Command = {
  usage: 'doctor',
  options: {},
  run: async ({ environment, openDatabase, print }) => {
    let wrong = 0;
    const say = (good: boolean, line: string) => {
      if (!good) wrong++;
      print(`${good ? 'ok    ' : 'WRONG '} ${line}`);
    };
    const database = await openDatabase();
    say(true, `Perigon ${perigonVersion()} on Node.js ${process.versions.node}, ${process.platform}-${process.arch}`);
    const disk = statfsSync(environment.dataFolder);
    const free = (disk.bavail * disk.bsize) / gigabyte;
    say(free > 1, `the data folder ${environment.dataFolder} has ${free.toFixed(1)} GB free${free > 1 ? '' : ': make room'}`);
    const servers = tenantsOf(environment.dataFolder).filter((tenant) => tenant.kind === 'server');
    for (const server of servers)
      say(true, `a server runs as process ${server.pid} since ${server.since}${server.url ? ` at ${server.url}` : ''}`);

    const client = new pg.Client({ connectionString: database.url, application_name: 'perigon doctor' });
    client.on('error', () => {});
    await client.connect();
    try {
      const { rows } = await client.query<Figures>(`
        select current_setting('server_version') as version, pg_size_pretty(pg_database_size(current_database())) as size,
               (select count(*)::int from pg_stat_activity where datname = current_database()) as connections,
               current_setting('max_connections')::int as allowed,
               coalesce((select max(extract(epoch from now() - xact_start))::int from pg_stat_activity where backend_xid is not null), 0) as oldest,
               current_setting('data_checksums') as checksums`);
      const found = rows[0];
      if (!found) throw new Error('The database gave no figures.');
      say(
        true,
        `${database.embedded ? 'embedded' : 'external'} PostgreSQL ${found.version}, ${found.size}, page checksums ${found.checksums}`,
      );
      say(found.connections < found.allowed * 0.9, `${found.connections} of ${found.allowed} connections are used`);
      say(
        found.oldest < 60,
        `the oldest writing transaction is ${found.oldest} s old${found.oldest < 60 ? '' : ': it holds up live updates; end it'}`,
      );
      await lookAtWork(client, say);
      await lookAtBackups(client, backupFolder(environment.dataFolder), say);
    } finally {
      await client.end();
    }
    return wrong === 0 ? 0 : 1;
  },
};

async function lookAtWork(client: pg.Client, say: (good: boolean, line: string) => void): Promise<void> {
  const { rows: tables } = await client.query<{ there: boolean }>("select to_regclass('jobs') is not null as there");
  if (!tables[0]?.there) {
    say(true, 'Perigon has not been started on this database yet');
    return;
  }
  const { rows } = await client.query<{ queued: number; running: number; failed: number; behind: number }>(`
    select count(*) filter (where state = 'queued')::int as queued, count(*) filter (where state = 'running')::int as running,
           count(*) filter (where state = 'failed' and created_at > now() - interval '1 day')::int as failed,
           coalesce((select max((select coalesce(max(seq), 0) from changes) - cursor) from consumers), 0)::int as behind
    from jobs`);
  const work = rows[0];
  if (!work) return;
  say(work.failed === 0, `jobs: ${work.running} running, ${work.queued} waiting, ${work.failed} failed since yesterday`);
  const { rows: letters } = await client.query<{ consumer: string; n: number; error: string }>(
    `select consumer, count(*)::int as n, (array_agg(error order by seq))[1] as error from dead_letters group by consumer order by 1`,
  );
  if (letters.length === 0) say(true, 'every row of the log was taken in');
  for (const { consumer, n, error } of letters)
    say(
      false,
      `${n} rows of the log could not be taken in by “${consumer}”: ${error}${consumer === 'figures' ? '; after an update: perigon rebuild-figures' : ''}`,
    );
  const { rows: flows } = await client.query<{ failed: number; dead: number }>(
    `select (select count(*)::int from flow_runs where state = 'failed' and finished_at > now() - interval '1 day') as failed, (select count(*)::int from outbox where state = 'dead') as dead`,
  );
  const failed = flows[0]?.failed ?? 0;
  const dead = flows[0]?.dead ?? 0;
  say(failed === 0, `flows: ${failed} runs failed since yesterday${failed > 0 ? ': look at GET /api/v1/flow-runs?state=failed' : ''}`);
  say(dead === 0, `outbox: ${dead} could not be sent${dead > 0 ? ': look at GET /api/v1/outbox?state=dead' : ''}`);
  const { rows: building } = await client.query<{ name: string }>(
    `select object || '.' || field as name from figures where state = 'building' order by 1`,
  );
  if (building.length > 0)
    say(true, `figures being reckoned for the records that are there: ${building.map(({ name }) => name).join(', ')}`);
  say(work.behind < 100_000, `what follows from the log is ${work.behind} changes behind`);
}

async function lookAtBackups(client: pg.Client, folder: string, say: (good: boolean, line: string) => void): Promise<void> {
  const { rows: tables } = await client.query<{ there: boolean }>("select to_regclass('settings') is not null as there");
  if (!tables[0]?.there) return;
  const { rows } = await client.query<{ company: boolean; daily: boolean; begun: string | null }>(
    `select exists (select 1 from settings where key = 'company') as company,
       coalesce((select (value ->> 'daily')::boolean from settings where key = 'backups'), true) as daily,
       (select min(at)::text from causes where kind = 'setup') as begun`,
  );
  const about = rows[0];
  if (!about?.company) return;
  const [newest] = await keptIn(folder);
  const since = newest?.at ?? about.begun;
  const days = since === null ? 0 : Math.floor((Date.now() - new Date(since).getTime()) / 86_400_000);
  const last = newest
    ? `the last backup is of ${newest.at.slice(0, 16).replace('T', ' ')} UTC, in ${folder}`
    : `there is no backup in ${folder} yet`;
  if (!about.daily) say(true, `${last}; none is made by itself`);
  else say(days <= 2, `${last}${days <= 2 ? '' : ': no server was there at night, or its backup failed; perigon backup FILE makes one'}`);
}
