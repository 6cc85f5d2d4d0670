import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDb } from '#engine/store/db.ts';
import { freshDatabase } from '../harness/database.ts';
import { temporaryFolder } from '../harness/places.ts';
import { bootProduct, perigon } from '../harness/product.ts';

interface Page {
  items: { id: string; name: string; industry: string | null }[];
}

/** Every command as a script would use it: one after the other, without a server and beside one. */
describe.sequential('the command line', () => {
  const env: Record<string, string> = {};
  const folder = temporaryFolder();
  const password = 'correct horse battery';
  const file = (name: string, text: string): string => {
    const at = path.join(folder, name);
    fs.writeFileSync(at, text);
    return at;
  };
  const run = (...args: string[]) => perigon(args, env);

  beforeAll(async () => {
    env['PERIGON_DATA'] = path.join(folder, 'data');
    env['DATABASE_URL'] = await freshDatabase();
  });

  test('setup, user add, key create: unattended, and once', async () => {
    const company = ['setup', '--company', 'Test Ltd', '--currency', 'EUR', '--language', 'en', '--time-zone', 'Europe/Berlin'];
    const wrong = await run(...company.slice(0, -1), 'Atlantis/Capital');
    expect(wrong.code).toBe(1);
    expect(wrong.output).toMatch(/timeZone: .*Atlantis/);
    expect((await run(...company)).code).toBe(0);
    const again = await run(...company);
    expect(again.code).toBe(1);
    expect(again.output).toMatch(/set up already/);

    expect((await run('user', 'add', '--email', 'ada@example.org', '--name', 'Ada', '--password', password, '--admin')).code).toBe(0);
    expect((await run('user', 'add', '--email', 'bob@example.org', '--name', 'Bob', '--password', password)).code).toBe(0);
    const short = await run('user', 'add', '--email', 'eve@example.org', '--name', 'Eve', '--password', 'x');
    expect(short.code).toBe(1);
    expect(short.output).toMatch(/password/);
    const forgotten = await run('user', 'add', '--email', 'eve@example.org');
    expect(forgotten.code).toBe(1);
    expect(forgotten.output).toMatch(/--name is missing/);

    const key = await run('key', 'create', '--email', 'ada@example.org');
    expect(key.code).toBe(0);
    // Alone on its line, so that a script can take it.
    expect(key.result).toMatch(/^perigon_[\w-]{40,}$/);
    expect((await run('key', 'create', '--email', 'ada@example.org', '--as', 'bob@example.org')).code).toBe(1);
    expect((await run('key', 'create', '--email', 'nobody@example.org')).code).toBe(1);
  });

  test('user reset-factor: takes away what was lost, and the log knows', async () => {
    expect((await run('user', 'reset-factor', '--email', 'ada@example.org')).output).toMatch(/has no second factor/);
    expect((await run('user', 'reset-factor', '--email', 'nobody@example.org')).code).toBe(1);
    const db = openDb(env['DATABASE_URL'] ?? '', { max: 1, applicationName: 'test' });
    await db.query(
      `insert into passkeys (id, user_id, credential_id, public_key, counter, name)
       select gen_random_uuid(), id, 'lost', '\\x00'::bytea, 0, 'Telephone' from users where email = 'ada@example.org'`,
    );
    expect((await run('user', 'reset-factor', '--email', 'ada@example.org', '--as', 'bob@example.org')).code).toBe(1);
    expect((await run('user', 'reset-factor', '--email', 'ada@example.org')).code).toBe(0);
    const left = await db.query('select id from passkeys');
    const log = await db.query<{ address: string }>(`select address from sign_ins where kind = 'noFactor'`);
    await db.end();
    expect(left).toEqual([]);
    expect(log).toEqual([{ address: 'command line' }]);
  });

  test('import, export, undo: numbers, exit codes, and what is left', async () => {
    const good = file('good.csv', 'name,kind,industry\nNorth Ltd,organisation,retail\nSouth Ltd,organisation,retail\n');
    const mixed = file('mixed.csv', 'name,kind,foundedYear\nEast Ltd,organisation,1999\nWest Ltd,organisation,last year\n');
    const bad = file('bad.csv', 'name,kind,foundedYear\nWest Ltd,organisation,last year\n');
    const map = file(
      'map.json',
      JSON.stringify({ object: 'party', columns: Object.fromEntries(['name', 'kind', 'foundedYear'].map((key) => [key, { field: key }])) }),
    );

    const trial = await run('import', good, '--object', 'party', '--dry-run', '--json');
    expect(JSON.parse(trial.result)).toMatchObject({ created: 2, updated: 0, skipped: 0, failed: 0, errors: null });
    expect((await count()).length).toBe(0);

    const first = await run('import', good, '--object', 'party', '--json');
    expect(first.code, first.output).toBe(0);
    const { cause, ...numbers } = JSON.parse(first.result);
    expect(numbers).toEqual({ created: 2, updated: 0, skipped: 0, failed: 0, errors: null });
    expect(cause).toMatch(/^[0-9a-f-]{36}$/);

    const second = await run('import', mixed, '--map', map, '--json');
    expect(second.code, second.output).toBe(2);
    const outcome = JSON.parse(second.result);
    expect(outcome).toMatchObject({ created: 1, failed: 1 });
    expect(fs.readFileSync(outcome.errors, 'utf8')).toMatch(/West Ltd/);

    const third = await run('import', bad, '--map', map, '--json');
    expect(third.code, third.output).toBe(1);
    expect(JSON.parse(third.result)).toMatchObject({ created: 0, failed: 1 });
    expect((await run('import', path.join(folder, 'absent.csv'), '--object', 'party')).output).toMatch(/There is no file/);
    expect((await run('import', good, '--preset', 'nonsense')).output).toMatch(/no preset/);
    expect((await run('import', good, '--object', 'party', '--as', 'bob@example.org')).code).toBe(1);

    const out = path.join(folder, 'out.ndjson');
    expect(
      (
        await run(
          'export',
          '--object',
          'party',
          '--format',
          'ndjson',
          '--out',
          out,
          '--where',
          '{"field":"industry","op":"eq","value":"retail"}',
        )
      ).code,
    ).toBe(0);
    const lines = fs
      .readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.name).sort()).toEqual(['North Ltd', 'South Ltd']);

    const preview = await run('undo', cause, '--dry-run');
    expect(preview.code).toBe(0);
    expect((await count()).length).toBe(3);
    expect((await run('undo', cause)).code).toBe(0);
    expect((await count()).map((party) => party.name)).toEqual(['East Ltd']);
    expect((await run('undo', cause)).code).toBe(1);
    expect((await run('undo', 'nonsense')).code).toBe(1);
  });

  test('beside a running server the same commands, and the server sees what they did', async () => {
    const key = (await run('key', 'create', '--email', 'ada@example.org')).result;
    const server = await bootProduct({ dataFolder: env['PERIGON_DATA'], database: env['DATABASE_URL'] });
    const files = [1, 2].map((n) => file(`beside-${n}.csv`, `name,kind\nBeside ${n},organisation\n`));
    const done = await server.command('import', ...files, '--object', 'party', '--json');
    expect(done.code, done.output).toBe(0);
    expect(JSON.parse(done.result)).toMatchObject({ created: 2 });
    const seen = await server.api(key).get<Page>('/api/v1/parties?name[startsWith]=Beside&sort=name');
    expect(seen.body.items.map((party) => party.name)).toEqual(['Beside 1', 'Beside 2']);
    const doctor = await server.command('doctor');
    // The tests' own server runs without fsync, and it says so.
    expect(
      doctor.result.split('\n').filter((line) => line.startsWith('WRONG') && !/fsync|full_page_writes|synchronous_commit/.test(line)),
    ).toEqual([]);
  });

  async function count(): Promise<Page['items']> {
    const out = path.join(folder, 'count.ndjson');
    const done = await run('export', '--object', 'party', '--format', 'ndjson', '--out', out);
    expect(done.code, done.output).toBe(0);
    const text = fs.readFileSync(out, 'utf8').trim();
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line));
  }
});
