import { embeddedMajor } from '#engine/store/embedded-binaries.ts';
import { oldestMajor } from '#engine/store/external.ts';
import { lastMigration, pendingMigrations } from '#engine/store/schema.ts';
import { type Ask, type Finding, must, note, ok, wrong } from './finding.ts';
import { judgeClock } from './machine.ts';

/** PostgreSQL itself: version, settings, extension, connections, age. */
export async function lookAtDatabase(ask: Ask, embedded: boolean): Promise<Finding[]> {
  const began = Date.now();
  const [clock] = await ask<{ at: string }>('select (extract(epoch from clock_timestamp()) * 1000)::text as at');
  const ended = Date.now();
  const [found] = await ask<{
    version: string;
    major: number;
    size: string;
    connections: number;
    allowed: number;
    oldest: number;
    age: number;
    trigram: boolean;
    checksums: string;
    off: string[] | null;
  }>(`
    select current_setting('server_version') as version, current_setting('server_version_num')::int / 10000 as major,
           pg_size_pretty(pg_database_size(current_database())) as size,
           (select count(*)::int from pg_stat_activity where datname = current_database()) as connections,
           current_setting('max_connections')::int as allowed,
           coalesce((select max(extract(epoch from now() - xact_start))::int from pg_stat_activity where backend_xid is not null), 0) as oldest,
           (select age(datfrozenxid) from pg_database where datname = current_database()) as age,
           exists (select 1 from pg_extension where extname = 'pg_trgm') as trigram,
           current_setting('data_checksums') as checksums,
           (select array_agg(name order by name) from pg_settings
            where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'autovacuum', 'track_counts') and setting = 'off') as off`);
  if (!found) throw new Error('The database gave no figures.');
  const wanted = embedded ? embeddedMajor : oldestMajor;
  const findings = [
    must(
      found.major >= wanted,
      `${embedded ? 'embedded' : 'external'} PostgreSQL ${found.version}, ${found.size}, page checksums ${found.checksums}`,
      `update it to ${wanted} or later`,
    ),
    must(
      found.connections < found.allowed * 0.9,
      `${found.connections} of ${found.allowed} connections are used`,
      'end other clients, or raise max_connections',
    ),
    must(
      found.oldest < 60,
      `the oldest writing transaction is ${found.oldest} s old`,
      'it holds up live updates; end it (pg_terminate_backend)',
    ),
    must(
      found.age < 1_500_000_000,
      `the oldest row version is ${Math.round(found.age / 1e6)} million transactions old`,
      'let autovacuum work, or run VACUUM, before PostgreSQL refuses to write',
    ),
    judgeClock(Number(clock?.at ?? ended) - (began + ended) / 2),
  ];
  for (const setting of found.off ?? [])
    findings.push(
      wrong(
        `the setting ${setting} of PostgreSQL is off`,
        setting === 'autovacuum' || setting === 'track_counts'
          ? 'switch it on, or tables and plans go bad'
          : 'switch it on, or a crash loses what was saved',
      ),
    );
  const pending = await pendingMigrations({ query: (sql, values) => ask(sql, values ? [...values] : undefined) });
  if (pending === null) return [...findings, ok('Perigon has not been started on this database yet')];
  findings.push(must(found.trigram, 'the extension pg_trgm is there', 'run "create extension pg_trgm" as its superuser'));
  const [newest] = await ask<{ number: number }>('select coalesce(max(number), 0)::int as number from schema_migrations');
  if ((newest?.number ?? 0) > lastMigration())
    findings.push(wrong('the base was brought up by a newer Perigon', 'start that version here'));
  else if (pending.length > 0) findings.push(note(`migrations wait: ${pending.join(', ')}`, 'the next start takes them, after a backup'));
  else findings.push(ok(`all migrations are taken, up to ${newest?.number}`));
  return findings;
}
