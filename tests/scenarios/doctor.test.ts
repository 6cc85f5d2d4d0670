import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { judgeCertificate, judgeClock, lookAtAddress, lookAtDisk } from '#apps/server/doctor/machine.ts';
import { backupFolder } from '#engine/backup/kept.ts';
import { freshDatabase } from '#tests/harness/database.ts';
import { temporaryFolder } from '#tests/harness/places.ts';
import { bootProduct, perigon, setUp } from '#tests/harness/product.ts';

/** What is wrong with an installation, found by its doctor: each line says how to mend it. The tests' own server runs without fsync. */
const wrongIn = (output: string) =>
  output.split('\n').filter((line) => line.startsWith('WRONG') && !/fsync|full_page_writes|synchronous_commit/.test(line));

describe('perigon doctor', () => {
  it('finds nothing wrong with a base at work, and everything that goes wrong', async () => {
    const [database, dataFolder] = [await freshDatabase(), temporaryFolder()];
    const product = await bootProduct({ database, dataFolder });
    const api = await setUp(product);
    await api.post('/api/v1/webhooks', { name: 'ERP', url: 'https://erp.example/hook', objects: ['party'], actions: ['create'] });
    const good = await product.command('doctor', '--address', product.url);
    expect(wrongIn(good.result)).toEqual([]);
    for (const line of [
      /Node\.js/,
      /the data folder .* GB free/,
      /of memory are free/,
      /answers as Perigon$/m,
      /external PostgreSQL/,
      /clocks .* differ by 0\.\d s/,
      /pg_trgm/,
      /all migrations are taken/,
      /every row of the log/,
      /outbox: 0/,
      /there is no backup/,
    ])
      expect(good.result).toMatch(line);
    await product.stop();

    const client = new pg.Client({ connectionString: database });
    client.on('error', () => undefined);
    await client.connect();
    for (const sql of [
      `insert into jobs (id, kind, actor_kind, state, error, created_at) values (gen_random_uuid(), 'export', 'system', 'failed', 'no room', now())`,
      `insert into jobs (id, kind, actor_kind, state, created_at) values (gen_random_uuid(), 'merge', 'system', 'queued', now() - interval '2 hours')`,
      `insert into outbox (id, kind, target, body, dead_at) values (gen_random_uuid(), 'webhook', 'x', gen_random_uuid(), now())`,
      `insert into outbox_open (id, kind, source, state) values (gen_random_uuid(), 'webhook', gen_random_uuid(), 'inDoubt')`,
      `update webhooks set active = false, problem = 'The receiver says that it is gone (410).'`,
      `insert into dead_letters (consumer, seq, object, record_id, error) values ('notices', 1, 'party', gen_random_uuid(), 'it is odd')`,
      `insert into consumers (name, cursor, updated_at) values ('slow', (select max(seq) from changes) - 200000, now()) on conflict (name) do update set cursor = excluded.cursor`,
      `update causes set at = now() - interval '9 days' where kind = 'setup'`,
      `delete from schema_migrations where number = 37`,
    ])
      await client.query(sql);
    const bad = await perigon(['doctor'], { DATABASE_URL: database, PERIGON_DATA: dataFolder, HOST: '0.0.0.0' });
    expect(bad.code).toBe(1);
    const found = wrongIn(bad.result);
    for (const line of [
      /1 waiting: .*start a server that works/,
      /1 jobs of the kind export failed since yesterday, the last with “no room”: look for job/,
      /1 could not be sent: look why/,
      /“ERP” was switched off: The receiver says that it is gone \(410\)\.: mend its receiver/,
      /could not be taken in by “notices”, the first with “it is odd”: report it/,
      /“slow” is 200000 changes behind the log: /,
      /there is no backup in .*: no server was there at night/,
    ])
      expect(found.join('\n')).toMatch(line);
    expect(found).toHaveLength(7);
    for (const line of [
      /note .*is not known whether they arrived/,
      /note .*migrations wait: 37/,
      /note .*listens on 0\.0\.0\.0 without a proxy/,
    ])
      expect(bad.result).toMatch(line);
    await client.query(`insert into schema_migrations (number, title) values (100000, 'of the future')`);
    await client.end();
    expect((await perigon(['doctor'], { DATABASE_URL: database, PERIGON_DATA: dataFolder })).result).toMatch(
      /WRONG .*newer Perigon: start that version/,
    );
  });

  it('looks after the log of the embedded database', async () => {
    const product = await bootProduct({ database: 'embedded' });
    const api = await setUp(product);
    expect((await product.command('doctor')).result).toMatch(/note .*one can go back to a backup only: the next one brings/);
    const { job } = (await api.post<{ job: string }>('/api/v1/backups', {})).body;
    await expect.poll(async () => (await api.get<{ state: string }>(`/api/v1/jobs/${job}`)).body.state, { timeout: 60_000 }).toBe('done');
    const good = await product.command('doctor');
    expect(good.code, good.output).toBe(0);
    expect(good.result).toMatch(/the server takes \d+ MB/);
    expect(good.result).toMatch(/ok .*any second since \d{4}-/);
    expect(good.result).toMatch(new RegExp(`the folder of backups ${backupFolder(product.dataFolder)} has`));
    expect(good.result).toMatch(/note .*same disk as the data: set PERIGON_BACKUPS/);
    await product.stop();
  });
});

describe('what it judges', () => {
  it('clocks, disks and certificates', () => {
    expect([judgeClock(300).is, judgeClock(-5000).is]).toEqual(['ok', 'wrong']);
    expect(lookAtDisk('/', 'the disk', Number.MAX_SAFE_INTEGER)).toMatchObject({ is: 'wrong', mend: /make room/ });
    const now = new Date('2026-11-22T00:00:00Z');
    const judged = (validTo: string, fault: string | null = null) => judgeCertificate('crm.example', { validTo, fault }, now);
    expect(judged('Nov 21 00:00:00 2026 GMT')).toMatchObject({ is: 'wrong', what: 'the certificate of crm.example ran out on 2026-11-21' });
    expect(judged('Dec  1 00:00:00 2026 GMT')).toMatchObject({ is: 'wrong', what: 'the certificate of crm.example runs out in 9 days' });
    expect(judged('Feb  1 00:00:00 2027 GMT', 'SELF_SIGNED')).toMatchObject({ is: 'wrong', what: /do not trust/ });
    expect(judged('Feb  1 00:00:00 2027 GMT')).toMatchObject({ is: 'ok', what: 'the certificate of crm.example holds for 71 days' });
  });

  it('the address that people use', async () => {
    expect(await lookAtAddress('crm.example')).toMatchObject([{ is: 'wrong', what: 'crm.example is no address' }]);
    expect(await lookAtAddress('https://127.0.0.1:9')).toMatchObject([{ is: 'wrong', what: /cannot be reached/ }]);
  });

  const openssl = spawnSync('openssl', ['version']).status === 0;
  it.runIf(openssl)('a certificate that nobody signed', async () => {
    const folder = temporaryFolder();
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '90',
      '-subj',
      '/CN=localhost',
    ]);
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const [finding] = await lookAtAddress(`https://localhost:${(server.address() as AddressInfo).port}`);
      expect(finding).toMatchObject({ is: 'wrong', what: /browsers do not trust the certificate of localhost \(\w*SELF_SIGNED/ });
    } finally {
      server.close();
    }
  });
});
