import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { expectAccessible } from './axe.ts';
import { patience, Stage } from './stage.ts';

interface Task {
  subject: string;
  status: string;
  priority: string | null;
}

describe.skipIf(!browserPath()).sequential('the table of a list', () => {
  let stage: Stage;
  const ids: string[] = [];
  beforeAll(async () => {
    stage = await Stage.open();
    for (const [at, status] of ['open', 'open', 'done'].entries())
      ids.push((await stage.create('tasks', { subject: `Task ${at + 1}`, status, dueOn: `2031-01-0${at + 1}` })).id);
    for (const [name, amount, currency] of [
      ['Deal one', '100', 'EUR'],
      ['Deal two', '50', 'EUR'],
      ['Deal three', '70', 'USD'],
    ])
      await stage.create('opportunities', { name, amount: { amount, currency } });
  });
  afterAll(() => stage.close());

  const task = async (at: number): Promise<Task> => (await stage.api.get<Task>(`/api/v1/tasks/${ids[at]}`)).body;

  test('a cell is edited by keyboard: typing, Escape, undo', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/tasks?columns=["subject","priority","description","doneAt"]');
    const grid = page.getByRole('grid');
    await grid.getByText('Task 1').waitFor();
    await grid.focus();
    const cursor = grid.locator('[data-cursor]');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await cursor.waitFor();
    // A choice: Enter opens, typing narrows it down, Enter takes and saves.
    await page.keyboard.press('Enter');
    await page.getByRole('combobox', { name: 'Priority' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type('Hig');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('Priority changed', { exact: true }).waitFor();
    expect((await task(0)).priority).toBe('high');
    // The cursor stays; the next letter typed on a text begins it anew.
    await page.keyboard.press('ArrowRight');
    await page.keyboard.type('Bring the contract');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Description changed', { exact: true }).waitFor();
    await expect
      .poll(async () => (await stage.api.get<{ description: string }>(`/api/v1/tasks/${ids[0]}`)).body.description)
      .toBe('Bring the contract');
    // What Perigon fills in says so.
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('tooltip', { name: 'Filled in by Perigon.' }).waitFor();
    // Escape leaves a cell as it was, then the cells, then the rows.
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('F2');
    await page.getByRole('textbox', { name: 'Description' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type(' and more');
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', { name: 'Description' }).waitFor({ state: 'detached' });
    expect((await stage.api.get<{ description: string }>(`/api/v1/tasks/${ids[0]}`)).body.description).toBe('Bring the contract');
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await expect
      .poll(async () => (await stage.api.get<{ description: string | null }>(`/api/v1/tasks/${ids[0]}`)).body.description, {
        timeout: patience,
      })
      .toBeNull();
    // On the name, Enter opens the record as ever.
    await grid.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await cursor.waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Task 1', level: 1 }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('rows are grouped, groups fold, sums stay apart by currency', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/opportunities');
    const grid = page.getByRole('grid');
    await grid.getByText('Deal three').waitFor();
    await page.getByRole('button', { name: 'Group', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Stage', exact: true }).click();
    const head = grid.getByRole('row', { name: /Prospecting 3/ });
    await head.waitFor();
    expect(await head.textContent()).toMatch(/€150 · (US)?\$70/);
    await grid.getByText('Deal one').waitFor();
    await grid.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowLeft');
    await grid.getByText('Deal one').waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await grid.getByText('Deal one').waitFor();

    // What a column comes to is chosen under it; in the base currency, what has no rate is named.
    await page.getByRole('button', { name: 'Calculate Amount' }).click();
    await page.getByRole('menuitem', { name: 'Sum in EUR' }).click();
    await grid.getByText('1 unconverted').waitFor();
    await grid.getByText('€150', { exact: true }).waitFor();
    expect(page.url()).toContain('sumBase');
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  test('columns are moved, widened and hidden by keyboard, and a view keeps it', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/opportunities');
    const grid = page.getByRole('grid');
    await grid.getByText('Deal three').waitFor();
    const heads = async (): Promise<string[]> => (await grid.getByRole('columnheader').allTextContents()).map((text) => text.trim());
    const act = async (column: string, item: string): Promise<void> => {
      await grid.getByRole('button', { name: column, exact: true }).focus();
      await page.keyboard.press('ArrowDown');
      const entry = page.getByRole('menuitem', { name: item, exact: true });
      await entry.focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('Escape');
      await entry.waitFor({ state: 'detached' });
    };
    const before = await heads();
    await act('Stage', 'Move left');
    await expect.poll(heads).toEqual([before[0], before[2], before[1], ...before.slice(3)]);
    const stageHead = grid.getByRole('columnheader', { name: 'Stage' });
    const width = async (): Promise<number> => (await stageHead.boundingBox())?.width ?? 0;
    const first = await width();
    await act('Stage', 'Wider');
    await expect.poll(width).toBeGreaterThan(first + 20);
    await act('Product', 'Hide');
    await expect.poll(async () => (await heads()).includes('Product')).toBe(false);
    await page.getByRole('button', { name: 'Save as a new view' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('By stage first');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'By stage first', level: 1 }).waitFor();
    const kept = await heads();
    await page.reload();
    await grid.getByText('Deal three').waitFor();
    expect(await heads()).toEqual(kept);
    await expect.poll(width).toBeGreaterThan(first + 20);

    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Compact' }).click();
    await expect.poll(async () => (await grid.getByRole('row').nth(1).boundingBox())?.height).toBe(30);
    expect(complaints).toEqual([]);
  });
});
