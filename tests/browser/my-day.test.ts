import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { dayFromNow, patience, Stage } from './stage.ts';

/** A rep's day without a mouse: what waits is done, put off and taken back, a call and a next step are written down. */
describe.skipIf(!browserPath()).sequential('my day', () => {
  let stage: Stage;
  let party: { id: string };
  let deal: { id: string };
  const task = async (subject: string) =>
    (
      await stage.api.post<{ items: { status: string; dueOn: string; dueAt: string | null; kind: string }[] }>('/api/v1/tasks/query', {
        where: { field: 'subject', op: 'eq', value: subject },
      })
    ).body.items[0];
  beforeAll(async () => {
    stage = await Stage.open();
    party = await stage.create('parties', { name: 'Harbour Textiles' });
    deal = await stage.create('opportunities', { name: 'Forty looms', customer: party.id });
    await stage.create('tasks', { subject: 'Send the price list', dueOn: dayFromNow(-9), party: party.id });
    await stage.create('tasks', { subject: 'Ask about the hall', dueOn: dayFromNow(-5), party: party.id });
    await stage.create('tasks', { subject: 'Delivery by spring', kind: 'promise', dueOn: dayFromNow(20), party: party.id });
  });
  afterAll(() => stage.close());

  test('is worked through by keys', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/parties');
    await page.getByRole('grid').getByText('Harbour Textiles').waitFor();
    await page.keyboard.press('y');
    await page.getByRole('heading', { name: 'My day', level: 1 }).waitFor();
    const line = (name: string) => page.getByRole('link', { name, exact: true });
    const focused = (name: string) => line(name).and(page.locator(':focus')).waitFor();
    await focused('Send the price list');
    await page.keyboard.press('d');
    await page.getByText('Send the price list: done.').waitFor();
    await focused('Ask about the hall');
    expect((await task('Send the price list'))?.status).toBe('done');
    await page.keyboard.press('Control+z');
    await line('Send the price list').waitFor();
    expect((await task('Send the price list'))?.status).toBe('open');
    // Put off with the words one thinks in.
    await line('Ask about the hall').focus();
    await page.keyboard.press('s');
    await page.getByRole('textbox', { name: 'Put off until' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type('+2w 10:00');
    await page.keyboard.press('Enter');
    await page.getByText(/Ask about the hall is put off until/).waitFor();
    await expect.poll(async () => (await task('Ask about the hall'))?.dueAt, { timeout: patience }).toMatch(/T\d\d:00:00/);
    await line('Ask about the hall').waitFor({ state: 'detached' });
    // The deal has no next step: written where one stands, it is gone from the day.
    await line('Forty looms').focus();
    await page.keyboard.press('e');
    await page.getByRole('textbox', { name: 'What comes next' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type('Show them the loom');
    await page.keyboard.press('Enter');
    await page.getByText('The next step of Forty looms is noted.').waitFor();
    await line('Forty looms').waitFor({ state: 'detached' });
    expect((await stage.api.get<{ nextStep: string }>(`/api/v1/opportunities/${deal.id}`)).body.nextStep).toBe('Show them the loom');
    await line('Delivery by spring').waitFor();
    expect(complaints).toEqual([]);
  });

  test('takes a meeting with a time in words, from any page', async () => {
    const { page, complaints } = await stage.page();
    await page.goto(`/o/parties/${party.id}`);
    await page.getByRole('heading', { name: 'Harbour Textiles', level: 1 }).waitFor();
    await page.keyboard.press('a');
    await page.getByRole('textbox', { name: 'What it is about' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type('Look at the hall');
    await page.keyboard.press('Enter');
    await page.getByText('Say when, for example tomorrow 10:00.').waitFor();
    await page.getByRole('textbox', { name: 'When' }).fill('fri 10:00');
    await page.keyboard.press('Enter');
    await page.getByText('The meeting is planned.').waitFor();
    const { body } = await stage.api.get<{ items: { subject: string; party: { id: string }; start: string }[] }>('/api/v1/meetings');
    expect(body.items).toMatchObject([{ subject: 'Look at the hall', party: { id: party.id } }]);
    expect(
      new Date(body.items[0]?.start ?? '').toLocaleString('en-GB', {
        timeZone: 'Europe/Berlin',
        weekday: 'short',
        timeStyle: undefined,
        hour: '2-digit',
        minute: '2-digit',
      }),
    ).toMatch(/Fri,? 10:00/);
    expect(complaints).toEqual([]);
  });
});
