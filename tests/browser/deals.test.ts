import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { expectAccessible } from './axe.ts';
import { patience, Stage } from './stage.ts';

/** A deal is worked by keyboard: its stage asks for what is missing, its playbook is checked off, its end says why, Monday is looked back to. */
describe.skipIf(!browserPath()).sequential('deals in the browser', () => {
  let stage: Stage;
  let page: Page;
  let complaints: string[];
  let deal: { id: string };
  beforeAll(async () => {
    stage = await Stage.open();
    deal = await stage.create('opportunities', { name: 'Crane deal', amount: { amount: '1200', currency: 'EUR' } });
    ({ page, complaints } = await stage.page());
  }, 120_000);
  afterAll(() => stage.close());
  const now = () =>
    stage.api.get<{ stage: { name: string }; nextStep: string | null; closeReason: { name: string } | null }>(
      `/api/v1/opportunities/${deal.id}`,
    );
  const stageName = async (): Promise<string> => (await now()).body.stage.name;

  test('a stage is given rules and a playbook', { timeout: 3 * patience }, async () => {
    await page.goto('/settings/pipelines');
    await page.getByRole('button', { name: 'Rules of Engaging' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Guidance').fill('Find out who decides.');
    await dialog.getByRole('combobox', { name: 'Needed to enter' }).or(dialog.getByLabel('Needed to enter')).first().click();
    await page.keyboard.type('Next step');
    await page.getByRole('option', { name: 'Next step' }).click();
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: 'Add a step' }).press('Enter');
    await dialog.getByLabel('Step 1', { exact: true }).fill('Meet the buyer');
    await dialog.getByRole('checkbox', { name: 'Required' }).press('Space');
    await dialog.getByRole('button', { name: 'Save the rules' }).press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  test('a card moved by “Move to” is asked for just what is missing, and goes on', { timeout: 3 * patience }, async () => {
    await page.goto('/o/opportunities?layout=board');
    const card = page.locator(`[data-card="${deal.id}"]`);
    await card.waitFor();
    await card.focus();
    await page.keyboard.press('m');
    await page.getByRole('menuitem', { name: 'Engaging' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Before it goes to Engaging' });
    await dialog.getByLabel('Next step').fill('Call on Friday');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(stageName, { timeout: patience }).toBe('Engaging');
    const column = page.getByRole('region', { name: 'Engaging', exact: true });
    await column.getByText('Call on Friday').waitFor();
    // How far its playbook is, and what the stage is about, without leaving the board.
    await column.getByText('0 of 1').waitFor();
    await column.getByRole('button', { name: 'Guidance for Engaging' }).press('Enter');
    await page.getByRole('dialog').getByText('Find out who decides.').waitFor();
    await page.getByRole('dialog').getByText('Meet the buyer').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await expect.poll(() => page.evaluate('document.activeElement?.ariaLabel')).toBe('Guidance for Engaging');
    // The next step is written on the card itself.
    await card.focus();
    await page.keyboard.press('e');
    await page.locator('[data-step]').fill('Call on Monday');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await now()).body.nextStep, { timeout: patience }).toBe('Call on Monday');
    expect(complaints).toEqual([]);
  });

  test('its page shows the way, the guidance and the playbook, which is checked off before it goes on; its end says why', {
    timeout: 4 * patience,
  }, async () => {
    await page.goto(`/o/opportunities/${deal.id}`);
    const top = page.getByRole('region', { name: 'Where it stands' });
    await top.getByText('Find out who decides.').waitFor();
    await expect.poll(() => top.locator('[aria-current="step"]').textContent()).toContain('Engaging');
    await expectAccessible(page);
    await top.getByRole('button', { name: /^Proposal/ }).press('Enter');
    await page.getByText(/Meet the buyer.*still to be done/).waitFor();
    await expect.poll(stageName).toBe('Engaging');
    await top.getByRole('checkbox', { name: /^Meet the buyer/ }).press('Space');
    await top.getByText('1 of 1').waitFor();
    await page.goto('/o/opportunities?layout=board');
    await page
      .locator('li', { has: page.locator(`[data-card="${deal.id}"]`) })
      .getByText('1 of 1')
      .waitFor();
    await page.goBack();
    await top.getByRole('button', { name: /^Proposal/ }).press('Enter');
    await expect.poll(stageName, { timeout: patience }).toBe('Proposal');
    await top.getByRole('button', { name: /^Lost/ }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Before it goes to Lost' });
    await dialog.getByRole('combobox', { name: 'Close reason' }).or(dialog.getByLabel('Close reason')).first().click();
    await page.getByRole('option', { name: 'Price' }).click();
    await dialog.getByRole('button', { name: 'Move to Lost' }).press('Enter');
    await expect.poll(async () => (await now()).body.closeReason?.name, { timeout: patience }).toBe('Price');
  });

  test('product lines are listed by keyboard, the amount follows them, and they are taken back', { timeout: 4 * patience }, async () => {
    await stage.create('products', { name: 'Grinder', price: { amount: '690', currency: 'EUR' } });
    const listed = await stage.create('opportunities', { name: 'Bar for Lind', amount: { amount: '5000', currency: 'EUR' } });
    const amount = async () =>
      (await stage.api.get<{ amount: { amount: string } }>(`/api/v1/opportunities/${listed.id}`)).body.amount.amount;
    await page.goto(`/o/opportunities/${listed.id}`);
    await page.getByRole('button', { name: 'More' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Edit product lines' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Product lines' });
    await dialog.getByLabel('Line 1: Product').press('ArrowDown');
    await page.getByRole('option', { name: 'Grinder' }).waitFor();
    await page.keyboard.press('Enter');
    // The product brings its price.
    await expect.poll(() => dialog.getByLabel('Line 1: Unit price').inputValue(), { timeout: patience }).toMatch(/^690/);
    await dialog.getByLabel('Line 1: Quantity').fill('3');
    await dialog.getByLabel('Line 1: Discount').fill('10');
    await dialog.getByLabel('Line 1: Total').getByText('1,863.00').waitFor();
    await dialog.getByRole('button', { name: 'Add another line' }).press('Enter');
    await dialog.getByLabel('Line 2: Unit price').fill('80');
    await dialog.getByRole('button', { name: 'Save product lines' }).press('Enter');
    // What is wrong is said at its line.
    await dialog.getByText('A value is needed.').waitFor();
    await dialog.getByLabel('Line 2: Name').fill('Freight');
    await dialog.getByLabel('Line 2: Name').press('Alt+ArrowUp');
    await expect.poll(() => dialog.getByLabel('Line 1: Name').inputValue()).toBe('Freight');
    await expectAccessible(page);
    await page.keyboard.press('Control+Enter');
    await dialog.waitFor({ state: 'detached' });
    const lines = page.getByRole('region', { name: 'Product lines' }).getByRole('table');
    await lines.getByRole('row', { name: /Freight/ }).waitFor();
    expect(await lines.getByRole('rowheader').allInnerTexts()).toEqual(['Freight', 'Grinder']);
    await expect.poll(amount, { timeout: patience }).toBe('1943.00');
    await page.getByText('€1,943.00').first().waitFor();
    await expectAccessible(page);
    await page.getByText('Product lines saved').waitFor();
    await page.keyboard.press('Control+z');
    await expect.poll(amount, { timeout: patience }).toBe('5000.00');
    await lines.waitFor({ state: 'detached' });
  });

  test('what changed since Monday is opened from the palette and leads to the deal', { timeout: 3 * patience }, async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type('since Monday');
    await page.getByRole('option', { name: /What changed since Monday/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('table', { name: 'Open pipeline' }).waitFor();
    const lost = page.getByRole('region', { name: 'Lost', exact: true });
    await lost.getByRole('link', { name: 'Crane deal' }).waitFor();
    await expectAccessible(page);
    await lost.getByRole('link', { name: 'Crane deal' }).press('Enter');
    await page.getByRole('heading', { name: 'Crane deal' }).waitFor();
  });
});
