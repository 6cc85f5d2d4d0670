import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { newId } from '#kit/ids.ts';
import { standsAfter } from '#modules/activities/log-outcome.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Call lists: filled without doubles, worked at by several, never calling who said no. */
let inside: Inside;
const keys: Record<string, string> = {};
const ids: Record<string, string> = {};

const ask = (who: string, method: string, url: string, body?: unknown) => inside.ask(method, `/api/v1${url}`, { key: keys[who], body });
const good = async <T = Record<string, unknown>>(who: string, method: string, url: string, body?: unknown): Promise<T> => {
  const answer = await ask(who, method, url, body);
  expect(answer.status, `${method} ${url} ${answer.text}`).toBeLessThan(300);
  return answer.body as T;
};
const make = async (who: string, plural: string, values: object): Promise<string> =>
  (await good<{ id: string }>(who, 'POST', `/${plural}`, values)).id;
let number = 1_000_000;
const customer = (name: string, more: object = {}) =>
  make('rep', 'parties', { kind: 'person', name, phones: [{ value: `+4930${number++}` }], ...more });
const list = (name: string, more: object = {}) => make('rep', 'callLists', { name, callers: [{ id: ids.mate }], ...more });
const add = (callList: string, parties: string[], who = 'rep') =>
  good<{ added: number; already: number; noPhone: number; objected: number }>(who, 'POST', '/actions/addToCallList', {
    ids: parties,
    list: callList,
  });
interface Handed {
  entry: { id: string; party: { id: string }; tries: number } | null;
  party: { name: string; phones: unknown[] };
  touches: { items: unknown[] };
}
const next = (who: string, callList: string, after?: string) => good<Handed>(who, 'POST', `/calls/${callList}/next`, { after });
const log = (who: string, entry: string, outcome: string, more: object = {}) =>
  ask(who, 'POST', '/actions/logCallOutcome', { ids: [entry], outcome, ...more });
const entries = async (callList: string) =>
  (
    await good<{ items: Record<string, unknown>[] }>('admin', 'POST', '/callListEntries/query', {
      where: { field: 'list', op: 'eq', value: callList },
      sort: ['position'],
      limit: 500,
    })
  ).items;

beforeAll(async () => {
  inside = await insideProduct({ connections: 8 });
  const ctx = await inside.ctx();
  const team = await inside.product.db.query<{ id: string }>('select id from teams limit 1');
  ids.admin = ctx.actor.userId ?? '';
  keys.admin = (await createApiKey(ctx.db, { userId: ids.admin, name: 'test' })).secret;
  ids.team = team[0]?.id ?? (await make('admin', 'teams', { name: 'Callers' }));
  for (const name of ['rep', 'mate', 'stranger']) {
    ids[name] = await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: ['salesRep'] });
    if (name !== 'stranger') await good('admin', 'PATCH', `/users/${ids[name]}`, { team: ids.team });
    keys[name] = (await createApiKey(ctx.db, { userId: ids[name] ?? '', name: 'test' })).secret;
  }
});
afterAll(() => inside.stop());

describe('a call list', () => {
  it('is filled once with each customer; who has no number or said no stands there with the reason', async () => {
    const callList = await list('Autumn');
    const [one, two] = [await customer('One'), await customer('Two')];
    const silent = await make('rep', 'parties', { name: 'Silent' });
    const [no, yes, mail] = [await customer('No'), await customer('Yes again'), await customer('No mail')];
    const said = (party: string, decision: string, channel: string, at: string) =>
      make('rep', 'consents', { party, decision, channel, purpose: 'all', at, how: 'phone' });
    await said(no, 'withdrawn', 'phone', '2026-02-01T10:00:00Z');
    await said(yes, 'withdrawn', 'all', '2026-02-01T10:00:00Z');
    await said(yes, 'given', 'phone', '2026-03-01T10:00:00Z');
    await said(mail, 'withdrawn', 'email', '2026-02-01T10:00:00Z');
    expect(await add(callList, [one, two, two, silent, no])).toEqual({ added: 2, already: 0, noPhone: 1, objected: 1 });
    expect(await add(callList, [two, yes, mail])).toEqual({ added: 2, already: 1, noPhone: 0, objected: 0 });
    expect((await entries(callList)).map(({ status, reason }) => [status, reason])).toEqual(
      expect.arrayContaining([
        ['excluded', 'noPhone'],
        ['excluded', 'objected'],
      ]),
    );
    const figures = await good('rep', 'GET', `/calls/${callList}`);
    expect(figures).toMatchObject({ total: 6, waiting: 4, excluded: 2, done: 0, outcomes: {} });
  });

  it('is filled by a condition as well, and by two at a time without doubles', async () => {
    const callList = await list('By filter');
    for (let i = 0; i < 5; i++) await customer(`Filter ${i}`);
    const where = { field: 'name', op: 'startsWith', value: 'Filter' };
    const both = await Promise.all(
      ['rep', 'mate'].map((who) => good<{ added: number; already: number }>(who, 'POST', `/calls/${callList}/fill`, { where })),
    );
    expect(both.map(({ added }) => added).sort()).toEqual([0, 5]);
    expect(await entries(callList)).toHaveLength(5);
  });

  it('is nobody’s who may not see it, by no door', async () => {
    const callList = await list('Ours');
    const party = await customer('Ours alone');
    await add(callList, [party]);
    const [entry] = await entries(callList);
    const never = newId();
    for (const [method, url, body] of [
      ['GET', '/calls/$', undefined],
      ['POST', '/calls/$/next', {}],
      ['POST', '/calls/$/fill', {}],
    ] as const) {
      const [real, absent] = [
        await ask('stranger', method, url.replace('$', callList), body),
        await ask('stranger', method, url.replace('$', never), body),
      ];
      expect([real.status, real.text], url).toEqual([absent.status, absent.text]);
      expect(real.status).toBe(404);
    }
    expect((await ask('stranger', 'POST', '/actions/addToCallList', { ids: [party], list: callList })).status).toBeGreaterThan(399);
    expect((await log('stranger', String(entry?.id), 'reached')).text).toBe((await log('stranger', never, 'reached')).text);
    expect((await ask('stranger', 'GET', `/callListEntries/${entry?.id}`)).status).toBe(404);
    expect(((await good<{ items: { id: string }[] }>('stranger', 'GET', '/calls')).items ?? []).map(({ id }) => id)).not.toContain(
      callList,
    );
    // What an entry says is written through the list alone.
    expect((await ask('rep', 'PATCH', `/callListEntries/${entry?.id}`, { status: 'done' })).status).toBeGreaterThan(399);
    expect((await ask('rep', 'POST', '/callListEntries', { list: callList, party })).status).toBeGreaterThan(399);
    // Nobody is handed out whom they may not see, though the list is theirs.
    const mine = await make('stranger', 'callLists', { name: 'Mine' });
    expect(await add(mine, [party], 'stranger')).toMatchObject({ added: 0, already: 0 });
  });

  it('that is closed hands out nobody and takes nobody', async () => {
    const callList = await list('Closed', { status: 'closed' });
    expect((await ask('rep', 'POST', `/calls/${callList}/next`, {})).status).toBe(409);
    expect((await ask('rep', 'POST', `/calls/${callList}/fill`, {})).status).toBe(409);
  });
});

describe('calling', () => {
  it('hands each customer to one alone, though many ask at once', async () => {
    const callList = await list('Many', { callers: [{ id: ids.mate }, { id: ids.admin }] });
    const parties = await Promise.all(Array.from({ length: 3 }, (_, i) => customer(`Many ${i}`)));
    await add(callList, parties);
    const handed = await Promise.all(['rep', 'mate', 'admin'].map((who) => next(who, callList)));
    expect(new Set(handed.map(({ entry }) => entry?.id)).size).toBe(3);
    // Who asks again has the same one in hand.
    expect((await next('rep', callList)).entry?.id).toBe(handed[0]?.entry?.id);
    // Nobody writes down a call that another is making.
    const theirs = handed[1]?.entry?.id ?? '';
    expect((await log('rep', theirs, 'reached')).status).toBe(409);
    // A hold ends by itself.
    await inside.product.db.query(`update call_holds set until = now() - interval '1 second' where entry = $1::uuid`, [theirs]);
    expect((await next('rep', callList, handed[0]?.entry?.id)).entry?.id).toBe(theirs);
  });

  it('goes along the list from where one is, to whom it is time for first, and to who was passed by last', async () => {
    const callList = await list('Along');
    const parties: string[] = [];
    for (const name of ['Along A', 'Along B', 'Along C', 'Along D']) parties.push(await customer(name));
    await add(callList, parties);
    const [a = '', b = '', c = '', d = ''] = (await entries(callList)).map(({ id }) => String(id));
    const walk = async (after?: string) => (await next('rep', callList, after)).entry?.id;
    expect([await walk(), await walk(a), await walk(b), await walk(c), await walk(d)]).toEqual([a, b, c, d, a]);
    const db = inside.product.db;
    await db.query(`update call_list_entries set status = 'later', next_try_at = now() - interval '1 minute' where id = $1::uuid`, [d]);
    expect(await walk(a)).toBe(d);
    await db.query(`update call_list_entries set next_try_at = now() + interval '1 hour' where id = $1::uuid`, [d]);
    expect(await walk(d)).toBe(a);
    // All others said no meanwhile: they are written down at one go, and who was passed by is called again.
    for (const party of [parties[1], parties[2]])
      await make('rep', 'consents', { party, decision: 'withdrawn', purpose: 'marketing', channel: 'phone', how: 'phone' });
    expect(await walk(a)).toBe(a);
    expect((await entries(callList)).map(({ status }) => status)).toEqual(['waiting', 'excluded', 'excluded', 'later']);
  });

  it('never hands out who said no, also when they say so while others ask', async () => {
    const callList = await list('Race');
    const parties = await Promise.all(Array.from({ length: 12 }, (_, i) => customer(`Race ${i}`)));
    await add(callList, parties);
    const saidNo = new Set<string>();
    let working = true;
    const refuse = (async () => {
      for (const party of parties.filter((_, i) => i % 2 === 0)) {
        await make('rep', 'consents', { party, decision: 'withdrawn', purpose: 'marketing', channel: 'phone', how: 'phone' });
        saidNo.add(party);
      }
      working = false;
    })();
    const call = async (who: string): Promise<void> => {
      for (;;) {
        const before = new Set(saidNo);
        const { entry } = await next(who, callList);
        if (!entry) {
          if (!working) return;
          continue;
        }
        expect(before.has(entry.party.id), 'was handed out after the no').toBe(false);
        await log(who, entry.id, 'reached');
      }
    };
    await Promise.all([refuse, call('rep'), call('mate')]);
    const there = await entries(callList);
    expect(there.every(({ status }) => status === 'done' || status === 'excluded')).toBe(true);
    expect(there.filter(({ status, party }) => status === 'excluded' && !saidNo.has((party as { id: string }).id))).toEqual([]);
  });

  it('writes the call into the timeline and onto the list, and takes it back whole', async () => {
    const callList = await list('Written');
    const party = await customer('Wanda');
    await add(callList, [party]);
    const { entry } = await next('mate', callList);
    const answer = await log('mate', entry?.id ?? '', 'interested', { note: 'Wants a quote' });
    expect(answer.status, answer.text).toBe(200);
    expect(await entries(callList)).toMatchObject([{ status: 'done', outcome: 'interested', tries: 1, note: 'Wants a quote' }]);
    const touches = async () =>
      (await good<{ items: object[] }>('admin', 'POST', '/interactions/query', { where: { field: 'party', op: 'eq', value: party } }))
        .items;
    expect(await touches()).toMatchObject([
      { kind: 'call', channel: 'phone', outcome: 'followUp', subject: 'Written', body: 'Wants a quote', agent: { id: ids.mate } },
    ]);
    // Twice it is not written down.
    expect((await log('mate', entry?.id ?? '', 'reached')).status).toBe(409);
    const cause = answer.headers['perigon-cause'];
    expect((await ask('rep', 'POST', `/calls/entries/${entry?.id}/undo`, { cause })).status).toBe(404);
    expect((await ask('mate', 'POST', `/calls/entries/${newId()}/undo`, { cause })).status).toBe(404);
    expect(await good('mate', 'POST', `/calls/entries/${entry?.id}/undo`, { cause })).toEqual({ undone: true });
    expect(await touches()).toEqual([]);
    expect(await entries(callList)).toMatchObject([{ status: 'waiting', outcome: null, tries: 0, note: null }]);
  });

  it('“do not call” is an objection at once, everywhere, and can be taken back', async () => {
    const [first, second] = [await list('First'), await list('Second')];
    const party = await customer('Noah');
    await add(first, [party]);
    await add(second, [party]);
    const { entry } = await next('mate', first);
    const answer = await log('mate', entry?.id ?? '', 'doNotCall');
    expect(answer.status, answer.text).toBe(200);
    const consents = async () =>
      (await good<{ items: object[] }>('admin', 'POST', '/consents/query', { where: { field: 'party', op: 'eq', value: party } })).items;
    expect(await consents()).toMatchObject([
      { decision: 'withdrawn', purpose: 'all', channel: 'phone', how: 'phone', source: 'Call list: First', author: { id: ids.mate } },
    ]);
    expect((await next('rep', second)).entry).toBeNull();
    expect(await entries(second)).toMatchObject([{ status: 'excluded', reason: 'objected' }]);
    await good('mate', 'POST', `/calls/entries/${entry?.id}/undo`, { cause: answer.headers['perigon-cause'] });
    expect(await consents()).toEqual([]);
  });

  it('comes again when it was said, to who promised it', async () => {
    const callList = await list('Again');
    const party = await customer('Again');
    await add(callList, [party]);
    const { entry } = await next('mate', callList);
    expect((await log('mate', entry?.id ?? '', 'callBack')).text).toContain('nextTryAt');
    expect((await log('mate', entry?.id ?? '', 'callBack', { nextTryAt: '2020-01-01T10:00:00Z' })).status).toBe(422);
    const nextTryAt = new Date(Date.now() + 3_600_000).toISOString();
    expect((await log('mate', entry?.id ?? '', 'callBack', { nextTryAt })).status).toBe(200);
    const tasks = await good<{ items: object[] }>('mate', 'POST', '/tasks/query', { where: { field: 'party', op: 'eq', value: party } });
    expect(tasks.items).toMatchObject([{ kind: 'callback', dueAt: nextTryAt }]);
    expect((await next('mate', callList)).entry).toBeNull();
    await inside.product.db.query(`update call_list_entries set next_try_at = now() - interval '1 minute' where id = $1::uuid`, [
      entry?.id,
    ]);
    expect((await next('rep', callList)).entry).toBeNull();
    expect((await next('mate', callList)).entry?.id).toBe(entry?.id);
  });

  it('is tried so often and not oftener', () => {
    const now = Date.parse('2026-06-01T10:00:00Z');
    expect(standsAfter('busy', { tries: 1, nextTryAt: null, now })).toEqual({ status: 'later', nextTryAt: '2026-06-01T10:30:00.000Z' });
    expect(standsAfter('noAnswer', { tries: 5, nextTryAt: null, now }).status).toBe('later');
    expect(standsAfter('noAnswer', { tries: 6, nextTryAt: null, now })).toEqual({ status: 'unreachable', nextTryAt: null });
    expect(standsAfter('wrongNumber', { tries: 1, nextTryAt: null, now }).status).toBe('unreachable');
    expect(standsAfter('notInterested', { tries: 1, nextTryAt: null, now }).status).toBe('done');
  });
});
