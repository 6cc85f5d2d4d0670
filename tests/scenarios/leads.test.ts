import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { runFills } from '#engine/record/fills.ts';
import { lossReasonFill } from '#modules/leads/loss-reasons.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** A lead from its first word to the deal that it becomes, or to the reason why it does not. */
let inside: Inside;
const keys: Record<string, string> = {};
const users: Record<string, string> = {};
interface Row {
  id: string;
  [key: string]: unknown;
}
type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

const send = (method: Method, path: string, body?: unknown, who = 'admin') =>
  inside.ask(method, `/api/v1${path}`, { key: keys[who], ...(body === undefined ? {} : { body }) });
const good = async <T = Row>(method: Method, path: string, body?: unknown, who = 'admin'): Promise<T> => {
  const answer = await send(method, path, body, who);
  expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(300);
  return answer.body as T;
};
const problems = (body: unknown) =>
  ((body as { errors?: { path: string; code: string }[] }).errors ?? []).map(({ path, code }) => [path, code]);
const read = (id: string) => good('GET', `/leads/${id}`);

let party: Row;
let reasons: Row[];
const reason = (name: string): string => reasons.find((row) => row.name === name)?.id ?? '';

beforeAll(async () => {
  inside = await insideProduct({});
  const ctx = await inside.ctx();
  users.admin = ctx.actor.userId ?? '';
  keys.admin = (await createApiKey(ctx.db, { userId: users.admin, name: 'test' })).secret;
  for (const [name, role] of [
    ['rep', 'salesRep'],
    ['other', 'salesRep'],
    ['agent', 'agent'],
  ] as const) {
    users[name] = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: [role] });
    keys[name] = (await createApiKey(ctx.db, { userId: users[name] ?? '', name: 'test' })).secret;
  }
  party = await good('POST', '/parties', { name: 'Roastery Lind', emails: [{ value: 'hello@lind.example' }] });
  reasons = (
    await good<{ items: Row[] }>('POST', '/closeReasons/query', { fields: ['name', 'outcome'], sort: ['outcome', 'position'], limit: 50 })
  ).items;
});
afterAll(() => inside.stop());

const make = (values: Record<string, unknown> = {}, who = 'admin'): Promise<Row> =>
  good('POST', '/leads', { name: 'Two grinders', party: party.id, ...values }, who);

describe('a lead', () => {
  it('names a party and is called by what it asks for', async () => {
    expect(problems((await send('POST', '/leads', { name: 'Nobody' })).body)).toEqual([['party', 'required']]);
    const product = await good('POST', '/products', { name: 'Grinder K4' });
    const called = async (values: Record<string, unknown>) =>
      (await read((await good('POST', '/leads', { party: party.id, ...values })).id)).name;
    expect(await called({ product: product.id, message: 'Hello' })).toBe('Grinder K4');
    expect(await called({ message: 'We need two grinders\nby May' })).toBe('We need two grinders');
    expect(await called({})).toBe('Roastery Lind');
    const lead = await read((await make()).id);
    expect(lead).toMatchObject({ status: 'new', source: 'other', suspect: false, owner: { id: users.admin } });
    expect(Math.abs(Date.now() - Date.parse(String(lead.receivedAt)))).toBeLessThan(60_000);
  });

  it('is lost for a reason of its own, and forgets it when it is open again', async () => {
    const { id } = await make();
    expect(problems((await send('PATCH', `/leads/${id}`, { status: 'lost' })).body)).toEqual([['lossReason', 'required']]);
    const ofDeals = reasons.find((row) => row.outcome === 'lost')?.id;
    expect(problems((await send('PATCH', `/leads/${id}`, { status: 'lost', lossReason: ofDeals })).body)).toEqual([
      ['lossReason', 'otherOutcome'],
    ]);
    expect(problems((await send('PATCH', `/leads/${id}`, { lossReason: reason('No budget') })).body)).toEqual([['lossReason', 'notLost']]);
    const lost = await send('PATCH', `/leads/${id}`, { status: 'lost', lossReason: reason('No budget'), lossNote: 'Next year' });
    expect(await read(id)).toMatchObject({ status: 'lost', lossNote: 'Next year', closedAt: expect.any(String) });
    await good('PATCH', `/leads/${id}`, { status: 'working' });
    expect(await read(id)).toMatchObject({ status: 'working', lossReason: null, lossNote: null, closedAt: null });
    await good('PATCH', `/leads/${id}`, { status: 'qualified' });
    expect(await read(id)).toMatchObject({ qualifiedAt: expect.any(String) });
    const back = await send('PATCH', `/leads/${id}`, { status: 'new' });
    expect(await read(id)).toMatchObject({ qualifiedAt: null });
    await good('POST', `/causes/${String(back.headers['perigon-cause'])}/undo`);
    expect(await read(id)).toMatchObject({ status: 'qualified', qualifiedAt: expect.any(String) });
    expect(lost.status).toBe(200);
    // A reason for deals is none for leads, nor one for leads one for deals.
    const deal = await good('POST', '/opportunities', { name: 'Deal', customer: party.id });
    const closed = await send('POST', '/actions/closeOpportunity', { ids: [deal.id], as: 'lost', closeReason: reason('Spam') });
    expect(problems(closed.body)).toEqual([['closeReason', 'otherOutcome']]);
  });

  it('is converted by nothing but its conversion', async () => {
    const { id } = await make();
    expect(problems((await send('PATCH', `/leads/${id}`, { status: 'converted' })).body)).toEqual([['status', 'convert']]);
    expect(problems((await send('PATCH', `/leads/${id}`, { opportunity: party.id })).body)).toEqual([['opportunity', 'readOnly']]);
  });

  it('stands in the 360° view of its customer, and matters when nobody answers', async () => {
    const asked = await good('POST', '/parties', { name: 'Waits' });
    await make({ party: asked.id, receivedAt: new Date(Date.now() - 3 * 86_400_000).toISOString(), name: 'Old question' });
    const overview = await good<{ matters: { key: string; title: string }[]; sections: { key: string; count: number }[] }>(
      'GET',
      `/parties/${asked.id}/overview`,
    );
    expect(overview.matters.map(({ key, title }) => [key, title])).toEqual([['lead.unanswered', 'Old question']]);
    expect(overview.sections.find(({ key }) => key === 'leads')?.count).toBe(1);
    expect(JSON.stringify(await good('GET', `/parties/${asked.id}/timeline`))).toContain('Old question');
    expect(JSON.stringify(await good('GET', `/parties/${asked.id}/brief`))).toContain('openLeads');
  });

  it('is there for whom the matrix says', async () => {
    const { id } = await make({ name: 'Budgeted', budget: { amount: '900', currency: 'EUR' } });
    expect((await send('GET', `/leads/${id}`, undefined, 'rep')).status).toBe(404);
    expect(await good('GET', `/leads/${id}`, undefined, 'agent')).not.toHaveProperty('budget');
    expect((await send('PATCH', `/leads/${id}`, { need: 'x' }, 'agent')).status).toBe(403);
    const own = await good('POST', '/parties', { name: 'Of the rep' }, 'rep');
    const mine = await make({ party: own.id }, 'rep');
    expect((await read(mine.id)).owner).toMatchObject({ id: users.rep });
    expect((await send('PATCH', `/leads/${mine.id}`, { need: 'x' }, 'other')).status).toBe(404);
  });

  it('has reasons for its loss in companies that were there before', async () => {
    const { db } = inside.product;
    const names = () =>
      db.query<{ name: string }>(`select name from close_reasons where outcome = 'lead' and deleted_at is null order by position`);
    const before = await names();
    expect(before.map(({ name }) => name)).toEqual(['No budget', 'Not reachable', 'No fit', 'Competitor chosen', 'Duplicate', 'Spam']);
    await db.query(`update leads set loss_reason_id = null`);
    await db.query(`delete from close_reasons where outcome = 'lead'`);
    await db.query(`delete from settings where key = 'fills'`);
    await runFills(db, [lossReasonFill], () => false);
    expect(await names()).toEqual(before);
    await runFills(db, [lossReasonFill], () => false);
    expect(await names()).toHaveLength(before.length);
    reasons = (
      await good<{ items: Row[] }>('POST', '/closeReasons/query', { fields: ['name', 'outcome'], sort: ['outcome', 'position'], limit: 50 })
    ).items;
  });
});
