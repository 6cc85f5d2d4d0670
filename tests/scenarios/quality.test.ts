import { beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** The quality of data: measured by the company's own rules, told by team and source, with the list to mend. */
let inside: Inside;
let admin: string;
let rep: string;
let northTeam: string;

interface Told {
  at: string | null;
  records: number;
  score: number | null;
  ownTeams: boolean;
  rules: { id: string; name: string | null; applies: number; bad: number; where: unknown }[];
  resting: { id: string; name: string; reason: string; field: string | null }[];
  teams: { team: { id: string; name: string } | null; score: number; bad: number }[];
  sources: { source: string; score: number; bad: number }[];
  course: { day: string; score: number }[];
}

const send = (key: string, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) =>
  inside.ask(method, `/api/v1${path}`, { key, ...(body === undefined ? {} : { body }) });
const made = async (plural: string, values: unknown): Promise<string> => {
  const { status, body } = await send(admin, 'POST', `/${plural}`, values);
  expect(status, JSON.stringify(body)).toBe(201);
  return (body as { id: string }).id;
};
const told = async (key: string, object = 'case'): Promise<Told> => (await send(key, 'GET', `/quality?object=${object}`)).body as Told;
const measure = async (object = 'case'): Promise<void> => {
  const { status, body } = await send(admin, 'POST', '/quality/measure', { object });
  expect(status, JSON.stringify(body)).toBe(202);
  for (;;) {
    const job = (await send(admin, 'GET', `/jobs/${(body as { job: string }).job}`)).body as { state: string; error: string | null };
    if (!['queued', 'running'].includes(job.state)) {
      expect(job).toMatchObject({ state: 'done', error: null });
      return;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
};
let described: string;
let solved: string;

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  northTeam = await made('teams', { name: 'North' });
  const repId = await inside.product.addUser(ctx, { name: 'Rep', email: 'rep@perigon.example', password: null, roles: ['salesRep'] });
  await send(admin, 'PATCH', `/users/${repId}`, { team: northTeam });
  rep = (await createApiKey(ctx.db, { userId: repId, name: 'test' })).secret;
  const customer = await made('parties', { kind: 'organisation', name: 'Harbour', owner: repId });
  const base = { customer, openedAt: '2026-01-05T10:00:00Z' };
  // Ten of the rep's team, two without description; six of nobody's, from a ticket system, three without description.
  for (let i = 0; i < 10; i++)
    await made('cases', { ...base, subject: `North ${i}`, owner: repId, ...(i < 2 ? {} : { description: 'Told.' }) });
  for (let i = 0; i < 6; i++)
    await made('cases', {
      ...base,
      subject: `Old ${i}`,
      owner: null,
      externalIds: [{ system: 'desk', value: `T-${i}` }],
      ...(i < 3 ? {} : { description: 'Told.' }),
      ...(i === 5 ? { status: 'solved' } : {}),
    });
  described = await made('qualityRules', {
    name: 'Described',
    object: 'case',
    dimension: 'completeness',
    good: { field: 'description', op: 'isNotEmpty' },
    weight: 2,
  });
  solved = await made('qualityRules', {
    name: 'Solved with a solution',
    object: 'case',
    dimension: 'validity',
    applies: { field: 'status', op: 'eq', value: 'solved' },
    good: { field: 'solution', op: 'isNotEmpty' },
  });
});

describe('data quality', () => {
  it('is measured by rules, as a whole, by team and by source, as worked out by hand', async () => {
    expect(await told(admin)).toMatchObject({ at: null, score: null });
    await measure();
    const quality = await told(admin);
    expect(quality).toMatchObject({ records: 16, ownTeams: false });
    expect(quality.rules.map(({ id, applies, bad }) => [id, applies, bad])).toEqual([
      [described, 16, 5],
      [solved, 1, 1],
    ]);
    // (2 × 11 + 0) ÷ (2 × 16 + 1)
    expect(quality.score).toBeCloseTo(22 / 33, 12);
    const team = (name: string | undefined) => quality.teams.find((one) => one.team?.name === name);
    expect(team('North')?.score).toBeCloseTo(16 / 20, 12);
    expect(team(undefined)?.score).toBeCloseTo(6 / 13, 12);
    expect(quality.sources.map(({ source, bad }) => [source, bad]).sort()).toEqual([
      ['', 2],
      ['desk', 4],
    ]);
    expect(quality.course).toHaveLength(1);
  });

  it('lists what is to be mended, and what is mended is so at the next measuring', async () => {
    const { rules } = await told(admin);
    const where = rules.find(({ id }) => id === described)?.where;
    const list = async (): Promise<{ id: string }[]> =>
      ((await send(admin, 'POST', '/cases/query', { where, limit: 50 })).body as { items: { id: string }[] }).items;
    const bad = await list();
    expect(bad).toHaveLength(5);
    expect((await send(admin, 'GET', `/cases/${bad[0]?.id}/quality`)).body).toEqual({
      items: [{ id: described, name: 'Described', dimension: 'completeness', field: 'description' }],
    });
    await send(admin, 'PATCH', `/cases/${bad[0]?.id}`, { description: 'Now it is told.' });
    expect((await send(admin, 'GET', `/cases/${bad[0]?.id}/quality`)).body).toEqual({ items: [] });
    expect(await list()).toHaveLength(4);
    await measure();
    const after = await told(admin);
    expect(after.rules[0]).toMatchObject({ bad: 4 });
    expect(after.course).toHaveLength(1);
  });

  it('tells who reads only their teams of these, and nothing by rules about fields they may not see', async () => {
    const mine = await told(rep);
    expect(mine).toMatchObject({ ownTeams: true, sources: [] });
    expect(mine.teams.map((one) => one.team?.id)).toEqual([northTeam]);
    expect((await send(rep, 'POST', '/quality/measure', { object: 'case' })).status).toBe(403);
    const ctx = await inside.ctx();
    const agentId = await inside.product.addUser(ctx, { name: 'Agent', email: 'agent@perigon.example', password: null, roles: ['agent'] });
    const agent = (await createApiKey(ctx.db, { userId: agentId, name: 'test' })).secret;
    await measure('opportunity');
    const names = (quality: Told) => quality.rules.map((rule) => rule.name);
    expect(names(await told(admin, 'opportunity'))).toContain('An open deal has an amount');
    expect(names(await told(agent, 'opportunity'))).not.toContain('An open deal has an amount');
    expect((await send(rep, 'GET', '/quality?object=role')).status).toBe(404);
    expect(
      (await send(rep, 'POST', '/qualityRules', { name: 'Mine', object: 'case', good: { field: 'subject', op: 'isNotEmpty' } })).status,
    ).toBe(403);
  });

  it('measures duplicates, too, and refuses a rule that speaks of nothing there is', async () => {
    await measure('party');
    expect((await told(admin, 'party')).rules.at(-1)).toMatchObject({ id: 'duplicates', applies: 1, bad: 0 });
    const wrong = await send(admin, 'POST', '/qualityRules', {
      name: 'Wrong',
      object: 'case',
      good: { field: 'nothing', op: 'isNotEmpty' },
    });
    expect([wrong.status, (wrong.body as { errors: { path: string }[] }).errors[0]?.path]).toEqual([422, 'good.field']);
    expect((await send(admin, 'POST', '/qualityRules', { name: 'Wrong', object: 'ghost', good: { all: [] } })).status).toBe(422);
  });

  it('shows a rule that rests, with the reason, to who knows the rules; brought back or changed it is measured again', async () => {
    const kept = await send(admin, 'POST', '/catalogue/objects/case/fields', {
      key: 'xSeverity',
      field: { type: 'integer' },
      words: { en: { label: 'Severity' } },
    });
    expect(kept.status, kept.text).toBe(201);
    const rule = await made('qualityRules', {
      name: 'Severity is told',
      object: 'case',
      dimension: 'completeness',
      good: { field: 'xSeverity', op: 'isNotEmpty' },
    });
    const retire = async (retired: boolean): Promise<void> => {
      const changed = await send(admin, 'PATCH', '/catalogue/objects/case/fields/xSeverity', { retired });
      expect(changed.status, changed.text).toBe(200);
    };
    const of = (quality: Told) => quality.rules.some(({ id }) => id === rule);
    expect(of(await told(admin))).toBe(true);
    await retire(true);
    const rests = await told(admin);
    expect(of(rests)).toBe(false);
    expect(rests.resting).toEqual([
      { id: rule, name: 'Severity is told', dimension: 'completeness', reason: 'retired', field: 'xSeverity' },
    ]);
    await measure();
    expect((await told(admin)).resting).toHaveLength(1);
    await retire(false);
    expect((await told(admin)).resting).toEqual([]);
    expect(of(await told(admin))).toBe(true);
  });
});
