import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { patience, Stage } from './stage.ts';

/** What makes a lead promising and to whom leads go is ruled by keyboard, and tried out before it counts. */
describe.skipIf(!browserPath()).sequential('rules for leads in the browser', () => {
  let stage: Stage;
  let page: Page;
  let complaints: string[];
  let lead: string;
  const press = async (...keys: string[]): Promise<void> => {
    for (const one of keys) await page.keyboard.press(one);
  };
  beforeAll(async () => {
    stage = await Stage.open();
    const { id: party } = await stage.create('parties', { name: 'Harbour Bakery' });
    lead = (await stage.create('leads', { party, name: 'Two ovens', timeframe: 'now' })).id;
    const rule = { way: 'roundRobin', members: [(await stage.create('users', { name: 'Bea Lund' })).id] };
    await stage.create('assignmentRules', { ...rule, name: 'Web', position: 1, condition: { field: 'source', op: 'eq', value: 'web' } });
    await stage.create('assignmentRules', { ...rule, name: 'All others', position: 2 });
    ({ page, complaints } = await stage.page());
  }, 120_000);
  afterAll(() => stage.close());

  test('a reason gets other points, which are seen before they count', { timeout: 3 * patience }, async () => {
    await page.goto('/settings/lead-scores');
    await page.getByRole('button', { name: 'Wants it now' }).focus();
    await press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Points', { exact: true }).fill('80');
    await dialog.getByRole('button', { name: 'Preview' }).focus();
    await press('Enter');
    await dialog.getByText('20 D → 80 A').or(dialog.getByText('20 C → 80 A')).waitFor();
    await dialog.getByRole('button', { name: 'Save reason' }).focus();
    await press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.goto(`/o/leads/${lead}`);
    await page.getByText('80 points').waitFor({ timeout: patience });
    await page.getByText('Wants it now').waitFor();
  });

  test('rules change places by key, and say who would get a lead', { timeout: 3 * patience }, async () => {
    await page.goto('/settings/lead-assignment');
    const names = () => page.locator('main ol [data-name]').allInnerTexts();
    await expect.poll(names).toEqual(['Web', 'All others']);
    await page.getByRole('button', { name: 'All others', exact: true }).focus();
    await press('Alt+ArrowUp');
    await expect.poll(names).toEqual(['All others', 'Web']);
    await page.getByRole('textbox', { name: 'Who would get this lead?' }).click();
    await page.getByRole('option', { name: /Two ovens/ }).click();
    await page.getByText('Bea Lund, by the rule “All others” (In turn).').waitFor();
    await page.getByRole('alert').filter({ hasText: 'Rules ordered anew' }).getByRole('button', { name: 'Undo' }).click();
    await expect.poll(names).toEqual(['Web', 'All others']);
    expect(complaints).toEqual([]);
  });
});
