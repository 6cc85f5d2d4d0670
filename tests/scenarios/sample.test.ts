import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { sampleStatus } from '#apps/server/sample/remove.ts';
import { createApiKey } from '#engine/access/sign-in.ts';
import { EventReader } from '#tests/harness/events.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** The sample company, loaded and removed through the product's own door: what was there before is there afterwards, and nothing else. */
let inside: Inside;
let key: string;
afterEach(() => inside?.stop());

const open = async (full: boolean): Promise<void> => {
  inside = await insideProduct({ background: true, connections: 8, full });
  const ctx = await inside.ctx();
  key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
};
const call = async <T = Record<string, unknown>>(method: string, url: string, body?: unknown): Promise<{ status: number; body: T }> => {
  const answer = await inside.ask(method, url, { key, body });
  return { status: answer.status, body: answer.body as T };
};
const create = async (plural: string, values: object): Promise<string> => {
  const made = await call<{ id: string }>('POST', `/api/v1/${plural}`, values);
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body.id;
};
const until = async (id: string, within = 120_000): Promise<Record<string, unknown>> => {
  for (const end = Date.now() + within; ; ) {
    const { status, body } = await call('GET', `/api/v1/jobs/${id}`);
    // Where all connections wait for the removal an answer may be late: who follows a job asks again.
    if (status !== 503 && body.state !== 'queued' && body.state !== 'running') return body;
    if (Date.now() > end) throw new Error(`The job does not end: ${JSON.stringify(body)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const started = async (method: string, url: string): Promise<Record<string, unknown>> => {
  const answer = await call<{ id: string }>(method, url);
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  const job = await until(answer.body.id);
  expect(job, JSON.stringify(job)).toMatchObject({ state: 'done' });
  return job;
};
const load = () => started('POST', '/api/v1/sample');

/** Search, figures, likenesses and notices follow the log and what was declared; nothing is compared before they have caught up. */
const settled = async (): Promise<void> => {
  const { db } = inside.product;
  for (const end = Date.now() + 60_000; ; ) {
    const [left] = await db.query<{ n: number }>(
      `select (select count(*) from changes where seq > (select coalesce(min(cursor), 0) from consumers))::int
         + (select count(*) from search_followed)::int as n`,
    );
    if (left?.n === 0) return;
    if (Date.now() > end) throw new Error('The readers of the log do not catch up.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** Every row of every table, but where the readers of the log stand and the job of the removal itself with the notice of its end, which its asker reads. */
const everything = async (): Promise<Record<string, string[]>> => {
  const { db } = inside.product;
  const tables = await db.query<{ t: string }>(
    `select c.relname as t from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  );
  const found: Record<string, string[]> = {};
  for (const { t } of tables) {
    // A minute after the start the quality of data is measured, and flows look at what waits, whatever else goes on.
    if (['consumers', 'quality_scores', 'quality_measured', 'flow_looks', 'forecast_snapshots'].includes(t)) continue;
    // So are forecasts taken of deals that are there.
    const about: Record<string, string> = {
      changes: `where object <> 'forecastSnapshot'`,
      cause_objects: `where object <> 'forecastSnapshot'`,
      causes: `where id not in (select cause from changes where object = 'forecastSnapshot')`,
    };
    const but =
      t === 'jobs'
        ? `where kind not in ('sampleRemove', 'quality', 'forecast')`
        : // Rules of keeping run once a night, and a server that starts in the day makes up for it.
          t === 'settings'
          ? `where key <> 'retention.ranOn'`
          : t === 'notices'
            ? `where job_id is null or job_id not in (select id from jobs where kind = 'sampleRemove')`
            : (about[t] ?? '');
    const rows = await db.query<{ r: string }>(
      `select to_jsonb(x)${t === 'api_keys' ? ` - 'used_at'` : ''} #>> '{}' as r from ${t} x ${but} order by 1`,
    );
    found[t] = rows.map(({ r }) => r);
  }
  return found;
};

describe('the sample company', () => {
  it('is loaded whole, and removed without a trace', async () => {
    await open(false);
    const own = await create('parties', { kind: 'organisation', name: 'Own Ltd', phones: ['+49 30 901820'] });
    const deal = await create('opportunities', { name: 'Own deal', customer: own, amount: { amount: '100.00', currency: 'USD' } });
    await create('cases', { subject: 'Own case', customer: own });
    await settled();
    const before = await everything();

    const began = performance.now();
    const job = await load();
    const seconds = (performance.now() - began) / 1000;
    process.stdout.write(`sample loaded: ${String(job.done)} records in ${seconds.toFixed(1)} s\n`);
    const status = await call<Awaited<ReturnType<typeof sampleStatus>>>('GET', '/api/v1/sample');
    expect(status.body).toMatchObject({ state: 'loaded', counts: { party: 2000 }, groups: [] });
    expect((await call('POST', '/api/v1/sample')).status).toBe(409);
    // It is the product's own world: searched, shown whole, converted.
    await settled();
    const hits = await call<{ items: { id: string; title: string }[] }>('GET', '/api/v1/search?q=nordlicht hotels');
    expect(hits.body.items.map((hit) => hit.title)).toContain('Nordlicht Hotels AG');
    const party = hits.body.items.find((hit) => hit.title === 'Nordlicht Hotels AG')?.id ?? '';
    const overview = await call<Record<string, unknown>>('GET', `/api/v1/parties/${party}/overview`);
    expect(overview.status).toBe(200);
    const [figures] = await inside.product.db.query<{ unconverted: number; wrong: number; stages: number; old: number }>(
      `select (select count(*)::int from invoices where total_base is null) as unconverted,
         (select count(*)::int from invoices i where i.kind = 'invoice' and i.balance <> i.total - (select coalesce(sum(p.amount), 0) from payments p where p.invoice_id = i.id)) as wrong,
         (select max(n)::int from (select count(*) as n from stage_changes group by opportunity_id) x) as stages,
         (select count(*)::int from notes where created_at < now() - interval '1 year') as old`,
    );
    expect(figures).toMatchObject({ unconverted: 0, wrong: 0, stages: 4 });
    expect(figures?.old).toBeGreaterThan(100);
    // Rates of the sample convert an own deal, too, and no longer afterwards.
    const [own1] = await inside.product.db.query<{ b: string | null }>('select amount_base as b from opportunities where id = $1::uuid', [
      deal,
    ]);
    expect(own1?.b).not.toBeNull();

    const [asked] = await inside.product.db.query<{ at: string }>('select now()::text as at');
    const removed = await started('DELETE', '/api/v1/sample');
    expect(Number(removed.done)).toBeGreaterThan(20_000);
    const reckoned = await inside.product.db.query('select id from forecast_snapshots where created_at < $1::timestamptz', [asked?.at]);
    expect(reckoned).toEqual([]);
    await settled();
    expect((await call('GET', '/api/v1/sample')).body).toMatchObject({ state: 'none', total: 0 });
    const after = await everything();
    for (const table of Object.keys(before)) expect(after[table], table).toEqual(before[table]);
    expect(Object.keys(after)).toEqual(Object.keys(before));
  }, 240_000);

  it('shows own records that hang on it first, and keeps or removes them as asked', async () => {
    await open(true);
    const { db } = inside.product;
    const pickParty = async (n: number) =>
      (
        await db.query<{ id: string }>(
          `select id from parties where kind = 'organisation' and owner_id is not null order by id offset $1::int limit 1`,
          [n],
        )
      )[0]?.id ?? '';
    const [kept, gone, edited] = [await pickParty(3), await pickParty(4), await pickParty(5)];
    const [seller] = await db.query<{ id: string }>(`select owner_id as id from parties where id = $1::uuid`, [kept]);
    const own = await create('parties', { kind: 'organisation', name: 'Own Ltd', owner: seller?.id });
    const note = await create('notes', { subject: 'Keep me', party: kept });
    const call1 = await create('interactions', { subject: 'Drop me', party: gone, at: new Date().toISOString(), channel: 'phone' });
    const admin = (await inside.ctx()).actor.userId;
    const goes = await create('shares', { object: 'party', record: gone, user: admin });
    const stays = await create('shares', { object: 'party', record: edited, user: admin });
    expect((await call('PATCH', `/api/v1/parties/${edited}`, { description: 'Ours now' })).status).toBe(200);
    const { body: status } = await call<Awaited<ReturnType<typeof sampleStatus>>>('GET', '/api/v1/sample');
    expect(status.groups.map(({ key: name, count }) => [name, count])).toEqual(
      expect.arrayContaining([
        ['hanging.note', 1],
        ['hanging.interaction', 1],
        ['edited.party', 1],
      ]),
    );
    expect(status.groups).toHaveLength(3);
    expect(status.groups.find(({ key: name }) => name === 'hanging.note')?.examples).toEqual([{ id: note, title: 'Keep me' }]);
    // Nothing goes before somebody has decided about each.
    const undecided = await call<{ code: string; errors: unknown[] }>('DELETE', '/api/v1/sample?keep=hanging.note');
    expect(undecided.status).toBe(409);
    expect(undecided.body.errors).toHaveLength(2);

    // Nothing of it stands in the log, so open pages are told to fetch anew.
    const url = await inside.product.http.listen({ host: '127.0.0.1', port: 0 });
    const reader = await EventReader.open(url, { headers: { authorization: `Bearer ${key}` } });
    await reader.next((message) => message.event === 'hello');
    await started('DELETE', '/api/v1/sample?keep=hanging.note,edited.party&remove=hanging.interaction');
    await reader.next((message) => message.event === 'reset');
    reader.close();
    expect((await call('GET', `/api/v1/notes/${note}`)).body).toMatchObject({ subject: 'Keep me', party: { id: kept } });
    expect((await call('GET', `/api/v1/parties/${edited}`)).body).toMatchObject({ description: 'Ours now', owner: { id: admin } });
    expect((await call('GET', `/api/v1/interactions/${call1}`)).status).toBe(404);
    expect((await call('GET', `/api/v1/parties/${gone}`)).status).toBe(404);
    // A share goes with its record and stays with it.
    const shares = (await call<{ items: { id: string }[] }>('GET', '/api/v1/shares')).body.items;
    expect(shares.map(({ id }) => id)).toEqual([stays]);
    expect(await db.query('select 1 from changes where record_id = $1::uuid', [goes])).toEqual([]);
    // People of the sample go; whoever removed it looks after what they had.
    expect((await call('GET', `/api/v1/parties/${own}`)).body).toMatchObject({ owner: { id: admin } });
    const parties = await db.query<{ id: string }>('select id from parties order by id');
    expect(parties.map(({ id }) => id).sort()).toEqual([kept, edited, own].sort());
    for (const table of [
      'orders',
      'invoices',
      'cases',
      'assets',
      'tasks',
      'opportunities',
      'stage_changes',
      'teams',
      'exchange_rates',
      'products',
    ])
      expect((await db.query(`select 1 from ${table} limit 1`)).length, table).toBe(0);
    expect(await db.query(`select 1 from settings where key = 'sample'`)).toEqual([]);
    // What remains is told by the log alone, and a second sample company fits beside it.
    const [foreign] = await db.query<{ n: number }>(
      `select count(*)::int as n from search s where s.object in ('party', 'note') and not s.record_id = any($1::uuid[])`,
      [[kept, edited, own, note]],
    );
    await settled();
    expect(foreign?.n).toBe(0);
    await load();
    await started('DELETE', '/api/v1/sample');
    expect((await db.query<{ id: string }>('select id from parties order by id')).map(({ id }) => id).sort()).toEqual(
      [kept, edited, own].sort(),
    );
  }, 240_000);

  it('leaves nothing in flows that ran over it, shares, territories and scores of quality', async () => {
    process.env.PERIGON_PRIVATE_WEBHOOKS = '1';
    await open(true);
    const { db } = inside.product;
    const admin = (await inside.ctx()).actor.userId ?? '';
    const received: string[] = [];
    const receiver = createServer((request, response) => {
      received.push(request.url ?? '');
      response.statusCode = request.url === '/gone' ? 410 : 204;
      request.resume().on('end', () => response.end());
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const at = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;

    // Own configuration, which stays.
    const land = await create('territories', { name: 'Ours', manager: admin });
    await create('qualityRules', { name: 'Described', object: 'party', good: { field: 'description', op: 'isNotEmpty' } });
    const flow = async (name: string, steps: object) => {
      const definition = { object: 'party', trigger: { on: 'hand' }, start: 'mark', steps };
      const id = await create('flows', { name, definition });
      const on = await call('POST', `/api/v1/flows/${id}/activate`, {});
      expect(on.status, JSON.stringify(on.body)).toBe(200);
      return id;
    };
    const mark = { do: 'set', values: { description: { value: 'run over' } }, next: 'tell' };
    const done = await flow('Done', {
      mark,
      tell: { do: 'webhook', url: `${at}/in`, next: 'call' },
      call: { do: 'create', object: 'task', values: { subject: { value: 'Call' }, party: { field: 'id' } } },
    });
    const waiting = await flow('Waiting', {
      mark,
      tell: { do: 'webhook', url: `${at}/gone`, next: 'rest' },
      rest: { do: 'wait', for: { days: 3 } },
    });

    const parties = (
      await db.query<{ id: string }>(`select id from parties where kind = 'organisation' and deleted_at is null order by id limit 40`)
    ).map(({ id }) => id);
    for (const id of [done, waiting]) {
      const begun = await call('POST', `/api/v1/flows/${id}/start`, { ids: parties });
      expect(begun.body, JSON.stringify(begun.body)).toMatchObject({ started: 40 });
    }
    const many = await call<{ id: string }>('POST', `/api/v1/flows/${done}/start`, {
      where: { field: 'name', op: 'startsWith', value: 'N' },
    });
    expect(many.status).toBe(202);
    await until(many.body.id);
    for (const id of parties.slice(0, 10)) {
      expect((await call('PATCH', `/api/v1/parties/${id}`, { territory: land })).status).toBe(200);
      await create('shares', { object: 'party', record: id, user: admin });
    }
    const measured = await call<{ id: string }>('POST', '/api/v1/quality/measure', { object: 'party' });
    expect(measured.status).toBe(202);
    await until(measured.body.id);
    const due = async () =>
      (
        await db.query<{ n: number }>(
          `select (select count(*) from flow_runs where wake_at <= now())::int + (select count(*) from outbox_open where state in ('waiting', 'sending'))::int as n`,
        )
      )[0]?.n;
    while (received.length < 40 || (await due()) !== 0) await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await db.query(`select 1 from flow_runs where state = 'waiting' limit 1`)).length).toBe(1);
    await settled();
    const cause = (await db.query<{ c: string }>(`select value->>'cause' as c from settings where key = 'sample'`))[0]?.c;
    const sample = new Set(
      (await db.query<{ id: string }>('select record_id as id from changes where cause = $1::uuid', [cause])).map(({ id }) => id),
    );
    expect(sample.size).toBeGreaterThan(10_000);

    await started('DELETE', '/api/v1/sample?rest=remove');
    await settled();
    receiver.close();
    // Own jobs remember how far they came.
    const { jobs: _, ...tables } = await everything();
    const named = Object.entries(tables).flatMap(([table, rows]) =>
      rows
        .filter((row) => (row.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? []).some((id) => sample.has(id)))
        .map((row) => `${table}: ${row}`),
    );
    expect(named).toEqual([]);
    for (const table of ['parties', 'tasks', 'shares', 'flow_runs', 'flow_run_steps', 'outbox', 'quality_scores', 'quality_measured'])
      expect((await db.query(`select 1 from ${table} limit 1`)).length, table).toBe(0);
    expect(await db.query('select 1 from changes c where not exists (select 1 from causes k where k.id = c.cause)')).toEqual([]);
    expect((await db.query<{ name: string }>('select name from flows order by name')).map(({ name }) => name)).toEqual(['Done', 'Waiting']);
  }, 240_000);
});
