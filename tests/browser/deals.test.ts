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
    await top.getByRole('button', { name: /^Proposal/ }).press('Enter');
    await expect.poll(stageName, { timeout: patience }).toBe('Proposal');
    await top.getByRole('button', { name: /^Lost/ }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Before it goes to Lost' });
    await dialog.getByRole('combobox', { name: 'Close reason' }).or(dialog.getByLabel('Close reason')).first().click();
    await page.getByRole('option', { name: 'Price' }).click();
    await dialog.getByRole('button', { name: 'Move to Lost' }).press('Enter');
    await expect.poll(async () => (await now()).body.closeReason?.name, { timeout: patience }).toBe('Price');
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
