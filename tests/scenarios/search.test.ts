import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { write } from '#engine/record/write.ts';
import { followDeclarations } from '#engine/search/followed.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Finding what was meant, though it was typed with a slip; and no more than one may read. */
let inside: Inside;
let admin: string;
let rep: string;
let repId: string;

interface Hit {
  object: string;
  id: string;
  title: string;
  match: string;
}
const hits = async (q: string, key = admin, objects = ''): Promise<Hit[]> => {
  const { status, body } = await inside.ask('GET', `/api/v1/search?limit=20&q=${encodeURIComponent(q)}&objects=${objects}`, { key });
  expect(status).toBe(200);
  return (body as { items: Hit[] }).items;
};
const titles = async (q: string, key = admin): Promise<string[]> => (await hits(q, key)).map((hit) => hit.title);
const create = async (plural: string, values: Record<string, unknown>): Promise<string> => {
  const { status, body, text } = await inside.ask('POST', `/api/v1/${plural}`, { key: admin, body: values });
  expect(status, text).toBe(201);
  return (body as { id: string }).id;
};
const party = (name: string, more: Record<string, unknown> = {}) => create('parties', { kind: 'organisation', name, ...more });
/** The words of records are learnt behind the writes. */
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 100 });

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  repId = await inside.product.addUser(ctx, { name: 'Rep', email: 'rep@perigon.example', password: null, roles: ['salesRep'] });
  rep = (await createApiKey(ctx.db, { userId: repId, name: 'test' })).secret;
  await party('Schmidt Maschinenbau', {
    phones: ['+49 341 555 0177'],
    addresses: [{ street: 'Karl-Liebknecht-Straße 12', postalCode: '04107', city: 'Leipzig', country: 'DE' }],
  });
  await party('Schmitt Brot');
  await party('Peña y Hijos');
  await party('Zürcher Kantonalbank');
});
afterAll(() => inside.stop());

describe('searching', () => {
  it('finds by words, beginnings, accents or none, ends of telephone numbers and parts of addresses', async () => {
    expect(await titles('maschinenbau')).toEqual(['Schmidt Maschinenbau']);
    expect(await titles('masch schm')).toEqual(['Schmidt Maschinenbau']);
    expect(await titles('pena')).toEqual(['Peña y Hijos']);
    expect(await titles('ZURCHER')).toEqual(['Zürcher Kantonalbank']);
    expect((await hits('0177')).map((hit) => [hit.title, hit.match])).toEqual([['Schmidt Maschinenbau', 'phone']]);
    expect(await titles('karl liebknecht')).toEqual(['Schmidt Maschinenbau']);
    expect(await titles('04107')).toEqual(['Schmidt Maschinenbau']);
  });

  it('finds what was meant where a word has a slip, nearest first and behind what stands there as typed', async () => {
    // The last that was made is the last whose words are learnt.
    await eventually(async () => expect(await titles('kantnalbank')).toEqual(['Zürcher Kantonalbank']));
    expect(await titles('maschinenbua')).toEqual(['Schmidt Maschinenbau']);
    expect((await hits('schimdt')).map((hit) => [hit.title, hit.match])).toEqual([['Schmidt Maschinenbau', 'near']]);
    // Still typing: the word goes on.
    expect(await titles('kantoanl')).toEqual(['Zürcher Kantonalbank']);
    // One word as typed, one with a slip.
    expect(await titles('schmidt mashcinenbau')).toEqual(['Schmidt Maschinenbau']);
    expect((await hits('schmidt')).map((hit) => [hit.title, hit.match])).toEqual([
      ['Schmidt Maschinenbau', 'title'],
      ['Schmitt Brot', 'near'],
    ]);
    // No guesses at short words, codes and numbers.
    expect(await titles('brt')).toEqual([]);
    expect(await titles('04170')).toEqual([]);
  });

  it('guesses nothing that the reader may not read', async () => {
    const id = await party('Quarzwerk Freiberg');
    await eventually(async () => expect(await titles('quarzwrek')).toEqual(['Quarzwerk Freiberg']));
    expect(await titles('quarzwrek', rep)).toEqual([]);
    await inside.ask('PATCH', `/api/v1/parties/${id}`, { key: admin, body: { owner: repId } });
    expect(await titles('quarzwrek', rep)).toEqual(['Quarzwerk Freiberg']);
  });

  it('lets a new owner find what is about their customer', async () => {
    const id = await party('Holzhandel Nord');
    await create('tasks', { subject: 'Kranfahrzeug bestellen', party: id });
    const found = async (key: string) => (await hits('kranfahrzeug', key, 'task')).map((hit) => hit.title);
    expect(await found(admin)).toEqual(['Kranfahrzeug bestellen']);
    expect(await found(rep)).toEqual([]);
    await inside.ask('PATCH', `/api/v1/parties/${id}`, { key: admin, body: { owner: repId } });
    await eventually(async () => expect(await found(rep)).toEqual(['Kranfahrzeug bestellen']));
    await eventually(async () => {
      const [left] = await inside.product.db.query<{ n: number }>('select count(*)::int as n from search_followed');
      expect(left?.n).toBe(0);
    });
  });

  it('lets a team find what is about the customers of a colleague who joins it, thousands of them', async () => {
    const ctx = await inside.ctx();
    const colleague = await inside.product.addUser(ctx, {
      name: 'Cleo',
      email: 'cleo@perigon.example',
      password: null,
      roles: ['salesRep'],
    });
    const team = await create('teams', { name: 'Nord' });
    await inside.ask('PATCH', `/api/v1/users/${repId}`, { key: admin, body: { team } });
    const customer = await party('Werftkontor', { owner: colleague });
    await write(
      ctx,
      ctx.model.object('party'),
      Array.from({ length: 2500 }, (_, i) => ({
        op: 'create' as const,
        values: { kind: 'organisation', name: `Ankerhof ${i}`, owner: colleague },
      })),
    );
    await create('invoices', { number: 'SCHIFFSPAPIER-1', customer, date: '2026-01-01' });
    expect(await titles('schiffspapier', rep)).toEqual([]);
    await inside.ask('PATCH', `/api/v1/users/${colleague}`, { key: admin, body: { team } });
    await eventually(async () => {
      expect(await titles('schiffspapier', rep)).toEqual(['SCHIFFSPAPIER-1']);
      expect(await titles('ankerhof 2499', rep)).toEqual(['Ankerhof 2499']);
    });
  });

  it('finds the very title first, however many records its letters are found in', async () => {
    const many = Array.from({ length: 700 }, (_, i) => ({
      op: 'create' as const,
      values: { kind: 'organisation', name: `Quorve Handel ${i}` },
    }));
    await write(await inside.ctx(), inside.product.model.object('party'), many);
    await party('QUO');
    await party('Quorve & Söhne');
    expect((await titles('quo'))[0]).toBe('QUO');
    expect((await titles('quorve & söhne'))[0]).toBe('Quorve & Söhne');
    expect((await titles('Quorve &'))[0]).toBe('Quorve & Söhne');
  });

  it('makes the search anew where an object is declared otherwise than it was', async () => {
    const { db, model } = inside.product;
    // Whoever makes rows anew holds them in the order of their ids; this statement takes them as they lie.
    await eventually(async () => expect((await db.query('select 1 from search_followed limit 1')).length).toBe(0));
    await db.query(`update search set lexemes = '', title = 'made before' where object = 'party'`);
    await followDeclarations(db, model);
    expect(await titles('maschinenbau')).toEqual([]);
    await db.query(`update settings set value = value || '{"party": "as it was"}' where key = 'searchStatements'`);
    await followDeclarations(db, model);
    await eventually(async () => expect(await titles('maschinenbau')).toEqual(['Schmidt Maschinenbau']));
  });
});
