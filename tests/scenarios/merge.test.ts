import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { resumeMerges } from '#engine/record/merge.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Two customers become one and apart again: nothing that hung on either is lost on the way, there or back. */
let inside: Inside;
let admin: string;
let rep: string;
let repId: string;

type Values = Record<string, unknown> & { id: string; version: number };
const ask = async <T = Values>(key: string, method: string, url: string, body?: unknown): Promise<T> => {
  const answer = await inside.ask(method, url, { key, body });
  expect(answer.status, `${method} ${url} ${answer.text}`).toBeLessThan(300);
  return answer.body as T;
};
const create = async (plural: string, values: Record<string, unknown>, key = admin): Promise<string> =>
  (await ask(key, 'POST', `/api/v1/${plural}`, values)).id;
const read = (id: string, plural = 'parties') => ask(admin, 'GET', `/api/v1/${plural}/${id}`);
const status = async (key: string, method: string, url: string, body?: unknown) => (await inside.ask(method, url, { key, body })).status;
interface Report {
  id: string;
  moved: number;
  dropped: number;
  refused: unknown[];
  cause: string;
}
const merge = (survivor: string, loser: string, keep?: Record<string, string>) =>
  ask<Report>(admin, 'POST', '/api/v1/merges', { object: 'party', survivor, loser, ...(keep ? { keep } : {}) });
/** Takes a cause back; its job's outcome. */
async function undo(cause: string): Promise<{ conflictCount: number; conflicts: unknown[] }> {
  type Outcome = { conflictCount: number; conflicts: unknown[] };
  const asked = await ask<{ id?: string; result?: Outcome }>(admin, 'POST', `/api/v1/causes/${cause}/undo`);
  // A small one comes back at once, a large one is a job.
  if (asked.result) return asked.result;
  for (;;) {
    const job = await ask<{ state: string; result: { conflictCount: number; conflicts: unknown[] } | null }>(
      admin,
      'GET',
      `/api/v1/jobs/${asked.id}`,
    );
    if (job.state === 'done' && job.result) return job.result;
    expect(['queued', 'running']).toContain(job.state);
    await new Promise((done) => setTimeout(done, 50));
  }
}

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  repId = await inside.product.addUser(ctx, { name: 'Rep', email: 'rep@perigon.example', password: null, roles: ['salesRep'] });
  rep = (await createApiKey(ctx.db, { userId: repId, name: 'test' })).secret;
});
afterAll(() => inside.stop());

async function twoNordwinds() {
  const stays = await create('parties', {
    kind: 'organisation',
    name: 'Nordwind AG',
    emails: ['post@nordwind.example'],
    phones: ['+49 40 1112223'],
    tags: ['energy'],
    externalIds: [{ system: 'erp', value: `A-${Math.random()}` }],
  });
  const goes = await create('parties', {
    kind: 'organisation',
    name: 'Nordwind Energie',
    emails: ['einkauf@nordwind.example', 'post@nordwind.example'],
    website: 'https://nordwind.example',
    tags: ['wind'],
    city: 'Kiel',
    externalIds: [{ system: 'shop', value: `B-${Math.random()}` }],
  });
  const children = {
    opportunities: await create('opportunities', { name: 'Turbines', customer: goes, owner: repId }),
    cases: await create('cases', { subject: 'Rotor', customer: goes }),
    notes: await create('notes', { subject: 'Met at the fair', party: goes }),
    tasks: await create('tasks', { subject: 'Call back', party: goes }),
    facts: await create('facts', { text: 'Pays late', party: goes }),
    interactions: await create('interactions', { party: goes, at: '2025-03-04T10:00:00Z', channel: 'phone', subject: 'Call' }),
    orders: await create('orders', { number: `O-${Math.random()}`, customer: goes, date: '2026-01-01' }),
    subsidiary: await create('parties', { kind: 'organisation', name: 'Nordwind Service', parent: goes }),
    between: await create('relationships', { from: stays, to: goes, type: 'partnerOf' }),
  };
  return { stays, goes, children };
}

const OF = {
  opportunities: 'customer',
  cases: 'customer',
  notes: 'party',
  tasks: 'party',
  facts: 'party',
  interactions: 'party',
  orders: 'customer',
} as const;

describe('merging', () => {
  it('shows first what will happen', async () => {
    const { stays, goes } = await twoNordwinds();
    const preview = await ask<{ fields: { key: string; keep: string; list: boolean }[]; moves: { object: string; count: number }[] }>(
      admin,
      'POST',
      '/api/v1/merges/preview',
      { object: 'party', survivor: stays, loser: goes },
    );
    const keeps = Object.fromEntries(preview.fields.map(({ key, keep }) => [key, keep]));
    expect(keeps).toMatchObject({
      name: 'survivor',
      emails: 'both',
      phones: 'survivor',
      website: 'loser',
      city: 'loser',
      tags: 'both',
      externalIds: 'both',
    });
    expect(Object.fromEntries(preview.moves.map(({ object, count }) => [object, count]))).toMatchObject({
      opportunity: 1,
      case: 1,
      note: 1,
      task: 1,
      fact: 1,
      interaction: 1,
      order: 1,
      party: 1,
    });
  });

  it('brings values, identifiers and everything that hung on the other; its id and names go on resolving', async () => {
    const { stays, goes, children } = await twoNordwinds();
    const shop = (await read(goes)).externalIds as { system: string; value: string }[];
    const report = await merge(stays, goes, { name: 'loser' });
    expect(report).toMatchObject({ id: stays, dropped: 1, refused: [] });
    expect(report.moved, JSON.stringify(report)).toBeGreaterThanOrEqual(8);
    const now = await read(stays);
    expect(now).toMatchObject({ name: 'Nordwind Energie', city: 'Kiel', tags: ['energy', 'wind'] });
    expect((now.emails as { value: string; primary: boolean }[]).map(({ value, primary }) => `${value} ${primary}`)).toEqual([
      'post@nordwind.example true',
      'einkauf@nordwind.example false',
    ]);
    expect((now.externalIds as { system: string }[]).map(({ system }) => system).sort()).toEqual(['erp', 'shop']);
    for (const [plural, field] of Object.entries(OF)) {
      const child = await read(children[plural as keyof typeof OF], plural);
      expect((child[field] as { id: string }).id, plural).toBe(stays);
    }
    expect(((await read(children.subsidiary)).parent as { id: string }).id).toBe(stays);
    expect(await status(admin, 'GET', `/api/v1/relationships/${children.between}`)).toBe(404);

    const old = await inside.ask('GET', `/api/v1/parties/${goes}`, { key: admin });
    expect(old.status).toBe(200);
    expect((old.body as Values).id).toBe(stays);
    expect(old.headers['content-location']).toBe(`/api/v1/parties/${stays}`);
    expect(await ask<{ party: { id: string } }>(admin, 'GET', `/api/v1/parties/${goes}/overview`)).toMatchObject({ party: { id: stays } });
    const found = await ask<{ party: { id: string } | null }>(admin, 'POST', '/api/v1/parties/resolve', {
      identifiers: [{ kind: 'shop', value: shop[0]?.value }],
    });
    expect(found.party?.id).toBe(stays);
    // Written with the old id, as a partner's system still knows it.
    const late = await create('notes', { subject: 'Late', party: goes });
    expect(((await read(late, 'notes')).party as { id: string }).id).toBe(stays);
  });

  it('taken back, everything is where it was; what was edited since stays as it was edited', async () => {
    const { stays, goes, children } = await twoNordwinds();
    await inside.figured();
    const [one, other] = [await read(stays), await read(goes)];
    const report = await merge(stays, goes);
    await ask(admin, 'PATCH', `/api/v1/parties/${stays}`, { jobTitle: null, description: 'Edited after the merge', city: 'Hamburg' });
    await ask(admin, 'PATCH', `/api/v1/cases/${children.cases}`, { subject: 'Rotor, edited' });
    const back = await undo(report.cause);
    // The town came from the other and was changed since.
    expect(back.conflicts).toMatchObject([{ id: stays, field: 'city', reason: 'changedSince' }]);
    const bare = ({ version: _, updatedAt: __, updatedBy: ___, ...rest }: Values) => rest;
    await inside.figured();
    expect(bare(await read(goes))).toEqual(bare(other));
    expect(bare(await read(stays))).toEqual({ ...bare(one), description: 'Edited after the merge', city: 'Hamburg' });
    for (const [plural, field] of Object.entries(OF)) {
      const child = await read(children[plural as keyof typeof OF], plural);
      expect((child[field] as { id: string }).id, plural).toBe(goes);
    }
    expect((await read(children.cases, 'cases')).subject).toBe('Rotor, edited');
    expect(((await read(children.subsidiary)).parent as { id: string }).id).toBe(goes);
    expect(await status(admin, 'GET', `/api/v1/relationships/${children.between}`)).toBe(200);
    expect((await read(goes)).id).toBe(goes);
  });

  it('goes on through several merges, and each comes back by itself', async () => {
    const [a, b, c] = await Promise.all(['A', 'B', 'C'].map((name) => create('parties', { kind: 'organisation', name: `Chain ${name}` })));
    const note = await create('notes', { subject: 'x', party: a });
    const first = await merge(b ?? '', a ?? '');
    const second = await merge(c ?? '', b ?? '');
    expect((await read(a ?? '')).id).toBe(c);
    await undo(second.cause);
    expect((await read(a ?? '')).id).toBe(b);
    await undo(first.cause);
    expect((await read(a ?? '')).id).toBe(a);
    expect(((await read(note, 'notes')).party as { id: string }).id).toBe(a);
  });

  it('goes on where a server stopped before everything had followed', async () => {
    const { stays, goes, children } = await twoNordwinds();
    const report = await merge(stays, goes);
    const { db } = inside.product;
    // As kill -9 leaves it: the two are one, some of what hung on the other is not over yet.
    await db.query('update cases set customer_id = $1::uuid where id = $2::uuid', [goes, children.cases]);
    await db.query(`update merges set followed_at = null, at = now() - interval '2 minutes' where loser = $1::uuid`, [goes]);
    expect(await resumeMerges(await inside.ctx())).toBe(1);
    expect(((await read(children.cases, 'cases')).customer as { id: string }).id).toBe(stays);
    expect(await resumeMerges(await inside.ctx())).toBe(0);
    await undo(report.cause);
    expect(((await read(children.cases, 'cases')).customer as { id: string }).id).toBe(goes);
  });

  it('moves thousands in chunks', async () => {
    const stays = await create('parties', { kind: 'organisation', name: 'Big' });
    const goes = await create('parties', { kind: 'organisation', name: 'Big, too' });
    const ctx = await inside.ctx();
    const { write } = await import('#engine/record/write.ts');
    await write(
      ctx,
      ctx.model.object('interaction'),
      Array.from({ length: 2500 }, (_, i) => ({
        op: 'create' as const,
        values: {
          party: goes,
          at: new Date(Date.UTC(2024, 0, 1) + i * 3_600_000 * 8).toISOString(),
          channel: 'email',
          subject: `Mail ${i}`,
        },
      })),
    );
    const report = await merge(stays, goes);
    expect(report).toMatchObject({ moved: 2500, refused: [] });
    expect((await undo(report.cause)).conflictCount).toBe(0);
    const left = await ask<{ count: { value: number } }>(admin, 'POST', '/api/v1/interactions/query', {
      where: { field: 'party', op: 'eq', value: goes },
      limit: 1,
      count: true,
    });
    expect(left.count.value).toBe(2500);
  });

  it('lets nobody wait for many thousands: they follow as a job, under the same cause', async () => {
    const stays = await create('parties', { kind: 'organisation', name: 'Huge' });
    const goes = await create('parties', { kind: 'organisation', name: 'Huge, too' });
    const ctx = await inside.ctx();
    const { write } = await import('#engine/record/write.ts');
    for (let at = 0; at < 6000; at += 2000)
      await write(
        ctx,
        ctx.model.object('interaction'),
        Array.from({ length: 2000 }, (_, i) => ({
          op: 'create' as const,
          values: { party: goes, at: new Date(Date.UTC(2024, 0, 1) + (at + i) * 3_600_000).toISOString(), channel: 'email' },
        })),
      );
    const report = await merge(stays, goes);
    expect(report).toMatchObject({ id: stays, moved: 0 });
    const job = (report as Report & { job: string }).job;
    for (;;) {
      const now = await ask<{ state: string; cause: string; result: Report | null }>(admin, 'GET', `/api/v1/jobs/${job}`);
      if (now.state === 'queued' || now.state === 'running') {
        await new Promise((done) => setTimeout(done, 50));
        continue;
      }
      expect(now).toMatchObject({ state: 'done', cause: report.cause, result: { moved: 6000, refused: [] } });
      break;
    }
    expect(await read(goes)).toMatchObject({ id: stays });
    expect((await undo(report.cause)).conflictCount).toBe(0);
    expect(await read(goes)).toMatchObject({ id: goes });
  });
});

describe('who may', () => {
  it('refuses two kinds, the same record, and records out of reach', async () => {
    const one = await create('parties', { kind: 'organisation', name: 'House' });
    const person = await create('parties', { kind: 'person', personName: { given: 'Ann', family: 'Other' } });
    expect(await status(admin, 'POST', '/api/v1/merges', { object: 'party', survivor: one, loser: person })).toBe(422);
    expect(await status(admin, 'POST', '/api/v1/merges', { object: 'party', survivor: one, loser: one })).toBe(422);
    const mine = await create('parties', { kind: 'organisation', name: 'Mine', owner: repId });
    for (const [survivor, loser] of [
      [mine, one],
      [one, mine],
    ])
      expect(await status(rep, 'POST', '/api/v1/merges', { object: 'party', survivor, loser })).toBeGreaterThanOrEqual(403);
    expect((await read(one)).id).toBe(one);
    expect((await read(mine)).id).toBe(mine);
  });
});
