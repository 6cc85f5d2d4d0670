import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import type { UndoReport } from '#engine/record/undo.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Undo from the history of one record: what an act did to it alone, by whoever may write it, field by field. */
let inside: Inside;
const keys: Record<string, string> = {};
const ids: Record<string, string> = {};

const ask = (who: string, method: string, url: string, body?: unknown) => inside.ask(method, url, { key: keys[who], body });
const make = async (plural: string, values: object): Promise<string> => {
  const answer = await ask('admin', 'POST', `/api/v1/${plural}`, values);
  expect(answer.status, answer.text).toBe(201);
  return (answer.body as { id: string }).id;
};
const undo = (who: string, cause: string, object: string, record: string) =>
  ask(who, 'POST', `/api/v1/causes/${cause}/undo?object=${object}&record=${record}`);
const read = async (plural: string, id: string) => (await ask('admin', 'GET', `/api/v1/${plural}/${id}`)).body as Record<string, unknown>;

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  ids.admin = ctx.actor.userId ?? '';
  for (const [name, role] of [
    ['rep', 'salesRep'],
    ['agent', 'agent'],
    ['reader', 'readOnly'],
  ] as const)
    ids[name] = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: [role] });
  for (const [name, userId] of Object.entries(ids)) keys[name] = (await createApiKey(ctx.db, { userId, name: 'test' })).secret;
});
afterAll(() => inside.stop());

describe('undo of one record', () => {
  it('takes back what an act did to it, and leaves the other records of the act', async () => {
    const [one, two] = [
      await make('parties', { name: 'One', city: 'Berlin', industry: 'food' }),
      await make('parties', { name: 'Two', city: 'Berlin' }),
    ];
    const batch = await ask('admin', 'POST', '/api/v1/parties/batch', {
      operations: [one, two].map((id) => ({ op: 'update', id, values: { city: 'Wien', industry: 'energy' } })),
    });
    const { cause } = batch.body as { cause: string };
    await ask('admin', 'PATCH', `/api/v1/parties/${one}`, { industry: 'retail' });
    const answer = await undo('admin', cause, 'parties', one);
    expect(answer.status, answer.text).toBe(200);
    const { result } = answer.body as { result: UndoReport };
    expect(result).toMatchObject({ restored: 1, conflictCount: 1, conflicts: [{ id: one, field: 'industry', reason: 'changedSince' }] });
    expect(await read('parties', one)).toMatchObject({ city: 'Berlin', industry: 'retail' });
    expect(await read('parties', two)).toMatchObject({ city: 'Wien', industry: 'energy' });
    // The whole act can still be taken back.
    await ask('admin', 'POST', `/api/v1/causes/${cause}/undo`);
    expect(await read('parties', two)).toMatchObject({ city: 'Berlin', industry: null });
  });

  it('is for who may write the record, whoever did it, and for nobody else', async () => {
    const mine = await make('parties', { name: 'Mine', owner: ids.rep, city: 'Bern' });
    const theirs = await make('parties', { name: 'Theirs', city: 'Bern' });
    const change = async (id: string) =>
      String((await ask('admin', 'PATCH', `/api/v1/parties/${id}`, { city: 'Basel' })).headers['perigon-cause']);
    const [ofMine, ofTheirs] = [await change(mine), await change(theirs)];
    expect((await undo('rep', ofTheirs, 'parties', theirs)).status).toBe(404);
    expect((await undo('rep', ofTheirs, 'parties', mine)).status).toBe(404);
    expect((await undo('reader', ofMine, 'parties', mine)).status).toBe(403);
    expect((await undo('rep', ofMine, 'parties', mine)).body).toMatchObject({ result: { restored: 1 } });
    expect(await read('parties', mine)).toMatchObject({ city: 'Bern' });
    expect(await read('parties', theirs)).toMatchObject({ city: 'Basel' });
  });

  it('neither restores nor names what is hidden from its asker', async () => {
    const customer = await make('parties', { name: 'Buyer' });
    const deal = await make('opportunities', { name: 'Deal', customer, amount: { amount: '10', currency: 'EUR' } });
    const cause = String(
      (await ask('admin', 'PATCH', `/api/v1/opportunities/${deal}`, { amount: { amount: '99', currency: 'EUR' } })).headers[
        'perigon-cause'
      ],
    );
    const answer = await undo('agent', cause, 'opportunities', deal);
    expect(answer.text).not.toMatch(/amount|99|"10/);
    expect(await read('opportunities', deal)).toMatchObject({ amount: { amount: '99.00', currency: 'EUR' } });
  });
});
