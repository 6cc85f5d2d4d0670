import * as fs from 'node:fs';
import * as http from 'node:http';
import * as net from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { processRuns } from '#engine/store/data-folder.ts';
import { asAdmin, freshDatabase } from '../harness/database.ts';
import { temporaryFolder } from '../harness/places.ts';
import { bootProduct, freePort, perigon, postgresPid, startPerigon } from '../harness/product.ts';

/** One line for a person, no stack, and the words that tell the mend. */
function expectOneLine(output: string, ...words: (string | RegExp)[]): void {
  const lines = output.split('\n').filter((line) => line !== '' && !/^(Making the database|The database was still running)/.test(line));
  expect(lines, output).toHaveLength(1);
  expect(output).not.toMatch(/\n\s+at /);
  for (const word of words) expect(lines[0]).toMatch(word);
}

describe('a start with the database that Perigon brings along', () => {
  test('a fresh folder: makes the database, serves, says where; a second start on it, a command beside it; SIGTERM; again', async () => {
    const dataFolder = temporaryFolder();
    const first = await bootProduct({ database: 'embedded', dataFolder });
    // It answers a moment before it says so.
    await expect.poll(() => first.run.output, { timeout: 10_000 }).toMatch(/Ctrl-C stops it/);
    expect(first.run.output).toContain(`runs at ${first.url}`);
    expect(first.run.output).toMatch(/set up your company/);
    expect((await first.api().get('/healthz')).status).toBe(200);

    const second = await perigon(['start'], { PERIGON_DATA: dataFolder, PORT: String(await freePort()) });
    expect(second.code).toBe(1);
    expectOneLine(second.output, `process ${first.pid}`, first.url, /Stop it, or set PERIGON_DATA/);

    const postgres = postgresPid(dataFolder);
    expect(postgres && processRuns(postgres)).toBe(true);
    expect(await first.stop()).toBeLessThan(5_000);
    expect(first.run.exitCode).toBe(0);
    expect(postgres && processRuns(postgres)).toBe(false);

    // How long that takes `npm run bench` tells; beside other tests no clock would.
    const again = await bootProduct({ database: 'embedded', dataFolder });
    expect(again.run.output).not.toMatch(/Making the database/);
    await again.stop();
  });

  test('two starts at the same moment: one runs, the other says so', async () => {
    const dataFolder = temporaryFolder();
    const runs = [
      startPerigon(['start'], { PERIGON_DATA: dataFolder, PORT: '0' }),
      startPerigon(['start'], { PERIGON_DATA: dataFolder, PORT: '0' }),
    ];
    await Promise.race(runs.map((run) => run.ended));
    const refused = runs.filter((run) => run.hasEnded);
    expect(refused).toHaveLength(1);
    expectOneLine(refused[0]?.output.trim() ?? '', /Perigon already runs on the data folder/);
    const winner = runs.find((run) => !run.hasEnded);
    while (!/runs at http/.test(winner?.output ?? '')) await sleep(20);
    winner?.child.kill('SIGTERM');
    await winner?.ended;
    expect(winner?.exitCode).toBe(0);
  });

  test('a command without a server starts the database for itself; beside a server it joins; who leaves last stops it', async () => {
    const dataFolder = temporaryFolder();
    const alone = await perigon(['doctor'], { PERIGON_DATA: dataFolder });
    expect(alone.code, alone.output).toBe(0);
    expect(alone.result).toMatch(/embedded PostgreSQL 18/);
    expect(postgresPid(dataFolder)).toBeNull();

    const server = await bootProduct({ database: 'embedded', dataFolder });
    const postgres = postgresPid(dataFolder);
    const beside = await server.command('doctor');
    expect(beside.code, beside.output).toBe(0);
    expect(beside.result).toContain(`process ${server.pid}`);
    expect(postgres && processRuns(postgres)).toBe(true);
    await server.stop();
    expect(postgres && processRuns(postgres)).toBe(false);
  });

  test('kill -9 of Node: the next start takes over the database that still runs', async () => {
    const dataFolder = temporaryFolder();
    const first = await bootProduct({ database: 'embedded', dataFolder });
    const postgres = postgresPid(dataFolder);
    await first.kill9();
    expect(postgres && processRuns(postgres)).toBe(true);
    const next = await bootProduct({ database: 'embedded', dataFolder });
    expect(postgresPid(dataFolder)).toBe(postgres);
    expect((await next.api().get('/readyz')).status).toBe(200);
    await next.stop();
    expect(postgres && processRuns(postgres)).toBe(false);
  });

  test('kill -9 of both, and a process id that now belongs to another program', async () => {
    const dataFolder = temporaryFolder();
    const first = await bootProduct({ database: 'embedded', dataFolder });
    const postgres = postgresPid(dataFolder);
    await first.kill9();
    if (postgres) process.kill(postgres, 'SIGKILL');
    await sleep(300);
    // As after a reboot: the number in the file is that of some other program.
    const file = path.join(dataFolder, 'postgres', 'postmaster.pid');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/^\d+/, String(process.pid)));
    const next = await bootProduct({ database: 'embedded', dataFolder });
    expect((await next.api().get('/readyz')).status).toBe(200);
    await next.stop();
  });

  test('kill -9 of PostgreSQL: it is started again while Node goes on', async () => {
    const product = await bootProduct({ database: 'embedded' });
    const postgres = postgresPid(product.dataFolder);
    if (postgres) process.kill(postgres, 'SIGKILL');
    const deadline = Date.now() + 20_000;
    for (;;) {
      await sleep(100);
      const { status } = await product.api().get('/readyz');
      const now = postgresPid(product.dataFolder);
      if (status === 200 && now !== null && now !== postgres) break;
      expect(Date.now(), product.run.output).toBeLessThan(deadline);
    }
    expect(product.run.hasEnded).toBe(false);
    expect((await product.api().get('/api/v1/setup')).status).toBe(200);
  });

  test.skipIf(process.getuid?.() !== 0)('root, below a folder that only root may enter', async () => {
    const closed = temporaryFolder();
    fs.chmodSync(closed, 0o700);
    const product = await bootProduct({ database: 'embedded', dataFolder: path.join(closed, 'data') });
    expect((await product.api().get('/readyz')).status).toBe(200);
    expect(fs.statSync(path.join(closed, 'data', 'postgres')).uid).not.toBe(0);
    await product.stop();
  });

  test('a first start that is interrupted leaves nothing in the way of the next', async () => {
    const dataFolder = temporaryFolder();
    const interrupted = startPerigon(['start'], { PERIGON_DATA: dataFolder, PORT: String(await freePort()) });
    while (!fs.existsSync(path.join(dataFolder, 'postgres.new', 'PG_VERSION'))) await sleep(5);
    interrupted.child.kill('SIGKILL');
    await interrupted.ended;
    const next = await bootProduct({ database: 'embedded', dataFolder });
    expect((await next.api().get('/readyz')).status).toBe(200);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s in the middle of the start ends it, too', async (signal) => {
    const dataFolder = temporaryFolder();
    const run = startPerigon(['start'], { PERIGON_DATA: dataFolder, PORT: String(await freePort()) });
    while (!fs.existsSync(path.join(dataFolder, 'postgres', 'postmaster.pid')) && !run.hasEnded) await sleep(5);
    const began = Date.now();
    run.child.kill(signal);
    await run.ended;
    expect(Date.now() - began).toBeLessThan(5_000);
    const postgres = postgresPid(dataFolder);
    expect(postgres !== null && processRuns(postgres)).toBe(false);
  });

  test('SIGTERM with open connections: within five seconds', async () => {
    const product = await bootProduct({ database: 'embedded' });
    const sockets = await Promise.all(
      Array.from({ length: 10 }, () => {
        const socket = net.connect(product.port, '127.0.0.1');
        socket.on('error', () => {});
        // Half a request, so that the server waits for the rest.
        socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n');
        return new Promise<net.Socket>((resolve) => socket.once('connect', () => resolve(socket)));
      }),
    );
    expect(await product.stop()).toBeLessThan(5_000);
    expect(product.run.exitCode).toBe(0);
    for (const socket of sockets) socket.destroy();
  });

  test.each([
    ['PG_VERSION is missing', (folder: string) => fs.rmSync(path.join(folder, 'PG_VERSION'))],
    ['PG_VERSION is of another version', (folder: string) => fs.writeFileSync(path.join(folder, 'PG_VERSION'), '15\n')],
    ['PG_VERSION is no version', (folder: string) => fs.writeFileSync(path.join(folder, 'PG_VERSION'), '\0\0')],
    ['pg_control is missing', (folder: string) => fs.rmSync(path.join(folder, 'global', 'pg_control'))],
    ['pg_control is spoilt', (folder: string) => fs.writeFileSync(path.join(folder, 'global', 'pg_control'), Buffer.alloc(8192, 7))],
    ['the write-ahead log is gone', (folder: string) => fs.rmSync(path.join(folder, 'pg_wal'), { recursive: true })],
    ['a folder is gone', (folder: string) => fs.rmSync(path.join(folder, 'pg_xact'), { recursive: true })],
    ['the keys are spoilt', (folder: string) => fs.writeFileSync(path.join(folder, 'perigon.json'), '{"port":')],
  ])('a damaged data folder: %s', async (_what, spoil) => {
    const dataFolder = temporaryFolder();
    // Copying is quicker than making one each time.
    fs.cpSync(await soundData(), dataFolder, { recursive: true });
    spoil(path.join(dataFolder, 'postgres'));
    const { code, output } = await perigon(['start'], { PERIGON_DATA: dataFolder, PORT: String(await freePort()) });
    expect(code).toBe(1);
    expectOneLine(output, path.join(dataFolder, 'postgres'), /damaged|was made by PostgreSQL 15/, /PERIGON_DATA/);
  });
});

let sound: Promise<string> | null = null;
function soundData(): Promise<string> {
  sound ??= (async () => {
    const product = await bootProduct({ database: 'embedded' });
    await product.stop();
    return product.dataFolder;
  })();
  return sound;
}

describe('a start that cannot be', () => {
  test('the port is taken', async () => {
    const other = http.createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = address && typeof address === 'object' ? address.port : 0;
    const { code, output } = await perigon(['start'], {
      PERIGON_DATA: temporaryFolder(),
      DATABASE_URL: await freshDatabase(),
      PORT: String(port),
    });
    other.close();
    expect(code).toBe(1);
    expectOneLine(output, `port ${port}`, /taken by another program/, `PORT=${port + 1}`);
  });

  test('the data folder cannot be written', async () => {
    const file = path.join(temporaryFolder(), 'file');
    fs.writeFileSync(file, '');
    for (const folder of [path.join(file, 'data'), '/proc/perigon']) {
      for (const args of [['start'], ['doctor']]) {
        const { code, output } = await perigon(args, { PERIGON_DATA: folder, PORT: String(await freePort()) });
        expect(code).toBe(1);
        expectOneLine(output, folder, /cannot be written/, /PERIGON_DATA/);
      }
    }
  });

  test.each([
    ['nothing listens', 'postgresql://a:secret@127.0.0.1:9/x', /cannot be reached \(nothing listens there\).*DATABASE_URL/],
    ['no such host', 'postgresql://a:secret@nowhere.invalid/x', /cannot be reached.*DATABASE_URL/],
    ['no address at all', 'mysql://x', /DATABASE_URL is not the address of a PostgreSQL/],
  ])('the database cannot be reached: %s', async (_what, url, line) => {
    const { code, output } = await perigon(['start'], {
      PERIGON_DATA: temporaryFolder(),
      DATABASE_URL: url,
      PORT: String(await freePort()),
    });
    expect(code).toBe(1);
    expectOneLine(output, line);
    expect(output).not.toContain('secret');
  });

  test('the database does not exist, has another encoding, or gives this user no right', async () => {
    const url = await freshDatabase();
    const start = async (change: (url: URL) => void) => {
      const changed = new URL(url);
      change(changed);
      const { code, output } = await perigon(['start'], { PERIGON_DATA: temporaryFolder(), DATABASE_URL: changed.toString() });
      expect(code).toBe(1);
      return output;
    };
    const absent = await start((changed) => {
      changed.pathname = '/no_such_database';
    });
    expectOneLine(absent, /There is no such database/, /DATABASE_URL/);

    await asAdmin(async (admin) => {
      const latin = `${new URL(url).pathname.slice(1)}_latin`;
      const owner = admin.escapeIdentifier(new URL(url).username);
      await admin.query(`create database ${latin} owner ${owner} template template0 encoding 'LATIN1' locale_provider libc locale 'C'`);
      try {
        const output = await start((changed) => {
          changed.pathname = `/${latin}`;
        });
        expectOneLine(output, /encoding LATIN1, and Perigon needs UTF8/);
      } finally {
        await admin.query(`drop database ${latin} with (force)`);
      }

      const { rows } = await admin.query<{ may: boolean }>('select rolsuper as may from pg_roles where rolname = current_user');
      if (!rows[0]?.may) return;
      const guest = `${new URL(url).pathname.slice(1)}_guest`;
      await admin.query(`create role ${guest} login password 'guest'`);
      try {
        const output = await start((changed) => {
          changed.username = guest;
          changed.password = 'guest';
        });
        expectOneLine(output, /may not create tables/, `owner to ${guest}`);
        const wrong = await start((changed) => {
          changed.username = guest;
          changed.password = 'other';
        });
        expectOneLine(wrong, /refuses the user or password/);
      } finally {
        await admin.query(`drop role ${guest}`);
      }
    });
  });

  test('the database is too old', async () => {
    // No old PostgreSQL is at hand: this server speaks as much of its protocol as the question for the version needs.
    const old = await oldPostgres('13.4', 130_004);
    const { code, output } = await perigon(['start'], {
      PERIGON_DATA: temporaryFolder(),
      DATABASE_URL: `postgresql://a@127.0.0.1:${old.port}/x`,
    });
    old.close();
    expect(code).toBe(1);
    expectOneLine(output, /is PostgreSQL 13\.4, and Perigon needs 15 or newer/, /DATABASE_URL/);
  });

  test('the environment or the line is wrong', async () => {
    const port = await perigon(['start'], { PORT: 'abc', PERIGON_DATA: temporaryFolder() });
    expect(port.code).toBe(1);
    expectOneLine(port.output, /PORT is "abc"/);
    const host = await perigon(['start'], { HOST: '203.0.113.7', PERIGON_DATA: temporaryFolder(), DATABASE_URL: await freshDatabase() });
    expectOneLine(host.output, /no address 203\.0\.113\.7/, /HOST/);
    const role = await perigon(['start', '--role', 'king'], { PERIGON_DATA: temporaryFolder() });
    expect(role.code).toBe(1);
    expect(role.output).toMatch(/a role is web or worker/);
    const command = await perigon(['strat'], {});
    expect(command.code).toBe(1);
    expect(command.output).toMatch(/There is no command "strat"/);
    expect((await perigon(['--version'])).result).toMatch(/^\d+\.\d+\.\d+$/);
    expect((await perigon(['--help'])).code).toBe(0);
  });
});

/** A server that introduces itself as a PostgreSQL of that version and answers one question in one row. */
async function oldPostgres(shown: string, number: number): Promise<{ port: number; close(): void }> {
  const message = (type: string, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts);
    const head = Buffer.alloc(5);
    head.write(type, 0);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const int16 = (value: number) => Buffer.from([value >> 8, value & 255]);
  const int32 = (value: number) => Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
  const text = (value: string) => Buffer.from(`${value}\0`);
  const columns: [string, number, string][] = [
    ['version', 23, String(number)],
    ['shown', 25, shown],
    ['encoding', 25, 'UTF8'],
    ['standby', 16, 'f'],
    ['schema', 16, 't'],
    ['database', 16, 't'],
  ];
  const ready = message('Z', Buffer.from('I'));
  const server = net.createServer((socket) => {
    let greeted = false;
    socket.on('error', () => {});
    socket.on('data', (data) => {
      if (!greeted) {
        greeted = true;
        socket.write(Buffer.concat([message('R', int32(0)), message('S', text('server_version'), text(shown)), ready]));
      } else if (data.toString('latin1', 0, 1) === 'Q') {
        const head = columns.map(([name, type]) =>
          Buffer.concat([text(name), int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]),
        );
        const row = columns.map(([, , value]) => Buffer.concat([int32(value.length), Buffer.from(value)]));
        socket.write(
          Buffer.concat([
            message('T', int16(columns.length), ...head),
            message('D', int16(columns.length), ...row),
            message('C', text('SELECT 1')),
            ready,
          ]),
        );
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { port: address && typeof address === 'object' ? address.port : 0, close: () => server.close() };
}
