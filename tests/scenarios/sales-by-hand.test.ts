import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MeasureAnswer } from '#engine/measures/measures.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';
import { people, type Row } from '#tests/harness/people.ts';

/** Measures of deals and leads beside what a person reckons on paper, and files of deals and leads read like what is typed. */
let inside: Inside;
const { users, keys, enter, send, good } = people(() => inside);

const all = async (plural: string, where: unknown, fields: string[], sort = 'createdAt'): Promise<Row[]> =>
  (await good<{ items: Row[] }>('POST', `/${plural}/query`, { where, fields, sort: [sort], limit: 100 })).items;
const eur = (amount: string) => ({ amount, currency: 'EUR' });

let pipeline: Row;
let stages: Row[];
const at = (name: string): string => stages.find((stage) => stage.name === name)?.id ?? '';

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  await enter({ rep: 'salesRep' });
  pipeline = await good('POST', '/pipelines', { name: 'Projects' });
  stages = [];
  for (const values of [
    { name: 'Talk', probability: 0.1 },
    { name: 'Offer', probability: 0.5, requiredToEnter: ['amount'] },
    { name: 'Won', category: 'won' },
    { name: 'Lost', category: 'lost' },
  ])
    stages.push({ ...values, ...(await good('POST', '/stages', { ...values, pipeline: pipeline.id })) });
});
afterAll(() => inside.stop());

/** The figures of some measures along one cut, by the name or key of the group; under '' those of all. */
async function figures(
  measures: string[],
  by: string | null,
  where?: unknown,
  more: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const answer = await good<MeasureAnswer>('POST', '/measures/read', { measures, ...(by ? { by: [by] } : {}), where, ...more });
  const plain = (values: Record<string, unknown>) =>
    measures.map((key) => {
      const figure = values[key] ?? null;
      return typeof figure === 'object' && figure !== null
        ? (figure as { amount: string }).amount
        : figure === null
          ? null
          : Number(figure);
    });
  const named = answer.rows.map(({ by: [cut], figures: of }) => {
    const name = typeof cut === 'object' && cut !== null ? (cut as { name: string }).name : String(cut);
    return [by ? name : '', plain(of as Record<string, unknown>)];
  });
  return { ...Object.fromEntries(named), '': plain(answer.total.figures as Record<string, unknown>) };
}

describe('measures of the course of deals, on paper', () => {
  /*
   * Four deals of one pipeline, in March 2024:
   *
   *   deal   opened  in      closed   how    days  met           credit            reason
   *   Roof    1st    Talk    11th     won     10   Kaffa         admin 70, rep 30  Best fit
   *   Wall    1st    Offer    5th     lost     4   Kaffa, Brew   –                 Price
   *   Gate   10th    Talk    26th     lost    16   –             –                 Price, open again today
   *   Door    1st    Talk    21st     won     20   –             rep, by default   –
   */
  const ours = () => ({ field: 'opportunity.pipeline', op: 'eq', value: pipeline.id });
  const MARCH = { from: '2024-03-01', to: '2024-03-31' };
  const deals: Record<string, string> = {};

  beforeAll(async () => {
    const reasons = await all('closeReasons', undefined, ['name']);
    const why = (name: string) => reasons.find((one) => one.name === name)?.id;
    const rivals: Record<string, string> = {};
    for (const name of ['Kaffa', 'Brew']) rivals[name] = (await good('POST', '/competitors', { name })).id;
    const deal = async (name: string, stage: string, openedOn: string, amount: string, met: string[] = []) => {
      deals[name] = (await good('POST', '/opportunities', { name, stage: at(stage), openedOn, amount: eur(amount), owner: users.rep })).id;
      for (const rival of met) await good('POST', '/dealCompetitors', { opportunity: deals[name], competitor: rivals[rival] });
    };
    await deal('Roof', 'Talk', '2024-03-01', '1000', ['Kaffa']);
    await deal('Wall', 'Offer', '2024-03-01', '400', ['Kaffa', 'Brew']);
    await deal('Gate', 'Talk', '2024-03-10', '250');
    await deal('Door', 'Talk', '2024-03-01', '60');
    await good('POST', '/dealCredits/batch', {
      operations: [
        { op: 'create', values: { opportunity: deals.Roof, user: users.admin, share: 0.7 } },
        { op: 'create', values: { opportunity: deals.Roof, user: users.rep, share: 0.3 } },
      ],
    });
    const close = (name: string, as: string, on: string, reason?: string) =>
      good('PATCH', `/opportunities/${deals[name]}`, { stage: at(as), closedOn: on, ...(reason ? { closeReason: why(reason) } : {}) });
    await close('Roof', 'Won', '2024-03-11', 'Best fit');
    await close('Wall', 'Lost', '2024-03-05', 'Price');
    await close('Gate', 'Lost', '2024-03-26', 'Price');
    await close('Door', 'Won', '2024-03-21');
    await good('PATCH', `/opportunities/${deals.Gate}`, { stage: at('Talk') });
  });

  it('time in stage is the mean of the days that deals had lain where they went on from', async () => {
    // Talk: (10 + 16 + 20) / 3 = 15.33…; Offer: 4; all: (10 + 4 + 16 + 20) / 4 = 12.5. Opened again today, Gate has left nothing yet.
    const told = await figures(['timeInStage'], 'from', ours(), MARCH);
    expect(told).toEqual({ Talk: [expect.closeTo(46 / 3, 4)], Offer: [4], '': [12.5] });
  });

  it('conversion, losses and reopenings count moves out of stages', async () => {
    // Out of Talk: two won, one lost: 2 / 3. Out of Offer: one lost: 0 / 1. Of all four, two went on: 0.5.
    const told = await figures(['stageConversion', 'lostFromStage'], 'from', ours(), MARCH);
    expect(told).toEqual({ Talk: [expect.closeTo(2 / 3, 4), 1], Offer: [0, 1], '': [0.5, 2] });
    // Gate alone came back: out of Lost, not in March but today.
    expect(await figures(['reopenedDeals'], 'from', ours())).toEqual({ Lost: [1], '': [1] });
    expect((await figures(['reopenedDeals'], null, ours(), MARCH))['']).toEqual([0]);
  });

  it('a competitor who was met is measured by the deals that were decided', async () => {
    // Kaffa: Roof won, Wall lost: 1 / 2. Brew: Wall lost: 0 / 1. Met three times in all, won once: 1 / 3.
    const met = await figures(['metCompetitor'], 'competitor', ours());
    expect(met).toEqual({ Kaffa: [0.5], Brew: [0], '': [expect.closeTo(1 / 3, 4)] });
    // Wall is open again: nothing is decided about Brew, and Kaffa was met once and beaten.
    const { headers } = await send('PATCH', `/opportunities/${deals.Wall}`, { stage: at('Offer') });
    expect(await figures(['metCompetitor'], 'competitor', ours())).toEqual({ Kaffa: [1], '': [1] });
    await good('POST', `/causes/${String(headers['perigon-cause'])}/undo`, {});
  });

  it('credit is shared as it was said, and reasons are counted for what is closed', async () => {
    // Roof: 700 and 300; Door: 60 for its owner. rep has 360, all of it is 1,060.
    const credited = await figures(['creditedWonValue'], 'user', ours(), MARCH);
    expect(credited).toEqual({ 'Ana Admin': ['700.00'], rep: ['360.00'], '': ['1060.00'] });
    // Gate forgot its reason when it was opened again: Price is said of Wall alone, Door was won without a word.
    const closed = await figures(['closedByReason'], 'closeReason', { field: 'pipeline', op: 'eq', value: pipeline.id }, MARCH);
    expect(closed).toEqual({ 'Best fit': [1], Price: [1], null: [1], '': [3] });
  });
});

describe('measures of leads, on paper', () => {
  /*
   * Five leads of 4 March 2024, from 09:00:
   *
   *   lead  from   first answer   became     suspect
   *   One   web    09:30 (30)     converted
   *   Two   web    11:00 (120)    lost
   *   Three event  –              open
   *   Four  event  10:30 (90)     open
   *   Five  web    –              open       yes: counts nowhere
   */
  const MARCH = { from: '2024-03-01', to: '2024-03-31' };

  it('who asked, how soon they were answered, and what became of it', async () => {
    const [spam] = await all('closeReasons', { field: 'outcome', op: 'eq', value: 'lead' }, ['name']);
    const lead = async (name: string, source: string, answered: string | null, suspect = false) => {
      const party = await good('POST', '/parties', { name });
      const { id } = await good('POST', '/leads', { name, party: party.id, source, suspect, receivedAt: '2024-03-04T08:00:00Z' });
      if (answered)
        await good('POST', '/interactions', {
          party: party.id,
          channel: 'phone',
          kind: 'call',
          direction: 'outbound',
          at: answered,
          agent: users.rep,
        });
      return id;
    };
    const one = await lead('One', 'web', '2024-03-04T08:30:00Z');
    const two = await lead('Two', 'web', '2024-03-04T10:00:00Z');
    await lead('Three', 'event', null);
    await lead('Four', 'event', '2024-03-04T09:30:00Z');
    await lead('Five', 'web', null, true);
    const answered = async () =>
      (await all('leads', { field: 'firstResponseAt', op: 'isNotEmpty' }, ['responseMinutes'], 'name')).map((row) => row.responseMinutes);
    await expect.poll(answered, { timeout: 10_000 }).toEqual([90, 30, 120]);
    await good('POST', '/actions/convertLead', { ids: [one] });
    await good('PATCH', `/leads/${two}`, { status: 'lost', lossReason: spam?.id });
    // web: two leads, (30 + 120) / 2 = 75; event: two leads, one answered after 90. All: 4, and 240 / 3 = 80.
    expect(await figures(['leadsReceived', 'leadResponseTime'], 'source', undefined, MARCH)).toEqual({
      web: [2, 75],
      event: [2, 90],
      '': [4, 80],
    });
    // Three alone waits. Decided are One and Two, both from the web: one of two became a deal.
    expect(await figures(['leadsUnanswered'], 'source')).toEqual({ event: [1], '': [1] });
    expect(await figures(['leadConversion'], 'source')).toEqual({ web: [0.5], '': [0.5] });
  });
});

/** Imports a file with a mapping; gives its counts, and the rows that were refused with their reasons. */
async function imported(file: string, map: unknown, mode?: string): Promise<{ counts: number[]; refused: string; cause: string }> {
  const form = new FormData();
  form.set('file', new File([file], 'rows.csv', { type: 'text/csv' }));
  form.set('map', JSON.stringify(map));
  if (mode) form.set('mode', mode);
  const sent = new Response(form);
  const begun = await inside.product.http.inject({
    method: 'POST',
    url: '/api/v1/imports',
    headers: { authorization: `Bearer ${keys.admin}`, 'content-type': sent.headers.get('content-type') ?? '' },
    payload: Buffer.from(await sent.arrayBuffer()),
  });
  expect(begun.statusCode, begun.body).toBe(202);
  const { id } = begun.json<{ id: string }>();
  const run = () => good<Row & { state: string; errors: string | null }>('GET', `/imports/${id}`);
  await expect.poll(async () => (await run()).state, { timeout: 20_000 }).toBe('done');
  const now = await run();
  const refused = now.errors ? (await send('GET', `/imports/${id}/errors`)).text : '';
  return { counts: [now.created, now.updated, now.skipped, now.failed].map(Number), refused, cause: String(now.cause) };
}

describe('a file of deals', () => {
  it('may list what is to be sold in them: each deal is worth its lines, a bad line is told and the others stay, and all goes as one', async () => {
    const made = async (name: string) => good('POST', '/opportunities', { name, pipeline: pipeline.id, amount: eur('9000') });
    const [roof, wall] = [await made('Lined roof'), await made('Lined wall')];
    await good('POST', '/products', { name: 'Tile', sku: 'T-1', price: eur('2.5') });
    const file = [
      'Deal,SKU,What,Qty,Price,Off',
      'Lined roof,T-1,,400,,10 %',
      'Lined roof,,Freight,1,120,',
      'Lined wall,T-1,Tiles in red,-3,3,',
      'Lined wall,T-1,Tiles in blue,100,3,',
    ].join('\n');
    const map = {
      object: 'dealLine',
      columns: {
        Deal: { field: 'opportunity', by: 'id', values: { 'Lined roof': roof.id, 'Lined wall': wall.id } },
        SKU: { field: 'product', by: 'sku' },
        What: { field: 'name' },
        Qty: { field: 'quantity' },
        Price: { field: 'unitPrice', currency: 'EUR' },
        Off: { field: 'discount' },
      },
    };
    const { counts, refused, cause } = await imported(file, map);
    expect(counts, refused).toEqual([3, 0, 0, 1]);
    expect(refused).toMatch(/Tiles in red/);
    const worth = async () =>
      Promise.all([roof, wall].map(async ({ id }) => ((await good('GET', `/opportunities/${id}`)).amount as { amount: string }).amount));
    expect(await worth()).toEqual(['1020.00', '300.00']);
    await good('POST', `/causes/${cause}/undo`, {});
    expect(await worth()).toEqual(['9000.00', '9000.00']);
    for (const { id } of [roof, wall]) await good('DELETE', `/opportunities/${id}`);
  });

  it('is held to what stages ask: a row without it is refused with its reason, the others stand and have their course', async () => {
    await good('POST', '/playbookSteps', { text: 'Meet the buyer', stage: at('Offer'), required: true });
    const file = [
      'Deal,Stage,Amount,Opened,Closed',
      'Import roof,Talk,,2024-05-01,',
      'Import wall,Offer,500,2024-05-02,',
      'Import gate,Offer,,2024-05-03,',
      'Import door,Won,900,2024-05-04,2024-05-14',
    ].join('\n');
    const map = {
      object: 'opportunity',
      defaults: { pipeline: pipeline.id },
      match: ['externalId'],
      columns: {
        Deal: [{ field: 'name' }, { field: 'externalId', system: 'old' }],
        Stage: { field: 'stage', by: 'id', values: Object.fromEntries(stages.map((stage) => [stage.name, stage.id])) },
        Amount: { field: 'amount', currency: 'EUR' },
        Opened: { field: 'openedOn' },
        Closed: { field: 'closedOn' },
      },
    };
    const first = await imported(file, map);
    expect(first.counts, first.refused).toEqual([3, 0, 0, 1]);
    expect(first.refused).toMatch(/Import gate/);
    expect(first.refused).toMatch(/“Offer” needs a value here/);
    const rows = await all(
      'opportunities',
      { field: 'name', op: 'startsWith', value: 'Import' },
      ['name', 'stage.name', 'closedOn'],
      'name',
    );
    expect(rows.map((row) => [row.name, row['stage.name']])).toEqual([
      ['Import door', 'Won'],
      ['Import roof', 'Talk'],
      ['Import wall', 'Offer'],
    ]);
    // The course of each: where it began on the day it was opened, and for what is closed how long it took.
    const course = async (name: string) =>
      (
        await all('stageChanges', { field: 'opportunity.name', op: 'eq', value: name }, ['direction', 'to.name', 'at', 'stayedDays'], 'at')
      ).map((row) => [row.direction, row['to.name'], String(row.at).slice(0, 10), row.stayedDays === null ? null : Number(row.stayedDays)]);
    // A day of Berlin begins at 22:00 of the day before, in summer.
    expect(await course('Import roof')).toEqual([['entered', 'Talk', '2024-04-30', null]]);
    expect(await course('Import door')).toEqual([
      ['entered', 'Talk', '2024-05-03', null],
      ['won', 'Won', '2024-05-13', 10],
    ]);
    // Moved on by a file it is asked for its playbook, as by hand.
    const on = await imported(
      'Deal,Stage\nImport wall,Won\nImport roof,Lost\n',
      { ...map, columns: { Deal: map.columns.Deal, Stage: map.columns.Stage } },
      'upsert',
    );
    expect(on.counts, on.refused).toEqual([0, 1, 0, 1]);
    expect(on.refused).toMatch(/Meet the buyer/);
    // The same file again makes nothing, and refuses what it refused.
    const again = await imported(file, map, 'upsert');
    expect([again.counts[0], again.counts[3]], again.refused).toEqual([0, 1]);
    expect(await all('opportunities', { field: 'name', op: 'startsWith', value: 'Import' }, ['name'])).toHaveLength(3);
  });
});

describe('a file of leads', () => {
  it('finds whom it knows, makes whom it does not, scores and gives out, and makes nothing twice', async () => {
    const known = await good('POST', '/parties', { name: 'Ida Roth', emails: [{ value: 'ida@roth.example' }] });
    const rule = await good('POST', '/assignmentRules', { name: 'All to rep', position: 0, way: 'fixed', members: [users.rep] });
    const file = [
      'Ref,Name,E-mail,Interest,Source,Received',
      'F-1,I. Roth,IDA@roth.example,Two grinders,event,2024-06-03T08:00:00Z',
      'F-2,Otto Lind,otto@lind.example,A machine,event,2024-06-03T09:00:00Z',
      'F-3,Otto Lind,otto@lind.example,Beans,web,2024-06-03T10:00:00Z',
      'F-4,Nobody,not an address,Tea,web,2024-06-03T10:00:00Z',
    ].join('\n');
    const map = {
      object: 'lead',
      match: ['externalId'],
      columns: {
        Ref: { field: 'externalId', system: 'fair' },
        Name: { field: 'party.name' },
        'E-mail': { field: 'party', by: 'emails', create: true },
        Interest: { field: 'name' },
        Source: { field: 'source' },
        Received: { field: 'receivedAt' },
      },
    };
    const first = await imported(file, map);
    expect(first.counts, first.refused).toEqual([3, 0, 0, 1]);
    expect(first.refused).toMatch(/not an address/);
    const leads = () =>
      all(
        'leads',
        { field: 'name', op: 'in', value: ['Two grinders', 'A machine', 'Beans'] },
        ['name', 'party', 'owner', 'assignedBy', 'score', 'source', 'status'],
        'receivedAt',
      );
    const [ida, otto, beans] = await leads();
    // Whom it knows is the same customer, under the name that they had; who comes twice in the file is one.
    expect(ida).toMatchObject({ party: { id: known.id, name: 'Ida Roth' }, source: 'event', status: 'new' });
    expect(otto?.party).toMatchObject({ name: 'Otto Lind' });
    expect(beans?.party).toEqual(otto?.party);
    for (const lead of [ida, otto, beans]) expect(lead).toMatchObject({ owner: { id: users.rep }, assignedBy: { id: rule.id } });
    await expect.poll(async () => (await leads()).every(({ score }) => typeof score === 'number'), { timeout: 10_000 }).toBe(true);
    const again = await imported(file, map, 'upsert');
    expect([again.counts[0], again.counts[3]], again.refused).toEqual([0, 1]);
    expect(await leads()).toHaveLength(3);
    expect(await all('parties', { field: 'name', op: 'in', value: ['Otto Lind', 'I. Roth', 'Ida Roth', 'Nobody'] }, ['name'])).toHaveLength(
      2,
    );
    // One undo takes leads and new customers back, and leaves whom it knew.
    await good('POST', `/causes/${first.cause}/undo`, {});
    expect(await leads()).toEqual([]);
    expect((await good('GET', `/parties/${known.id}`)).name).toBe('Ida Roth');
    await good('DELETE', `/assignmentRules/${rule.id}`);
  });
});
