import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { expectAccessible } from './axe.ts';
import { Stage } from './stage.ts';

/** The history of what was done, act by act, and the trash: looked into and taken back. */
describe.skipIf(!browserPath()).sequential('history and trash', () => {
  let stage: Stage;
  let party: { id: string };
  beforeAll(async () => {
    stage = await Stage.open();
    party = await stage.create('parties', { name: 'Lantern Works', city: 'Bremen' });
    await stage.create('parties', { name: 'Marble Works' });
    await stage.api.send('PATCH', `/api/v1/parties/${party.id}`, { city: 'Kiel' });
  });
  afterAll(() => stage.close());

  test('an act is looked into and taken back, after it was said what would change', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/history');
    const line = page.getByRole('listitem').filter({ hasText: '1 customer changed' }).first();
    await line.getByRole('button', { name: /1 customer changed/ }).click();
    await line.getByText('Kiel').waitFor();
    await line.getByText('Bremen').waitFor();
    await expectAccessible(page);
    await line.getByRole('button', { name: 'Undo' }).click();
    const dialog = page.getByRole('dialog', { name: 'Take this back?' });
    await dialog.getByText('1 record gets its former values back.').waitFor();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back by Ada Admin').waitFor();
    expect((await stage.api.send('GET', `/api/v1/parties/${party.id}`)).body).toMatchObject({ city: 'Bremen' });
    // The undo is an act as well, and the filter leaves only such.
    await page.getByLabel('Kind').selectOption('undo');
    await page.getByRole('listitem').filter({ hasText: 'Lantern Works' }).waitFor();
    expect(new URL(page.url()).searchParams.get('kind')).toBe('undo');
    expect(complaints).toEqual([]);
  });

  test('what was deleted is found in the trash by keyboard, and brought back', async () => {
    await stage.api.send('DELETE', `/api/v1/parties/${party.id}`);
    const { page, complaints } = await stage.page();
    await page.goto('/o/parties');
    await page.getByRole('grid').getByText('Marble Works').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type('trash');
    await page.getByRole('option', { name: 'Trash' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Trash' }).waitFor();
    await page.getByRole('textbox', { name: 'Find by name' }).fill('lant');
    await page.getByText('Lantern Works').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Bring back Lantern Works' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Nothing of that name is in the trash.').waitFor();
    expect((await stage.api.send('GET', `/api/v1/parties/${party.id}`)).body).toMatchObject({ name: 'Lantern Works' });
    expect(complaints).toEqual([]);
  });

  test('who can see a record is told from its page', async () => {
    const { page, complaints } = await stage.page();
    await page.goto(`/o/parties/${party.id}`);
    await page.getByRole('button', { name: 'More acts' }).first().click();
    await page.getByRole('menuitem', { name: 'Who can see this' }).click();
    const dialog = page.getByRole('dialog', { name: 'Access to Lantern Works' });
    await dialog.getByText('By Administrator they reach all customers.').first().waitFor();
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });
});
