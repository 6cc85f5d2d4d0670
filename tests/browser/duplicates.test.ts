import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { expectAccessible } from './axe.ts';
import { Stage } from './stage.ts';

/** Records that are the same one: warned of while typing, decided in the queue, made one and apart again. */
describe.skipIf(!browserPath()).sequential('duplicates', () => {
  let stage: Stage;
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    stage = await Stage.open();
    const organisation = async (key: string, values: Record<string, unknown>): Promise<void> => {
      ids[key] = (await stage.create('parties', { kind: 'organisation', ...values })).id;
    };
    await organisation('anchor', { name: 'Anchor Marine Ltd', phones: ['+44 20 7946 0018'], emails: ['info@anchor-marine.example'] });
    await organisation('anchorToo', { name: 'Anchor Marine', phones: ['+44 20 7946 0018'], emails: ['sales@anchor-marine.example'] });
    await organisation('beacon', {
      name: 'Beacon Lamps GmbH',
      emails: ['post@beacon-lamps.example'],
      website: 'https://beacon-lamps.example',
    });
    await organisation('beaconToo', {
      name: 'Beacon Lamps',
      emails: ['post@beacon-lamps.example'],
      website: 'https://beacon-lamps.example',
    });
    await stage.create('tasks', { subject: 'Call the harbour', party: ids.anchorToo });
    // They are compared by the reader of the log.
    for (let open = 0; open < 2; ) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      open = (await stage.api.get<{ items: unknown[] }>('/api/v1/duplicates?object=party')).body.items.length;
    }
  });
  afterAll(() => stage.close());

  const rows = (page: Page) => page.getByRole('grid', { name: 'Duplicates' }).getByRole('row');

  test('who types a customer that is here is told so, with the reason, and may create it all the same', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/parties');
    await page.getByRole('grid').getByText('Beacon Lamps GmbH').waitFor();
    await page.keyboard.press('c');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Beacon Lamps AG');
    await dialog.getByRole('textbox', { name: 'Website' }).fill('beacon-lamps.example');
    const warning = dialog.getByRole('status');
    await warning.getByText('May be here already:').waitFor();
    await warning
      .getByText(/same name/)
      .first()
      .waitFor();
    await warning
      .getByText(/same website/)
      .first()
      .waitFor();
    await expectAccessible(page);
    // It opens beside the draft, which stays.
    const [other] = await Promise.all([page.context().waitForEvent('page'), warning.getByRole('link').first().click()]);
    await other.getByRole('heading', { level: 1, name: /Beacon Lamps/ }).waitFor();
    await other.close();
    expect(await dialog.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Beacon Lamps AG');
    await dialog.getByRole('textbox', { name: 'Website' }).fill('');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Something quite different');
    await warning.getByText('May be here already:').waitFor({ state: 'detached' });
    await dialog.getByRole('button', { name: 'Create customer' }).click();
    await page.getByRole('heading', { level: 1, name: 'Something quite different' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('the queue is walked through by keyboard; what is not the same goes, comes back, and stands with the others set aside', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/parties');
    await page.getByRole('grid').getByText('Beacon Lamps GmbH').waitFor();
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: /^Duplicates\s*2$/ }).click();
    await rows(page).nth(1).waitFor();
    await page.getByRole('grid', { name: 'Duplicates' }).and(page.locator(':focus')).waitFor();
    await expectAccessible(page);
    await rows(page)
      .filter({ hasText: 'Anchor' })
      .getByText(/Same name/)
      .waitFor();
    const first = (await rows(page).first().textContent())?.includes('Anchor') ? 'Anchor' : 'Beacon';
    const second = first === 'Anchor' ? 'Beacon' : 'Anchor';
    await page.keyboard.press('ArrowDown');
    await page.locator('[data-active]').filter({ hasText: second }).waitFor();
    await page.keyboard.press('n');
    await rows(page).filter({ hasText: second }).waitFor({ state: 'detached' });
    await page.getByText(/ are not the same$/).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await rows(page).filter({ hasText: second }).waitFor();
    await rows(page).filter({ hasText: 'Beacon' }).getByRole('button', { name: 'Not the same' }).click();
    await rows(page).filter({ hasText: 'Beacon' }).waitFor({ state: 'detached' });
    await page.getByText('Not the same', { exact: true }).first().click();
    await rows(page).filter({ hasText: 'Beacon' }).getByRole('button', { name: 'Put back' }).click();
    await page.getByText(/^Nothing was set aside/).waitFor();
    await page.getByText('Open', { exact: true }).click();
    await rows(page).nth(1).waitFor();
    await page.getByRole('button', { name: 'Look through all customers' }).click();
    await page.getByText(/^2 pairs look like the same one$/).waitFor();
    expect(complaints).toEqual([]);
  });

  test('two become one field by field, the old address leads to the one that stayed, and undo takes them apart', async () => {
    const { page, complaints } = await stage.page();
    await page.goto(`/o/parties/${ids.anchor}`);
    await page.getByRole('button', { name: 'More acts' }).click();
    await page.getByRole('menuitem', { name: 'Merge with…' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Anchor Marine/ })
      .click();
    const name = page.getByRole('radiogroup', { name: 'Name' });
    await name.waitFor();
    expect(await name.getByRole('radio', { name: 'Anchor Marine Ltd' }).isChecked()).toBe(true);
    expect(await page.getByRole('radiogroup', { name: 'E-mail' }).getByRole('radio', { name: 'Both' }).isChecked()).toBe(true);
    await page.getByText('Moves to Anchor Marine Ltd: 1 task').waitFor();
    await expectAccessible(page);
    // The other way round nothing moves; then as it was, with the other's name.
    await page.getByRole('radio', { name: 'Stays: Anchor Marine', exact: true }).click();
    await page.getByText('Nothing refers to Anchor Marine Ltd, so nothing moves.').waitFor();
    await page.getByRole('radio', { name: 'Stays: Anchor Marine Ltd', exact: true }).click();
    await page.getByText('Moves to Anchor Marine Ltd: 1 task').waitFor();
    await name.getByRole('radio', { name: 'Anchor Marine', exact: true }).click();
    await page.getByRole('button', { name: 'Merge 2 customers' }).click();
    await page.getByRole('heading', { level: 1, name: 'Anchor Marine', exact: true }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/o/parties/${ids.anchor}`);
    await page.getByText('Call the harbour').first().waitFor();
    const undo = page.getByRole('button', { name: 'Undo' });
    await undo.waitFor();
    const old = await stage.page(page.context());
    await old.page.goto(`/o/parties/${ids.anchorToo}`);
    await old.page.waitForURL(`**/o/parties/${ids.anchor}`);
    await old.page.close();
    await undo.click();
    await page.getByRole('heading', { level: 1, name: 'Anchor Marine Ltd' }).waitFor();
    await page.goto(`/o/parties/${ids.anchorToo}`);
    await page.getByRole('heading', { level: 1, name: 'Anchor Marine', exact: true }).waitFor();
    await page.getByText('Call the harbour').first().waitFor();
    expect(new URL(page.url()).pathname).toBe(`/o/parties/${ids.anchorToo}`);
    expect(complaints).toEqual([]);
  });

  test('an administrator sets how certain pairs must be, and sees before how many there would be', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/settings');
    await page.getByRole('link', { name: 'How duplicates are found' }).click();
    const shown = page.getByRole('slider', { name: 'Pairs are shown from' });
    await shown.waitFor();
    expect(await shown.inputValue()).toBe('90');
    await shown.press('Home');
    await page.getByText(/\d+ pairs? would be open/).waitFor();
    await page.getByRole('rowheader', { name: 'Same e-mail', exact: true }).first().waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The thresholds are set').waitFor();
    const set = await stage.api.get<{ threshold: number }>('/api/v1/duplicates/settings?object=party');
    expect(set.body.threshold).toBe(0.5);
    await stage.api.patch('/api/v1/duplicates/settings', { object: 'party', threshold: 0.9 });
    await page.getByRole('link', { name: 'Past merges' }).click();
    await page.waitForURL('**/history?kind=merge&object=party');
    expect(complaints).toEqual([]);
  });
});
