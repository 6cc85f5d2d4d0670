import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { expectAccessible } from './axe.ts';
import { dayFromNow, patience, Stage } from './stage.ts';

describe.skipIf(!browserPath()).sequential('a board and a calendar', () => {
  let stage: Stage;
  let deal: { id: string };
  let task: { id: string };
  const today = new Date();
  const day = (of: number): string =>
    `${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, '0')}-${String(of).padStart(2, '0')}`;
  beforeAll(async () => {
    stage = await Stage.open();
    deal = await stage.create('opportunities', {
      name: 'Crane deal',
      amount: { amount: '1200', currency: 'EUR' },
      nextStep: 'Send the offer',
      closeDate: '2020-01-01',
    });
    await stage.create('opportunities', { name: 'Mill deal', amount: { amount: '300', currency: 'USD' } });
    task = await stage.create('tasks', { subject: 'Call the mill', dueOn: day(10) });
  });
  afterAll(() => stage.close());

  const stageOf = async (): Promise<string> =>
    (await stage.api.get<{ stage: { name: string } }>(`/api/v1/opportunities/${deal.id}`)).body.stage.name;

  test('cards are moved by keyboard and by mouse, and brought back', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/opportunities');
    await page.getByRole('grid').getByText('Crane deal').waitFor();
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Board' }).click();
    const column = (name: string) => page.getByRole('region', { name, exact: true });
    const card = (name: string, within: string) => column(within).getByRole('link', { name });
    await card('Crane deal', 'Prospecting').waitFor();
    expect(page.url()).toContain('layout=board');
    // Counts and sums are a question of their own.
    await expect
      .poll(() => column('Prospecting').textContent(), { timeout: patience })
      .toMatch(/Prospecting2€1,200€120 weighted1 without a rate/);
    const prospecting = await column('Prospecting').textContent();
    expect(prospecting).toContain('Send the offer');
    expect(prospecting).toContain('late');
    await expectAccessible(page);

    await card('Crane deal', 'Prospecting').focus();
    await page.keyboard.press('m');
    await page.getByRole('menuitem', { name: 'Proposal' }).focus();
    await page.keyboard.press('Enter');
    await card('Crane deal', 'Proposal').waitFor();
    await page.getByText('Crane deal moved to Proposal').waitFor();
    await expect.poll(stageOf, { timeout: patience }).toBe('Proposal');
    await page.getByRole('button', { name: 'Undo' }).click();
    await card('Crane deal', 'Prospecting').waitFor();
    await expect.poll(stageOf, { timeout: patience }).toBe('Prospecting');

    await column('Prospecting').getByRole('listitem').filter({ hasText: 'Crane deal' }).dragTo(column('Engaging'));
    await card('Crane deal', 'Engaging').waitFor();
    await expect.poll(stageOf, { timeout: patience }).toBe('Engaging');
    expect(complaints).toEqual([]);
  });

  test('a day is changed in the calendar by keyboard', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/tasks?layout=calendar&date=dueOn');
    const event = page.getByRole('link', { name: 'Call the mill' });
    await event.waitFor();
    await expectAccessible(page);
    await event.focus();
    await page.keyboard.press('Alt+ArrowRight');
    await page.getByText(/^Call the mill moved to /).waitFor();
    const due = async (): Promise<string> => (await stage.api.get<{ dueOn: string }>(`/api/v1/tasks/${task.id}`)).body.dueOn;
    await expect.poll(due, { timeout: patience }).toBe(day(11));
    await event.and(page.locator(':focus')).waitFor();
    await page.getByRole('button', { name: 'Week' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(due, { timeout: patience }).toBe(day(10));
    expect(complaints).toEqual([]);
  });

  test('in the timeline the end of a deal is moved by key and pulled by hand', async () => {
    const ends = async (id: string): Promise<string> =>
      (await stage.api.get<{ closeDate: string }>(`/api/v1/opportunities/${id}`)).body.closeDate;
    const hall = await stage.create('opportunities', { name: 'Hall deal', openedOn: dayFromNow(-30), closeDate: dayFromNow(20) });
    const { page, complaints } = await stage.page();
    await page.goto('/o/opportunities');
    await page.getByRole('grid').getByText('Hall deal').waitFor();
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Timeline' }).click();
    // What was to end years ago does not lie in the half year about today.
    const row = page.getByRole('link', { name: /^Hall deal/ });
    await row.waitFor();
    expect(await page.getByRole('link', { name: /^Crane deal/ }).count()).toBe(0);
    await expectAccessible(page);
    const stood = await row.textContent();
    await row.focus();
    await page.keyboard.press('Alt+ArrowDown');
    await page.getByText(/^Hall deal now ends on /).waitFor();
    await expect.poll(() => ends(hall.id), { timeout: patience }).toBe(dayFromNow(27));
    await row.and(page.locator(':focus')).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => ends(hall.id), { timeout: patience }).toBe(dayFromNow(20));
    await expect.poll(() => row.textContent(), { timeout: patience }).toBe(stood);
    // Pulled to the left by a part of the half year, it ends earlier.
    const bar = await page.getByRole('listitem').filter({ has: row }).locator('[data-track] > span').boundingBox();
    if (!bar) throw new Error('There is no bar.');
    await page.mouse.move(bar.x + bar.width - 1, bar.y + bar.height / 2);
    await page.mouse.down();
    await page.mouse.move(bar.x + bar.width - 60, bar.y + bar.height / 2, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => (await ends(hall.id)) < dayFromNow(18), { timeout: patience }).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('of several pipelines a board shows the stages of one, which is remembered', async () => {
    const pipeline = await stage.create('pipelines', { name: 'Service contracts' });
    const talk = await stage.create('stages', { name: 'First talk', key: 'talk', pipeline: pipeline.id, position: 1 });
    await stage.create('stages', { name: 'Signed', key: 'signed', pipeline: pipeline.id, category: 'won', probability: 1, position: 2 });
    await stage.create('opportunities', { name: 'Care deal', pipeline: pipeline.id, stage: talk.id });
    const { page, complaints } = await stage.page();
    await page.goto('/o/opportunities?layout=board');
    const names = () => page.locator('section[aria-label] section h2').allTextContents();
    const choice = page
      .getByRole('combobox', { name: 'Pipeline' })
      .or(page.getByRole('textbox', { name: 'Pipeline' }))
      .first();
    await choice.waitFor();
    await page.getByRole('region', { name: 'Prospecting', exact: true }).getByRole('link', { name: 'Mill deal' }).waitFor();
    expect(await names()).not.toContain('First talk');
    await choice.click();
    await page.getByRole('option', { name: 'Service contracts' }).click();
    await page.getByRole('region', { name: 'First talk', exact: true }).getByRole('link', { name: 'Care deal' }).waitFor();
    expect(await names()).toEqual(['First talk', 'Signed']);
    await page.reload();
    await page.getByRole('region', { name: 'First talk', exact: true }).getByRole('link', { name: 'Care deal' }).waitFor();
    expect(await names()).toEqual(['First talk', 'Signed']);
    expect(complaints).toEqual([]);
  });

  test('a calendar shows the clocks of the user’s zone, whatever zone the browser has', async () => {
    // Half past eleven in the evening of the 14th in Berlin, where the company is; in Auckland the 15th already.
    const at = new Date(`${day(14)}T20:30:00Z`);
    const berlin = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Berlin' }).format(at);
    const made = await stage.create('cases', {
      subject: 'Evening case',
      customer: (await stage.create('parties', { name: 'Night Owls' })).id,
      openedAt: at.toISOString(),
    });
    const context = await stage.context({ timezoneId: 'Pacific/Auckland' });
    const { page, complaints } = await stage.page(context);
    await page.goto('/o/cases?layout=calendar&date=openedAt');
    const event = page.locator(`[data-event="${made.id}"]`);
    await event.waitFor({ timeout: patience });
    // Moved by a day on the keyboard it keeps its time of day there.
    const written = page.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.ok());
    await event.focus();
    await page.keyboard.press('Alt+ArrowRight');
    await written;
    const { body } = await stage.api.get<{ openedAt: string }>(`/api/v1/cases/${made.id}`);
    const moved = new Date(body.openedAt);
    const clock = (one: Date) => new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'Europe/Berlin' }).format(one);
    expect([clock(moved), berlin]).toEqual([clock(at), day(14)]);
    expect(Math.round((moved.getTime() - at.getTime()) / 3_600_000)).toBe(24);
    expect(complaints).toEqual([]);
  });
});
