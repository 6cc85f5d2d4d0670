import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { runFills } from '#engine/record/fills.ts';
import { lossReasonFill } from '#modules/leads/loss-reasons.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';
import { people, problems, type Row } from '#tests/harness/people.ts';

/** A lead from its first word to the deal that it becomes, or to the reason why it does not. */
let inside: Inside;
const { users, keys, enter, send, good } = people(() => inside);

const read = (id: string) => good('GET', `/leads/${id}`);

let party: Row;
let reasons: Row[];
const reason = (name: string): string => reasons.find((row) => row.name === name)?.id ?? '';

beforeAll(async () => {
  inside = await insideProduct({});
  await enter({ rep: 'salesRep', other: 'salesRep', agent: 'agent' });
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
    const lacking = await send('PATCH', `/leads/${id}`, { status: 'qualified' });
    expect(problems(lacking.body)).toEqual([
      ['need', 'required'],
      ['timeframe', 'required'],
    ]);
    await good('POST', '/actions/qualifyLead', { ids: [id], need: 'Grind for two bars', timeframe: 'quarter' });
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

describe('conversion', () => {
  const counts = async (of: string) => {
    const [row] = await inside.product.db.query<Record<string, number>>(
      `select (select count(*)::int from parties) as parties, (select count(*)::int from identifiers) as identifiers,
         (select count(*)::int from consents) as consents, (select count(*)::int from notes) as notes,
         (select count(*)::int from interactions where party_id = $1::uuid) as interactions, (select version::int from parties where id = $1::uuid) as version`,
      [of],
    );
    return row;
  };
  const dealsOf = async (of: string): Promise<number> =>
    (
      await inside.product.db.query<{ n: number }>(
        'select count(*)::int as n from opportunities where customer_id = $1::uuid and deleted_at is null',
        [of],
      )
    )[0]?.n ?? 0;

  it('makes a deal on the same party, copies nothing of it, and is taken back whole', async () => {
    const asker = await good('POST', '/parties', { name: 'Cafe Ost', emails: [{ value: 'ost@cafe.example' }], phones: ['+4940111222'] });
    await good('POST', '/notes', { subject: 'Calls on Mondays', party: asker.id });
    await good('POST', '/consents', { party: asker.id, purpose: 'marketing', channel: 'email', at: '2026-01-01T10:00:00Z' });
    await good('POST', '/interactions', { party: asker.id, at: '2026-01-01T10:00:00Z', channel: 'web', subject: 'Saw the grinder' });
    const product = await good('POST', '/products', { name: 'Grinder K6' });
    const { id } = await make({
      party: asker.id,
      name: 'Grinder for the bar',
      product: product.id,
      source: 'event',
      budget: { amount: '1800', currency: 'EUR' },
      need: 'Two kilos an hour',
      timeframe: 'now',
    });
    const before = await counts(asker.id);
    const answer = await send('POST', '/actions/convertLead', { ids: [id] });
    expect(answer.status, answer.text).toBe(200);
    expect(await counts(asker.id)).toEqual(before);
    const lead = await read(id);
    expect(lead).toMatchObject({ status: 'converted', closedAt: expect.any(String), qualifiedAt: expect.any(String) });
    const deal = (lead.opportunity as Row).id;
    expect(await good('GET', `/opportunities/${deal}`)).toMatchObject({
      name: 'Grinder for the bar',
      customer: { id: asker.id },
      amount: { amount: '1800.00', currency: 'EUR' },
      product: { id: product.id },
      owner: { id: users.admin },
      source: 'Event',
      description: 'Two kilos an hour',
      stage: { name: 'Prospecting' },
      pipeline: { name: 'Sales' },
    });
    // One history: the deal's customer is the lead's, and both stand in it.
    const timeline = JSON.stringify(await good('GET', `/parties/${asker.id}/timeline`));
    for (const told of ['Calls on Mondays', 'Saw the grinder', 'Grinder for the bar']) expect(timeline).toContain(told);
    expect(problems((await send('POST', '/actions/convertLead', { ids: [id] })).body)).toEqual([['status', 'converted']]);
    expect(problems((await send('PATCH', `/leads/${id}`, { status: 'working' })).body)).toEqual([['status', 'converted']]);

    await good('POST', `/causes/${String(answer.headers['perigon-cause'])}/undo`);
    expect(await read(id)).toMatchObject({ status: 'new', opportunity: null, closedAt: null, qualifiedAt: null });
    expect((await send('GET', `/opportunities/${deal}`)).status).toBe(404);
    expect(await dealsOf(asker.id)).toBe(0);
  });

  it('happens once, however many ask for it at once', async () => {
    const asker = await good('POST', '/parties', { name: 'Asked by many' });
    const { id } = await make({ party: asker.id });
    const answers = await Promise.all(Array.from({ length: 6 }, () => send('POST', '/actions/convertLead', { ids: [id] })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422, 422, 422]);
    expect(await dealsOf(asker.id)).toBe(1);
  });

  it('adds to an open deal of the same customer, and to no other', async () => {
    const asker = await good('POST', '/parties', { name: 'Has a deal' });
    const deal = await good('POST', '/opportunities', { name: 'There already', customer: asker.id });
    const elsewhere = await good('POST', '/opportunities', { name: 'Of another', customer: party.id });
    const ids = [(await make({ party: asker.id })).id, (await make({ party: asker.id, name: 'And a mill' })).id];
    const attach = (opportunity: string, more = {}) => send('POST', '/actions/convertLead', { ids, opportunity, ...more });
    expect(problems((await attach(elsewhere.id)).body)).toEqual([['opportunity', 'otherParty']]);
    expect(problems((await attach(party.id)).body)).toEqual([['opportunity', 'reference']]);
    expect((await attach(deal.id)).status).toBe(200);
    expect(await dealsOf(asker.id)).toBe(1);
    expect(((await read(ids[1] ?? '')).opportunity as Row).id).toBe(deal.id);
    await good('POST', '/actions/closeOpportunity', { ids: [deal.id], as: 'won' });
    const late = await make({ party: asker.id });
    const refused = await send('POST', '/actions/convertLead', { ids: [late.id], opportunity: deal.id });
    expect(problems(refused.body)).toEqual([['opportunity', 'closed']]);
  });

  it('takes the pipeline and stage that are chosen, and many at once', async () => {
    const pipeline = await good('POST', '/pipelines', { name: 'Projects' });
    const talk = await good('POST', '/stages', { name: 'Talk', pipeline: pipeline.id, probability: 0.2 });
    const demanding = await good('POST', '/stages', { name: 'Offer', pipeline: pipeline.id, requiredToEnter: ['amount', 'closeDate'] });
    const ids = await Promise.all([1, 2, 3].map(async (n) => (await make({ name: `Many ${n}` })).id));
    const refused = await send('POST', '/actions/convertLead', { ids: ids.slice(0, 1), stage: demanding.id });
    expect(problems(refused.body).map(([path]) => path)).toEqual(['stage', 'stage']);
    expect((await read(ids[0] ?? '')).status).toBe('new');
    await good('POST', '/actions/convertLead', { ids, pipeline: pipeline.id });
    for (const id of ids) {
      const deal = await good('GET', `/opportunities/${((await read(id)).opportunity as Row).id}`);
      expect(deal).toMatchObject({ stage: { id: talk.id }, pipeline: { id: pipeline.id } });
    }
  });

  it('is refused to who may not: nothing is told of what is out of reach', async () => {
    const mine = await good('POST', '/parties', { name: 'Reps own' }, 'rep');
    const { id } = await make({ party: mine.id }, 'rep');
    expect((await send('POST', '/actions/convertLead', { ids: [id] }, 'other')).status).toBe(404);
    expect((await send('POST', '/actions/convertLead', { ids: [id] }, 'agent')).status).toBe(403);
    const [held] = await inside.product.db.query<{ id: string; rights: { objects: Record<string, unknown> } }>(
      `select id, rights from roles where key = 'salesRep'`,
    );
    const role = await good('POST', '/roles', {
      key: 'caller',
      name: 'Caller',
      rights: { ...held?.rights, objects: { ...held?.rights.objects, opportunity: { read: 'team' } } },
    });
    const ctx = await inside.ctx();
    users.caller = await inside.product.addUser(ctx, {
      name: 'caller',
      email: 'caller@perigon.example',
      password: null,
      roles: ['caller'],
    });
    keys.caller = (await createApiKey(ctx.db, { userId: users.caller, name: 'test' })).secret;
    expect(role.id).toBeTruthy();
    const called = await good('POST', '/parties', { name: 'Called' }, 'caller');
    const asked = await make({ party: called.id }, 'caller');
    expect((await send('POST', '/actions/convertLead', { ids: [asked.id] }, 'caller')).status).toBe(403);
    expect((await read(asked.id)).status).toBe('new');
    expect((await send('POST', '/actions/convertLead', { ids: [id] }, 'rep')).status).toBe(200);
  });
});
