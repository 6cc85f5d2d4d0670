import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, openAsBlob, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Bench } from './bench.ts';

/**
 * Import of a fixed file of parties with eight columns into an empty company, through the public door, beside the same effects
 * in plain SQL over the same file: the record, its log row, identifiers and external id, in chunks of 5,000 rows.
 */
const COLUMNS = ['Customer no', 'Company', 'E-mail', 'Phone', 'Street', 'City', 'Country', 'Website'];

async function makeFile(path: string, rows: number): Promise<void> {
  if (existsSync(path)) return;
  const out = createWriteStream(path);
  const cities = ['Berlin', 'Hamburg', 'Wien', 'Graz', 'Bern'];
  out.write(`${COLUMNS.join(',')}\n`);
  for (let from = 0; from < rows; from += 10_000) {
    let text = '';
    for (let n = from; n < Math.min(from + 10_000, rows); n++)
      text += `K-${n},"Firma ${n.toString(36)} ${(n * 7919) % 10_007} GmbH",info${n}@firma${n % 1000}.example,+4930${1_000_000 + n},Weg ${n % 300},${cities[n % 5]},DE,https://firma${n}.example\n`;
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

const MAPPING = {
  object: 'party',
  columns: {
    'Customer no': { field: 'externalId', system: 'erp' },
    Company: { field: 'name' },
    'E-mail': { field: 'emails' },
    Phone: { field: 'phones' },
    Street: { field: 'addresses.street' },
    City: { field: 'addresses.city' },
    Country: { field: 'addresses.country' },
    Website: { field: 'website' },
  },
  defaults: { kind: 'organisation' },
  match: ['externalId'],
};

export const importRow = {
  name: 'import',
  async run(bench: Bench): Promise<string[]> {
    const rows = Math.min(bench.parties, 1_000_000);
    const file = join(bench.dataFolder, '..', `import-${rows}.csv`);
    await makeFile(file, rows);
    const folder = join(bench.dataFolder, '..', 'bench-import');
    rmSync(folder, { recursive: true, force: true });
    const fresh = await bench.startFresh(folder);
    try {
      const began = performance.now();
      const form = new FormData();
      form.append('file', await openAsBlob(file), 'parties.csv');
      form.append('map', JSON.stringify(MAPPING));
      form.append('mode', 'create');
      const headers = { authorization: `Bearer ${fresh.key}` };
      const { id } = (await (await fetch(`${fresh.url}/api/v1/imports`, { method: 'POST', body: form, headers })).json()) as { id: string };
      interface Status {
        state: string;
        created: number;
        failed: number;
        skipped: number;
      }
      let status: Status;
      do {
        await new Promise((done) => setTimeout(done, 200));
        status = (await (await fetch(`${fresh.url}/api/v1/imports/${id}`, { headers })).json()) as Status;
      } while (status.state === 'queued' || status.state === 'running');
      const committed = (performance.now() - began) / 1000;
      if (status.created !== rows) throw new Error(`The import made ${status.created} of ${rows} parties: ${JSON.stringify(status)}`);
      const db = new pg.Client({ connectionString: fresh.databaseUrl });
      await db.connect();
      for (;;) {
        const {
          rows: [left],
        } = await db.query<{ n: string }>('select count(*) as n from search where object = $1', ['party']);
        if (Number(left?.n) >= rows) break;
        await new Promise((done) => setTimeout(done, 500));
      }
      const searchable = (performance.now() - began) / 1000;
      const floor = await plainSql(db, file, rows);
      await db.end();
      const rate = (seconds: number) => Math.round(rows / seconds).toLocaleString('en');
      return [
        `import of ${rows.toLocaleString('en')} parties, 8 columns: ${rate(committed)} rows/s to committed (goal 10,000), ${rate(searchable)} rows/s to searchable; the same effects in plain SQL ${rate(floor)} rows/s, ratio ${(committed / floor).toFixed(2)} (goal ≤ 2; peer 700–1,200 rows/s)`,
      ];
    } finally {
      await fresh.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Seconds that plain SQL takes for the same rows, into emptied copies of the same tables with the same indexes. */
async function plainSql(db: pg.Client, file: string, rows: number): Promise<number> {
  await db.query('truncate parties, changes, identifiers, external_ids, search, causes');
  const statement = readFileSync('bench/floors/import.sql', 'utf8');
  const began = performance.now();
  await db.query(
    'create temp table file (n bigserial, no text, company text, email text, phone text, street text, city text, country text, website text)',
  );
  await pipeline(
    createReadStream(file),
    db.query(copyFrom('copy file (no, company, email, phone, street, city, country, website) from stdin csv header')),
  );
  await db.query('create index on file (n)');
  await db.query('analyze file');
  for (let from = 0; from < rows; from += 5000) await db.query({ name: 'chunk', text: statement, values: [from + 1, from + 5000] });
  return (performance.now() - began) / 1000;
}
