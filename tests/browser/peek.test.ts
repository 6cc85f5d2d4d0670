import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { expectAccessible } from './axe.ts';
import { dayFromNow, Stage } from './stage.ts';

const many = 120;
const nameOf = (at: number): string => `Product ${String(at).padStart(3, '0')}`;

/** A record beside its list, and the way through the list from a record's page. */
describe.skipIf(!browserPath()).sequential('the peek', () => {
  let stage: Stage;
  const parties: string[] = [];
  beforeAll(async () => {
    stage = await Stage.open();
    for (const name of ['Anchor Ltd', 'Beacon Ltd', 'Compass Ltd'])
      parties.push((await stage.create('parties', { name, kind: 'organisation', emails: [`info@${name.slice(0, 4)}.example`] })).id);
    for (let at = 1; at <= 3; at++)
      await stage.create('opportunities', { name: `Deal ${at}`, customer: parties[0], amount: { amount: `${at}00`, currency: 'EUR' } });
    for (let at = 1; at <= 2; at++) await stage.create('tasks', { subject: `Task ${at}`, party: parties[0], dueOn: dayFromNow(0) });
    // More than a page of a list.
    const made = await stage.api.post('/api/v1/products/batch', {
      items: Array.from({ length: many }, (_, at) => ({ op: 'create', values: { name: nameOf(at + 1) } })),
    });
    if (made.status >= 300) for (let at = 1; at <= many; at++) await stage.create('products', { name: nameOf(at) });
  });
  afterAll(() => stage.close());

  const peek = (page: Page) => page.getByRole('complementary');
  const peeked = (page: Page, name: string) => peek(page).getByRole('heading', { name, level: 2 }).waitFor();
  const gone = (page: Page) => peek(page).waitFor({ state: 'detached' });
  const peekOf = (page: Page): string | null => new URL(page.url()).searchParams.get('peek');

  test('Space shows the row beside the table, the cursor takes it along, Escape goes back to the row', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/parties');
    const grid = page.getByRole('grid');
    await grid.getByText('Anchor Ltd').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Space');
    await peeked(page, 'Anchor Ltd');
    expect(peekOf(page)).toBe(parties[0]);
    await page.keyboard.press('j');
    await peeked(page, 'Beacon Ltd');
    await peek(page).getByText('2 of 3', { exact: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await peeked(page, 'Compass Ltd');
    expect(await peek(page).getByRole('button', { name: 'Next' }).getAttribute('aria-disabled')).toBe('true');
    await page.keyboard.press('k');
    await peeked(page, 'Beacon Ltd');

    // A reload finds it open, beside the same row.
    await page.reload();
    await peeked(page, 'Beacon Ltd');
    await grid.locator('[data-active]').getByText('Beacon Ltd').waitFor();

    // Into the peek and on within it; what is typed there is typed.
    await grid.focus();
    await page.keyboard.press('F6');
    await peek(page).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('k');
    await peeked(page, 'Anchor Ltd');
    await peek(page).getByRole('button', { name: 'Edit Name' }).focus();
    await page.keyboard.press('Enter');
    const field = peek(page).getByRole('textbox', { name: 'Name' });
    await field.fill('Anchor and jack');
    await page.keyboard.press('Escape');
    await field.waitFor({ state: 'detached' });
    await peek(page).getByRole('button', { name: 'Edit Name' }).focus();
    await page.keyboard.press('Enter');
    await field.fill('Anchor Holding');
    await page.keyboard.press('Enter');
    await peeked(page, 'Anchor Holding');
    await grid.getByText('Anchor Holding').waitFor();

    // Someone else's change comes by itself; one's own, shown before it is saved, has come first.
    await expect
      .poll(async () => (await stage.api.get<{ name: string }>(`/api/v1/parties/${parties[0]}`)).body.name, { timeout: 30_000 })
      .toBe('Anchor Holding');
    await stage.api.patch(`/api/v1/parties/${parties[0]}`, { name: 'Anchor Ltd' });
    await peeked(page, 'Anchor Ltd');

    await page.keyboard.press('Escape');
    await gone(page);
    await grid.and(page.locator(':focus')).waitFor();
    expect(peekOf(page)).toBeNull();
    await grid.locator('[data-active]').getByText('Anchor Ltd').waitFor();
    // The page of the row from here.
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Anchor Ltd', level: 1 }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('going back closes it; by mouse it opens from the row, and its edge makes it wider for good', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/parties');
    const row = page.getByRole('row').filter({ hasText: 'Beacon Ltd' });
    await row.hover();
    await row.getByRole('button', { name: 'Peek' }).click();
    await peeked(page, 'Beacon Ltd');
    await page.goBack();
    await gone(page);
    await row.getByText('Beacon Ltd').click({ modifiers: ['Alt'] });
    await peeked(page, 'Beacon Ltd');
    const width = async (): Promise<number> => Math.round((await peek(page).boundingBox())?.width ?? 0);
    expect(await width()).toBe(480);
    await page.getByRole('separator', { name: 'Width of the peek' }).focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(width).toBe(496);
    await page.keyboard.press('Home');
    await expect.poll(width).toBe(720);
    await page.keyboard.press('End');
    await expect.poll(width).toBe(400);
    await page.reload();
    await peeked(page, 'Beacon Ltd');
    expect(await width()).toBe(400);
    expect(complaints).toEqual([]);
  });

  test('what was deleted meanwhile says so', async () => {
    const { page } = await stage.page();
    const { id } = await stage.create('parties', { name: 'Drifter Ltd' });
    await page.goto(`/o/parties?peek=${id}`);
    await peeked(page, 'Drifter Ltd');
    await stage.api.delete(`/api/v1/parties/${id}`);
    await peek(page).getByText('This record is not here. It was deleted, or it is not yours to see.').waitFor();
    await peek(page).getByRole('alert').getByRole('button', { name: 'Close' }).click();
    await gone(page);
  });

  test('cards and days are peeked at as rows are', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/opportunities?layout=board');
    const card = page.locator('[data-card]').first();
    await card.focus();
    const first = (await card.textContent()) ?? '';
    await page.keyboard.press('Space');
    await peeked(page, first);
    await page.keyboard.press('ArrowDown');
    const second = (await page.locator('[data-card]:focus').textContent()) ?? '';
    expect(second).not.toBe(first);
    await peeked(page, second);
    await peek(page).getByRole('button', { name: 'Previous' }).click();
    await peeked(page, first);
    await page.keyboard.press('Escape');
    await gone(page);
    expect(await page.locator('[data-card]:focus').textContent()).toBe(first);

    await page.goto('/o/tasks?layout=calendar');
    const day = page.locator('[data-event]').filter({ hasText: 'Task 1' });
    await day.focus();
    await page.keyboard.press('Space');
    await peeked(page, 'Task 1');
    await page.keyboard.press('Escape');
    await gone(page);
    await page.locator('[data-event]:focus').filter({ hasText: 'Task 1' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('a page opened from a list knows the next record, over the end of what was fetched and a reload', async () => {
    const { page, complaints } = await stage.page();
    await page.goto(`/o/products?sort=["name"]`);
    const grid = page.getByRole('grid');
    await grid.getByText(nameOf(1), { exact: true }).waitFor();
    await grid.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    const heading = (at: number) => page.getByRole('heading', { name: nameOf(at), level: 1 }).waitFor();
    await heading(1);
    await page.getByText(`1 of ${many}`, { exact: true }).waitFor();
    await page.keyboard.press('j');
    await heading(2);
    await page.reload();
    await heading(2);
    await page.getByText(`2 of ${many}`, { exact: true }).waitFor();
    await page.keyboard.press('k');
    await heading(1);
    await page.getByRole('button', { name: 'Next' }).click();
    await heading(2);
    // From the fiftieth row only the first hundred have been fetched: beyond lies the next page.
    await page.keyboard.press('Escape');
    await grid.locator('[data-active]').getByText(nameOf(2), { exact: true }).waitFor();
    await grid.focus();
    for (let at = 0; at < 3; at++) await page.keyboard.press('PageDown');
    await grid.locator('[data-active]').getByText(nameOf(47), { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await heading(47);
    for (let at = 48; at <= 103; at++) {
      await page.keyboard.press('j');
      await heading(at);
    }
    await page.getByText(`103 of ${many}`, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await grid.waitFor();
    expect(new URL(page.url()).pathname).toBe('/o/products');
    expect(complaints).toEqual([]);
  });

  test('going back finds the row one walked on to, in sight', async () => {
    const { page, complaints } = await stage.page();
    await page.goto(`/o/products?sort=["name"]`);
    const grid = page.getByRole('grid');
    await grid.getByText(nameOf(1), { exact: true }).waitFor();
    await grid.focus();
    await page.keyboard.press('Home');
    for (let at = 0; at < 4; at++) await page.keyboard.press('PageDown');
    await grid.locator('[data-active]').getByText(nameOf(61), { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText(`61 of ${many}`, { exact: true }).waitFor();
    await page.keyboard.press('j');
    await page.getByText(`62 of ${many}`, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    const row = grid.locator('[data-active]').getByText(nameOf(62), { exact: true });
    await row.waitFor();
    const box = await row.boundingBox();
    expect(box && box.y > 80 && box.y < 900).toBe(true);
    expect(complaints).toEqual([]);
  });

  // Wide it stands in the table of all screens.
  test('it is accessible as the sheet of a phone', async () => {
    const { page, complaints } = await stage.page(await stage.context({ viewport: { width: 390, height: 844 } }));
    const deals = await stage.api.get<{ items: { id: string }[] }>('/api/v1/opportunities?sort=name');
    for (const [plural, id, name] of [
      ['parties', parties[1], 'Beacon Ltd'],
      ['opportunities', deals.body.items[0]?.id, 'Deal 1'],
    ] as const) {
      await page.goto(`/o/${plural}?peek=${id}`);
      await page.getByRole('dialog').getByRole('heading', { name, level: 2 }).waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await expectAccessible(page);
      }
    }
    await page.goto(`/o/parties/${parties[1]}`);
    await page.getByRole('heading', { name: 'Beacon Ltd', level: 1 }).waitFor();
    expect(complaints).toEqual([]);
  });
});
