import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { defineAction } from '#engine/declare/action.ts';
import { text } from '#engine/declare/fields/index.ts';
import type { FlowShape, Step } from '#engine/declare/flow.ts';
import { sweepRuns } from '#engine/flows/sweep.ts';
import { signature } from '#engine/outbox/webhook.ts';
import { runAction } from '#engine/record/action.ts';
import type { Module } from '#engine/record/module.ts';
import { write } from '#engine/record/write.ts';
import { newId } from '#kit/ids.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Flows as administrators draw them and everybody else meets them. */
let inside: Inside;
let admin: string;
const keys: Record<string, string> = {};
const users: Record<string, string> = {};
type Body = Record<string, unknown> & { items: Record<string, unknown>[]; errors: { path: string; code: string }[] };
const ask = async (method: string, path: string, body?: unknown, key = admin) => {
  const answer = await inside.ask(method, `/api/v1${path}`, { key, body });
  return { status: answer.status, body: answer.body as Body, text: answer.text, headers: answer.headers };
};
const create = async (plural: string, values: Record<string, unknown>, key = admin): Promise<string> => {
  const made = await ask('POST', `/${plural}`, values, key);
  expect(made.status, made.text).toBe(201);
  return String(made.body.id);
};
const sql = <R>(text: string, values: unknown[] = []) => inside.product.db.query<R>(text, values);

/** Draws a flow and switches it on. */
async function flow(name: string, definition: FlowShape): Promise<string> {
  const id = await create('flows', { name, definition });
  const on = await ask('POST', `/flows/${id}/activate`, {});
  expect(on.status, on.text).toBe(200);
  return id;
}
const off = async (id: string) => expect((await ask('POST', `/flows/${id}/deactivate`, { stop: true })).status).toBe(200);
const onChange = (steps: Record<string, Step>, more: Partial<FlowShape> = {}): FlowShape => ({
  object: 'party',
  trigger: { on: 'change', deeds: ['created'] },
  start: Object.keys(steps)[0] ?? null,
  steps,
  ...more,
});
/** Waits until the log was looked at, by those who tell people too, and nothing that is due is left. */
async function settled(): Promise<void> {
  for (;;) {
    const [row] = await sql<{ behind: boolean }>(
      `select (select min(cursor) from consumers where name in ('flows', 'notices')) < (select coalesce(max(seq), 0) from changes) or exists (select 1 from flow_runs where wake_at <= now()) as behind`,
    );
    if (!row?.behind) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
interface RunSeen {
  id: string;
  state: string;
  step: string | null;
  error: string | null;
  held: boolean;
  attempts: number;
  record: { id: string; name: string };
}
const runsOf = async (id: string, more = ''): Promise<RunSeen[]> =>
  (await ask('GET', `/flow-runs?flow=${id}${more}`)).body.items as unknown as RunSeen[];
const stepsOf = async (run: string) =>
  (await ask('GET', `/flow-runs/${run}`)).body.steps as { step: string; outcome: string; detail: unknown }[];
const party = async (id: string) => (await ask('GET', `/parties/${id}`)).body;

/** An action that falls over a record called bad, after it wrote. */
const stamp = defineAction({ key: 'stamp', object: 'party', verb: 'update', bulk: true, input: { text: text({ required: true }) } });
const stamping: Module = {
  key: 'stamping',
  objects: [],
  actions: [stamp],
  runs: [
    runAction(stamp, async (ctx, input, ids) => {
      const party = ctx.model.object('party');
      await write(
        ctx,
        party,
        ids.map((id) => ({ op: 'update', id, values: { description: input.text } })),
      );
      const bad = await ctx.db.query(`select 1 as ok from parties where id = any($1::uuid[]) and name like '%bad'`, [ids]);
      if (bad.length > 0) throw new Error('This is a test: it fell over a record.');
      return { stamped: ids.length };
    }),
  ],
};

beforeAll(async () => {
  process.env.PERIGON_PRIVATE_WEBHOOKS = '1';
  inside = await insideProduct({ background: true, modules: [stamping] });
  const ctx = await inside.ctx();
  users.admin = ctx.actor.userId ?? '';
  admin = (await createApiKey(ctx.db, { userId: users.admin, name: 'test' })).secret;
  for (const [name, role] of [
    ['rep', 'salesRep'],
    ['mate', 'salesRep'],
    ['agent', 'agent'],
    ['reader', 'readOnly'],
  ] as const) {
    users[name] = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: [role] });
    keys[name] = (await createApiKey(ctx.db, { userId: users[name] ?? '', name })).secret;
  }
});
afterAll(() => inside.stop());

describe('drawing', () => {
  it('saves half a drawing, tells what is wrong at the step, and refuses to switch it on', async () => {
    const half = onChange({ one: { do: 'set', values: { nosuch: { value: 1 } }, next: 'two' }, lost: { do: 'wait', for: { days: 1 } } });
    const id = await create('flows', { name: 'Half', definition: half });
    const found = await ask('POST', '/flows/check', { definition: half });
    expect(
      (found.body.findings as { step: string; path: string; code: string }[]).map(({ step, path, code }) => [step, path, code]),
    ).toEqual([
      ['one', 'next', 'noStep'],
      ['one', 'values.nosuch', 'unknownField'],
      ['lost', '', 'unreachable'],
    ]);
    const on = await ask('POST', `/flows/${id}/activate`, {});
    expect(on.status).toBe(422);
    expect(on.body.errors.map(({ path }) => path)).toContain('definition.steps.one.values.nosuch');
    expect((await ask('POST', '/flows', { name: 'x', definition: { object: 'party', steps: 3 } })).status).toBe(422);
  });

  it('is not switched on while a step names somebody who is not there', async () => {
    const id = await create('flows', { name: 'Whom', definition: onChange({ give: { do: 'assign', users: [newId()] } }) });
    const on = await ask('POST', `/flows/${id}/activate`, {});
    expect(on.body.errors).toMatchObject([{ path: 'definition.steps.give.users', code: 'inactive' }]);
  });

  it('is for administrators, and others do not know of it', async () => {
    const id = await create('flows', { name: 'Mine', definition: onChange({ one: { do: 'wait', for: { days: 1 } } }) });
    for (const key of ['rep', 'agent', 'reader']) {
      expect((await ask('GET', `/flows/${id}`, undefined, keys[key])).status).toBe(404);
      expect((await ask('POST', '/flows', { name: 'x' }, keys[key])).status).toBe(404);
      expect((await ask('POST', `/flows/${id}/activate`, {}, keys[key])).status).toBe(404);
      expect((await ask('GET', '/flow-runs', undefined, keys[key])).status).toBe(404);
      expect((await ask('POST', `/flows/${id}/start`, { ids: [id] }, keys[key])).status).toBe(404);
    }
  });
});

describe('a flow on change', () => {
  it('sets fields, creates, gives in turn, notifies and branches, each act with the one that started it as its parent', async () => {
    const id = await flow(
      'Welcome',
      onChange(
        {
          fork: {
            do: 'branch',
            branches: [{ id: 'big', when: { field: 'employees', op: 'gte', value: 100 }, next: 'mark' }],
            else: 'give',
          },
          mark: { do: 'set', values: { description: { text: 'Large: {{name}}, owned by {{owner.name}}' } }, next: 'task' },
          task: {
            do: 'create',
            object: 'task',
            values: { subject: { text: 'Call {{name}}' }, party: { field: 'id' }, owner: { field: 'owner' }, dueOn: { date: { days: 3 } } },
            next: 'tell',
          },
          tell: { do: 'notify', to: { users: [users.agent ?? ''] }, text: 'New: {{name}}' },
          give: { do: 'assign', users: [users.rep ?? '', users.mate ?? ''] },
        },
        { when: { field: 'name', op: 'startsWith', value: 'Welcome' } },
      ),
    );
    const made = await ask('POST', '/parties', { name: 'Welcome Large', employees: 500 });
    const large = String(made.body.id);
    const small = await create('parties', { name: 'Welcome Small 1' });
    const other = await create('parties', { name: 'Welcome Small 2' });
    await create('parties', { name: 'Somebody else' });
    await settled();
    expect(await runsOf(id)).toHaveLength(3);
    expect((await runsOf(id)).every(({ state }) => state === 'done')).toBe(true);
    expect((await party(large)).description).toBe('Large: Welcome Large, owned by Ana Admin');
    const tasks = await ask('GET', `/tasks?party=${large}`);
    expect(tasks.body.items).toMatchObject([{ subject: 'Call Welcome Large' }]);
    const owners = await Promise.all([small, other].map(async (one) => ((await party(one)).owner as { id: string }).id));
    expect(owners.sort()).toEqual([users.rep, users.mate].sort());
    const notices = await ask('GET', '/notices', undefined, keys.agent);
    expect(notices.body.items).toMatchObject([{ kind: 'flow', text: 'New: Welcome Large', record: { id: large } }]);
    // Who was given a record is told as always.
    expect((await ask('GET', '/notices', undefined, keys.rep)).body.items).toMatchObject([{ kind: 'assigned' }]);
    const history = await ask('GET', `/parties/${large}/history`);
    expect(history.body.items[0]).toMatchObject({
      actor: { kind: 'flow', id: null, name: 'Welcome' },
      cause: { kind: 'flow', label: 'Welcome' },
    });
    const children = await ask('GET', `/causes?parent=${made.headers['perigon-cause']}`);
    expect(children.body.items.map(({ kind }) => kind)).toEqual(['flow', 'flow']);
    const [run] = (await runsOf(id)).filter(({ record }) => record.id === large);
    expect((await stepsOf(run?.id ?? '')).map(({ step, outcome }) => [step, outcome])).toEqual([
      ['fork', 'branch:big'],
      ['mark', 'next'],
      ['task', 'next'],
      ['tell', 'next'],
    ]);
    // What a flow did is undone like anything else.
    const [act] = history.body.items as { cause: { id: string } }[];
    const cause = act?.cause.id ?? '';
    expect((await ask('POST', `/causes/${cause}/undo`, {})).status).toBeLessThan(300);
    expect((await party(large)).description).toBeNull();
    await off(id);
  });

  it('waits, goes on in its time, and stops where the record is gone', async () => {
    const id = await flow(
      'Wait',
      onChange(
        { wait: { do: 'wait', for: { days: 2 }, next: 'mark' }, mark: { do: 'set', values: { description: { value: 'waited' } } } },
        { when: { field: 'name', op: 'startsWith', value: 'Wait' } },
      ),
    );
    const ids = [];
    for (const n of [1, 2, 3, 4]) ids.push(await create('parties', { name: `Wait ${n}`, emails: [`wait${n}@w.example`] }));
    await settled();
    expect((await runsOf(id)).map(({ state, step }) => [state, step])).toEqual(Array(4).fill(['waiting', 'wait']));
    expect((await ask('DELETE', `/parties/${ids[1]}`)).status).toBe(204);
    expect((await ask('POST', '/merges', { object: 'party', survivor: ids[2], loser: ids[3] })).status).toBe(200);
    const other = await create('parties', { name: 'Not in it' });
    expect((await ask('POST', '/merges', { object: 'party', survivor: other, loser: ids[0] })).status).toBe(200);
    await sql('update flow_runs set wake_at = now() where flow = $1::uuid', [id]);
    await settled();
    // The first goes on with the record it was merged into, the second stops, of the last two each act goes on for the one that stayed.
    expect((await party(other)).description).toBe('waited');
    expect((await party(ids[2] ?? '')).description).toBe('waited');
    const states = new Map(
      (
        await sql<{ state: string; n: number }>('select state, count(*)::int as n from flow_runs where flow = $1::uuid group by state', [
          id,
        ])
      ).map((r) => [r.state, r.n]),
    );
    expect(states.get('done')).toBe(3);
    expect(states.get('stopped')).toBe(1);
    await off(id);
  });

  it('waits until a condition of its record holds, or as long as it may, and is asked again only where it matters', async () => {
    const id = await flow(
      'Until',
      onChange(
        {
          rest: {
            do: 'wait',
            when: { field: 'employees', op: 'gte', value: 100 },
            timeout: { after: { days: 2 }, next: 'late' },
            next: 'mark',
          },
          mark: { do: 'set', values: { description: { text: '{{description}}grown' } } },
          late: { do: 'set', values: { description: { value: 'late' } } },
        },
        { when: { field: 'name', op: 'startsWith', value: 'Until' } },
      ),
    );
    const ids: string[] = [];
    for (const employees of [1, 2, 3, 4, 5, 500]) ids.push(await create('parties', { name: `Until ${employees}`, employees }));
    await settled();
    const [grows, ends, goes, merged, stays, large] = ids;
    expect((await party(large ?? '')).description).toBe('grown');
    const waiting = await runsOf(id, '&state=waiting');
    expect(waiting.map(({ record }) => record.id).sort()).toEqual([grows, ends, goes, merged, stays].sort());
    expect(waiting[0]).toMatchObject({ waitsFor: { field: 'employees', op: 'gte', value: 100 }, wakeAt: expect.stringContaining('T') });
    // Before the time is over it goes on where the record meets the condition, whoever changed it; what it does not read wakes nobody.
    await ask('PATCH', `/parties/${grows}`, { phones: ['+49 30 1234567'] });
    await ask('PATCH', `/parties/${stays}`, { employees: 50 });
    await settled();
    const wakes = await sql<{ n: number }>(`select count(*)::int as n from flow_runs where flow = $1::uuid and state = 'waiting'`, [id]);
    expect(wakes[0]?.n).toBe(5);
    const before = await ask('PATCH', `/parties/${grows}`, { employees: 100 });
    expect(before.status, before.text).toBe(200);
    expect((await ask('DELETE', `/parties/${goes}`)).status).toBe(204);
    const other = await create('parties', { name: 'Large already', employees: 1000 });
    expect((await ask('POST', '/merges', { object: 'party', survivor: other, loser: merged })).status).toBe(200);
    await settled();
    expect((await party(grows ?? '')).description).toBe('grown');
    // A deleted record ends its run at once; one that was merged goes on as the one it became, which holds.
    expect((await runsOf(id, '&state=stopped')).map(({ record, error }) => [record.id, error])).toEqual([
      [goes, 'The record was deleted.'],
    ]);
    expect((await party(other)).description).toBe('grown');
    // Those whose time is over take the other way; the one that was woken in vain still has its own time.
    await sql(
      `update flow_runs set wake_at = now(), context = jsonb_build_object('until', now() - interval '1 second') where flow = $1::uuid and record_id = $2::uuid`,
      [id, ends],
    );
    await sql(`update flow_runs set wake_at = now() where flow = $1::uuid and record_id = $2::uuid`, [id, stays]);
    await settled();
    expect((await party(ends ?? '')).description).toBe('late');
    const [still] = await runsOf(id, '&state=waiting');
    expect(still?.record.id).toBe(stays);
    expect(Date.parse(String((still as unknown as { wakeAt: string }).wakeAt))).toBeGreaterThan(Date.now() + 86_400_000);
    // However often it was woken: one line that it waits.
    expect((await stepsOf(still?.id ?? '')).map(({ step, outcome }) => [step, outcome])).toEqual([['rest', 'waiting']]);
    await off(id);
    await ask('PATCH', `/parties/${stays}`, { employees: 1000 });
    await settled();
    expect((await party(stays ?? '')).description).toBeNull();
  });

  it('waits for what other records and the clock say, which is looked at regularly', async () => {
    const id = await flow(
      'Look',
      onChange(
        {
          rest: {
            do: 'wait',
            when: {
              any: [
                { count: 'tasks', where: { field: 'status', op: 'eq', value: 'done' }, gte: 1 },
                { field: 'birthDate', op: 'lte', value: 'today' },
              ],
            },
            next: 'mark',
          },
          mark: { do: 'set', values: { description: { value: 'looked' } } },
        },
        { trigger: { on: 'hand' } },
      ),
    );
    const names = ['Look 1', 'Look 2', 'Look 3'];
    const ids = await Promise.all(names.map((name) => create('parties', { name })));
    await ask('POST', `/flows/${id}/start`, { ids });
    await settled();
    expect(await runsOf(id, '&state=waiting')).toHaveLength(3);
    const look = async () => {
      // In the past: times are kept by the millisecond, and half of them are rounded into the future, where the look seems done.
      await sql(`update flow_looks set next_at = now() - interval '1 second', after = null`);
      for (let at = ''; at === ''; await new Promise((resolve) => setTimeout(resolve, 20)))
        at = (await sql<{ at: string }>(`select coalesce((select 'x' from flow_looks where next_at > now()), '') as at`))[0]?.at ?? '';
      await settled();
    };
    const task = await create('tasks', { subject: 'Call', party: ids[0] });
    await look();
    expect(await runsOf(id, '&state=waiting')).toHaveLength(3);
    await ask('PATCH', `/tasks/${task}`, { status: 'done' });
    // Its own record is told of by the log at once, whatever else the condition reads.
    await ask('PATCH', `/parties/${ids[1]}`, { birthDate: '2000-01-01' });
    await settled();
    expect((await party(ids[1] ?? '')).description).toBe('looked');
    await look();
    expect((await party(ids[0] ?? '')).description).toBe('looked');
    expect((await runsOf(id, '&state=waiting')).map(({ record }) => record.id)).toEqual([ids[2]]);
    expect((await stepsOf((await runsOf(id, '&state=waiting'))[0]?.id ?? '')).length).toBe(1);
    await off(id);
  });

  it('looks at the fields that changed and at what was before', async () => {
    const id = await flow(
      'Won back',
      onChange(
        { mark: { do: 'set', values: { description: { value: 'back' } } } },
        {
          trigger: {
            on: 'change',
            deeds: ['changed'],
            fields: ['lifecycleStage'],
            was: { field: 'lifecycleStage', op: 'eq', value: 'lapsed' },
          },
          when: { field: 'lifecycleStage', op: 'eq', value: 'wonBack' },
        },
      ),
    );
    const one = await create('parties', { name: 'Former', lifecycleStage: 'lapsed' });
    const two = await create('parties', { name: 'New', lifecycleStage: 'prospect' });
    for (const each of [one, two]) await ask('PATCH', `/parties/${each}`, { lifecycleStage: 'wonBack' });
    await ask('PATCH', `/parties/${two}`, { name: 'New name' });
    await settled();
    expect((await runsOf(id)).map(({ record }) => record.id)).toEqual([one]);
    await off(id);
  });

  it('finds the records that cannot be written, leaves the others in peace, and tries again when told', async () => {
    const id = await flow(
      'Refused',
      onChange(
        {
          mark: { do: 'set', values: { externalIds: { value: [{ system: 'flows', value: 'one only' }] } }, next: 'told' },
          told: { do: 'set', values: { description: { value: 'marked' } } },
        },
        { when: { field: 'name', op: 'startsWith', value: 'Refused' } },
      ),
    );
    const made = await ask('POST', '/parties/batch', {
      operations: Array.from({ length: 9 }, (_, n) => ({ op: 'create', values: { name: `Refused ${n}` } })),
    });
    expect(made.status).toBe(200);
    await settled();
    const failed = await runsOf(id, '&state=failed');
    expect(failed).toHaveLength(8);
    expect(new Set(failed.map(({ step, error }) => `${step}: ${error}`))).toEqual(
      new Set(['mark: externalIds: “one only” of flows stands twice in the batch.']),
    );
    const [done] = await runsOf(id, '&state=done');
    expect((await party(done?.record.id ?? '')).description).toBe('marked');
    // The name is free again, so one more goes through.
    await ask('PATCH', `/parties/${done?.record.id}`, { externalIds: [] });
    expect((await ask('POST', `/flows/${id}/retry`, {})).body).toEqual({ retried: 8 });
    await settled();
    expect(await runsOf(id, '&state=failed')).toHaveLength(7);
    expect(await runsOf(id, '&state=done')).toHaveLength(2);
    await off(id);
  });

  it('lets an action take part in the transaction: the record it falls over is found, the others have its effect once', async () => {
    const id = await flow(
      'Stamped',
      onChange(
        {
          stamp: { do: 'act', action: 'stamp', input: { text: { text: 'stamped' } }, next: 'told' },
          told: { do: 'notify', to: { users: [users.agent ?? ''] }, text: 'stamped' },
        },
        { when: { field: 'name', op: 'startsWith', value: 'Stamp' } },
      ),
    );
    await ask('POST', '/parties/batch', {
      operations: Array.from({ length: 20 }, (_, n) => ({ op: 'create', values: { name: `Stamp ${n === 13 ? 'bad' : n}` } })),
    });
    await settled();
    expect(await runsOf(id, '&state=done')).toHaveLength(19);
    const [bad] = await runsOf(id, '&state=due');
    expect(bad).toMatchObject({ record: { name: 'Stamp bad' }, attempts: 1, held: false, error: expect.stringContaining('fault') });
    expect((await party(bad?.record.id ?? '')).description).toBeNull();
    const changes = await sql<{ n: number; most: number }>(
      `select count(*)::int as n, max(x.n)::int as most from (select count(*) as n from changes c join parties p on p.id = c.record_id where p.name like 'Stamp %' and c.action = 'update' group by p.id) x`,
    );
    expect(changes).toEqual([{ n: 19, most: 1 }]);
    // Many records of one act are one notice.
    expect((await ask('GET', '/notices', undefined, keys.agent)).body.items.filter(({ text }) => text === 'stamped')).toMatchObject([
      { count: 19 },
    ]);
    await off(id);
  });

  it('finds loops: a flow does not lead back to itself, nor do two to each other', async () => {
    const self = await flow(
      'Self',
      onChange(
        { mark: { do: 'set', values: { description: { text: '{{description}}+' } } } },
        { trigger: { on: 'change', deeds: ['created', 'changed'] }, when: { field: 'name', op: 'startsWith', value: 'Loop' } },
      ),
    );
    const one = await create('parties', { name: 'Loop', description: 'x' });
    await settled();
    expect((await party(one)).description).toBe('x+');
    const [stopped, done] = await runsOf(self);
    expect(done?.state).toBe('done');
    expect(stopped).toMatchObject({ state: 'stopped', error: expect.stringContaining('loop') });
    await off(self);
    const many = await flow(
      'Many',
      onChange(
        { more: { do: 'create', object: 'party', values: { name: { text: '{{name}}.' } } } },
        { when: { field: 'name', op: 'startsWith', value: 'Many' } },
      ),
    );
    await create('parties', { name: 'Many' });
    await settled();
    const runs = await runsOf(many);
    expect(runs.filter(({ state }) => state === 'done')).toHaveLength(8);
    expect(runs.filter(({ error }) => error?.startsWith('loop'))).toHaveLength(1);
    await off(many);
  });

  it('holds what is above the limit of a flow for the hours to come', async () => {
    const id = await flow(
      'Slow',
      onChange(
        { mark: { do: 'set', values: { description: { value: 'slow' } } } },
        { when: { field: 'name', op: 'startsWith', value: 'Slow' }, limits: { perHour: 3 } },
      ),
    );
    await ask('POST', '/parties/batch', {
      operations: Array.from({ length: 8 }, (_, n) => ({ op: 'create', values: { name: `Slow ${n}` } })),
    });
    await settled();
    const runs = await runsOf(id);
    expect(runs.filter(({ state }) => state === 'done')).toHaveLength(3);
    expect(runs.filter(({ held }) => held)).toHaveLength(5);
    expect((await ask('GET', `/flows/${id}/counts`)).body).toMatchObject({ held: 5, states: { done: { value: 3 }, due: { value: 5 } } });
    const [hours] = await sql<{ n: number }>(
      `select count(distinct date_trunc('hour', wake_at - (select min(wake_at) from flow_runs where flow = $1::uuid) + timestamptz '2000-01-01'))::int as n from flow_runs where flow = $1::uuid and state = 'due'`,
      [id],
    );
    expect(hours?.n).toBe(2);
    await off(id);
  });
});

describe('a flow by hand', () => {
  it('is started by whom it names, for records they read, at once or as a job', async () => {
    const id = await flow(
      'By hand',
      onChange({ mark: { do: 'set', values: { description: { value: 'by hand' } } } }, { trigger: { on: 'hand', roles: ['salesRep'] } }),
    );
    const own = await create('parties', { name: 'Hand own', owner: users.rep });
    const foreign = await create('parties', { name: 'Hand foreign', owner: users.agent });
    expect((await ask('GET', '/flows/startable?object=party', undefined, keys.rep)).body.items).toEqual([{ id, name: 'By hand' }]);
    expect((await ask('GET', '/flows/startable?object=party', undefined, keys.agent)).body.items).toEqual([]);
    expect((await ask('POST', `/flows/${id}/start`, { ids: [own] }, keys.agent)).status).toBe(404);
    const started = await ask('POST', `/flows/${id}/start`, { ids: [own, foreign] }, keys.rep);
    expect(started.body).toEqual({ started: 1, skipped: 1 });
    await settled();
    expect((await party(own)).description).toBe('by hand');
    expect((await party(foreign)).description).toBeNull();
    const job = await ask('POST', `/flows/${id}/start`, { where: { field: 'name', op: 'startsWith', value: 'Hand' } });
    expect(job.status).toBe(202);
    for (;;) {
      const { body } = await ask('GET', `/jobs/${job.body.id}`);
      if (body.state === 'done') break;
      expect(body.state).not.toBe('failed');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await settled();
    expect((await party(foreign)).description).toBe('by hand');
    await off(id);
  });

  it('may nothing once whoever switched it on has left', async () => {
    const ctx = await inside.ctx();
    const second = await inside.product.addUser(ctx, {
      name: 'Second',
      email: 'second@perigon.example',
      password: null,
      roles: ['administrator'],
    });
    const key = (await createApiKey(ctx.db, { userId: second, name: 'second' })).secret;
    const id = await create('flows', {
      name: 'Left',
      definition: onChange({ mark: { do: 'set', values: { description: { value: 'x' } } } }, { trigger: { on: 'hand' } }),
    });
    expect((await ask('POST', `/flows/${id}/activate`, {}, key)).status).toBe(200);
    const one = await create('parties', { name: 'Left' });
    expect((await ask('DELETE', `/users/${second}`)).status).toBe(204);
    const refused = await ask('POST', `/flows/${id}/start`, { ids: [one] });
    expect(refused.status).toBe(403);
    await off(id);
  });
});

describe('an object of the company itself', () => {
  it('has flows like any other, and a flow whose field was retired says so', async () => {
    const object = (await ask('POST', '/catalogue/objects', { words: { en: { name: 'Machine', plural: 'Machines' } } })).body.object as {
      key: string;
      plural: string;
      title: string;
    };
    const field = await ask('POST', `/catalogue/objects/${object.key}/fields`, {
      field: { type: 'text' },
      words: { en: { label: 'State' } },
    });
    const key = String(field.body.key);
    const id = await flow('Machines', onChange({ mark: { do: 'set', values: { [key]: { value: 'new' } } } }, { object: object.key }));
    const one = await create(object.plural, { [object.title]: 'Lathe' });
    await settled();
    expect((await ask('GET', `/${object.plural}/${one}`)).body[key]).toBe('new');
    await ask('PATCH', `/catalogue/objects/${object.key}/fields/${key}`, { retired: true });
    await create(object.plural, { [object.title]: 'Press' });
    await settled();
    expect((await runsOf(id, '&state=failed')).map(({ error }) => error)).toEqual([expect.stringContaining('retired')]);
    await off(id);
  });
});

describe('runs of long ago', () => {
  it('go with their steps, but for those that failed or have just ended', async () => {
    const id = await flow('Old', onChange({ tell: { do: 'notify', to: { field: 'owner' }, text: 'old' } }, { trigger: { on: 'hand' } }));
    const ids = [
      await create('parties', { name: 'Old 1' }),
      await create('parties', { name: 'Old 2' }),
      await create('parties', { name: 'Old 3' }),
    ];
    await ask('POST', `/flows/${id}/start`, { ids });
    await settled();
    await sql(`update flow_runs set state = 'failed' where flow = $1::uuid and record_id = $2::uuid`, [id, ids[1]]);
    await sql(`update flow_runs set finished_at = now() + interval '1 year' where flow = $1::uuid and record_id = $2::uuid`, [id, ids[2]]);
    await sweepRuns(inside.product.db);
    expect(await runsOf(id)).toHaveLength(3);
    await sweepRuns(inside.product.db, new Date(Date.now() + 100 * 86_400_000));
    expect((await runsOf(id)).map(({ record }) => record.id).sort()).toEqual([ids[1], ids[2]].sort());
    const [steps] = await sql<{ n: number }>(
      'select count(*)::int as n from flow_run_steps s where not exists (select 1 from flow_runs r where r.id = s.run)',
    );
    expect(steps?.n).toBe(0);
    await off(id);
  });
});

describe('a key that only reads', () => {
  it('starts nothing and decides nothing', async () => {
    const ctx = await inside.ctx();
    const key = (await createApiKey(ctx.db, { userId: users.agent ?? '', name: 'reads', scopes: ['read'] })).secret;
    const id = await flow(
      'Reading key',
      onChange({ ask: { do: 'approve', by: { users: [users.agent ?? ''] }, text: 'ok?' } }, { trigger: { on: 'hand', roles: ['agent'] } }),
    );
    const one = await create('parties', { name: 'Key' });
    expect((await ask('POST', `/flows/${id}/start`, { ids: [one] }, key)).status).toBe(403);
    expect((await ask('POST', `/flows/${id}/start`, { ids: [one] }, keys.agent)).status).toBe(200);
    await settled();
    const [run] = await runsOf(id);
    expect((await ask('POST', `/flow-runs/${run?.id}/decide`, { verdict: 'approve' }, key)).status).toBe(403);
    await off(id);
  });
});

describe('a trial', () => {
  it('does with the records of the span what the flow would do, and leaves nothing behind', async () => {
    const large = await create('parties', { name: 'Trial large', employees: 500 });
    const small = await create('parties', { name: 'Trial small', employees: 5 });
    // What it was when it was made decides, not what became of it since.
    await ask('PATCH', `/parties/${small}`, { name: 'Renamed' });
    await create('tasks', { subject: 'Trial task', party: large });
    const before = await sql(
      'select (select max(version) from parties) as v, (select count(*) from tasks) as t, (select count(*) from outbox) as o, (select count(*) from notices) as n, (select max(seq) from changes where cause in (select id from causes)) as s',
    );
    const definition = onChange(
      {
        fork: { do: 'branch', branches: [{ id: 'big', when: { field: 'employees', op: 'gte', value: 100 }, next: 'rest' }], else: 'bad' },
        rest: { do: 'wait', for: { days: 3 }, next: 'ask' },
        ask: { do: 'approve', by: { users: [users.agent ?? ''] }, text: 'ok?', next: 'mark', refused: null },
        mark: { do: 'set', values: { description: { text: 'Tried {{name}}' } }, next: 'task' },
        task: { do: 'create', object: 'task', values: { subject: { value: 'x' }, party: { field: 'id' } }, next: 'each' },
        each: { do: 'loop', over: 'tasks', each: 'done', next: 'out' },
        done: { do: 'set', values: { subject: { value: 'looped' } } },
        out: { do: 'webhook', url: 'https://x.example/' },
        bad: { do: 'set', values: { name: { field: 'description' } } },
      },
      { when: { field: 'name', op: 'startsWith', value: 'Trial' } },
    );
    const tried = await ask('POST', '/flows/try', { definition });
    expect(tried.status, tried.text).toBe(200);
    expect(tried.body).toMatchObject({
      starts: 2,
      tried: 2,
      since: null,
      steps: {
        fork: { outcomes: { 'branch:big': 1, else: 1 } },
        rest: { outcomes: { waiting: 1 } },
        ask: { outcomes: { approval: 1 } },
        done: { outcomes: { next: 2 } },
        out: { outcomes: { next: 1 } },
        bad: { outcomes: { failed: 1 }, faults: [expect.stringContaining('needed')] },
      },
    });
    const item = tried.body.items.find(({ record }) => (record as { id: string }).id === large) as {
      steps: { step: string; changes: unknown[] }[];
    };
    expect(item.steps.find(({ step }) => step === 'mark')?.changes).toEqual([
      { object: 'party', action: 'update', fields: { description: { from: null, to: 'Tried Trial large' } } },
    ]);
    expect(item.steps.find(({ step }) => step === 'task')?.changes).toMatchObject([{ object: 'task', action: 'create' }]);
    expect(
      await sql(
        'select (select max(version) from parties) as v, (select count(*) from tasks) as t, (select count(*) from outbox) as o, (select count(*) from notices) as n, (select max(seq) from changes where cause in (select id from causes)) as s',
      ),
    ).toEqual(before);
    expect((await ask('POST', '/flows/try', { definition }, keys.agent)).status).toBe(404);
    const earlier = await ask('POST', '/flows/try', { definition, from: '2020-01-01T00:00:00Z', to: '2020-02-01T00:00:00Z' });
    expect(earlier.body).toMatchObject({ starts: 0, items: [] });
  });
});

describe('steps that take others along', () => {
  it('waits for one who may approve, and goes another way when refused or when the time is over', async () => {
    const id = await flow(
      'Approve',
      onChange(
        {
          ask: {
            do: 'approve',
            by: { users: [users.agent ?? ''] },
            text: 'Discount for {{name}}?',
            next: 'yes',
            refused: 'no',
            timeout: { after: { days: 2 }, next: 'late' },
          },
          yes: { do: 'set', values: { description: { value: 'yes' } } },
          no: { do: 'set', values: { description: { value: 'no' } } },
          late: { do: 'set', values: { description: { value: 'late' } } },
        },
        { trigger: { on: 'hand' } },
      ),
    );
    const ids = [
      await create('parties', { name: 'Ask 1' }),
      await create('parties', { name: 'Ask 2' }),
      await create('parties', { name: 'Ask 3' }),
    ];
    await ask('POST', `/flows/${id}/start`, { ids });
    await settled();
    const runs = new Map((await runsOf(id, '&state=approval')).map((run) => [run.record.id, run.id]));
    expect(runs.size).toBe(3);
    expect((await ask('GET', '/notices', undefined, keys.agent)).body.items[0]).toMatchObject({ kind: 'approval', count: 3 });
    const decide = (record: string | undefined, verdict: string, key: string | undefined) =>
      ask('POST', `/flow-runs/${runs.get(record ?? '')}/decide`, { verdict, comment: 'so' }, key);
    expect((await ask('GET', `/flow-runs/${runs.get(ids[0] ?? '')}`, undefined, keys.agent)).body.approvers).toEqual([users.agent]);
    const asked = (await ask('GET', '/approvals', undefined, keys.agent)).body.items as unknown as (RunSeen & { text: string })[];
    expect(asked.map(({ text, record }) => [text, record.id])).toEqual(ids.map((one, n) => [`Discount for Ask ${n + 1}?`, one]));
    expect((await ask('GET', `/approvals?record=${ids[1]}`, undefined, keys.agent)).body.items).toHaveLength(1);
    expect((await ask('GET', '/approvals', undefined, keys.rep)).body.items).toEqual([]);
    expect((await decide(ids[0], 'approve', keys.rep)).status).toBe(404);
    expect((await decide(ids[0], 'approve', admin)).status).toBe(403);
    expect((await decide(ids[0], 'approve', keys.agent)).status).toBe(204);
    expect((await decide(ids[0], 'refuse', keys.agent)).status).not.toBe(204);
    expect((await decide(ids[1], 'refuse', keys.agent)).status).toBe(204);
    await sql(`update flow_runs set wake_at = now() where flow = $1::uuid and state = 'approval'`, [id]);
    await settled();
    expect(await Promise.all(ids.map(async (one) => (await party(one)).description))).toEqual(['yes', 'no', 'late']);
    // What was decided goes along where the record was merged meanwhile.
    const [loser, survivor] = [await create('parties', { name: 'Ask 4' }), await create('parties', { name: 'Ask stays' })];
    await ask('POST', `/flows/${id}/start`, { ids: [loser] });
    await settled();
    const [run] = await runsOf(id, '&state=approval');
    expect((await ask('POST', '/merges', { object: 'party', survivor, loser })).status).toBe(200);
    expect((await ask('GET', `/approvals`, undefined, keys.agent)).body.items).toHaveLength(1);
    expect((await ask('POST', `/flow-runs/${run?.id}/decide`, { verdict: 'approve' }, keys.agent)).status).toBe(204);
    await settled();
    expect((await party(survivor)).description).toBe('yes');
    await off(id);
  });

  it('loops over related records, and goes on when the last is done', async () => {
    const id = await flow(
      'Loop over',
      onChange(
        {
          each: { do: 'loop', over: 'tasks', when: { field: 'subject', op: 'startsWith', value: 'open' }, each: 'close', next: 'mark' },
          close: { do: 'act', action: 'completeTask', input: {} },
          mark: { do: 'set', values: { description: { value: 'all done' } } },
        },
        { trigger: { on: 'hand' } },
      ),
    );
    const one = await create('parties', { name: 'Looped' });
    const none = await create('parties', { name: 'Without' });
    for (const subject of ['open 1', 'open 2', 'later']) await create('tasks', { subject, party: one });
    await ask('POST', `/flows/${id}/start`, { ids: [one, none] });
    await settled();
    expect((await party(one)).description).toBe('all done');
    expect((await party(none)).description).toBe('all done');
    const tasks = await ask('GET', `/tasks?party=${one}&sort=subject`);
    expect(tasks.body.items.map(({ subject, status }) => [subject, status])).toEqual([
      ['later', 'open'],
      ['open 1', 'done'],
      ['open 2', 'done'],
    ]);
    await off(id);
  });
});

describe('a flow on inbound', () => {
  it('finds or makes the record, once for a key, and takes so many calls a minute', async () => {
    const id = await flow('Lead form', {
      object: 'party',
      trigger: {
        on: 'inbound',
        match: { by: 'externalId', system: 'form', path: 'lead.id' },
        fields: { name: 'lead.company', description: 'lead.words.0' },
        perMinute: 7,
      },
      start: 'give',
      steps: { give: { do: 'assign', users: [users.rep ?? ''] } },
    });
    const made = await ask('POST', `/flows/${id}/secret`, { kind: 'inbound' });
    const post = async (body: unknown, key?: string, secret = String(made.body.secret)) => {
      const answer = await inside.ask('POST', `/api/v1/flows/${id}/inbound/${secret}`, {
        body,
        headers: key ? { 'idempotency-key': key } : {},
      });
      return { status: answer.status, body: answer.body as Record<string, unknown>, headers: answer.headers };
    };
    // Minutes have an end: all calls of this test are to lie in one.
    await sql(`select pg_sleep(greatest(0, extract(second from now()) - 50))`);
    expect((await post({ lead: { id: 7, company: 'x' } }, undefined, 'guessed')).status).toBe(404);
    const first = await post({ lead: { id: 7, company: 'Lead', words: ['hello'] } }, 'k1');
    expect(first.status).toBe(202);
    expect(first.body).toMatchObject({ created: true, started: true });
    const replayed = await post({ lead: { id: 7, company: 'Lead', words: ['hello'] } }, 'k1');
    expect(replayed.body).toEqual(first.body);
    expect(replayed.headers['idempotent-replay']).toBe('true');
    const again = await post({ lead: { id: 7, company: 'Lead & Co' } });
    expect(again.body).toMatchObject({ record: first.body.record, created: false, started: true });
    expect((await post({ lead: { company: 'nobody' } })).status).toBe(422);
    expect((await post({ lead: { id: 8 } })).status).toBe(422);
    await settled();
    expect(await party(String(first.body.record))).toMatchObject({ name: 'Lead & Co', description: 'hello', owner: { id: users.rep } });
    expect(await runsOf(id)).toHaveLength(2);
    let last = await post({ lead: { id: 9, company: 'x' } });
    for (let n = 0; n < 5 && last.status === 202; n++) last = await post({ lead: { id: 10 + n, company: 'x' } });
    expect(last.status).toBe(429);
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    await off(id);
    expect((await post({ lead: { id: 7 } })).status).toBe(404);
  });
});

describe('a flow on schedule', () => {
  it('starts all records that meet its condition, once an occurrence, and makes up for one that was missed', async () => {
    for (const n of [1, 2, 3]) await create('parties', { name: `Clock ${n}` });
    const id = await flow('Clock', {
      object: 'party',
      trigger: { on: 'schedule', every: 'day', at: '08:00' },
      when: { field: 'name', op: 'startsWith', value: 'Clock' },
      start: 'mark',
      steps: { mark: { do: 'set', values: { description: { value: 'on time' } } } },
    });
    const [clock] = await sql<{ ahead: boolean; at: string }>(
      `select next_at > now() and next_at <= now() + interval '25 hours' as ahead, to_char(next_at at time zone 'Europe/Berlin', 'HH24:MI') as at from flow_clocks where flow = $1::uuid`,
      [id],
    );
    expect(clock).toEqual({ ahead: true, at: '08:00' });
    await sql(`update flow_clocks set next_at = next_at - interval '3 days' where flow = $1::uuid`, [id]);
    for (;;) {
      const [row] = await sql<{ ahead: boolean }>('select next_at > now() as ahead from flow_clocks where flow = $1::uuid', [id]);
      if (row?.ahead) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await settled();
    const runs = await runsOf(id);
    expect(runs).toHaveLength(3);
    expect(runs.every(({ state }) => state === 'done')).toBe(true);
    await off(id);
    expect(await sql('select 1 as ok from flow_clocks where flow = $1::uuid', [id])).toEqual([]);
  });
});

describe('what leaves', () => {
  it('is signed, sent again under the same id until it is acknowledged, and shown as dead where it cannot be', async () => {
    const seen: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        seen.push({ url: request.url ?? '', headers: request.headers, body });
        // The two are sent side by side, in either order.
        const first = seen.filter(({ url }) => url !== '/gone').length === 1;
        response.statusCode = request.url === '/gone' ? 410 : first ? 503 : 204;
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const id = await flow(
      'Hook',
      onChange(
        {
          out: {
            do: 'webhook',
            url: `http://127.0.0.1:${port}/in?of={{name}}`,
            body: { name: { field: 'name' }, told: { value: 3 } },
            next: 'gone',
          },
          gone: { do: 'webhook', url: `http://127.0.0.1:${port}/gone` },
        },
        { trigger: { on: 'hand' } },
      ),
    );
    const made = await ask('POST', `/flows/${id}/secret`, { kind: 'webhook' });
    const one = await create('parties', { name: 'Hook & Co' });
    await ask('POST', `/flows/${id}/start`, { ids: [one] });
    await settled();
    const sent = async (state: string) => {
      for (;;) {
        const { items } = (await ask('GET', `/outbox?source=${id}&state=${state}`)).body;
        if (items.length > 0) return items;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    expect(await sent('dead')).toMatchObject([{ status: 410, host: `127.0.0.1:${port}` }]);
    expect(await sent('waiting')).toMatchObject([{ status: 503, attempts: 1 }]);
    await sql('update outbox_open set next_at = now() where source = $1::uuid and state = $2::text', [id, 'waiting']);
    const [line] = await sent('sent');
    server.close();
    const [first, again] = seen.filter(({ url }) => url !== '/gone');
    expect(first?.url).toBe('/in?of=Hook%20%26%20Co');
    expect(again?.headers['webhook-id']).toBe(line?.id);
    expect(again?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    expect(again?.headers['webhook-signature']).toBe(
      signature(String(made.body.secret), String(line?.id), Number(again?.headers['webhook-timestamp']), again?.body ?? ''),
    );
    expect(JSON.parse(again?.body ?? '')).toMatchObject({
      flow: { id },
      object: 'party',
      record: one,
      data: { name: 'Hook & Co', told: 3 },
    });
    expect((await ask('GET', '/outbox', undefined, keys.agent)).status).toBe(403);
    expect((await ask('GET', `/flows/${id}/counts`)).body).toMatchObject({ deliveries: { open: 0, dead: 1 } });
    await off(id);
  });
});
