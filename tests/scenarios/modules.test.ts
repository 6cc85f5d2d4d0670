import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadModules } from '#apps/server/third-party/load.ts';
import { createApiKey } from '#engine/access/sign-in.ts';
import { insideProduct } from '#tests/harness/inside.ts';
import { repositoryRoot } from '#tests/harness/places.ts';

/** Modules of others, in folders that `PERIGON_MODULES` names: the same contract as the built-in ones. */
const work = mkdtempSync(join(tmpdir(), 'perigon-modules-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const write = (folder: string, files: Record<string, string>): string => {
  const place = join(work, folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(place, name, '..'), { recursive: true });
    writeFileSync(join(place, name), text);
  }
  return place;
};
const load = (folder: string) => loadModules([folder], join(work, 'cache'));
const opening = async (folder: string) => {
  const inside = await insideProduct({ modules: await load(folder) });
  await inside.stop();
};

it('the example loads from its sources: object, rule, action and words, and takes fields of the company', async () => {
  const inside = await insideProduct({ modules: await load(join(repositoryRoot, 'examples/modules')) });
  try {
    const ctx = await inside.ctx();
    const key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
    const ask = async (method: string, url: string, body?: unknown) => {
      const answer = await inside.ask(method, `/api/v1${url}`, { key, body });
      return { status: answer.status, body: answer.body as Record<string, unknown>, text: answer.text };
    };
    const customer = (await ask('POST', '/parties', { name: 'Regular' })).body;
    const card = (await ask('POST', '/loyaltyCards', { customer: customer.id, points: 300 })).body;
    expect(card).toMatchObject({ number: 'LC-00001', level: 'silver', points: 300 });
    expect((await ask('POST', '/actions/redeemPoints', { points: 100, ids: [card.id] })).body).toEqual({ redeemed: 100 });
    expect((await ask('GET', `/loyaltyCards/${card.id}`)).body).toMatchObject({ points: 200, level: 'bronze' });
    const poor = await ask('POST', '/actions/redeemPoints', { points: 1000, ids: [card.id] });
    expect([poor.status, poor.text]).toEqual([422, expect.stringContaining('The card holds 200.')]);
    expect((await ask('GET', `/parties/${customer.id}/overview`)).text).toContain('LC-00001');
    expect((await ask('GET', '/meta')).body).toMatchObject({ words: { de: { 'loyaltyCard.name': 'Kundenkarte' } } });
    const made = await ask('POST', '/catalogue/objects/loyaltyCard/fields', {
      key: 'xColour',
      field: { type: 'colour' },
      words: { en: { label: 'Colour' } },
    });
    expect(made.status).toBe(201);
  } finally {
    await inside.stop();
  }
});

const object = (more: string) =>
  `export default ({ defineModule, defineObject, fields: f }) => defineModule({ key: 'shop', objects: [defineObject({ key: 'till', plural: 'tills', icon: 'box', title: 'name',
    fields: { name: f.text({ required: true }) }, list: { columns: ['name'], sort: ['name'] }, form: [], ${more} })] });`;

it('loads JavaScript as it is, and refuses what cannot be, naming the module', async () => {
  expect(
    (await load(write('good', { 'shop/module.js': object(''), 'shop/package.json': '{"type":"module"}', 'notes/read.me': '' }))).map(
      ({ key }) => key,
    ),
  ).toEqual(['shop']);
  const refused: [string, Record<string, string>, RegExp][] = [
    [
      'no-function',
      { 'shop/module.mjs': 'export default 7' },
      /The module in .*shop cannot be loaded: its default export is not a function/,
    ],
    ['throws', { 'shop/module.mjs': 'export default () => { throw new Error("no licence"); }' }, /shop cannot be loaded: no licence/],
    ['syntax', { 'shop/module.ts': 'export default (' }, /shop cannot be loaded: /],
    ['twice', { 'a/module.mjs': object(''), 'b/module.mjs': object('') }, /Two modules are called “shop”: .*a and .*b/],
    ['words', { 'shop/module.mjs': object(''), 'shop/words/en.json': '{' }, /words\/en.json is no JSON/],
    ['reserved', { 'shop/module.mjs': object("key: 'xTill',") }, /xTill begins with x and a capital/],
    [
      'idle',
      { 'shop/module.mjs': "export default () => ({ key: 'shop', objects: [], actions: [{ key: 'ring', verb: 'update', input: {} }] })" },
      /action ring does nothing/,
    ],
  ];
  for (const [folder, files, why] of refused) await expect(load(write(folder, files)), folder).rejects.toThrow(why);
  await expect(load(join(work, 'nowhere'))).rejects.toThrow(/there is no such folder/);
});

it('refuses a module that clashes with another or does not hold together', async () => {
  await expect(opening(write('clash', { 'shop/module.mjs': object("key: 'party',") }))).rejects.toThrow(
    /“shop”: Two objects are called party: one of party, one of shop/,
  );
  await expect(opening(write('address', { 'shop/module.mjs': object("plural: 'search',") }))).rejects.toThrow(/“shop” calls till search/);
  await expect(opening(write('broken', { 'shop/module.mjs': object("subtitle: 'nope',") }))).rejects.toThrow(
    /“shop”: till: subtitle names the unknown field nope/,
  );
});
