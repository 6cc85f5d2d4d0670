import { beforeAll, describe, expect, it } from 'vitest';
import type { MeasureAnswer } from '#engine/measures/measures.ts';
import type { SinceAnswer } from '#modules/sales/since/since.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';
import { people, problems, type Row } from '#tests/harness/people.ts';

/** What a stage demands and a playbook asks, what is kept of a deal's course, who is credited, and what changed since a day. */
let inside: Inside;
const { users, enter, send, good } = people(() => inside);

const changes = async (deal: string): Promise<Row[]> =>
  (
    await good<{ items: Row[] }>('POST', '/stageChanges/query', {
      where: { field: 'opportunity', op: 'eq', value: deal },
      fields: ['direction', 'from', 'to', 'stayed', 'by', 'amount', 'closeDate'],
      sort: ['createdAt', 'at'],
      limit: 50,
    })
  ).items;

let pipeline: Row;
let stages: Row[];
const at = (name: string): string => stages.find((stage) => stage.name === name)?.id ?? '';

beforeAll(async () => {
  inside = await insideProduct({});
  await enter({ rep: 'salesRep', other: 'salesRep', agent: 'agent' });
  pipeline = await good('POST', '/pipelines', { name: 'Projects' });
  stages = [];
  for (const values of [
    { name: 'Talk', probability: 0.1 },
    {
      name: 'Offer',
      probability: 0.5,
      requiredToEnter: ['amount'],
      requiredToLeave: ['nextStep'],
      maxAgeDays: 14,
      guidance: 'Send it today.',
    },
    { name: 'Contract', probability: 0.8 },
    { name: 'Won', category: 'won' },
    { name: 'Lost', category: 'lost' },
  ])
    stages.push({ ...values, ...(await good('POST', '/stages', { ...values, pipeline: pipeline.id })) });
});

const deal = (values: Record<string, unknown> = {}, who = 'admin'): Promise<Row> =>
  good('POST', '/opportunities', { name: 'Roof', stage: at('Talk'), ...values }, who);
const move = (id: string, to: string, more: Record<string, unknown> = {}, who = 'admin') =>
  send('PATCH', `/opportunities/${id}`, { stage: at(to), ...more }, who);

describe('a stage', () => {
  it('says how sure one is of its deals, which follow it until somebody says otherwise', async () => {
    expect(
      (
        await good<{ items: Row[] }>('POST', '/stages/query', {
          where: { field: 'pipeline', op: 'eq', value: pipeline.id },
          fields: ['forecastCategory'],
          sort: ['position'],
        })
      ).items.map((stage) => stage.forecastCategory),
    ).toEqual(['pipeline', 'bestCase', 'commit', null, 'omitted']);
    const { id } = await deal({ amount: { amount: '10', currency: 'EUR' }, nextStep: 'Call' });
    expect((await move(id, 'Offer')).body).toMatchObject({ forecastCategory: 'bestCase' });
    expect(await good('PATCH', `/opportunities/${id}`, { forecastCategory: 'omitted' })).toMatchObject({ forecastCategory: 'omitted' });
    expect((await move(id, 'Contract')).body).toMatchObject({ forecastCategory: 'omitted' });
    expect((await move(id, 'Won')).body).toMatchObject({ forecastCategory: null });
    expect((await move(id, 'Contract')).body).toMatchObject({ forecastCategory: 'commit' });
  });

  it('refuses at the field what comes in without what it needs, and what goes on without it, but lets go back and give up', async () => {
    const { id } = await deal();
    const refused = await move(id, 'Offer');
    expect([refused.status, problems(refused.body)]).toEqual([422, [['amount', 'neededByStage']]]);
    expect((await move(id, 'Offer', { amount: { amount: '100', currency: 'EUR' } })).status).toBe(200);
    expect(problems((await move(id, 'Contract')).body)).toEqual([['nextStep', 'neededByStage']]);
    expect((await move(id, 'Talk')).status).toBe(200);
    expect((await move(id, 'Offer')).status).toBe(200);
    expect((await move(id, 'Lost')).status).toBe(200);
    // What one may not know is not named.
    const blind = await send('POST', '/opportunities', { name: 'Blind', stage: at('Offer') }, 'agent');
    expect([403, 422]).toContain(blind.status);
    expect(blind.text).not.toContain('amount');
  });

  it('asks only for fields that a deal has and somebody can fill in', async () => {
    for (const key of ['nothing', 'stage', 'weightedAmount', 'stageSince'])
      expect(problems((await send('PATCH', `/stages/${at('Talk')}`, { requiredToLeave: [key] })).body), key).toEqual([
        ['requiredToLeave', 'unknownField'],
      ]);
  });

  it('gets its rules and its playbook in one act: both or neither, taken back together', async () => {
    const { id } = await good('POST', '/stages', { name: 'Ruled', pipeline: pipeline.id, guidance: 'Then.' });
    const held = async () => ({
      guidance: (await good('GET', `/stages/${id}`)).guidance,
      steps: (
        await good<{ items: Row[] }>('POST', '/playbookSteps/query', {
          where: { field: 'stage', op: 'eq', value: id },
          fields: ['text', 'position'],
          sort: ['position'],
        })
      ).items.map(({ text, position }) => [text, position]),
    });
    const first = await good('POST', '/playbookSteps', { text: 'Goes', stage: id });
    const second = await good('POST', '/playbookSteps', { text: 'Stays', stage: id });
    const before = await held();
    const step = (of: string | null, text: string, more = {}) => ({ id: of, text, ...more });
    const answer = await send('PUT', `/stages/${id}/rules`, {
      values: { guidance: 'Now.', requiredToLeave: ['amount'] },
      steps: [step(null, 'New'), step(second.id, 'Stayed')],
    });
    expect(answer.status, answer.text).toBe(200);
    const after = {
      guidance: 'Now.',
      steps: [
        ['New', 1],
        ['Stayed', 2],
      ],
    };
    expect(await held()).toEqual(after);
    // What is wrong with one of them leaves all as it was.
    expect(
      (await send('PUT', `/stages/${id}/rules`, { values: { guidance: 'x' }, steps: [step(null, 'x', { asks: 'nothing' })] })).status,
    ).toBe(422);
    expect((await send('PUT', `/stages/${id}/rules`, { values: { requiredToEnter: ['nothing'] }, steps: [] })).status).toBe(422);
    // Nor is a step taken from another stage, or written by who may not.
    const other = await good('POST', '/playbookSteps', { text: 'Elsewhere', stage: at('Talk') });
    expect((await send('PUT', `/stages/${id}/rules`, { values: {}, steps: [step(other.id, 'x')] })).status).toBe(404);
    expect((await send('PUT', `/stages/${id}/rules`, { values: { guidance: 'x' }, steps: [] }, 'rep')).status).toBe(403);
    expect(await held()).toEqual(after);
    await good('POST', `/causes/${String(answer.headers['perigon-cause'])}/undo`, {});
    expect(await held()).toEqual(before);
    expect((await good('GET', `/playbookSteps/${first.id}`)).text).toBe('Goes');
    await good('DELETE', `/playbookSteps/${other.id}`);
    await good('DELETE', `/stages/${id}`);
  });

  it('lets nothing go on before the steps of its playbook that it needs are done, by a check or by what they ask for', async () => {
    const step = await good('POST', '/playbookSteps', { text: 'Meet the buyer', stage: at('Contract'), required: true });
    const asks = await good('POST', '/playbookSteps', {
      text: 'Say where it came from',
      stage: at('Contract'),
      required: true,
      asks: 'source',
    });
    expect(asks.position).toBe(2);
    const { id } = await deal({ stage: at('Contract') });
    expect(problems((await move(id, 'Won')).body)).toEqual([['stage', 'playbook']]);
    const check = await good('POST', '/playbookChecks', { opportunity: id, step: step.id });
    expect(check).toMatchObject({ by: { id: users.admin } });
    expect(problems((await move(id, 'Won')).body)).toEqual([['stage', 'playbook']]);
    expect((await move(id, 'Won', { source: 'Fair' })).status).toBe(200);
    expect((await send('POST', '/playbookChecks', { opportunity: id, step: step.id })).status).toBe(409);
    const elsewhere = await good('POST', '/opportunities', { name: 'Elsewhere' });
    expect(problems((await send('POST', '/playbookChecks', { opportunity: elsewhere.id, step: step.id })).body)).toEqual([
      ['step', 'otherPipeline'],
    ]);
    for (const one of [step, asks]) await good('DELETE', `/playbookSteps/${one.id}`);
  });
});

describe('the course of a deal', () => {
  it('is kept: since when it lies where, how long it stayed, who moved it and what it was then; undo takes all of it back', async () => {
    const { id } = await deal({ openedOn: '2026-01-10', amount: { amount: '5', currency: 'EUR' } });
    const before = await good('GET', `/opportunities/${id}`);
    expect(String(before.stageSince)).toMatch(/^2026-01-(09|10)/);
    const moved = await move(id, 'Offer');
    const rows = await changes(id);
    expect(rows.map((row) => row.direction)).toEqual(['entered', 'forward']);
    expect(rows[1]).toMatchObject({
      by: { id: users.admin },
      amount: { amount: '5.00', currency: 'EUR' },
      stayed: expect.stringMatching(/^PT\d+H/),
    });
    expect((await good('POST', `/causes/${String(moved.headers['perigon-cause'])}/undo`, {})) as unknown).toBeTruthy();
    expect(await good('GET', `/opportunities/${id}`)).toMatchObject({ stageSince: before.stageSince, stage: { id: at('Talk') } });
    expect((await changes(id)).map((row) => row.direction)).toEqual(['entered']);
  });

  it('rots when it lies longer than its stage allows, and can be asked for', async () => {
    const { id } = await deal({ stage: at('Offer'), openedOn: '2026-01-10', amount: { amount: '5', currency: 'EUR' } });
    const fresh = await deal({ stage: at('Offer'), amount: { amount: '5', currency: 'EUR' } });
    const { items } = await good<{ items: Row[] }>('POST', '/opportunities/query', {
      where: { field: 'rotting', op: 'eq', value: true },
      fields: ['rotting', 'daysInStage'],
      sort: ['-daysInStage'],
    });
    expect(items.map((row) => row.id)).toContain(id);
    expect(items.map((row) => row.id)).not.toContain(fresh.id);
    expect(Number(items[0]?.daysInStage)).toBeGreaterThan(14);
  });

  it('counts how often and how far its close date was put off, and undo uncounts it', async () => {
    const { id } = await deal({ closeDate: '2027-03-01' });
    await good('PATCH', `/opportunities/${id}`, { closeDate: '2027-03-11' });
    const last = await send('PATCH', `/opportunities/${id}`, { closeDate: '2027-04-01' });
    expect(last.body).toMatchObject({ firstCloseDate: '2027-03-01', closeDateMoves: 2, slippedDays: 31 });
    expect(await good('PATCH', `/opportunities/${id}`, { name: 'Roof 2' })).toMatchObject({ closeDateMoves: 2 });
    await good('POST', `/causes/${String(last.headers['perigon-cause'])}/undo`, {});
    expect(await good('GET', `/opportunities/${id}`)).toMatchObject({ closeDate: '2027-03-11', closeDateMoves: 1, slippedDays: 10 });
    expect(problems((await send('PATCH', `/opportunities/${id}`, { closeDateMoves: 0 })).body)[0]?.[0]).toBe('closeDateMoves');
  });
});

describe('parts of a deal', () => {
  it('are written by who may change the deal, and follow its owner', async () => {
    const { id } = await deal({}, 'rep');
    const person = await good('POST', '/parties', { kind: 'person', name: 'Ada Buyer' }, 'rep');
    const contact = await good('POST', '/dealContacts', { opportunity: id, contact: person.id, role: 'champion', isPrimary: true }, 'rep');
    const second = await good('POST', '/dealContacts', { opportunity: id, contact: person.id, role: 'blocker', isPrimary: true }, 'rep');
    expect(await good('GET', `/dealContacts/${contact.id}`, undefined, 'rep')).toMatchObject({
      isPrimary: false,
      owner: { id: users.rep },
    });
    for (const [method, path, body] of [
      ['GET', `/dealContacts/${second.id}`],
      ['PATCH', `/dealContacts/${second.id}`, { comment: 'mine' }],
      ['POST', '/playbookChecks', { opportunity: id, step: id }],
    ] as const)
      expect([404, 422], `${method} ${path}`).toContain((await send(method, path, body, 'other')).status);
    await good('PATCH', `/opportunities/${id}`, { owner: users.other });
    expect((await send('GET', `/dealContacts/${second.id}`, undefined, 'rep')).status).toBe(404);
    expect(await good('GET', `/dealContacts/${second.id}`, undefined, 'other')).toMatchObject({ owner: { id: users.other } });
  });

  it('credit makes up the whole; a won deal is its owner’s unless somebody said otherwise', async () => {
    const split = await deal({ stage: at('Contract'), amount: { amount: '100', currency: 'EUR' }, owner: users.rep });
    const half = await send('POST', '/dealCredits', { opportunity: split.id, user: users.rep, share: 0.6 });
    expect([half.status, problems(half.body)]).toEqual([422, [['share', 'notTheWhole']]]);
    await good('POST', '/dealCredits/batch', {
      operations: [
        { op: 'create', values: { opportunity: split.id, user: users.rep, share: 0.6 } },
        { op: 'create', values: { opportunity: split.id, user: users.other, share: 0.4 } },
      ],
    });
    await good('POST', '/actions/closeOpportunity', { ids: [split.id], as: 'won' });
    const whole = await deal({ stage: at('Contract'), amount: { amount: '50', currency: 'EUR' }, owner: users.other });
    await good('POST', '/actions/closeOpportunity', { ids: [whole.id], as: 'won' });
    const { rows } = await good<MeasureAnswer>('POST', '/measures/read', {
      measures: ['creditedWonValue'],
      by: ['user'],
      where: { field: 'opportunity', op: 'in', value: [split.id, whole.id] },
    });
    const credited = rows.map(({ by, figures }) => [(by[0] as { id: string }).id, (figures.creditedWonValue as { amount: string }).amount]);
    expect(Object.fromEntries(credited)).toEqual({ [users.rep ?? '']: '60.00', [users.other ?? '']: '90.00' });
    // Open again, nothing is assumed of it any more.
    await move(whole.id, 'Contract');
    const left = await good<{ items: Row[] }>('POST', '/dealCredits/query', { where: { field: 'opportunity', op: 'eq', value: whole.id } });
    expect(left.items).toEqual([]);
  });

  it('reasons speak of how a deal ended, and are counted', async () => {
    const reasons = (
      await good<{ items: Row[] }>('POST', '/closeReasons/query', { fields: ['name', 'outcome'], sort: ['position'], limit: 50 })
    ).items;
    const [won, lost] = ['won', 'lost'].map((outcome) => reasons.find((reason) => reason.outcome === outcome)?.id);
    const rival = await good('POST', '/competitors', { name: 'Rival' });
    const { id } = await deal();
    expect(problems((await send('POST', '/actions/closeOpportunity', { ids: [id], as: 'lost', closeReason: won })).body)).toEqual(
      [['0.closeReason', 'otherOutcome']].map(([, code]) => ['closeReason', code]),
    );
    await good('POST', '/actions/closeOpportunity', { ids: [id], as: 'lost', closeReason: lost, lostTo: rival.id, lostReason: 'Too slow' });
    const { rows } = await good<MeasureAnswer>('POST', '/measures/read', { measures: ['lostDeals'], by: ['closeReason', 'lostTo'] });
    expect(rows.map(({ by }) => by.map((value) => (value as { id: string } | null)?.id ?? null))).toContainEqual([lost, rival.id]);
    const from = await good<MeasureAnswer>('POST', '/measures/read', { measures: ['lostFromStage', 'stageConversion'], by: ['from'] });
    expect(from.rows.some(({ figures }) => Number(figures.lostFromStage) > 0)).toBe(true);
    await move(id, 'Talk');
    expect(await good('GET', `/opportunities/${id}`)).toMatchObject({ closeReason: null, lostTo: null });
  });
});

describe('what changed since a day', () => {
  it('leads from the open pipeline then to the one now, deal by deal, for who asks', async () => {
    const ctx = await inside.ctx();
    const mine = await good('POST', '/pipelines', { name: 'Bridge' });
    const [talk, offer, won, lost] = await Promise.all(
      [
        { name: 'T', position: 1 },
        { name: 'O', position: 2 },
        { name: 'W', category: 'won' },
        { name: 'L', category: 'lost' },
      ].map((values) => good('POST', '/stages', { ...values, pipeline: mine.id })),
    );
    const eur = (amount: number) => ({ amount: String(amount), currency: 'EUR' });
    const make = (name: string, amount: number, owner = users.rep) =>
      good('POST', '/opportunities', { name, stage: talk?.id, amount: eur(amount), closeDate: '2027-01-31', owner });
    const names = ['up', 'forward', 'won', 'lost', 'gone', 'pushed', 'still'];
    const old = await Promise.all(names.map((name, i) => make(name, 100 * (i + 1))));
    const reopened = await make('reopened', 1000);
    await good('PATCH', `/opportunities/${reopened.id}`, { stage: lost?.id });
    // Three days pass.
    for (const table of ['opportunities', 'changes', 'causes', 'cause_objects'])
      await ctx.db.query(
        `update ${table} set ${table === 'opportunities' ? 'created_at = created_at' : 'at = at'} - interval '3 days' where ${table === 'opportunities' ? 'pipeline_id = $1::uuid' : 'true or $1::uuid is null'}`,
        [mine.id],
      );
    const by = Object.fromEntries(old.map((row, i) => [names[i], row.id]));
    await good('PATCH', `/opportunities/${by.up}`, { amount: eur(150) });
    await good('PATCH', `/opportunities/${by.up}`, { amount: eur(160) });
    await good('PATCH', `/opportunities/${by.forward}`, { stage: offer?.id });
    await good('PATCH', `/opportunities/${by.won}`, { stage: won?.id });
    await good('PATCH', `/opportunities/${by.lost}`, { stage: lost?.id });
    await good('DELETE', `/opportunities/${by.gone}`);
    await good('PATCH', `/opportunities/${by.pushed}`, { closeDate: '2027-02-15' });
    await good('PATCH', `/opportunities/${reopened.id}`, { stage: talk?.id });
    await make('fresh', 25, users.other);
    const since = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    const ask = (who: string, more: Record<string, unknown> = {}) =>
      good<SinceAnswer>('POST', '/sales/since', { since, pipeline: mine.id, ...more }, who);
    const told = await ask('admin');
    const of = (answer: SinceAnswer) => Object.fromEntries(answer.kinds.map(({ kind, count, value }) => [kind, [count, value]]));
    expect(of(told)).toEqual({
      opened: [1, '25.00'],
      reopened: [1, '1000.00'],
      forward: [1, '200.00'],
      won: [1, '300.00'],
      lost: [1, '400.00'],
      removed: [1, '500.00'],
      amountUp: [1, '60.00'],
      pushed: [1, '600.00'],
    });
    expect([told.was, told.now]).toEqual([
      { count: 7, value: '2800.00' },
      { count: 6, value: '2685.00' },
    ]);
    expect(told.kinds.find(({ kind }) => kind === 'pushed')?.items).toMatchObject([
      { id: by.pushed, name: 'pushed', closeDate: { from: '2027-01-31', to: '2027-02-15' } },
    ]);
    // Each sees their own; who may not know amounts is told of none.
    expect(of(await ask('other'))).toEqual({ opened: [1, '25.00'] });
    const blind = await ask('agent');
    expect(blind.now.value).toBeNull();
    expect(JSON.stringify(blind)).not.toMatch(/\d+\.00/);
    expect(Object.keys(of(blind))).not.toContain('amountUp');
    expect((await ask('admin', { owner: users.other })).kinds.map(({ kind }) => kind)).toEqual(['opened']);
    expect((await send('POST', '/sales/since', { since: '2001-01-01' })).status).toBe(422);
  });
});
