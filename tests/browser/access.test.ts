import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { patience, Stage } from './stage.ts';

/** Who may do what, as people say it: a record is shared and taken back, a role is copied and its rights are changed. */
describe.skipIf(!browserPath()).sequential('who may, in the browser', () => {
  let stage: Stage;
  let page: Page;
  let complaints: string[];
  let party: string;
  beforeAll(async () => {
    stage = await Stage.open();
    party = (await stage.create('parties', { name: 'Quartz Works', kind: 'organisation' })).id;
    await stage.create('users', { name: 'Sven South' });
    await stage.create('teams', { name: 'South' });
    const roles = await stage.api.get<{ items: { id: string }[] }>('/api/v1/roles?key=salesRep');
    const users = await stage.api.get<{ items: { id: string }[] }>('/api/v1/users?name=Sven South');
    await stage.api.patch(`/api/v1/users/${users.body.items[0]?.id}`, { roles: [{ id: roles.body.items[0]?.id }] });
    ({ page, complaints } = await stage.page(await stage.context()));
  }, 120_000);
  afterAll(() => stage.close());

  test('a record is shared with a colleague, changed to writing, and taken back', { timeout: 3 * patience }, async () => {
    await page.goto(`/o/parties/${party}`);
    await page.getByRole('button', { name: 'More acts' }).first().click();
    await page.getByRole('menuitem', { name: 'Share' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Share', exact: true }).click();
    await dialog.getByText('Choose who gets it.').waitFor();
    await dialog
      .getByRole('textbox', { name: 'With' })
      .or(dialog.getByRole('combobox', { name: 'With' }))
      .first()
      .click();
    await page.keyboard.type('Sven');
    await page.getByRole('option', { name: /Sven South/ }).click();
    await dialog.getByLabel('Why').fill('Holiday');
    await dialog.getByRole('button', { name: 'Share', exact: true }).click();
    const line = dialog.getByRole('listitem').filter({ hasText: 'Sven South' });
    await line.getByText('Holiday').waitFor();
    await line.getByRole('combobox', { name: 'What Sven South may' }).click();
    await page.getByRole('option', { name: 'See and change it' }).click();
    await expect
      .poll(async () => (await stage.api.get<{ items: { level: string }[] }>('/api/v1/shares')).body.items)
      .toMatchObject([{ level: 'write' }]);
    await line.getByRole('button', { name: 'Take the share of Sven South back' }).click();
    await line.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    expect(complaints).toEqual([]);
  });

  test('a colleague joins the account team to see only, until a day', { timeout: 3 * patience }, async () => {
    await page.goto(`/o/parties/${party}`);
    await page
      .getByRole('button', { name: /^(Edit|Add) account team/i })
      .first()
      .press('Enter');
    await page.getByPlaceholder('Add', { exact: true }).fill('Sven');
    await page.getByRole('option', { name: /Sven South/ }).click();
    await page.getByRole('combobox', { name: 'What Sven South may' }).click();
    await page.getByRole('option', { name: 'See it' }).click();
    await page.getByLabel('Until when Sven South is in it').fill('31 Dec 2099');
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect
      .poll(async () => (await stage.api.get<{ accountTeam: unknown[] | null }>(`/api/v1/parties/${party}`)).body.accountTeam)
      .toMatchObject([{ name: 'Sven South', level: 'read', since: null, until: expect.stringMatching(/^2099-12-31/) }]);
    // Beside the timeline and where it was written.
    await expect.poll(() => page.getByText(/only to see · until 31 Dec 2099/).count()).toBe(2);
    expect(complaints).toEqual([]);
  });

  test('a role is copied, its lines and fields are changed, counted, put back and saved', { timeout: 3 * patience }, async () => {
    await page.goto('/settings');
    await page.getByRole('main').getByRole('link', { name: 'Roles' }).click();
    await page
      .getByRole('main')
      .getByRole('link', { name: /^Sales rep/ })
      .click();
    await page.getByRole('button', { name: 'Copy role' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Key accounts');
    await dialog.getByRole('button', { name: 'Copy role' }).click();
    await page.getByRole('heading', { name: 'Key accounts' }).waitFor();
    await page.getByRole('combobox', { name: 'Customers: See' }).selectOption('all');
    await page.getByRole('combobox', { name: 'Cases: Delete' }).selectOption('all');
    await page.getByText('2 changes: Cases and Customers').or(page.getByText('2 changes: Customers and Cases')).waitFor();
    await page.getByRole('button', { name: 'Put Cases back' }).click();
    await page.getByText('Changed: Customers').waitFor();
    await page.getByRole('textbox', { name: 'Find an object or field' }).fill('birth');
    await page.getByRole('combobox', { name: 'Birth date of Customers' }).selectOption('hidden');
    await page.getByRole('button', { name: 'Save rights' }).click();
    await page.getByText('Key accounts is saved.').waitFor();
    const { body } = await stage.api.get<{ items: { rights: { objects: Record<string, unknown>; fields: unknown } }[] }>(
      '/api/v1/roles?key=keyAccounts',
    );
    expect(body.items[0]?.rights.objects.party).toMatchObject({ read: 'all', update: 'own' });
    expect(body.items[0]?.rights.fields).toMatchObject({ party: { birthDate: 'hidden' } });

    // Who administers cannot take from themselves what they need for it.
    await page.goto('/settings/roles');
    await page
      .getByRole('main')
      .getByRole('link', { name: /^Administrator/ })
      .click();
    await page.getByRole('combobox', { name: 'Roles: See' }).waitFor();
    expect(await page.getByRole('combobox', { name: 'Roles: Change' }).isDisabled()).toBe(true);
    await page.getByRole('checkbox', { name: /^Administer/ }).uncheck();
    await page.getByRole('button', { name: 'Save rights' }).click();
    await page.getByRole('alert').filter({ hasText: 'administrator' }).first().waitFor();
    expect(complaints.filter((one) => !one.includes('422'))).toEqual([]);
  });

  test('a territory gets a rule, which is looked at before it moves customers, and is taken back', { timeout: 3 * patience }, async () => {
    const south = (await stage.create('territories', { name: 'South' })).id;
    await stage.create('parties', { name: 'Roma Works', kind: 'organisation', country: 'IT' });
    await page.goto('/settings');
    await page.getByRole('main').getByRole('link', { name: 'Territories' }).click();
    await page.getByRole('button', { name: /^Rule of South/ }).click();
    await page
      .getByRole('option', { name: 'Country' })
      .or(page.getByRole('menuitem', { name: 'Country' }))
      .or(page.getByRole('button', { name: 'Country', exact: true }))
      .first()
      .click();
    await page
      .getByRole('combobox', { name: 'Value' })
      .or(page.getByRole('textbox', { name: 'Value' }))
      .first()
      .click();
    await page.keyboard.type('Italy');
    await page.getByRole('option', { name: 'Italy' }).click();
    await page.keyboard.press('Escape');
    await page.getByText('1 rule is changed.', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('1 customer moves.').waitFor();
    await page.getByRole('button', { name: 'Move 1 customer' }).click();
    await page.getByText('1 customer moved.').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'South' }).getByText('1 customer', { exact: true }).waitFor();
    const { body } = await stage.api.get<{ rule: unknown }>(`/api/v1/territories/${south}`);
    expect(body.rule).toMatchObject({ field: 'country' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('listitem').filter({ hasText: 'South' }).getByText('0 customers', { exact: true }).waitFor();
    expect(complaints.filter((one) => !one.includes('422'))).toEqual([]);
  });
});
