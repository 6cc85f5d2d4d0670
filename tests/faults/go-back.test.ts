import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../harness/places.ts';
import { type Api, type Booted, bootProduct, killPostgres, perigon, setUp } from '../harness/product.ts';

/**
 * One goes back to a second in the middle of what was written. A client outside keeps what was acknowledged and when; then everything
 * is killed. What was acknowledged before the moment is there, and nothing that was asked for after it.
 */
interface Written {
  name: string;
  asked: number;
  acknowledged: number;
}

async function backedUp(api: Api): Promise<void> {
  const { job } = (await api.post<{ job: string }>('/api/v1/backups', {})).body;
  await expect.poll(async () => (await api.get<{ state: string }>(`/api/v1/jobs/${job}`)).body.state, { timeout: 120_000 }).toBe('done');
}

async function write(api: Api, into: Written[], label: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const name = `${label} ${n}`;
    const asked = Date.now();
    const answer = await api.post('/api/v1/parties', { kind: 'organisation', name });
    expect(answer.status, answer.text).toBe(201);
    into.push({ name, asked, acknowledged: Date.now() });
    await sleep(15);
  }
}

async function namesIn(product: Booted, key: string): Promise<Set<string>> {
  const found = new Set<string>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: { name: string }[]; next: string | null } = (
      await product
        .api(key)
        .get<{ items: { name: string }[]; next: string | null }>(
          `/api/v1/parties?limit=200&fields=name${cursor ? `&cursor=${cursor}` : ''}`,
        )
    ).body;
    for (const { name } of page.items) found.add(name);
    cursor = page.next;
  }
  return found;
}

test('the base of any second comes back, whatever was killed and whatever was lost', { timeout: 400_000 }, async () => {
  const dataFolder = temporaryFolder();
  const product = await bootProduct({ database: 'embedded', dataFolder });
  const api = await setUp(product);
  const key = (await api.post<{ secret: string }>('/api/v1/keys', { name: 'outside' })).body.secret;
  const written: Written[] = [];
  expect((await api.get<{ back: unknown }>('/api/v1/backups')).body.back).toBeNull();
  const restore = (to: Date, into: string, more: Record<string, string> = {}) =>
    perigon(['restore', '--to', to.toISOString(), '--into', into], { PERIGON_DATA: dataFolder, ...more });
  expect((await restore(new Date(), join(temporaryFolder(), 'none'))).output).toMatch(/there is no copy of an embedded database/);

  // The copy is made while others write: of what it holds torn, the log makes a whole.
  const beside = [write(product.api(key), written, 'Beside', 100), write(product.api(key), written, 'Also beside', 100)];
  await backedUp(api);
  await Promise.all(beside);
  await write(product.api(key), written, 'First', 100);
  const back = (await api.get<{ back: { from: string; to: string } }>('/api/v1/backups')).body.back;
  expect(Date.parse(back.from)).toBeLessThan(Date.parse(back.to));
  const kept = join(dataFolder, 'backups', readdirSync(join(dataFolder, 'backups')).find((name) => name.startsWith('log-')) ?? 'none');
  // A file that lies in the store, and a login, come along.
  const file = (
    await api.send<{ id: string }>('POST', '/api/v1/files?name=agreed.txt', new TextEncoder().encode('what was agreed'), {
      'content-type': 'text/plain',
    })
  ).body.id;
  await api.patch(
    `/api/v1/parties/${(await api.post<{ id: string }>('/api/v1/parties', { kind: 'organisation', name: 'With a file' })).body.id}`,
    { files: [file] },
  );

  await sleep(50);
  const moment = new Date();
  await sleep(50);
  await write(product.api(key), written, 'Second', 100);
  const all = [write(product.api(key), written, 'Torn', 40)];
  await Promise.all(all);
  const pid = product.pid;
  await product.kill9();
  killPostgres(dataFolder, 'all');
  expect(pid).toBeGreaterThan(0);

  const early = await restore(new Date(Date.parse(back.from) - 60_000), join(temporaryFolder(), 'early'));
  expect(early.code).toBe(1);
  expect(early.output).toContain(`One can go back to ${back.from} at the earliest.`);
  expect((await restore(moment, dataFolder)).output).toMatch(/There is something in/);

  const check = async (at: Date, into: string) => {
    const again = await bootProduct({ database: 'embedded', dataFolder: into });
    const names = await namesIn(again, key);
    const lost = written.filter(({ acknowledged, name }) => acknowledged < at.getTime() && !names.has(name));
    const late = written.filter(({ asked, name }) => asked > at.getTime() && names.has(name));
    expect([lost, late]).toEqual([[], []]);
    return again;
  };
  const middle = join(temporaryFolder(), 'middle');
  const brought = await restore(moment, middle);
  expect(brought.code, brought.output).toBe(0);
  const again = await check(moment, middle);
  expect((await again.api(key).send('GET', `/api/v1/files/${file}`)).text).toBe('what was agreed');
  const signedIn = await again.api().post('/api/v1/session', { email: 'ada@example.org', password: 'correct horse battery' });
  expect(signedIn.status).toBe(200);
  // It is a base like any other: written to, and copied in its turn under a name of its own.
  expect((await again.api(key).post('/api/v1/parties', { kind: 'person', name: 'Afterwards' })).status).toBe(201);
  const admin = (await again.api(key).get<{ back: unknown }>('/api/v1/backups')).body;
  expect(admin.back).toBeNull();
  await again.stop();

  // The end of all that was acknowledged, from what PostgreSQL had not laid out yet.
  const end = new Date();
  const whole = join(temporaryFolder(), 'whole');
  const rest = await restore(end, whole);
  expect(rest.code, rest.output).toBe(0);
  await (await check(end, whole)).stop();

  // The disk of the data is gone: what lies beside the backups goes as far as it goes, and says so.
  const saved = temporaryFolder();
  cpSync(join(dataFolder, 'backups'), saved, { recursive: true });
  rmSync(join(dataFolder, 'postgres'), { recursive: true, force: true });
  const lost = join(temporaryFolder(), 'without');
  const without = await restore(end, lost, { PERIGON_BACKUPS: saved });
  expect(readdirSync(lost)).toEqual([]);
  expect(without.code).toBe(1);
  expect(without.output).toMatch(/The log that was kept ends before that moment/);
  const atCopy = join(temporaryFolder(), 'at-copy');
  const first = await restore(new Date(Date.parse(back.from) + 1), atCopy, { PERIGON_BACKUPS: saved });
  expect([0, 1], first.output).toContain(first.code);
  expect(existsSync(kept)).toBe(true);
});

test('segments and copies that nothing needs any more go, and a restart goes on keeping', { timeout: 300_000 }, async () => {
  const dataFolder = temporaryFolder();
  let product = await bootProduct({ database: 'embedded', dataFolder });
  const api = await setUp(product);
  const key = (await api.post<{ secret: string }>('/api/v1/keys', { name: 'outside' })).body.secret;
  await api.send('PUT', '/api/v1/backups/plan', { daily: true, keep: 2 });
  const log = () => {
    const folder = join(dataFolder, 'backups');
    const [name] = readdirSync(folder).filter((one) => one.startsWith('log-'));
    return name ? readdirSync(join(folder, name)).sort() : [];
  };
  const bases = () => log().filter((name) => name.endsWith('.base'));
  const segments = () =>
    log()
      .filter((name) => name.endsWith('.gz'))
      .map((name) => name.slice(0, 24));
  for (let i = 0; i < 3; i++) {
    await backedUp(product.api(key));
    if (i === 0) {
      await product.stop();
      product = await bootProduct({ database: 'embedded', dataFolder });
    }
  }
  expect(bases()).toHaveLength(2);
  const oldest = bases()[0]?.slice(0, 24) ?? '';
  expect(segments().filter((name) => name < oldest)).toEqual([]);
  expect(segments()).toContain(oldest);
  expect(log().filter((name) => name.includes('draft') || name.includes('.new'))).toEqual([]);
  // Beside a server that goes on writing.
  const writing = write(product.api(key), [], 'Meanwhile', 150);
  const beside = join(temporaryFolder(), 'beside');
  const brought = await product.command('restore', '--to', new Date().toISOString(), '--into', beside);
  expect(brought.code, brought.output).toBe(0);
  await writing;
  // A copied data folder that keeps its log in the same place must not take the place of the first one's.
  const [name] = readdirSync(join(dataFolder, 'backups')).filter((one) => one.startsWith('log-'));
  const kept = join(dataFolder, 'backups', name ?? '', `${oldest}.gz`);
  const before = readFileSync(kept);
  writeFileSync(join(dataFolder, 'postgres', 'outgoing', oldest), 'of another base');
  await expect.poll(() => existsSync(join(dataFolder, 'postgres', 'kept-log')), { timeout: 20_000 }).toBe(false);
  expect(readFileSync(kept).equals(before)).toBe(true);
  await expect.poll(() => product.run.output.includes('could not be put beside the backups'), { timeout: 20_000 }).toBe(true);
  await backedUp(product.api(key));
  expect(readdirSync(join(dataFolder, 'backups')).filter((one) => one.startsWith('log-'))).toHaveLength(2);
  await product.stop();
});
