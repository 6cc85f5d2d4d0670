import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { newCause } from '#engine/record/context.ts';
import { write } from '#engine/record/write.ts';
import { newId } from '#kit/ids.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** One change to all records of a condition: a job with progress, one cause, one undo, and no further than its asker reaches. */
let inside: Inside;
let admin: string;
let rep: string;
let repId: string;
const BERLIN = 4100;
const WIEN = 120;
/** One more customer of Berlin, of the rep. */
const TOTAL = BERLIN + 1;

interface Job {
  state: string;
  done: number;
  total: number | null;
  result: { changed: number; unchanged: number; failed: number; problems: { id: string; detail: string }[]; cause: string } | null;
  error: string | null;
}

const ended = async (key: string, id: string): Promise<Job> => {
  for (;;) {
    const { body } = await inside.ask('GET', `/api/v1/jobs/${id}`, { key });
    const job = body as Job;
    if (!['queued', 'running'].includes(job.state)) return job;
    await new Promise((done) => setTimeout(done, 50));
  }
};
const bulk = (key: string, body: unknown, headers?: Record<string, string>) =>
  inside.ask('POST', '/api/v1/parties/bulk', { key, body, headers });
const count = async (where: unknown): Promise<number> => {
  const { body } = await inside.ask('POST', '/api/v1/parties/query', {
    key: admin,
    body: { where, limit: 1, fields: ['id'], count: true },
  });
  return (body as { count: { value: number } }).count.value;
};
const city = (value: string) => ({ field: 'city', op: 'eq', value });

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  repId = await inside.product.addUser(ctx, { name: 'Rep', email: 'rep@perigon.example', password: null, roles: ['salesRep'] });
  rep = (await createApiKey(ctx.db, { userId: repId, name: 'test' })).secret;
  const party = ctx.model.object('party');
  const make = (n: number, place: string, owner?: string) =>
    write(
      ctx,
      party,
      Array.from({ length: n }, (_, i) => ({
        op: 'create' as const,
        values: { kind: 'organisation', name: `${place} ${i}`, city: place, ...(owner ? { owner } : {}) },
      })),
    );
  await make(BERLIN, 'Berlin');
  await make(WIEN, 'Wien');
  await make(1, 'Berlin', repId);
});
afterAll(() => inside.stop());

describe('a change of all records that meet a condition', () => {
  it('reaches them all though it takes them out of the condition, and one undo takes it back', async () => {
    const asked = await bulk(admin, { where: city('Berlin'), set: { city: 'Potsdam', industry: 'food' } }, { 'idempotency-key': 'move-1' });
    expect(asked.status).toBe(202);
    const { id } = asked.body as { id: string };
    const again = await bulk(admin, { where: city('Berlin'), set: { city: 'Potsdam', industry: 'food' } }, { 'idempotency-key': 'move-1' });
    expect(again.body).toEqual({ id });
    const job = await ended(admin, id);
    expect(job).toMatchObject({ state: 'done', done: TOTAL, total: TOTAL, result: { changed: TOTAL, unchanged: 0, failed: 0 } });
    expect([await count(city('Berlin')), await count(city('Potsdam')), await count(city('Wien'))]).toEqual([0, TOTAL, WIEN]);

    const { body } = await inside.ask('POST', `/api/v1/causes/${job.result?.cause}/undo`, { key: admin });
    expect((await ended(admin, (body as { id: string }).id)).state).toBe('done');
    expect([await count(city('Berlin')), await count(city('Potsdam'))]).toEqual([TOTAL, 0]);
    expect(await count({ field: 'industry', op: 'eq', value: 'food' })).toBe(0);
  });

  it('touches only what its asker may change, and says nothing of the rest', async () => {
    const { body } = await bulk(rep, { where: { all: [] }, set: { industry: 'retail' } });
    expect(await ended(rep, (body as { id: string }).id)).toMatchObject({ state: 'done', result: { changed: 1, failed: 0 } });
    expect(await count({ field: 'industry', op: 'eq', value: 'retail' })).toBe(1);
  });

  it('deletes and brings back', async () => {
    const { body } = await bulk(admin, { where: city('Wien'), delete: true });
    const job = await ended(admin, (body as { id: string }).id);
    expect(job.result).toMatchObject({ changed: WIEN, failed: 0 });
    expect(await count(city('Wien'))).toBe(0);
    const undone = await inside.ask('POST', `/api/v1/causes/${job.result?.cause}/undo`, { key: admin });
    await ended(admin, (undone.body as { id: string }).id);
    expect(await count(city('Wien'))).toBe(WIEN);
  });

  it('goes on from where it was broken off, each record once', async () => {
    const ctx = await inside.ctx();
    const cause = newCause('bulk');
    const ids = (
      await ctx.db.query<{ id: string }>(`select id from parties where city = 'Berlin' and deleted_at is null order by id limit 2000`)
    ).map((row) => row.id);
    // What a server that was killed after its first chunk leaves behind: a running job, its position, the rows it wrote.
    await write(
      await inside.product.commandContext('ana@perigon.example', cause),
      ctx.model.object('party'),
      ids.map((id) => ({ op: 'update', id, values: { industry: 'energy' } })),
    );
    const id = newId();
    const progress = { after: ids.at(-1), upTo: newId(), changed: 2000, unchanged: 0, failed: 0, problems: [] };
    await ctx.db.query(
      `insert into jobs (id, kind, state, payload, progress, done, total, actor_kind, actor_id, cause) values ($1::uuid, 'bulk', 'running', $2::jsonb, $3::jsonb, 2000, $4::bigint, 'staff', $5::uuid, $6::uuid)`,
      [
        id,
        JSON.stringify({ object: 'party', where: city('Berlin'), change: { set: { industry: 'energy' } } }),
        JSON.stringify(progress),
        TOTAL,
        ctx.actor.userId,
        cause.id,
      ],
    );
    expect(await ended(admin, id)).toMatchObject({ state: 'done', done: TOTAL, result: { changed: TOTAL, unchanged: 0, cause: cause.id } });
    expect(await count({ field: 'industry', op: 'eq', value: 'energy' })).toBe(TOTAL);
  });

  it('refuses at once what no record could take', async () => {
    const refused = async (body: unknown) => {
      const answer = await bulk(admin, body);
      return [answer.status, (answer.body as { errors: { path: string }[] }).errors.map(({ path }) => path)];
    };
    expect(await refused({ where: city('Wien'), set: { industry: 'nonsense', nosuch: 1 } })).toEqual([422, ['set.industry', 'set.nosuch']]);
    expect(await refused({ where: city('Wien'), set: { name: null } })).toEqual([422, ['set.name']]);
    expect(await refused({ where: city('Wien'), set: {} })).toEqual([422, ['set']]);
    expect(await refused({ where: city('Wien') })).toEqual([422, ['set']]);
    expect((await refused({ where: { field: 'nosuch', op: 'eq', value: 1 }, delete: true }))[0]).toBe(422);
    expect((await refused({ delete: true }))[0]).toBe(422);
  });

  it('does not give many records a value that each has for itself', async () => {
    const answer = await inside.ask('POST', '/api/v1/products/bulk', { key: admin, body: { where: { all: [] }, set: { sku: 'B-1' } } });
    expect([answer.status, (answer.body as { errors: { code: string }[] }).errors[0]?.code]).toEqual([422, 'unique']);
  });
});
