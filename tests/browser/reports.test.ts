import * as path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { realData } from '../harness/places.ts';
import { Api } from '../harness/product.ts';
import { importFile } from '../real-data/imports.ts';
import { admin, patience, Stage } from './stage.ts';

const folder = realData('sales');

/** A real company's sales, read off the dashboard that is built in; a report built by keyboard, kept, and followed to its records. */
describe.skipIf(!browserPath() || !folder).sequential('reports and dashboards in the browser', () => {
  let stage: Stage;
  let page: Page;
  let complaints: string[];
  const tile = (name: string) => page.getByRole('listitem', { name, exact: true });
  const figure = (name: string) => tile(name).locator('[data-figure]').innerText();

  beforeAll(async () => {
    stage = await Stage.open({ fresh: true });
    const made = await stage.api.post('/api/v1/setup', {
      company: 'Maven',
      baseCurrency: 'USD',
      language: 'en',
      timeZone: 'Europe/Berlin',
      admin,
    });
    const cookie = (made.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const api = new Api(stage.product.url, { cookie, origin: stage.product.url });
    for (const name of ['accounts', 'products', 'sales_teams', 'sales_pipeline'])
      expect(
        await importFile(api, path.join(folder ?? '', `maven_${name}.csv`), { preset: `maven-${name.replace('_', '-')}` }),
      ).toMatchObject({
        state: 'done',
        failed: 0,
      });
    const context = await stage.context({ signedIn: false });
    const [name = '', value = ''] = cookie.split('=');
    await context.addCookies([{ name, value, url: stage.product.url }]);
    ({ page, complaints } = await stage.page(context));
  }, 180_000);
  afterAll(() => stage?.close());

  test('the day begins with Sales, and its figures are those that are known', { timeout: 3 * patience }, async () => {
    await page.goto('/');
    await page.getByRole('heading', { name: 'Sales', exact: true }).waitFor();
    await page.getByLabel('Period').selectOption({ label: 'All time' });
    await expect.poll(() => figure('Won deals'), { timeout: patience }).toBe('4,238');
    expect(await figure('Win rate')).toBe('63.15%');
    expect(await figure('Won value')).toMatch(/10,005,534$/);
    const regions = tile('Won by region');
    await regions.getByRole('button', { name: 'Show Won by region as table' }).click();
    const region = async (name: string) => (await regions.getByRole('row', { name }).innerText()).replace(/\s+/g, ' ');
    await expect.poll(() => region('West'), { timeout: patience }).toMatch(/3,568,647/);
    expect(await region('Central')).toMatch(/3,346,293/);
    expect(await region('East')).toMatch(/3,090,594/);
    // The best of them stands first.
    const best = (await tile('Best sellers').locator('tbody tr').first().innerText()).replace(/\s+/g, ' ');
    expect(best).toMatch(/^Darcel Schlecht 349 \S*1,153,214/);
    expect(complaints).toEqual([]);
  });

  test('a report is built by keyboard, kept, and a figure leads to its records', { timeout: 4 * patience }, async () => {
    await page.goto('/reports/new');
    await page.getByRole('button', { name: 'Add measure' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: /^Won deals/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Preview' }).waitFor();
    await page.getByRole('button', { name: 'What Won deals means' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Number of opportunities that were won').waitFor();
    await page.keyboard.press('Escape');
    await page.getByLabel('Period').selectOption({ label: 'All time' });
    await page.getByRole('button', { name: 'Add a cut' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Product', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Drawn as').selectOption('table');
    const row = page.getByRole('region', { name: 'Preview' }).getByRole('row', { name: /^GTX Pro/ });
    await row.waitFor();
    const counted = Number((await row.getByRole('button').innerText()).replace(/\D/g, ''));
    expect(counted).toBeGreaterThan(100);
    await page.getByLabel('Name of the report').fill('Won by product here');
    await page.getByRole('button', { name: 'Save report' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/reports\/[0-9a-f-]{36}$/);
    await row.getByRole('button').focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/o\/opportunities\?/);
    await page.getByRole('main').getByText(counted.toLocaleString('en'), { exact: true }).first().waitFor();
    await page.goBack();
    await row.waitFor();
  });

  test('a copy of Sales is arranged by key, and taken back', { timeout: 3 * patience }, async () => {
    await page.goto('/dashboards/sales');
    await page.getByRole('button', { name: 'Copy to edit' }).click();
    await page.waitForURL(/\/dashboards\/[0-9a-f-]{36}$/);
    const names = () => page.locator('main [data-tile]').evaluateAll((all) => all.slice(0, 2).map((one) => one.getAttribute('aria-label')));
    await expect.poll(names, { timeout: patience }).toEqual(['Won value', 'Won deals']);
    await tile('Won value').focus();
    await page.keyboard.press('Alt+ArrowRight');
    await expect.poll(names, { timeout: patience }).toEqual(['Won deals', 'Won value']);
    await page.getByRole('alert').filter({ hasText: 'Report moved' }).getByRole('button', { name: 'Undo' }).click();
    await expect.poll(names, { timeout: patience }).toEqual(['Won value', 'Won deals']);
    expect(complaints).toEqual([]);
  });
});
