import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { expectAccessible } from './axe.ts';
import { Stage } from './stage.ts';

/** Finding over all objects: facts beside the palette's lines, the record beside its list, a page with everything found. */
describe.skipIf(!browserPath()).sequential('searching', () => {
  let stage: Stage;
  let party: { id: string };
  beforeAll(async () => {
    stage = await Stage.open();
    party = await stage.create('parties', { name: 'Lantern Works', emails: ['hello@lantern.example'], phones: ['+49 341 555 0101'] });
    await stage.create('parties', { name: 'Marble Works' });
    for (let at = 1; at <= 10; at++) await stage.create('tasks', { subject: `Call lantern people ${at}`, party: party.id });
    await stage.create('opportunities', { name: 'Lantern: second order', customer: party.id });
    await stage.found('Lantern: second order');
  });
  afterAll(() => stage.close());

  const palette = async (page: Page, typed: string): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type(typed);
  };

  test('a place that is called so stands before a record that is called nearly so', async () => {
    await stage.create('parties', { name: 'Setings Limited' });
    const { page } = await stage.page();
    await page.goto('/o/parties');
    await page.getByRole('grid').getByText('Setings Limited').waitFor();
    await stage.found('Setings Limited');
    await palette(page, 'settings');
    await page.getByRole('option', { name: /Setings Limited/ }).waitFor();
    expect(await page.getByRole('option').first().innerText()).toMatch(/^Settings/);
    await page.getByRole('combobox', { name: 'Search' }).fill('setings');
    // The record that is called so stays first.
    await expect.poll(() => page.getByRole('option').first().innerText()).toMatch(/^Setings Limited/);
  });

  test('the palette tells who is found, and shows them beside the list on screen', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/parties?sort=["-name"]');
    const grid = page.getByRole('grid');
    await grid.getByText('Marble Works').waitFor();
    await palette(page, 'lantern w');
    await page.getByRole('option', { name: /Lantern Works/ }).waitFor();
    const pane = page.getByRole('region', { name: 'The chosen record' });
    await pane.getByText('hello@lantern.example').waitFor();
    await pane.getByText('+49 341 555 0101').waitFor();
    await expectAccessible(page);
    // Spaces are typed; Shift and Enter peek, and the list stays as it is.
    await page.keyboard.press('Shift+Enter');
    const peek = page.getByRole('complementary');
    await peek.getByRole('heading', { name: 'Lantern Works', level: 2 }).waitFor();
    const { searchParams } = new URL(page.url());
    expect([searchParams.get('peek'), searchParams.get('sort')]).toEqual([party.id, '["-name"]']);
    await grid.locator('[data-active]').getByText('Lantern Works').waitFor();
    await page.keyboard.press('Escape');
    await peek.waitFor({ state: 'detached' });
    // From elsewhere it opens beside its own list.
    await page.goto('/o/tasks');
    await grid.getByText('Call lantern people 1', { exact: true }).waitFor();
    await palette(page, 'lantern w');
    await page.getByRole('option', { name: /Lantern Works/ }).waitFor();
    await page.keyboard.press('Shift+Enter');
    await page.getByRole('heading', { name: 'Customers', level: 1 }).waitFor();
    await peek.getByRole('heading', { name: 'Lantern Works', level: 2 }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('all results stand on a page by object, walked through by keyboard with the record beside', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/parties');
    await page.getByRole('grid').getByText('Marble Works').waitFor();
    await palette(page, 'lantern');
    await page.getByRole('option', { name: 'See all results for “lantern”' }).waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: 'Search', level: 1 }).waitFor();
    const hits = page.getByRole('grid', { name: 'Results' });
    await hits.getByRole('rowgroup', { name: 'Customers' }).getByText('Lantern Works').waitFor();
    const kinds = page.getByRole('group', { name: 'Results' });
    await kinds.getByRole('button', { name: 'Customers 1' }).waitFor();
    await kinds.getByRole('button', { name: 'Tasks 10' }).waitFor();
    // Some of many; all of them where only they are wanted.
    const tasks = hits.getByRole('rowgroup', { name: 'Tasks' });
    expect(await tasks.getByText('Call lantern people').count()).toBe(8);
    await tasks.getByText('Open', { exact: true }).first().waitFor();
    await hits.getByRole('button', { name: 'All 10 tasks' }).click();
    await expect.poll(() => tasks.getByText('Call lantern people').count()).toBe(10);
    await hits.getByRole('rowgroup', { name: 'Customers' }).waitFor({ state: 'detached' });
    await kinds.getByRole('button', { name: 'Everything' }).click();
    await hits.getByRole('rowgroup', { name: 'Customers' }).waitFor();

    await hits.focus();
    await page.keyboard.press('Home');
    const name = (): Promise<string | null> => hits.locator('[data-active] a').first().textContent();
    const first = (await name()) ?? '';
    await page.keyboard.press('Space');
    const peek = page.getByRole('complementary');
    await peek.getByRole('heading', { name: first, level: 2 }).waitFor();
    await page.keyboard.press('j');
    const second = (await name()) ?? '';
    expect(second).not.toBe(first);
    await peek.getByRole('heading', { name: second, level: 2 }).waitFor();
    await page.reload();
    await peek.getByRole('heading', { name: second, level: 2 }).waitFor();
    await hits.locator('[data-active]').getByText(second).waitFor();
    await peek.getByRole('button', { name: 'Previous' }).click();
    await peek.getByRole('heading', { name: first, level: 2 }).waitFor();
    await page.keyboard.press('Escape');
    await peek.waitFor({ state: 'detached' });
    await hits.and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: first, level: 1 }).waitFor();

    await page.goto('/search?q=nobodyiscalledso');
    await page.getByText('Nothing found for “nobodyiscalledso”.').waitFor();
    expect(complaints).toEqual([]);
  });

  // Wide it stands in the table of all screens.
  test('the page is accessible on a phone, and with a record over it', async () => {
    const { page, complaints } = await stage.page(await stage.context({ viewport: { width: 390, height: 844 } }));
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto('/search?q=lantern');
      await page.getByRole('rowgroup', { name: 'Tasks' }).getByText('Open', { exact: true }).first().waitFor();
      await expectAccessible(page);
      await page.goto(`/search?q=lantern&peek=parties/${party.id}`);
      await page.getByRole('dialog').getByRole('heading', { name: 'Lantern Works', level: 2 }).waitFor();
      await expectAccessible(page);
    }
    expect(complaints).toEqual([]);
  });
});
