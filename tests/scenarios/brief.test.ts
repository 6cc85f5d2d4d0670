import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { writeOne } from '#engine/record/write.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/**
 * Requirement A5: when an account owner leaves, the successor's brief holds relations, preferences, open promises and history
 * without asking anyone. The successor works in another team, so nothing comes to them by chance.
 */
type Body = Record<string, unknown>;
interface Brief {
  party: Body;
  relations: { type: string; direction: string; party: { id: string; name: string }; facts: Body }[];
  lists: { key: string; object: string; count: number; total: { currency: string; amount: string }[] | null; items: Body[] }[];
  means: { key: string; count: number; mean: number | null }[];
  years: {
    year: number;
    entries: { key: string; count: number; amount: { currency: string; amount: string }[]; names: { title: string }[] }[];
  }[];
}
interface Person {
  id: string;
  key: string;
}

let inside: Inside;
let admin: Person;
let leaver: Person;
let successor: Person;
let stranger: Person;
let agent: Person;
let acme: { id: string };
const eur = (amount: string) => ({ amount, currency: 'EUR' });
const dayFromNow = (days: number) => new Date(Date.now() + days * 86_400_000).toLocaleDateString('sv-SE', { timeZone: 'Europe/Berlin' });

const ask = async <T = Body>(person: Person, method: string, url: string, body?: unknown) => {
  const answer = await inside.ask(method, `/api/v1/${url}`, { key: person.key, body });
  return { ...answer, body: answer.body as T };
};
const create = async (person: Person, plural: string, values: Body): Promise<{ id: string }> => {
  const made = await ask<{ id: string }>(person, 'POST', plural, values);
  expect(made.status, made.text).toBe(201);
  return made.body;
};
const brief = async (person: Person, id = acme.id) => (await ask<Brief>(person, 'GET', `parties/${id}/brief`)).body;
const list = (from: Brief, key: string) => from.lists.find((one) => one.key === key);
const texts = (from: Brief, key: string, field: string) => (list(from, key)?.items ?? []).map((item) => item[field]);

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const { product } = inside;
  const ctx = await inside.ctx();
  const team = async (name: string) => (await writeOne(ctx, product.model.object('team'), { op: 'create', values: { name } })).id;
  const [east, west] = [await team('East'), await team('West')];
  const person = async (name: string, role: string, teamId: string): Promise<Person> => {
    const email = `${name.toLowerCase()}@perigon.example`;
    const id = await product.addUser(ctx, { name, email, password: null, roles: [role] });
    await writeOne(ctx, product.model.object('user'), { op: 'update', id, values: { team: teamId } });
    return { id, key: (await createApiKey(ctx.db, { userId: id, name: 'test' })).secret };
  };
  const adminId = ctx.actor.userId ?? '';
  admin = { id: adminId, key: (await createApiKey(ctx.db, { userId: adminId, name: 'test' })).secret };
  leaver = await person('Lea', 'salesRep', east);
  successor = await person('Sam', 'salesRep', west);
  stranger = await person('Stan', 'salesRep', west);
  agent = await person('Agnes', 'agent', west);

  // What Lea knew of her customer.
  acme = await create(leaver, 'parties', { name: 'Acme', owner: leaver.id, lifecycleStage: 'mature', phones: ['030 1234567'] });
  const boss = await create(leaver, 'parties', {
    kind: 'person',
    personName: { given: 'Eva', family: 'Meyer' },
    jobTitle: 'Head of purchasing',
    phones: ['030 7654321'],
    emails: ['eva@acme.example'],
    owner: leaver.id,
  });
  await create(leaver, 'relationships', { from: boss.id, to: acme.id, type: 'employedBy', since: '2019-04-01', comment: 'Decides alone' });
  const fact = (values: Body) => create(leaver, 'facts', { party: acme.id, author: leaver.id, ...values });
  await fact({ text: 'Wants calls before nine', kind: 'preference', source: 'Eva Meyer, by phone', knownSince: '2024-02-01' });
  await fact({ text: 'Works council has the last word', kind: 'politics', source: 'Dinner in May', expiresOn: dayFromNow(40) });
  await fact({ text: 'No visits while they move house', kind: 'habit', expiresOn: dayFromNow(-10) });
  await create(leaver, 'tasks', {
    subject: 'Send the new price list',
    kind: 'promise',
    party: acme.id,
    owner: leaver.id,
    dueOn: dayFromNow(3),
  });
  await create(leaver, 'tasks', { subject: 'Ask for a reference', party: acme.id, owner: leaver.id });
  await create(leaver, 'notes', {
    subject: 'How they buy',
    body: '<p>Two offers, always.</p>',
    party: acme.id,
    author: leaver.id,
    pinned: true,
  });
  await create(leaver, 'parties', { name: 'Globex', owner: leaver.id });
  const deal = async (name: string, as: 'won' | 'lost', on: string, amount: string) => {
    const { id } = await create(leaver, 'opportunities', { name, customer: acme.id, owner: leaver.id, amount: eur(amount) });
    const closed = await ask(leaver, 'POST', 'actions/closeOpportunity', { ids: [id], as, on });
    expect(closed.status, closed.text).toBe(200);
  };
  await deal('First pumps', 'won', '2024-03-01', '4000');
  await deal('Big pumps', 'won', '2024-09-01', '9000');
  await deal('Valves', 'lost', '2025-02-01', '700');
  await create(leaver, 'opportunities', {
    name: 'Retrofit',
    customer: acme.id,
    owner: leaver.id,
    amount: eur('1200'),
    openedOn: dayFromNow(-5),
  });
  await create(admin, 'invoices', { number: 'I1', customer: acme.id, date: '2024-10-01', dueDate: '2024-10-15', total: eur('300') });
  await create(admin, 'invoices', {
    number: 'I2',
    customer: acme.id,
    date: '2024-10-02',
    dueDate: '2024-10-15',
    total: { amount: '50', currency: 'USD' },
  });
  await create(admin, 'cases', { subject: 'Pump leaks', customer: acme.id, priority: 'urgent', owner: agent.id });
  const solved = await create(admin, 'cases', { subject: 'Old question', customer: acme.id, satisfaction: 4 });
  await ask(admin, 'POST', 'actions/closeCase', { ids: [solved.id], solution: 'Explained' });
  await create(leaver, 'interactions', {
    party: acme.id,
    at: '2024-05-01T10:00:00Z',
    channel: 'visit',
    kind: 'visit',
    subject: 'Walked the plant',
    agent: leaver.id,
  });
});
afterAll(() => inside.stop());

describe('the brief of a customer', () => {
  it('is not there for who may not read the customer, in the words of what never was', async () => {
    const none = await ask(stranger, 'GET', 'parties/00000000-0000-7000-8000-000000000000/brief');
    const hidden = await ask(stranger, 'GET', `parties/${acme.id}/brief`);
    expect([hidden.status, hidden.body.detail]).toEqual([404, none.body.detail]);
    // The successor is nobody yet.
    expect((await ask(successor, 'GET', `parties/${acme.id}/brief`)).status).toBe(404);
    expect((await ask(admin, 'GET', 'parties/x/brief')).status).toBe(404);
  });

  it('holds for the successor what the owner knew: relations, preferences, open promises and history', async () => {
    const before = await brief(leaver);
    const given = await ask(admin, 'PATCH', `parties/${acme.id}`, { owner: successor.id });
    expect(given.status).toBe(200);
    const eva = (await ask<{ items: { id: string }[] }>(admin, 'GET', 'parties?jobTitle=Head%20of%20purchasing')).body.items[0];
    await ask(admin, 'PATCH', `parties/${eva?.id}`, { owner: successor.id });
    const now = await brief(successor);

    expect(now.party).toMatchObject({ name: 'Acme', lifecycleStage: 'mature', owner: { name: 'Sam' } });
    expect(now.relations).toMatchObject([
      {
        type: 'employedBy',
        direction: 'to',
        party: { name: 'Eva Meyer' },
        facts: { jobTitle: 'Head of purchasing', since: '2019-04-01', comment: 'Decides alone' },
      },
    ]);
    expect(JSON.stringify(now.relations[0]?.facts)).toMatch(/7654321.*eva@acme\.example/);
    expect(list(now, 'known')?.items).toMatchObject([
      { text: 'Wants calls before nine', kind: 'preference', source: 'Eva Meyer, by phone', knownSince: '2024-02-01' },
      { text: 'Works council has the last word', kind: 'politics', author: { name: 'Lea' }, expiresOn: dayFromNow(40) },
    ]);
    expect(texts(now, 'knownOnce', 'text')).toEqual(['No visits while they move house']);
    expect(texts(now, 'promises', 'subject')).toEqual(['Send the new price list']);
    expect(texts(now, 'tasks', 'subject')).toEqual(['Ask for a reference']);
    expect(texts(now, 'pinnedNotes', 'subject')).toEqual(['How they buy']);
    expect(list(now, 'unpaid')?.total).toEqual([
      { currency: 'EUR', amount: '300.00' },
      { currency: 'USD', amount: '50.00' },
    ]);
    expect(list(now, 'openDeals')).toMatchObject({ count: 1, total: [eur('1200.00')] });
    expect(texts(now, 'openCases', 'subject')).toEqual(['Pump leaks']);
    expect(list(now, 'closedCases')?.items).toMatchObject([{ subject: 'Old question', solution: 'Explained', satisfaction: 4 }]);
    expect(now.means.find((mean) => mean.key === 'satisfaction')).toMatchObject({ count: 1, mean: 4 });
    expect(texts(now, 'lastContacts', 'subject')).toEqual(['Walked the plant']);
    const told = now.years.map(({ year, entries }) => [year, entries.map((entry) => [entry.key, entry.count])]);
    const thisYear = Number(dayFromNow(0).slice(0, 4));
    expect(told).toEqual([
      [thisYear, [['cases', 2]]],
      [2025, [['lost', 1]]],
      [
        2024,
        [
          ['won', 2],
          ['invoiced', 2],
          ['contacts', 1],
        ],
      ],
    ]);
    expect(now.years.at(-1)?.entries[0]).toMatchObject({
      amount: [eur('13000.00')],
      names: [{ title: 'Big pumps' }, { title: 'First pumps' }],
    });
    // Not less than the owner had: nobody needs to be asked.
    for (const { key, count } of before.lists) expect([key, list(now, key)?.count]).toEqual([key, count]);
    expect(now.years).toEqual(before.years);
    // And each of them can be opened.
    for (const [plural, key] of [
      ['facts', 'known'],
      ['tasks', 'promises'],
      ['opportunities', 'openDeals'],
      ['notes', 'pinnedNotes'],
    ] as const)
      expect((await ask(successor, 'GET', `${plural}/${list(now, key)?.items[0]?.id}`)).status).toBe(200);
    // A colleague of the new team finds the customer, but not what only the owner may read of the old team.
    const beside = await brief(stranger);
    expect([texts(beside, 'known', 'text'), texts(beside, 'promises', 'subject')]).toEqual([[], []]);
  });

  it('leaves out what roles hold back', async () => {
    const seen = await brief(agent);
    expect(JSON.stringify(seen)).not.toMatch(/"(13000|1200|9000)(\.\d+)?"/);
    expect(list(seen, 'openDeals')).toMatchObject({ count: 1, total: null });
    expect(list(seen, 'openDeals')?.items[0]).not.toHaveProperty('amount');
    expect(seen.years.find(({ year }) => year === 2024)?.entries[0]).toMatchObject({ key: 'won', count: 2, amount: [] });

    const ctx = await inside.ctx();
    const rights = {
      objects: { party: { read: 'all' }, fact: { read: 'all' }, relationship: { read: 'all' } },
      fields: { fact: { source: 'hidden' }, party: { phones: 'hidden', emails: 'hidden' }, relationship: { comment: 'hidden' } },
      may: [],
    };
    await writeOne(
      ctx,
      inside.product.model.object('role'),
      { op: 'create', values: { name: 'Narrow', key: 'narrow', rights } },
      { trusted: true },
    );
    const id = await inside.product.addUser(ctx, { name: 'Nina', email: 'nina@perigon.example', password: null, roles: ['narrow'] });
    const nina = { id, key: (await createApiKey(ctx.db, { userId: id, name: 'test' })).secret };
    const narrow = await brief(nina);
    expect(narrow.lists.map((one) => one.key)).toEqual(['known', 'knownOnce']);
    expect(texts(narrow, 'known', 'text')).toHaveLength(2);
    expect(narrow.relations[0]?.party.name).toBe('Eva Meyer');
    expect(JSON.stringify(narrow)).not.toMatch(/by phone|7654321|eva@acme|Decides alone|1234567|price list|Retrofit/);
    // Facts out of reach altogether.
    const blind = await inside.product.addUser(ctx, { name: 'Ben', email: 'ben@perigon.example', password: null, roles: ['narrow'] });
    await writeOne(
      ctx,
      inside.product.model.object('role'),
      { op: 'create', values: { name: 'Blind', key: 'blind', rights: { objects: { party: { read: 'all' } }, may: [] } } },
      { trusted: true },
    );
    const [role] = (await ask<{ items: { id: string }[] }>(admin, 'GET', 'roles?key=blind')).body.items;
    await ask(admin, 'PATCH', `users/${blind}`, { roles: [role?.id] });
    const ben = { id: blind, key: (await createApiKey(ctx.db, { userId: blind, name: 'test' })).secret };
    const bare = await brief(ben);
    expect([bare.lists, bare.relations, bare.years, bare.means]).toEqual([[], [], [], []]);
    expect(bare.party).toMatchObject({ name: 'Acme' });
  });
});

describe('handing over', () => {
  it('gives customers and open work to the successor, tells them with the way to the briefs, and can be undone', async () => {
    const lea = leaver.id;
    const left = await ask<{ user: Body; holds: { object: string; count: number }[] }>(admin, 'GET', `users/${lea}/hand-over`);
    const holds = Object.fromEntries(left.body.holds.map(({ object, count }) => [object, count]));
    expect(left.body.user).toEqual({ id: lea, name: 'Lea' });
    expect(left.body.holds[0]?.object).toBe('party');
    expect(holds).toMatchObject({ party: 1, task: 2, opportunity: 1, case: 0 });

    for (const [to, detail] of [
      [lea, 'Choose somebody else.'],
      ['x', 'Choose who takes over.'],
      ['00000000-0000-7000-8000-000000000000', 'Choose somebody who works here.'],
    ]) {
      const refused = await ask<{ errors: { path: string; detail: string }[] }>(admin, 'POST', `users/${lea}/hand-over`, { to });
      expect([refused.status, refused.body.errors[0]]).toMatchObject([422, { path: 'to', detail }]);
    }
    // Nobody hands over what they may not change, nor in the name of a user whom they may not know.
    expect((await ask(agent, 'POST', `users/${lea}/hand-over`, { to: successor.id })).status).toBe(403);
    const nobody = await ask(admin, 'GET', 'users/00000000-0000-7000-8000-000000000000/hand-over');
    expect(nobody.status).toBe(404);

    const begun = await ask<{ id: string }>(admin, 'POST', `users/${lea}/hand-over`, { to: successor.id });
    expect(begun.status, begun.text).toBe(202);
    const cause = String(begun.headers['perigon-cause']);
    const ended = async (): Promise<Body> => {
      for (;;) {
        const { body } = await ask(admin, 'GET', `jobs/${begun.body.id}`);
        if (body.state !== 'queued' && body.state !== 'running') return body;
        await new Promise((done) => setTimeout(done, 30));
      }
    };
    expect(await ended()).toMatchObject({
      state: 'done',
      total: 4,
      result: { changed: 4, failed: 0, objects: { party: 1, task: 2, opportunity: 1 } },
    });
    const after = await brief(successor);
    expect(list(after, 'promises')?.items).toMatchObject([{ subject: 'Send the new price list', owner: { name: 'Sam' } }]);
    // The author of what is known stays its author.
    expect(list(after, 'known')?.items[0]).toMatchObject({ author: { name: 'Lea' } });
    expect((await ask<typeof left.body>(admin, 'GET', `users/${lea}/hand-over`)).body.holds.every(({ count }) => count === 0)).toBe(true);

    interface Told {
      kind: string;
      object: string;
      count: number;
      record: { title: string };
    }
    const told = async (): Promise<Told[]> => (await ask<{ items: Told[] }>(successor, 'GET', 'notices')).body.items;
    await expect
      .poll(async () => (await told()).find((one) => one.kind === 'handedOver'), { timeout: 20_000 })
      .toMatchObject({
        object: 'party',
        count: 1,
        record: { title: 'Globex' },
      });

    const undone = await ask(admin, 'POST', `causes/${cause}/undo`);
    expect(undone.body).toMatchObject({ state: 'done', result: { restored: 4 } });
    const again = await ask<typeof left.body>(admin, 'GET', `users/${lea}/hand-over`);
    expect(again.body.holds).toEqual(left.body.holds);
  });
});
