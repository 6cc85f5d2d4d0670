import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { patience, Stage } from './stage.ts';

const names = ['Amber Dairy', 'Birch Motors', 'Cobalt Tools', 'Delta Farms', 'Ember Labs', 'Fjord Shipping'];

describe.skipIf(!browserPath()).sequential('the list and its records', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
    for (const [at, name] of names.entries()) await stage.create('parties', { name, employees: 10 * (at + 1) });
  });
  afterAll(() => stage.close());

  test('an address with a filter shows another person the same rows', async () => {
    const { page, complaints } = await stage.page();
    const where = JSON.stringify({ all: [{ field: 'name', op: 'contains', value: 'fjord' }] });
    await page.goto(`/o/parties?where=${encodeURIComponent(where)}`);
    await page.getByRole('grid').getByText('Fjord Shipping').waitFor();
    expect(await page.getByRole('grid').getByText('Amber Dairy').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('a view is saved, shared, opened first and brought back', async () => {
    const { page, complaints } = await stage.page();
    await page.goto(`/o/parties?where=${encodeURIComponent(JSON.stringify({ all: [{ field: 'employees', op: 'gte', value: 30 }] }))}`);
    const grid = page.getByRole('grid');
    await grid.getByText('Cobalt Tools').waitFor();
    await page.getByRole('button', { name: 'Save as a new view' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Larger ones');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Larger ones', level: 1 }).waitFor();
    const sidebar = page.getByRole('navigation');
    const entry = sidebar.getByRole('link', { name: 'Larger ones' });
    await entry.waitFor();

    // Changed, it says so, and goes back to what was saved.
    await page.getByRole('button', { name: 'Name', exact: true }).click();
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByRole('button', { name: 'Save the view' }).waitFor({ state: 'detached' });

    const menu = async (item: string): Promise<void> => {
      await page.getByRole('button', { name: 'Views' }).click();
      await page.getByRole('menuitem', { name: item, exact: true }).click();
    };
    await menu('Share with everybody');
    await page.getByText('Everybody sees Larger ones now.').waitFor();
    await menu('Open first');
    await sidebar.getByRole('link', { name: 'Notes' }).click();
    await sidebar.getByRole('link', { name: 'Customers', exact: true }).click();
    await page.getByRole('heading', { name: 'Larger ones', level: 1 }).waitFor();
    expect(await grid.getByText('Amber Dairy').count()).toBe(0);
    await menu('All customers');
    await grid.getByText('Amber Dairy').waitFor();

    await entry.click();
    await menu('Delete the view');
    await entry.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('heading', { name: 'Larger ones', level: 1 }).waitFor();
    await menu('Delete the view');
    await entry.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  test('a change of another field meanwhile is no conflict: both stay', async () => {
    const party = await stage.create('parties', { name: 'Granite Works', employees: 100 });
    const { page, complaints } = await stage.page();
    await page.goto(`/o/parties/${party.id}`);
    await page.getByRole('button', { name: 'Edit Employees' }).click();
    await page.getByRole('textbox', { name: 'Employees' }).fill('333');
    await stage.api.patch(`/api/v1/parties/${party.id}`, { foundedYear: 1950 });
    await page.keyboard.press('Enter');
    await expect
      .poll(async () => (await stage.api.get(`/api/v1/parties/${party.id}`)).body, { timeout: patience })
      .toMatchObject({ employees: 333, foundedYear: 1950 });
    expect(complaints).toEqual([]);
  });
});
