import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemAs } from '#engine/access/actor.ts';
import { newCause } from '#engine/record/context.ts';
import { runFills } from '#engine/record/fills.ts';
import { writeOne } from '#engine/record/write.ts';
import { scoreRuleFill } from '#modules/leads/score-defaults.ts';
import { loadBook, rescore } from '#modules/leads/score-leads.ts';
import { explainScore } from '#modules/leads/score-reading.ts';
import { tellUnassigned } from '#modules/leads/unassigned.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';
import { people, type Row } from '#tests/harness/people.ts';

/** How promising leads are and why, to whom they go, and how soon they are answered. */
let inside: Inside;
const { users, enter, send, good } = people(() => inside);
const ids: Record<string, string> = {};
interface Reason {
  rule: { name: string } | null;
  points: number;
  touches: number | null;
  at: string | null;
  halvedOn: string | null;
}
interface Explained {
  score: number;
  grade: string;
  reasons: Reason[];
}

const DAY = 86_400_000;
const ago = (days: number): string => new Date(Date.now() - days * DAY).toISOString();
const party = (values: Record<string, unknown> = {}) => good('POST', '/parties', { name: 'Roastery Lind', ...values });
const make = (values: Record<string, unknown> = {}, who = 'admin'): Promise<Row> =>
  good('POST', '/leads', { name: 'Two grinders', party: ids.party, ...values }, who);
const read = (id: string) => good('GET', `/leads/${id}`);
const why = (id: string, who = 'admin') => good<Explained>('GET', `/lead-scores/${id}`, undefined, who);
const owner = (lead: Row) => (lead.owner as { id: string } | null)?.id ?? null;
const touch = (of: string, values: Record<string, unknown>) =>
  good('POST', '/interactions', { party: of, channel: 'phone', kind: 'call', at: ago(0), ...values });
const rule = (values: Record<string, unknown>) => good('POST', '/assignmentRules', values);
/** Rules that stand only for as long as a test asks. */
async function ruled(rules: Record<string, unknown>[], work: (made: Row[]) => Promise<void>): Promise<void> {
  const made: Row[] = [];
  for (const [i, values] of rules.entries()) made.push(await rule({ name: `Rule ${i}`, position: i, ...values }));
  try {
    await work(made);
  } finally {
    for (const { id } of made) await good('DELETE', `/assignmentRules/${id}`);
  }
}

beforeAll(async () => {
  inside = await insideProduct({ background: true, connections: 8 });
  await enter({ bea: 'salesRep', carl: 'salesRep', dora: 'salesRep', eve: 'salesRep', boss: 'salesManager', agent: 'agent' });
  ids.party = (await party()).id;
}, 120_000);
afterAll(() => inside.stop());

describe('a score', () => {
  it('is the sum of its reasons, each of which is told', async () => {
    const customer = await party();
    await touch(customer.id, { direction: 'inbound', at: ago(14) });
    await touch(customer.id, { direction: 'inbound', at: ago(14) });
    const { id } = await make({ party: customer.id, timeframe: 'now', decisionMaker: 'decides', need: 'A mill' });
    // 20 + 15 + 10, and twice 10 · ½ of the calls.
    await expect.poll(async () => (await read(id)).score).toBe(55);
    expect(await read(id)).toMatchObject({ grade: 'B', version: (await read(id)).version });
    const told = await why(id);
    expect(told).toMatchObject({ score: 55, grade: 'B' });
    expect(told.reasons.map(({ rule: of, points, touches }) => [of?.name, points, touches])).toEqual([
      ['Wants it now', 20, null],
      ['Decides about it', 15, null],
      ['Says what is needed', 10, null],
      ['Wrote or called', 10, 2],
    ]);
    const called = told.reasons.find(({ at }) => at !== null);
    expect(Date.parse(called?.at ?? '') / DAY).toBeCloseTo(Date.now() / DAY - 14, 2);
    expect(Date.parse(`${called?.halvedOn}T12:00:00Z`) - Date.now()).toBeGreaterThan(12 * DAY);
    const list = await good<{ items: Row[] }>('GET', '/leads?score[gte]=50&sort=-score&fields=score,grade');
    expect(list.items.map((one) => one.id)).toContain(id);
  });

  it('moves with the lead, its customer and their touches, and writes nothing into the history', async () => {
    const customer = await party();
    const { id } = await make({ party: customer.id, need: 'A mill' });
    await expect.poll(async () => (await read(id)).score).toBe(10);
    const { version } = await read(id);
    const met = await touch(customer.id, { direction: 'inbound', kind: 'meeting' });
    await expect.poll(async () => (await read(id)).score).toBe(30);
    await good('DELETE', `/interactions/${met.id}`);
    await expect.poll(async () => (await read(id)).score).toBe(10);
    expect((await read(id)).version).toBe(version);
    await good('PATCH', `/leads/${id}`, { need: null });
    await expect.poll(async () => (await read(id)).score).toBe(0);
    const rows = await inside.product.db.query(
      `select 1 from changes where record_id = $1::uuid and (after ? 'score' or after ? 'grade')`,
      [id],
    );
    expect(rows).toEqual([]);
  });

  it('decays by the clock alone', async () => {
    const customer = await party();
    await touch(customer.id, { direction: 'inbound' });
    await touch(customer.id, { direction: 'inbound' });
    const { id } = await make({ party: customer.id });
    await expect.poll(async () => (await read(id)).score).toBe(20);
    const ctx = await inside.product.context(systemAs('test'), newCause('job'));
    const later = { ...ctx, env: { ...ctx.env, now: new Date(Date.now() + 28 * DAY) } };
    expect((await explainScore(later, id)).reasons).toMatchObject([{ points: 5, touches: 2 }]);
    expect(await rescore(ctx.db, later, await loadBook(ctx.db), [id])).toEqual([id]);
    expect((await read(id)).score).toBe(5);
    expect(await rescore(ctx.db, later, await loadBook(ctx.db), [id])).toEqual([]);
  });

  it('stays as it was when the lead is decided', async () => {
    const { id } = await make({ need: 'A mill' });
    await expect.poll(async () => (await read(id)).score).toBe(10);
    const reasons = await good<{ items: Row[] }>('POST', '/closeReasons/query', {
      where: { field: 'outcome', op: 'eq', value: 'lead' },
      limit: 1,
    });
    await good('PATCH', `/leads/${id}`, { status: 'lost', lossReason: reasons.items[0]?.id, need: null });
    await touch(ids.party ?? '', { direction: 'inbound', subject: 'Too late' });
    const other = await make({ timeframe: 'now' });
    await expect.poll(async () => (await read(other.id)).score).toBe(30);
    expect((await read(id)).score).toBe(10);
  });

  it('names no rule to whom may not know what it looks at', async () => {
    const { id } = await make({ budget: { amount: '5000', currency: 'EUR' }, need: 'A mill', party: (await party()).id });
    await expect.poll(async () => (await read(id)).score).toBe(25);
    expect((await why(id)).reasons.map((reason) => reason.rule?.name)).toEqual(['Has a budget', 'Says what is needed']);
    expect((await why(id, 'agent')).reasons.map(({ rule: of, points }) => [of?.name, points])).toEqual([
      ['Says what is needed', 10],
      [undefined, 15],
    ]);
    // What bea may not read is not there for her.
    expect((await send('GET', `/lead-scores/${id}`, undefined, 'bea')).status).toBe(404);
    expect((await send('GET', '/lead-scores/00000000-0000-7000-8000-000000000000')).status).toBe(404);
  });

  it('is changed by rules, which are tried out before and take hold of all open leads', async () => {
    const { id } = await make({ source: 'event', party: (await party()).id });
    await expect.poll(async () => (await read(id)).score).toBe(0);
    const draft = { name: 'Met at the fair', kind: 'fit', condition: { field: 'source', op: 'eq', value: 'event' }, points: 80 };
    const preview = await good<{ total: number; before: Record<string, number>; after: Record<string, number>; examples: Row[] }>(
      'POST',
      '/lead-grades/preview',
      { rule: { id: null, ...draft } },
    );
    expect(preview.after.A).toBe((preview.before.A ?? 0) + 1);
    expect(Object.values(preview.after).reduce((sum, n) => sum + n, 0)).toBe(preview.total);
    expect(preview.examples).toMatchObject([{ id, before: 0, after: 80, gradeBefore: 'D', gradeAfter: 'A' }]);
    const made = await good('POST', '/scoreRules', draft);
    await expect.poll(async () => (await read(id)).grade).toBe('A');
    expect((await send('PUT', '/lead-grades', { A: 40, B: 45, C: 10 })).status).toBe(422);
    await good('PUT', '/lead-grades', { A: 90, B: 45, C: 10 });
    await expect.poll(async () => (await read(id)).grade).toBe('B');
    await good('PUT', '/lead-grades', { A: 70, B: 45, C: 20 });
    await good('DELETE', `/scoreRules/${made.id}`);
    await expect.poll(async () => (await read(id)).score).toBe(0);
  });

  it('has the same rules in a company that was there before leads were', async () => {
    const { db } = inside.product;
    const rules = () =>
      db.query(
        'select name, kind, condition, points, most, half_life_days, active from score_rules where deleted_at is null order by name',
      );
    const [setUp, held] = [await rules(), await db.query<{ id: string }>('select id from score_rules')];
    await db.query(`create table score_rules_aside as table score_rules`);
    await db.query('delete from score_rules');
    await runFills(db, [{ ...scoreRuleFill, key: 'test.scoreRules' }], () => false);
    expect(await rules()).toEqual(setUp);
    await db.query('delete from score_rules');
    await db.query('insert into score_rules select * from score_rules_aside');
    await db.query('drop table score_rules_aside');
    expect(held.length).toBeGreaterThan(10);
  });

  it('is ruled by whom may', async () => {
    const draft = { name: 'Mine', kind: 'fit', condition: { field: 'source', op: 'eq', value: 'web' }, points: 100 };
    for (const who of ['bea', 'boss', 'agent']) {
      expect((await send('POST', '/scoreRules', draft, who)).status, who).toBe(who === 'boss' ? 403 : 404);
      expect((await send('POST', '/lead-grades/preview', { rule: { id: null, ...draft } }, who)).status, who).toBe(
        who === 'boss' ? 403 : 404,
      );
      expect((await send('PUT', '/lead-grades', { A: 90, B: 45, C: 10 }, who)).status, who).toBe(who === 'boss' ? 403 : 404);
      const given = await send('POST', '/assignmentRules', { name: 'Mine', way: 'fixed', members: [users.bea] }, who);
      expect(given.status, who).toBe(who === 'boss' ? 403 : 404);
    }
    expect((await send('PATCH', `/leads/${(await make()).id}`, { score: 100 })).status).toBe(422);
    const wrong = await send('POST', '/scoreRules', { ...draft, condition: { field: 'ghost', op: 'eq', value: 1 } });
    expect([wrong.status, (wrong.body as { errors: { path: string }[] }).errors[0]?.path]).toEqual([422, 'condition.field']);
  });
});

describe('assignment', () => {
  it('leaves a lead to whoever makes it while no rule says otherwise', async () => {
    expect(owner(await read((await make()).id))).toBe(users.admin);
    await ruled([{ way: 'fixed', members: [users.bea] }], async () => {
      expect(owner(await read((await make({ owner: users.carl })).id))).toBe(users.carl);
      // What robots may have sent takes nobody's turn, until somebody says that it is none.
      const doubtful = await make({ suspect: true });
      expect(owner(await read(doubtful.id))).toBe(users.admin);
    });
  });

  it('goes round in turn, also when many come at once, and passes over who is away or switched off', async () => {
    await ruled([{ way: 'roundRobin', members: [users.bea, users.carl, users.dora] }], async ([made]) => {
      const leads = await Promise.all(Array.from({ length: 12 }, () => make()));
      const got = new Map<string | null, number>();
      for (const { id } of leads) {
        const lead = await read(id);
        got.set(owner(lead), (got.get(owner(lead)) ?? 0) + 1);
        expect(lead).toMatchObject({ assignedBy: { id: made?.id }, assignedWhy: { way: 'roundRobin', rule: 'Rule 0' } });
      }
      expect([...got.values()]).toEqual([4, 4, 4]);
      await good('PATCH', `/users/${users.carl}`, { awayUntil: new Date(Date.now() + 3 * DAY).toISOString().slice(0, 10) });
      const next = [];
      for (let i = 0; i < 4; i++) next.push(owner(await read((await make()).id)));
      expect(new Set(next)).toEqual(new Set([users.bea, users.dora]));
      await good('PATCH', `/users/${users.carl}`, { awayUntil: ago(2).slice(0, 10) });
      expect(owner(await read((await make()).id))).toBe(users.carl);
    });
  });

  it('goes by load, skill and territory, and from a rule with nobody there to the next', async () => {
    const held = await inside.product.db.query<{ id: string; n: number }>(
      `select owner_id as id, count(*)::int as n from leads where status in ('new', 'working', 'qualified') and deleted_at is null group by 1`,
    );
    const load = new Map(held.map(({ id, n }) => [id, n]));
    const least = [users.bea, users.carl, users.dora].sort((a, b) => (load.get(a ?? '') ?? 0) - (load.get(b ?? '') ?? 0))[0] ?? '';
    await ruled([{ way: 'load', members: [users.bea, users.carl, users.dora] }], async () => {
      const lead = await read((await make()).id);
      expect(owner(lead)).toBe(least);
      expect(lead.assignedWhy).toMatchObject({ way: 'load', open: load.get(least), capacity: 1 });
    });
    const french = await party({ language: 'fr' });
    await good('PATCH', `/users/${users.dora}`, { skills: ['Französisch', 'French', 'Mills'] });
    await ruled(
      [
        { way: 'skill', members: [users.bea, users.dora], skills: ['mills'], skillsFrom: ['language'] },
        { way: 'fixed', members: [users.boss] },
      ],
      async () => {
        const lead = await read((await make({ party: french.id })).id);
        expect([owner(lead), (lead.assignedWhy as { skills: string[] }).skills]).toEqual([users.dora, ['mills', 'fr']]);
        expect(owner(await read((await make({ party: (await party({ language: 'es' })).id })).id))).toBe(users.boss);
      },
    );
    const north = await good('POST', '/territories', { name: 'North', manager: users.boss });
    const coast = await good('POST', '/territories', { name: 'Coast', parent: north.id, members: [users.eve] });
    const there = await party({ territory: coast.id });
    await ruled([{ way: 'territory' }], async () => {
      const lead = await read((await make({ party: there.id })).id);
      expect([owner(lead), (lead.assignedWhy as { territory: string }).territory]).toEqual([users.eve, 'Coast']);
      await good('PATCH', `/users/${users.eve}`, { active: false });
      expect(owner(await read((await make({ party: there.id })).id))).toBe(users.boss);
      // Nobody works where this customer lies, so it stays with whoever made it.
      expect(owner(await read((await make({ party: french.id })).id))).toBe(users.admin);
    });
  });

  it('takes the records that its condition says, along paths', async () => {
    await ruled(
      [
        { way: 'fixed', members: [users.carl], condition: { field: 'party.country', op: 'eq', value: 'CH' } },
        { way: 'fixed', members: [users.bea], condition: { field: 'source', op: 'eq', value: 'web' } },
      ],
      async () => {
        const swiss = await party({ country: 'CH' });
        expect(owner(await read((await make({ party: swiss.id, source: 'web' })).id))).toBe(users.carl);
        expect(owner(await read((await make({ source: 'web' })).id))).toBe(users.bea);
        expect(owner(await read((await make({ source: 'phone' })).id))).toBe(users.admin);
      },
    );
  });

  it('gives out a selection, says before who would get what, and is forgotten where somebody gives by hand', async () => {
    const mine = [await make({ owner: users.admin }), await make({ owner: users.admin })].map(({ id }) => id);
    await ruled([{ way: 'roundRobin', members: [users.bea, users.carl] }], async () => {
      const { items } = await good<{ items: { id: string; user: { id: string } | null }[] }>('POST', '/assignments/preview', { ids: mine });
      expect(new Set(items.map(({ user }) => user?.id))).toEqual(new Set([users.bea, users.carl]));
      expect(owner(await read(mine[0] ?? ''))).toBe(users.admin);
      expect(await good('POST', '/actions/assignLeads', { ids: mine })).toMatchObject({ changed: 2, left: 0 });
      for (const { id, user } of items) expect(owner(await read(id))).toBe(user?.id);
      expect(await good('PATCH', `/leads/${mine[0]}`, { owner: users.dora })).toMatchObject({ assignedBy: null, assignedWhy: null });
      // Those who are given something are told, and who may not change a lead gives it to nobody.
      await expect
        .poll(async () => (await good<{ items: { kind: string }[] }>('GET', '/notices', undefined, 'bea')).items.map(({ kind }) => kind))
        .toContain('assigned');
      expect((await send('POST', '/actions/assignLeads', { ids: mine }, 'agent')).status).toBe(403);
      expect(await good('POST', '/actions/assignLeads', { ids: mine.slice(0, 1) }, 'bea')).toMatchObject({ changed: 0 });
    });
  });

  it('tells administrators once of leads that no rule takes', async () => {
    const { db } = inside.product;
    const ctx = await inside.product.context(systemAs('test'), newCause('job'));
    const come = () => writeOne(ctx, ctx.model.object('lead'), { op: 'create', values: { name: 'From the web', party: ids.party } });
    await come();
    expect(await tellUnassigned(db)).toEqual([]);
    await ruled([{ way: 'fixed', members: [users.bea], condition: { field: 'source', op: 'eq', value: 'web' } }], async () => {
      expect(await tellUnassigned(db)).toEqual([users.admin]);
      expect(await tellUnassigned(db)).toEqual([]);
      await come();
      // What is not read yet is said already.
      expect(await tellUnassigned(db)).toEqual([]);
      await good('POST', '/notices/read', {});
      expect(await tellUnassigned(db)).toEqual([users.admin]);
    });
  });

  it('asks of a rule what it needs', async () => {
    const paths = async (values: Record<string, unknown>) =>
      ((await send('POST', '/assignmentRules', { name: 'Rule', ...values })).body as { errors?: { path: string }[] }).errors?.map(
        ({ path }) => path,
      );
    expect(await paths({ way: 'roundRobin' })).toEqual(['members']);
    expect(await paths({ way: 'fixed', members: [users.bea, users.carl] })).toEqual(['members']);
    expect(await paths({ way: 'skill', members: [users.bea] })).toEqual(['skills']);
    expect(await paths({ way: 'territory', object: 'party' })).toEqual(['object']);
    expect(await paths({ way: 'territory', condition: { field: 'ghost', op: 'isEmpty' } })).toEqual(['condition.field']);
  });
});

describe('the response time', () => {
  it('ends with the first touch by a colleague going out, whatever Perigon sent before', async () => {
    const customer = await party();
    const { id } = await make({ party: customer.id, receivedAt: ago(2), owner: users.bea });
    await touch(customer.id, { direction: 'inbound', at: ago(1.9), agent: users.bea });
    await touch(customer.id, { direction: 'outbound', at: ago(3), agent: users.bea });
    const second = await touch(customer.id, { direction: 'outbound', at: ago(1), agent: users.carl });
    await expect.poll(async () => (await read(id)).firstResponseAt).not.toBe(null);
    expect((await read(id)).responseMinutes).toBe(1440);
    await touch(customer.id, { direction: 'outbound', at: ago(1.5), agent: users.bea });
    await expect.poll(async () => (await read(id)).responseMinutes).toBe(720);
    await good('DELETE', `/interactions/${second.id}`);
    const measured = await good<{ rows: Record<string, unknown>[] }>('POST', '/leads/aggregate', {
      where: { field: 'id', op: 'in', value: [id] },
      groupBy: [],
      measures: { m: { op: 'avg', field: 'responseMinutes' } },
    });
    expect(Number(measured.rows[0]?.m)).toBe(720);
  });
});
