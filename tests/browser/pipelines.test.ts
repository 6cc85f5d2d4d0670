import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { patience, Stage } from './stage.ts';

/** Ways of selling are the company's own: made, ordered and cleared without a restart, and a board beside shows it. */
describe.skipIf(!browserPath()).sequential('pipelines in the browser', () => {
  let stage: Stage;
  let page: Page;
  let board: Page;
  let complaints: string[];
  const rows = async (): Promise<string[]> =>
    page
      .locator('main li input[data-name], main li [data-name] input')
      .evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));
  const columns = async (): Promise<string[]> => board.locator('main section > header h2').allInnerTexts();
  beforeAll(async () => {
    stage = await Stage.open();
    await stage.create('opportunities', { name: 'Roof' });
    ({ page, complaints } = await stage.page());
    ({ page: board } = await stage.page());
    await board.goto('/o/opportunities?layout=board');
    await board.getByText('Roof').first().waitFor();
  }, 120_000);
  afterAll(() => stage.close());

  test('a stage is added ahead of the end, moved by key and by hand, and the board follows', { timeout: 3 * patience }, async () => {
    await page.goto('/settings');
    await page.getByRole('main').getByRole('link', { name: 'Pipelines' }).click();
    await page.getByLabel('Add a stage to Sales').fill('Verbal yes');
    await page.keyboard.press('Enter');
    await expect.poll(rows).toEqual(['Prospecting', 'Engaging', 'Proposal', 'Verbal yes', 'Won', 'Lost']);
    await expect.poll(columns, { timeout: patience }).toContain('Verbal yes');
    await page.getByLabel('Name of Verbal yes').focus();
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(rows).toEqual(['Prospecting', 'Engaging', 'Verbal yes', 'Proposal', 'Won', 'Lost']);
    // By its handle to the top.
    const place = async (name: string) => page.locator('main li', { has: page.getByLabel(`Name of ${name}`) }).boundingBox();
    const [from, to] = [await place('Verbal yes'), await place('Prospecting')];
    if (!from || !to) throw new Error('The rows are not there.');
    await page.mouse.move(from.x + 8, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(to.x + 30, to.y + 20, { steps: 8 });
    await page.mouse.move(to.x + 30, to.y + 4, { steps: 4 });
    await page.mouse.up();
    await expect.poll(rows).toEqual(['Verbal yes', 'Prospecting', 'Engaging', 'Proposal', 'Won', 'Lost']);
    await expect.poll(async () => (await columns())[0], { timeout: patience }).toBe('Verbal yes');
  });

  test('a stage with deals gives them to another one and goes; undo brings it back', { timeout: 2 * patience }, async () => {
    await page.getByRole('button', { name: 'Remove Prospecting' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/1 opportunity lies in this stage/).waitFor();
    await dialog.getByRole('button', { name: 'Move and remove' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(rows).toEqual(['Verbal yes', 'Engaging', 'Proposal', 'Won', 'Lost']);
    await page.getByRole('alert').filter({ hasText: 'Prospecting removed' }).getByRole('button', { name: 'Undo' }).click();
    await expect.poll(rows).toContain('Prospecting');
  });

  test('a pipeline begins with the stages of another one and becomes the default', { timeout: 2 * patience }, async () => {
    await page.getByRole('button', { name: 'New pipeline' }).click();
    await page.getByRole('dialog').getByLabel('Name of the pipeline').fill('Renewals');
    await page.getByRole('dialog').getByRole('button', { name: 'Create pipeline' }).click();
    const part = page.getByRole('region', { name: 'Renewals' });
    await part.getByLabel('Name of Won').waitFor();
    await page.getByRole('alert').filter({ hasText: 'Renewals made' }).getByRole('button', { name: 'Undo' }).click();
    await part.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'New pipeline' }).click();
    await page.getByRole('dialog').getByLabel('Name of the pipeline').fill('Renewals');
    await page.keyboard.press('Enter');
    await part.getByLabel('Name of Won').waitFor();
    await part.getByRole('button', { name: 'Make default' }).click();
    await part.getByText('Default', { exact: true }).waitFor();
    await page.getByRole('region', { name: 'Sales' }).getByRole('button', { name: 'Make default' }).waitFor();
    expect(complaints).toEqual([]);
  });
});
