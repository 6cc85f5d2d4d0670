import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { type CauseFilter, pageSql } from '#engine/record/causes.ts';
import { Params } from '#engine/store/sql.ts';
import { newId } from '#kit/ids.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** What was done stands in a list, act by act, from which it is looked into and taken back; what was deleted lies in the trash. */
let inside: Inside;
let admin: string;
let rep: string;
let repId: string;

interface Line {
  id: string;
  kind: string;
  actor: { name: string | null };
  parent: string | null;
  undone: { by: string | null } | null;
  parts: { object: string; created: number; updated: number; deleted: number; restored: number }[];
  counted: boolean;
  records: { object: string; id: string; name: string }[];
}
interface Page<T> {
  items: T[];
  next: string | null;
}
interface Written {
  id: string;
  cause: string;
}

const ask = async <T>(key: string, method: string, url: string, body?: unknown, status = 200): Promise<T> => {
  const answer = await inside.ask(method, `/api/v1${url}`, { key, body });
  expect(answer.status, answer.text).toBe(status);
  return answer.body as T;
};
const write = async (key: string, method: string, url: string, body?: unknown): Promise<Written> => {
  const answer = await inside.ask(method, `/api/v1${url}`, { key, body });
  expect(answer.status, answer.text).toBeLessThan(300);
  return { id: (answer.body as { id?: string }).id ?? '', cause: String(answer.headers['perigon-cause']) };
};
const causes = (key: string, query = '') => ask<Page<Line>>(key, 'GET', `/causes${query}`);
const trash = (key: string, query = '') =>
  ask<Page<{ object: string; id: string; name: string; cause: string; mergedInto: string | null; deletedBy: { name: string } }>>(
    key,
    'GET',
    `/trash${query}`,
  );

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  repId = await inside.product.addUser(ctx, { name: 'Rita Rep', email: 'rep@perigon.example', password: null, roles: ['salesRep'] });
  rep = (await createApiKey(ctx.db, { userId: repId, name: 'test' })).secret;
});
afterAll(() => inside.stop());

describe('what was done', () => {
  it('stands there act by act with what it did to which records, and everyone sees their own', async () => {
    const made = await write(admin, 'POST', '/parties', { kind: 'organisation', name: 'Lantern Works', city: 'Bremen' });
    const changed = await write(admin, 'PATCH', `/parties/${made.id}`, { city: 'Kiel' });
    const own = await write(rep, 'POST', '/parties', { kind: 'organisation', name: 'Marble Works' });
    const { items } = await causes(admin, '?limit=3');
    expect(items.map((line) => [line.id, line.actor.name])).toEqual([
      [own.cause, 'Rita Rep'],
      [changed.cause, 'Ana Admin'],
      [made.cause, 'Ana Admin'],
    ]);
    expect(items[1]).toMatchObject({
      parts: [{ object: 'party', created: 0, updated: 1, deleted: 0, restored: 0 }],
      counted: true,
      records: [{ object: 'party', id: made.id, name: 'Lantern Works' }],
      undone: null,
    });
    expect((await causes(rep)).items.map((line) => line.id)).toEqual([own.cause]);
    expect((await causes(admin, '?actor=me&limit=1')).items.map((line) => line.id)).toEqual([changed.cause]);
    expect((await causes(admin, `?actor=${repId}`)).items.map((line) => line.id)).toEqual([own.cause]);
    expect((await causes(admin, '?object=case')).items).toEqual([]);

    const changes = await ask<Page<{ name: string; fields: unknown }>>(admin, 'GET', `/causes/${changed.cause}/changes`);
    expect(changes.items).toMatchObject([{ name: 'Lantern Works', action: 'update', fields: { city: { from: 'Bremen', to: 'Kiel' } } }]);
    await ask(rep, 'GET', `/causes/${changed.cause}/changes`, undefined, 404);
    await ask(rep, 'GET', `/causes/${newId()}/changes`, undefined, 404);
  });

  it('is paged without losing or repeating one', async () => {
    const whole = (await causes(admin, '?limit=100')).items.map((line) => line.id);
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page<Line> = await causes(admin, `?limit=2${cursor ? `&cursor=${cursor}` : ''}`);
      paged.push(...page.items.map((line) => line.id));
      cursor = page.next;
    }
    expect(paged).toEqual(whole);
    await ask(admin, 'GET', '/causes?cursor=nonsense', undefined, 422);
  });

  it('is taken back from there, says so afterwards, and what an undo did is an act as well', async () => {
    const { id } = await write(admin, 'POST', '/parties', { kind: 'organisation', name: 'Copper Works', city: 'Bremen' });
    const { cause } = await write(admin, 'PATCH', `/parties/${id}`, { city: 'Kiel', industry: 'energy' });
    await write(admin, 'PATCH', `/parties/${id}`, { city: 'Lübeck' });
    const preview = await ask<{ restored: number; conflicts: unknown[]; rehearsed: boolean }>(
      admin,
      'POST',
      `/causes/${cause}/undo?dryRun=true`,
      {},
    );
    expect(preview).toMatchObject({ restored: 1, rehearsed: true, conflicts: [{ id, field: 'city', reason: 'changedSince' }] });
    await ask(admin, 'POST', `/causes/${cause}/undo`, {});
    expect(await ask(admin, 'GET', `/parties/${id}`)).toMatchObject({ city: 'Lübeck', industry: null });
    const [undo, , done] = (await causes(admin, '?limit=3')).items;
    expect(undo).toMatchObject({ kind: 'undo', parent: cause });
    expect(done).toMatchObject({ id: cause, undone: { by: 'Ana Admin' } });
    expect((await causes(admin, `?parent=${cause}`)).items.map((line) => line.id)).toEqual([undo?.id]);
  });

  it('is previewed from the log where it was much', async () => {
    const { cause } = await ask<{ cause: string }>(admin, 'POST', '/parties/batch', {
      operations: Array.from({ length: 1500 }, (_, i) => ({ op: 'create', values: { kind: 'organisation', name: `Bulk ${i}` } })),
    });
    const line = (await causes(admin, '?limit=1')).items[0];
    expect(line).toMatchObject({ id: cause, counted: false, records: [{ name: 'Bulk 0' }, { name: 'Bulk 1' }, { name: 'Bulk 2' }] });
    const one = line?.records[0]?.id ?? '';
    await write(admin, 'PATCH', `/parties/${one}`, { name: 'Bulk zero' });
    expect(await ask(admin, 'POST', `/causes/${cause}/undo?dryRun=true`, {})).toMatchObject({
      rehearsed: false,
      removed: 1500,
      total: 1500,
      conflictCount: 1,
      conflicts: [{ id: one, field: 'name' }],
    });
  });
});

describe('the trash', () => {
  it('holds what was deleted, latest first, and brings it back', async () => {
    const [a, b] = await Promise.all(
      ['Amber Works', 'Basalt Works'].map((name) => write(admin, 'POST', '/parties', { kind: 'organisation', name })),
    );
    await write(admin, 'DELETE', `/parties/${a?.id}`);
    const { cause } = await write(admin, 'DELETE', `/parties/${b?.id}`);
    expect((await trash(admin, '?limit=2')).items).toMatchObject([
      { object: 'party', id: b?.id, name: 'Basalt Works', cause, mergedInto: null, deletedBy: { name: 'Ana Admin' } },
      { object: 'party', id: a?.id, name: 'Amber Works' },
    ]);
    const first = await trash(admin, '?limit=1');
    expect((await trash(admin, `?limit=1&cursor=${first.next}`)).items.map((one) => one.id)).toEqual([a?.id]);
    expect((await trash(admin, '?q=amb')).items.map((one) => one.id)).toEqual([a?.id]);
    expect((await trash(admin, '?object=case')).items).toEqual([]);
    expect((await trash(rep)).items).toEqual([]);
    await ask(rep, 'POST', '/trash/restore', { object: 'party', ids: [a?.id] }, 403);

    const back = await ask<{ restored: number; failed: number }>(admin, 'POST', '/trash/restore', {
      object: 'party',
      ids: [a?.id, b?.id, newId()],
    });
    expect(back).toMatchObject({ restored: 2, failed: 1 });
    expect(await ask(admin, 'GET', `/parties/${a?.id}`)).toMatchObject({ name: 'Amber Works' });
    expect((await trash(admin)).items).toEqual([]);
  });

  it('tells what lies there because it was merged', async () => {
    const [stays, goes] = await Promise.all(
      ['Cobalt Works', 'Cobalt Works Ltd'].map((name) => write(admin, 'POST', '/parties', { kind: 'organisation', name })),
    );
    await write(admin, 'POST', '/merges', { object: 'party', survivor: stays?.id, loser: goes?.id });
    expect((await trash(admin)).items).toMatchObject([{ id: goes?.id, mergedInto: stays?.id }]);
    const [merged] = (await trash(admin)).items;
    await ask(admin, 'POST', `/causes/${merged?.cause}/undo`, {});
    expect((await trash(admin)).items).toEqual([]);
  });
});

describe('a rare kind or object among thousands of causes', () => {
  it('is found by an index in the order of the page, whoever asks, and pages go on without a gap', async () => {
    const ctx = await inside.ctx();
    const { db } = inside.product;
    const actor = ctx.actor.userId ?? '';
    await db.query(
      `with made as (
         insert into causes (id, kind, actor_kind, actor_id, at)
         select gen_random_uuid(), case when n % 1500 = 0 then 'territories' else 'request' end, 'staff', $1::uuid, now() - n * interval '1 minute'
         from generate_series(1, 6000) n returning id, kind)
       insert into changes (cause, object, record_id, action, version, after)
       select id, case kind when 'request' then 'case' else 'asset' end, gen_random_uuid(), 'update', 2, '{}' from made`,
      [actor],
    );
    await db.query('analyze causes');
    await db.query('analyze changes');
    await db.query('analyze cause_objects');
    const asked: CauseFilter[] = [
      {},
      { kind: 'territories' },
      { object: 'asset' },
      { object: 'asset', kind: 'territories' },
      { object: 'case', kind: 'territories' },
      { actor, kind: 'territories' },
      { actor, object: 'asset' },
    ];
    for (const filter of asked) {
      const params = new Params();
      const rows = await db.query<{ 'QUERY PLAN': string }>(`explain ${pageSql(filter, 31, params)}`, params.values);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan, JSON.stringify(filter)).not.toMatch(/Seq Scan/);
    }
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page<Line> = await causes(admin, `?object=asset&limit=3${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...page.items.map((line) => line.id));
      cursor = page.next;
    }
    const [all] = await db.query<{ ids: string[] }>(
      `select array_agg(c.id order by c.at desc, c.id desc) as ids from causes c where exists (select 1 from changes w where w.cause = c.id and w.object = 'asset')`,
    );
    expect(seen).toEqual(all?.ids);
    expect((await causes(admin, '?kind=territories&object=case')).items).toEqual([]);
    expect((await causes(rep, '?object=asset')).items).toEqual([]);
  });
});
