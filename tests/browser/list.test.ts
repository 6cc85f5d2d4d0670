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

  test('work by keyboard alone', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/parties');
    const grid = page.getByRole('grid');
    await grid.getByText('Amber Dairy').waitFor();
    const active = (name: string) => page.getByRole('row', { name: new RegExp(name) }).and(page.locator('[data-active]'));

    // Tab leads to the list, which then moves by j and k.
    const inGrid = () => grid.evaluate((element) => element === document.activeElement);
    for (let at = 0; at < 60 && !(await inGrid()); at++) await page.keyboard.press('Tab');
    expect(await inGrid()).toBe(true);
    await active('Amber Dairy').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await active('Delta Farms').waitFor();
    await page.keyboard.press('k');
    await active('Cobalt Tools').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Cobalt Tools', level: 1 }).waitFor();
    await page.goBack();
    await active('Cobalt Tools').waitFor();

    // f, the field by its name, the value, Enter.
    await page.keyboard.press('f');
    await page.getByRole('textbox', { name: 'Field' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type('name');
    await page.keyboard.press('Enter');
    const value = page.getByRole('textbox', { name: 'Value' });
    await value.and(page.locator(':focus')).waitFor();
    await page.keyboard.type('fjord');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Name contains .?fjord/i }).waitFor();
    await grid.getByText('Amber Dairy').waitFor({ state: 'detached' });
    await grid.getByText('Fjord Shipping').waitFor();
    // The filter is in the address: another person opens the same rows.
    const other = (await stage.page()).page;
    await other.goto(page.url());
    await other.getByRole('grid').getByText('Fjord Shipping').waitFor();
    expect(await other.getByRole('grid').getByText('Amber Dairy').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('many rows are selected, changed and brought back by keyboard', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/parties');
    const grid = page.getByRole('grid');
    await grid.getByText('Amber Dairy').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    const bar = page.getByRole('region', { name: 'Selected rows' });
    await bar.getByText('3 selected').waitFor();
    const selected = page.getByRole('row', { selected: true });
    expect(await selected.count()).toBe(3);

    await bar.getByRole('button', { name: 'Edit' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Field' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type('employ');
    await page.keyboard.press('Enter');
    const field = page.getByRole('textbox', { name: 'Employees' });
    await field.and(page.locator(':focus')).waitFor();
    await page.keyboard.type('77');
    await page.keyboard.press('Enter');
    await page.getByText('3 records changed.').waitFor();
    const employees = async () => {
      const { body } = await stage.api.get<{ items: { employees: number }[] }>('/api/v1/parties?sort=name&fields=employees');
      return body.items.slice(0, 4).map((one) => one.employees);
    };
    expect(await employees()).toEqual([77, 77, 77, 40]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(employees, { timeout: patience }).toEqual([10, 20, 30, 40]);

    // Everything that meets the list's condition, then one row out of it.
    await grid.focus();
    await page.keyboard.press('Control+a');
    await bar.getByText(/^\d+ selected$/).waitFor();
    await page.keyboard.press('Escape');
    await bar.waitFor({ state: 'detached' });
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

  test('two people who edit one field see both values', async () => {
    const party = await stage.create('parties', { name: 'Granite Works', employees: 100 });
    const mine = await stage.page();
    const theirs = await stage.page();
    const begin = async (one: typeof mine, text: string): Promise<void> => {
      await one.page.goto(`/o/parties/${party.id}`);
      await one.page.getByRole('button', { name: 'Edit Employees' }).focus();
      await one.page.keyboard.press('Enter');
      await one.page.getByRole('textbox', { name: 'Employees' }).fill(text);
    };
    await begin(mine, '111');
    await begin(theirs, '222');
    await theirs.page.keyboard.press('Enter');
    await theirs.page.getByText('Employees changed', { exact: true }).waitFor();

    await mine.page.getByRole('textbox', { name: 'Employees' }).press('Enter');
    const conflict = mine.page.getByRole('alert').filter({ hasText: 'while you were typing' });
    await conflict.waitFor();
    expect(await conflict.textContent()).toMatch(/Theirs\s*222/);
    expect(await conflict.textContent()).toMatch(/Yours\s*111/);
    await conflict.getByRole('button', { name: 'Save mine' }).click();
    await conflict.waitFor({ state: 'detached' });
    await expect
      .poll(async () => (await stage.api.get<{ employees: number }>(`/api/v1/parties/${party.id}`)).body.employees, { timeout: patience })
      .toBe(111);

    // A change of another field meanwhile is no conflict: both stay.
    await mine.page.getByRole('button', { name: 'Edit Employees' }).click();
    await mine.page.getByRole('textbox', { name: 'Employees' }).fill('333');
    await stage.api.patch(`/api/v1/parties/${party.id}`, { foundedYear: 1950 });
    await mine.page.keyboard.press('Enter');
    await expect
      .poll(async () => (await stage.api.get(`/api/v1/parties/${party.id}`)).body, { timeout: patience })
      .toMatchObject({ employees: 333, foundedYear: 1950 });
    expect([...mine.complaints, ...theirs.complaints]).toEqual([]);
  });
});
