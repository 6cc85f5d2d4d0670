import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { bareDatabase } from '../harness/bare.ts';
import { EventReader } from '../harness/events.ts';
import { repositoryRoot, temporaryFolder } from '../harness/places.ts';
import { bootProduct, setUp } from '../harness/product.ts';

const HOUR = 3_600_000;
/** Forward and back, by what a summer time, a wrong zone or a dead battery do. */
const jumps = [HOUR, -HOUR, 72 * HOUR, -72 * HOUR, 24 * 400 * HOUR, -24 * 400 * HOUR, 0];

/** One of two servers has a clock that jumps; the other one's and the database's are right. */
test('a clock that jumps: nobody is thrown out or let in, work goes on, what is told is told at once', { timeout: 240_000 }, async () => {
  const database = await bareDatabase();
  const clock = path.join(temporaryFolder(), 'clock');
  fs.writeFileSync(clock, '0');
  const jumping = await bootProduct({
    database,
    env: { NODE_OPTIONS: `--import ${path.join(repositoryRoot, 'tests', 'harness', 'jumping-clock.mjs')}`, PERIGON_TEST_CLOCK: clock },
  });
  const steady = await bootProduct({ database });
  const api = await setUp(jumping);
  const ids = new Set<string>();
  const before = new Date().toISOString();
  const made: string[] = [];
  for (const [turn, jump] of jumps.entries()) {
    fs.writeFileSync(clock, String(jump));
    await sleep(250);
    // Who is signed in stays so, and writes.
    const name = `Clock ${turn}`;
    const created = await api.post<{ id: string; createdAt: string }>('/api/v1/parties', { kind: 'organisation', name });
    expect(created.status, `${jump}: ${created.text}`).toBe(201);
    ids.add(created.body.id);
    made.unshift(name);
    // When something happened is said by the database, for all servers alike.
    expect(Math.abs(Date.parse(created.body.createdAt) - Date.now())).toBeLessThan(60_000);
    const list = await api.post<{ items: { name: string }[] }>('/api/v1/parties/query', {
      where: { field: 'name', op: 'startsWith', value: 'Clock' },
      sort: ['-createdAt'],
      fields: ['name'],
    });
    expect(list.body.items.map((one) => one.name)).toEqual(made);

    const reader = await EventReader.open(jumping.url, { headers: api.identity });
    expect((await api.patch(`/api/v1/parties/${created.body.id}`, { name: `${name}`, city: 'Bonn' })).status).toBe(200);
    await reader.next(({ data }) => data['id'] === created.body.id, 10_000);
    reader.close();

    const job = await api.post<{ id: string }>('/api/v1/parties/bulk', {
      where: { field: 'name', op: 'eq', value: name },
      set: { industry: 'retail' },
    });
    await expect
      .poll(async () => (await api.get<{ state: string }>(`/api/v1/jobs/${job.body.id}`)).body.state, { timeout: 30_000 })
      .toBe('done');
    await expect.poll(async () => (await api.get(`/api/v1/search?q=clock%20${turn}`)).text, { timeout: 30_000 }).toContain(created.body.id);

    // Who is signed out elsewhere is out here, whatever this server takes for the time.
    const signedIn = await steady
      .api()
      .post('/api/v1/session', { email: 'ada@example.org', password: 'correct horse battery' }, { origin: steady.url });
    expect(signedIn.status, signedIn.text).toBeLessThan(300);
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const here = () => jumping.api().get('/api/v1/session', { cookie });
    expect((await here()).status).toBe(200);
    await steady.api().delete('/api/v1/session', { cookie, origin: steady.url });
    await expect.poll(async () => (await here()).status, { timeout: 10_000 }).toBe(401);
  }
  expect(ids.size).toBe(jumps.length);
  expect(before < new Date().toISOString()).toBe(true);
});
