import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { reasonOf, StartRefusal, systemCode } from './start-refusal.ts';

/** The oldest PostgreSQL that Perigon runs on. */
export const oldestMajor = 15;

/** Proves that `DATABASE_URL` names a database that Perigon can live in; refuses in one line that says what to mend. */
export async function checkExternal(url: string): Promise<void> {
  const place = placeOf(url);
  const client = await connect(url, place);
  try {
    const { rows } = await client.query<{
      version: number;
      shown: string;
      encoding: string;
      standby: boolean;
      schema: boolean;
      database: boolean;
    }>(`
      select current_setting('server_version_num')::int as version, current_setting('server_version') as shown,
             current_setting('server_encoding') as encoding, pg_is_in_recovery() as standby,
             coalesce(has_schema_privilege(current_schema(), 'create'), false) as schema,
             has_database_privilege(current_database(), 'create') as database`);
    const found = rows[0];
    if (!found) throw new StartRefusal(`The database at ${place} gave no answer. Correct DATABASE_URL.`);
    if (found.version < oldestMajor * 10_000) {
      throw new StartRefusal(
        `The database at ${place} is PostgreSQL ${found.shown}, and Perigon needs ${oldestMajor} or newer. Update it, or set DATABASE_URL to another one.`,
      );
    }
    if (found.encoding !== 'UTF8') {
      throw new StartRefusal(
        `The database at ${place} has the encoding ${found.encoding}, and Perigon needs UTF8. Create one with "create database … encoding 'UTF8' template template0" and set DATABASE_URL to it.`,
      );
    }
    if (found.standby) {
      throw new StartRefusal(`The database at ${place} is a read-only standby. Set DATABASE_URL to the primary server.`);
    }
    if (!found.schema || !found.database) {
      const name = client.database ?? '';
      throw new StartRefusal(
        `The user ${client.user ?? ''} may not create tables in the database at ${place}. Run "alter database ${name} owner to ${client.user ?? ''}" there, or set DATABASE_URL to another user.`,
      );
    }
  } finally {
    await client.end().catch(() => {});
  }
}

/** Host, port and database of a URL, without its password. */
function placeOf(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:') throw new Error('not PostgreSQL');
    return `${parsed.searchParams.get('host') ?? (parsed.hostname || 'localhost')}:${parsed.port || 5432}${parsed.pathname}`;
  } catch {
    throw new StartRefusal(
      'DATABASE_URL is not the address of a PostgreSQL database. It looks like postgresql://user:password@host:5432/name.',
    );
  }
}

async function connect(url: string, place: string): Promise<pg.Client> {
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, application_name: 'perigon check' });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      // 57P03: it is starting; that passes.
      if (systemCode(error) !== '57P03' || tries >= 60) throw new StartRefusal(whyNot(error, place));
      await sleep(500);
    }
  }
}

function whyNot(error: unknown, place: string): string {
  const away = (why: string) => `The database at ${place} cannot be reached (${why}). Start it, or correct DATABASE_URL.`;
  switch (systemCode(error)) {
    case 'ECONNREFUSED':
      return away('nothing listens there');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return away('there is no such host');
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return away('no answer');
    case '28P01':
    case '28000':
      return `The database at ${place} refuses the user or password. Correct DATABASE_URL, or the user's rights in pg_hba.conf.`;
    case '3D000':
      return `There is no such database at ${place}. Create it (createdb), or correct DATABASE_URL.`;
    case '53300':
      return `The database at ${place} has no connection left. Raise max_connections there, or end other clients.`;
    case '57P03':
      return away('it is still starting');
    default:
      return away(error instanceof AggregateError ? reasonOf(error.errors[0]) : reasonOf(error));
  }
}
