import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { patience, Stage } from './stage.ts';

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
    const prospecting = await column('Prospecting').textContent();
    expect(prospecting).toMatch(/Prospecting2€1,200 · (US)?\$300/);
    expect(prospecting).toContain('Send the offer');
    expect(prospecting).toContain('late');
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);

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
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
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
});
