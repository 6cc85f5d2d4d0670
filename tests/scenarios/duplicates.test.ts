import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { lookAgain } from '#engine/identity/scan.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import { write } from '#engine/record/write.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';
import { realData } from '#tests/harness/places.ts';

const people = realData('dedupe');

/** Records that are the same one: found while typing, found by themselves, found by a look through the base, and decided by people. */
let inside: Inside;
let admin: string;
let rep: string;
let repId: string;

interface Item {
  id: string;
  likelihood: number;
  reasons: { field: string; question: string; level: string; bits: number }[];
  records: { id: string; name: string }[];
}
interface Page {
  items: Item[];
  next: string | null;
}

const ask = async <T>(key: string, method: string, url: string, body?: unknown): Promise<T> => {
  const answer = await inside.ask(method, url, { key, body });
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as T;
};
const create = async (values: Record<string, unknown>, key = admin): Promise<string> =>
  (await ask<{ id: string }>(key, 'POST', '/api/v1/parties', values)).id;
const queue = (key: string, more = ''): Promise<Page> => ask<Page>(key, 'GET', `/api/v1/duplicates?object=party&limit=100${more}`);
const like = async (key: string, values: Record<string, unknown>) =>
  (
    await ask<{ items: { likelihood: number; reasons: Item['reasons']; record: { id: string; name: string } }[] }>(
      key,
      'POST',
      '/api/v1/duplicates/like',
      { object: 'party', values },
    )
  ).items;

/** Waits until the follower of the log has come to its end. */
async function followed(): Promise<void> {
  const { db } = inside.product;
  for (;;) {
    const [row] = await db.query<{ ok: boolean }>(
      `select (select cursor from consumers where name = 'identity') >= (select coalesce(max(seq), 0) from changes) as ok`,
    );
    if (row?.ok) return;
    await new Promise((done) => setTimeout(done, 30));
  }
}

async function ended(id: string): Promise<{ state: string; result: Record<string, number> | null; error: string | null }> {
  for (;;) {
    const job = await ask<{ state: string; result: Record<string, number> | null; error: string | null }>(
      admin,
      'GET',
      `/api/v1/jobs/${id}`,
    );
    if (!['queued', 'running'].includes(job.state)) return job;
    await new Promise((done) => setTimeout(done, 50));
  }
}
const scan = async () => ended((await ask<{ job: string }>(admin, 'POST', '/api/v1/duplicates/scan', { object: 'party' })).job);

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  repId = await inside.product.addUser(ctx, { name: 'Rep', email: 'rep@perigon.example', password: null, roles: ['salesRep'] });
  rep = (await createApiKey(ctx.db, { userId: repId, name: 'test' })).secret;
});
afterAll(() => inside.stop());

describe('while somebody types', () => {
  it('finds the customer under another spelling, and says why', async () => {
    const id = await create({
      kind: 'organisation',
      name: 'Müller Bau GmbH',
      emails: ['office@mueller-bau.example'],
      phones: ['+49 40 7654321'],
    });
    await followed();
    const [found] = await like(admin, { kind: 'organisation', name: 'Mueller Bau GmbH & Co. KG', phones: ['040 7654321', '+49407654321'] });
    expect(found?.record.id).toBe(id);
    expect(found?.likelihood).toBeGreaterThan(0.9);
    expect(found?.reasons.map(({ question, level }) => `${question} ${level}`)).toEqual(
      expect.arrayContaining(['name exact', 'phone exact']),
    );
    // Half-typed values are passed over, not refused.
    expect(await like(admin, { kind: 'organisation', name: 'Müller Bau', emails: ['office@'], phones: ['+49407654321'] })).toHaveLength(1);
    expect(await like(admin, { kind: 'organisation', name: 'Bäckerei Sonne' })).toEqual([]);
    // A person is never an organisation.
    expect(await like(admin, { kind: 'person', personName: { given: 'Bau', family: 'Müller' } })).toEqual([]);
  });

  it('knows pet names, other scripts, names the wrong way round and the ninth digit of Brazil', async () => {
    const bill = await create({ kind: 'person', personName: { given: 'William', family: 'Gates' }, phones: ['+55 11 98765-4321'] });
    const ivan = await create({ kind: 'person', personName: { given: 'Александр', family: 'Воробьёв' }, birthDate: '1980-02-03' });
    await followed();
    expect(
      (await like(admin, { kind: 'person', personName: { given: 'Bill', family: 'Gates' }, phones: ['+551187654321'] }))[0]?.record.id,
    ).toBe(bill);
    expect(
      (await like(admin, { kind: 'person', personName: { given: 'Alexander', family: 'Vorobyov' }, birthDate: '1980-02-03' }))[0]?.record
        .id,
    ).toBe(ivan);
    expect(
      (await like(admin, { kind: 'person', personName: { given: 'Vorobyov', family: 'Alexander' }, birthDate: '1980-02-03' }))[0]?.record
        .id,
    ).toBe(ivan);
  });

  it('tells nobody of records they may not read', async () => {
    await create({ kind: 'organisation', name: 'Hidden Treasure Ltd', emails: ['gold@hidden.example'] });
    await followed();
    const values = { kind: 'organisation', name: 'Hidden Treasure', emails: ['gold@hidden.example'] };
    expect(await like(admin, values)).toHaveLength(1);
    expect(await like(rep, values)).toEqual([]);
  });
});

describe('by itself', () => {
  it('two records made alike come into the queue, and leave it when one is changed or deleted', async () => {
    const one = await create({ kind: 'organisation', name: 'Nordwind Energie AG', website: 'https://www.nordwind.example' });
    const other = await create({ kind: 'organisation', name: 'Nordwind Energie', website: 'nordwind.example' });
    await followed();
    const mine = (page: Page) => page.items.filter((item) => item.records.some(({ id }) => id === one));
    const [pair] = mine(await queue(admin));
    expect(pair?.records.map(({ id }) => id).sort()).toEqual([one, other].sort());
    expect(mine(await queue(admin, `&record=${other}`))).toHaveLength(1);
    expect((await queue(rep)).items).toEqual([]);
    expect((await inside.ask('POST', `/api/v1/duplicates/${pair?.id}/decide`, { key: rep, body: { state: 'dismissed' } })).status).toBe(
      404,
    );

    await ask(admin, 'PATCH', `/api/v1/parties/${other}`, { name: 'Südwind Wasser', website: 'suedwind.example' });
    await followed();
    expect(mine(await queue(admin))).toEqual([]);
  });

  it('what somebody decided stays decided, also when a record is changed, until it is taken back', async () => {
    const one = await create({ kind: 'organisation', name: 'Zwilling Eins GmbH', emails: ['post@zwilling.example'] });
    const other = await create({ kind: 'organisation', name: 'Zwilling Eins GmbH', emails: ['post@zwilling.example'] });
    await followed();
    const [pair] = (await queue(admin, `&record=${one}`)).items;
    await ask(admin, 'POST', `/api/v1/duplicates/${pair?.id}/decide`, { state: 'dismissed' });
    await ask(admin, 'PATCH', `/api/v1/parties/${other}`, { city: 'Solingen', phones: ['+49212123456'] });
    await followed();
    expect((await queue(admin, `&record=${one}`)).items).toEqual([]);
    expect((await queue(admin, `&record=${one}&state=dismissed`)).items).toHaveLength(1);
    await ask(admin, 'POST', `/api/v1/duplicates/${pair?.id}/decide`, { state: 'open' });
    expect((await queue(admin, `&record=${one}`)).items).toHaveLength(1);
  });
});

describe('on import', () => {
  const file = 'Name,Phone,Town\nBasalt Foundry Ltd,+44 113 555 0133,Leeds\nFeldspar Mill,+44 1904 555 0199,York\n';
  const map = {
    object: 'party',
    defaults: { kind: 'organisation' },
    columns: { Name: { field: 'name' }, Phone: { field: 'phones' }, Town: { field: 'city' } },
  };
  const imported = async (fields: Record<string, string>) => {
    const form = new FormData();
    form.set('file', new File([file], 'customers.csv', { type: 'text/csv' }));
    form.set('map', JSON.stringify(map));
    for (const [key, value] of Object.entries(fields)) form.set(key, value);
    const sent = new Response(form);
    const answer = await inside.product.http.inject({
      method: 'POST',
      url: '/api/v1/imports',
      headers: { authorization: `Bearer ${admin}`, 'content-type': sent.headers.get('content-type') ?? '' },
      payload: Buffer.from(await sent.arrayBuffer()),
    });
    expect(answer.statusCode, answer.body).toBe(202);
    const { id } = answer.json<{ id: string }>();
    for (;;) {
      const run = await ask<Record<string, unknown> & { state: string; errors: string | null }>(admin, 'GET', `/api/v1/imports/${id}`);
      if (!['queued', 'running'].includes(run.state)) return run;
      await new Promise((done) => setTimeout(done, 50));
    }
  };

  it('a trial tells which rows are likely there already, and the import leaves them out where that is asked', async () => {
    const held = await create({
      kind: 'organisation',
      name: 'Basalt Foundry Limited',
      phones: ['+44 113 555 0133'],
      city: 'Leeds',
    });
    await followed();
    const trial = await imported({ dryRun: 'true' });
    expect(trial).toMatchObject({
      state: 'done',
      created: 2,
      compared: 2,
      likely: 1,
      likes: [{ row: 2, record: { id: held, name: 'Basalt Foundry Limited' } }],
    });
    const run = await imported({ leaveOutLikely: 'true' });
    expect(run).toMatchObject({ state: 'done', created: 1, skipped: 1, failed: 0, likely: 1 });
    expect(run.problems).toEqual([{ row: 2, column: null, detail: 'Likely Basalt Foundry Limited, which is there already.' }]);
    const errors = await inside.ask('GET', String(run.errors), { key: admin });
    expect(errors.text).toContain('Basalt Foundry Ltd,+44 113 555 0133');
    const { items } = await ask<{ items: { name: string }[] }>(admin, 'GET', '/api/v1/parties?fields=name&sort=name&name[startsWith]=bas');
    expect(items.map((party) => party.name)).toEqual(['Basalt Foundry Limited']);
  });
});

describe.skipIf(!people)('a look through the whole base', () => {
  it('finds more than 95 % of the 500 true pairs of a thousand people at a precision of at least 99 %', async () => {
    const rows = parse<Record<string, string>>(readFileSync(`${people}/febrl_dataset1.csv`), {
      columns: (names: string[]) => names.map((name) => name.trim()),
      trim: true,
    });
    const ctx = await inside.ctx();
    const day = (text: string | undefined) => (text ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}` : null);
    const results = await write(
      ctx,
      ctx.model.object('party'),
      rows.map((row) => ({
        op: 'create' as const,
        values: {
          kind: 'person',
          personName: { given: row.given_name || null, family: row.surname || '?' },
          birthDate: day(row.date_of_birth),
          addresses: [
            {
              street: `${row.street_number} ${row.address_1}`.trim() || null,
              extra: row.address_2 || null,
              city: row.suburb || null,
              region: row.state || null,
              postalCode: row.postcode || null,
              country: 'AU',
            },
          ],
          tags: [`febrl ${row.rec_id?.split('-')[1]}`],
        },
      })),
      { partial: true },
    );
    const numbers = new Map(results.flatMap((result, i) => (result.ok ? [[result.id, rows[i]?.rec_id?.split('-')[1] ?? '']] : [])));
    expect(numbers.size).toBeGreaterThan(985);
    await followed();
    // The look has to find them by itself.
    await inside.product.db.query(`delete from duplicates where state = 'open'`);
    await inside.product.db.query('delete from match_prints');
    const job = await scan();
    expect(job).toMatchObject({ state: 'done', error: null });
    const found: [string, string][] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page = await queue(admin, cursor ? `&cursor=${cursor}` : '');
      for (const { records } of page.items) {
        const [one, other] = records.map(({ id }) => numbers.get(id));
        if (one !== undefined && other !== undefined) found.push([one, other]);
      }
      cursor = page.next;
    }
    const right = found.filter(([one, other]) => one === other).length;
    expect(right / found.length).toBeGreaterThanOrEqual(0.99);
    expect(right / 500).toBeGreaterThan(0.95);
  });

  it('finds the same when it is asked again, and nothing twice', async () => {
    const before = (await inside.product.db.query<{ n: number }>('select count(*)::int as n from duplicates'))[0]?.n;
    expect((await scan()).state).toBe('done');
    const after = (await inside.product.db.query<{ n: number }>('select count(*)::int as n from duplicates'))[0]?.n;
    expect(Math.abs((after ?? 0) - (before ?? 0))).toBeLessThanOrEqual(2);
  });

  it('is for who reads everything', async () => {
    expect((await inside.ask('POST', '/api/v1/duplicates/scan', { key: rep, body: { object: 'party' } })).status).toBe(403);
  });
});

describe('how records are compared', () => {
  interface Settings {
    threshold: number;
    typing: number;
    least: number;
    pairs: { percent: number; count: number }[];
    variants: { variant: string; learnt: boolean; questions: { field: string; levels: { level: string; m: number; bits: number }[] }[] }[];
  }
  const url = '/api/v1/duplicates/settings';
  const read = () => ask<Settings>(admin, 'GET', `${url}?object=party`);

  it('is told with what every answer weighs', async () => {
    const { threshold, typing, least, variants } = await read();
    expect({ threshold, typing, least }).toEqual({ threshold: 0.9, typing: 0.6, least: 0.5 });
    expect(variants.map((one) => one.variant).sort()).toEqual(['organisation', 'person']);
    const emails = variants[0]?.questions.find((one) => one.field === 'emails');
    expect(emails?.levels.map((one) => one.level)).toEqual(['exact', 'local', 'differ']);
    expect(emails?.levels[0]?.bits).toBeGreaterThan(emails?.levels[2]?.bits ?? 0);
  });

  it('follows another threshold at once: the queue shows as many pairs as were foretold', async () => {
    await create({ kind: 'organisation', name: 'Quarry Lane Bakers', website: 'https://quarrylane.example' });
    await create({ kind: 'organisation', name: 'Quarry Lane Bakers', website: 'https://quarrylane.example' });
    await followed();
    const counted = async () =>
      (await ask<{ count: { value: number } }>(admin, 'GET', '/api/v1/duplicates?object=party&limit=1&count=true')).count.value;
    const before = await counted();
    expect(before).toBeGreaterThan(0);
    const { pairs } = await read();
    for (const percent of [50, 75, 99]) {
      const told = pairs.filter((one) => one.percent >= percent).reduce((sum, one) => sum + one.count, 0);
      expect((await ask<Settings>(admin, 'PATCH', url, { object: 'party', threshold: percent / 100 })).threshold).toBe(percent / 100);
      expect(await counted()).toBe(Math.min(told, 1000));
    }
    await ask(admin, 'PATCH', url, { object: 'party', threshold: 0.9 });
    expect(await counted()).toBe(before);
  });

  it('tells somebody who types from the likelihood that is set', async () => {
    const draft = { kind: 'organisation', name: 'Quarry Lane Bakers' };
    const most = (await like(admin, draft))[0]?.likelihood ?? 0;
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(0.99);
    await ask(admin, 'PATCH', url, { object: 'party', typing: 0.99 });
    expect(await like(admin, draft)).toEqual([]);
    await ask(admin, 'PATCH', url, { object: 'party', typing: 0.6 });
  });

  it('is set by administrators, within bounds', async () => {
    expect((await inside.ask('GET', `${url}?object=party`, { key: rep })).status).toBe(403);
    expect((await inside.ask('PATCH', url, { key: rep, body: { object: 'party', threshold: 0.6 } })).status).toBe(403);
    expect((await inside.ask('PATCH', url, { key: admin, body: { object: 'party', threshold: 0.2 } })).status).toBe(422);
    expect((await inside.ask('GET', `${url}?object=task`, { key: admin })).status).toBe(404);
  });
});

it('a base that an older version looked through is looked through once more, and its prints are made anew', async () => {
  const { db, model } = await inside.ctx();
  const count = async (sql: string) => (await db.query<{ n: number }>(`select count(*)::int as n from ${sql}`))[0]?.n ?? 0;
  await db.query(`update match_prints set print = '{}'`);
  await db.query(`insert into settings (key, value) values ('duplicates.lookAgain', 'true')`);
  await lookAgain(db, model, enqueueJob);
  await lookAgain(db, model, enqueueJob);
  const jobs = `jobs where kind = 'duplicates' and payload ->> 'anew' = 'true'`;
  for (let i = 0; i < 600 && (await count(`${jobs} and finished_at is null`)) > 0; i++) await new Promise((done) => setTimeout(done, 100));
  expect([await count(jobs), await count(`match_prints where print = '{}'`), await count('match_prints')]).toEqual([
    1,
    0,
    expect.any(Number),
  ]);
});
