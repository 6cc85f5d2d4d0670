import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import pg from 'pg';

/** The leanest server there is: one hand-written statement, a small pool, no framework. `FLOOR` names the file, `FLOOR_DB` the database; the path is $1. */
const text = readFileSync(resolve('bench/floors', `${process.env.FLOOR}.sql`), 'utf8').replace(/;\s*$/, '');
const pool = new pg.Pool({
  connectionString: process.env.FLOOR_DB ?? '',
  max: 6,
  options: '-c jit=off -c TimeZone=UTC -c plan_cache_mode=force_generic_plan',
});
const takesId = text.includes('$1');
const server = createServer((request, response) => {
  const values = takesId ? [request.url?.split('/').pop()] : [];
  pool.query<{ json: string }>({ name: 'floor', text, values }).then(
    ({ rows }) => response.writeHead(200, { 'content-type': 'application/json' }).end(rows[0]?.json ?? 'null'),
    (error: Error) => response.writeHead(500).end(error.message),
  );
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`port ${typeof address === 'object' && address ? address.port : 0}\n`);
});
process.on('SIGTERM', () => process.exit(0));
