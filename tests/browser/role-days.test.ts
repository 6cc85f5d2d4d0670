import * as fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { Hands, withoutPointer } from './hands.ts';
import { dayFromNow, patience, Stage, type Watched } from './stage.ts';

/**
 * A day of each of the three who live with sales: who sells, who leads, and who keeps the machine running. One company, one after the
 * other, and each finds what the one before has done. Hands never leave the keys.
 */
describe.skipIf(!browserPath()).sequential('a day by keyboard', () => {
  const password = 'correct horse battery';
  let stage: Stage;
  let customer: { id: string };
  let desk: Watched;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    stage = await Stage.open();
    const team = await stage.create('teams', { name: 'North' });
    for (const [name, email, role] of [
      ['Rita Rep', 'rita@example.org', 'salesRep'],
      ['Max Manager', 'max@example.org', 'salesManager'],
    ] as const) {
      const user = await stage.create('users', { name, email, team: team.id });
      ids[name] = user.id;
      const roles = await stage.api.get<{ items: { id: string }[] }>(`/api/v1/roles?key=${role}`);
      await stage.api.patch(`/api/v1/users/${user.id}`, { roles: [{ id: roles.body.items[0]?.id }] });
      await stage.api.post(`/api/v1/users/${user.id}/password`, { password });
    }
    const owner = ids['Rita Rep'];
    // Who leads a team begins the day with all of it.
    const led = await stage.api.patch(`/api/v1/teams/${team.id}`, { manager: ids['Max Manager'] });
    expect(led.status, led.text).toBe(200);
    customer = await stage.create('parties', { name: 'Harbour Textiles', kind: 'organisation', owner });
    await stage.create('opportunities', {
      name: 'Forty looms',
      customer: customer.id,
      owner,
      amount: { amount: '40000', currency: 'EUR' },
      closeDate: dayFromNow(0),
    });
    await stage.create('tasks', { subject: 'Send the price list', dueOn: dayFromNow(-2), party: customer.id, owner });
  }, 120_000);
  afterAll(() => stage.close());

  /** Sits down and signs in. */
  const begin = async (email: string): Promise<Hands> => {
    desk = await stage.page(await stage.context({ signedIn: false }));
    await withoutPointer(desk.page);
    await desk.page.goto('/');
    const hands = new Hands(desk.page);
    await hands.at('textbox', 'E-mail');
    await hands.type(email);
    await hands.tabTo('textbox', 'Password');
    await hands.type(password);
    await hands.press('Enter');
    return hands;
  };
  const end = async (): Promise<void> => {
    expect(desk.complaints).toEqual([]);
    await desk.page.context().close();
  };
  const first = async <T>(plural: string, where: object): Promise<T | undefined> =>
    (await stage.api.post<{ items: T[] }>(`/api/v1/${plural}/query`, { where })).body.items[0];

  test('this file asks for no mouse', () => {
    const source = fs.readFileSync(fileURLToPath(import.meta.url), 'utf8');
    const banned = ['click', 'dblclick', 'hover', 'tap', 'focus', 'fill', 'check', 'selectOption', 'dragTo', 'dispatchEvent', 'mouse'];
    expect(banned.filter((word) => new RegExp(`\\.${word}\\b\\s*[(.]`).test(source))).toEqual([]);
  });

  test('who sells does what is due, writes down a call, moves a deal and says what will come of it', {
    timeout: 5 * patience,
  }, async () => {
    const hands = await begin('rita@example.org');
    await hands.heading('My sales');
    // What waits: the task of the day before yesterday is the first line.
    await hands.press('y');
    await hands.heading('My day');
    await hands.at('link', 'Send the price list');
    await hands.press('d');
    await hands.page.getByText('Send the price list: done.').waitFor();
    // A deal without a next step has gone quiet: it gets one where it stands.
    await hands.tabTo('link', 'Forty looms');
    await hands.press('e');
    await hands.at('textbox', 'What comes next');
    await hands.type('Show them the loom');
    await hands.press('Enter');
    await hands.page.getByText('The next step of Forty looms is noted.').waitFor();
    // The telephone rings.
    await hands.press('l');
    // Whose deal it was is remembered: what was said can be typed at once.
    await hands.at('textbox', 'What was said');
    await hands.type('They want to buy this month');
    await hands.press('Enter');
    await hands.page.getByText('The call with Harbour Textiles is logged.').waitFor();
    // So the deal goes on.
    await hands.palette('opportunities', /^Opportunities/);
    await hands.heading('Opportunities');
    await hands.tabTo('button', 'Table');
    await hands.press('Enter');
    await hands.arrowTo('menuitem', 'Board');
    await hands.press('Enter');
    const card = (within: string) =>
      hands.page.getByRole('region', { name: within, exact: true }).getByRole('link', { name: 'Forty looms' });
    await card('Prospecting').waitFor();
    await hands.tabTo('link', 'Forty looms');
    await hands.press('m');
    await hands.arrowTo('menuitem', 'Proposal');
    await hands.press('Enter');
    await card('Proposal').waitFor();
    await hands.page.getByText('Forty looms moved to Proposal').waitFor();
    // And is in the word given for the month.
    await hands.palette('forecast', /^Forecast/);
    await hands.heading('Forecast');
    await hands.tabTo('button', /call of Rita Rep$/);
    // For her team she does not speak.
    expect(await hands.page.getByRole('button', { name: /call of North$/ }).count()).toBe(0);
    await hands.press('Enter');
    await hands.at('textbox', /^Amount/);
    await hands.type('38000');
    await hands.tabTo('textbox', 'Note');
    await hands.type('The looms will come');
    await hands.press('Control+Enter');
    await hands.page.getByText('Call said').waitFor();
    expect(await first('tasks', { field: 'subject', op: 'eq', value: 'Send the price list' })).toMatchObject({ status: 'done' });
    expect(await first('opportunities', { field: 'name', op: 'eq', value: 'Forty looms' })).toMatchObject({
      nextStep: 'Show them the loom',
      stage: { name: 'Proposal' },
    });
    expect(await first('forecastCalls', { field: 'kind', op: 'eq', value: 'submitted' })).toMatchObject({
      amount: { amount: '38000.00', currency: 'EUR' },
      note: 'The looms will come',
      user: { id: ids['Rita Rep'] },
    });
    await end();
  });

  test('who leads sees what moved, follows a sum to its deals and puts a word beside another', { timeout: 5 * patience }, async () => {
    const hands = await begin('max@example.org');
    await hands.heading('Sales');
    await hands.palette('changed since', /changed since/i);
    await hands.heading('What changed since');
    await hands.page.getByText('Forty looms').first().waitFor();
    await hands.palette('forecast', /^Forecast/);
    await hands.heading('Forecast');
    // What the seller said stands there; the leader puts it lower and says why.
    await hands.tabTo('button', /38,000: call of Rita Rep$/);
    await hands.press('Enter');
    await hands.page.getByText(/Rita Rep said .38,000/).waitFor();
    await hands.at('textbox', /^Amount/);
    await hands.type('30000');
    await hands.tabTo('textbox', 'Note');
    await hands.type('Their board meets next month');
    await hands.press('Control+Enter');
    await hands.page.getByText('Call said').waitFor();
    expect(await first('forecastCalls', { field: 'kind', op: 'eq', value: 'override' })).toMatchObject({
      amount: { amount: '30000.00' },
      note: 'Their board meets next month',
      saidBy: { id: ids['Max Manager'] },
    });
    // A sum leads to its deals.
    await hands.tabTo('button', /^Rita Rep: .*40,000$/);
    await hands.press('Enter');
    await hands.heading('Opportunities');
    await hands.page.getByRole('grid').getByText('Forty looms').waitFor();
    await end();
  });

  test('who runs sales sets a quota, asks more of a stage and keeps a report', { timeout: 5 * patience }, async () => {
    const hands = await begin('ada@example.org');
    await hands.heading('Sales');
    // A quota for the seller.
    await hands.palette('forecast', /^Forecast/);
    await hands.heading('Forecast');
    await hands.tabTo('link', 'Quotas');
    await hands.press('Enter');
    await hands.heading('Quotas');
    await hands.tabTo('textbox', /^Rita Rep, /);
    await hands.type('120000');
    await hands.press('Enter');
    await hands.page.getByText('Quota of Rita Rep set').waitFor();
    expect(await first('quotas', { field: 'user', op: 'eq', value: ids['Rita Rep'] })).toMatchObject({ amount: { amount: '120000.00' } });
    // A stage more, ahead of the end.
    await hands.palette('settings', /^Settings/);
    await hands.heading('Settings');
    await hands.tabTo('link', 'Pipelines');
    await hands.press('Enter');
    await hands.heading('Pipelines');
    await hands.tabTo('textbox', 'Add a stage to Sales');
    await hands.type('Verbal yes');
    await hands.press('Enter');
    await hands.page.getByRole('textbox', { name: 'Name of Verbal yes' }).waitFor();
    expect(await first('stages', { field: 'name', op: 'eq', value: 'Verbal yes' })).toMatchObject({ category: 'open' });
    // And a report that answers what is asked every week.
    await hands.palette('new report', /^New report/);
    await hands.tabTo('button', 'Add measure');
    await hands.press('Enter');
    await hands.arrowTo('menuitem', /^Open deals/);
    await hands.press('Enter');
    await hands.page.getByRole('region', { name: 'Preview' }).waitFor();
    await hands.tabTo('button', 'Add a cut');
    await hands.press('Enter');
    await hands.arrowTo('menuitem', 'Owner');
    await hands.press('Enter');
    await hands.page.getByRole('region', { name: 'Preview' }).getByText('Rita Rep').waitFor();
    await hands.tabBackTo('textbox', 'Name of the report');
    await hands.type('Open deals by owner');
    await hands.tabTo('button', 'Save report');
    await hands.press('Enter');
    await hands.page.waitForURL(/\/reports\/[0-9a-f-]{36}$/);
    expect(await first('reports', { field: 'name', op: 'eq', value: 'Open deals by owner' })).toBeDefined();
    await end();
  });
});
