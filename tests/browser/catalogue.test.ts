import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { patience, Stage } from './stage.ts';

/** An administrator makes fields and objects; whoever works beside sees them without loading anything anew. */
describe.skipIf(!browserPath()).sequential('objects and fields in the browser', () => {
  let stage: Stage;
  let page: Page;
  let beside: Page;
  let complaints: string[];
  beforeAll(async () => {
    stage = await Stage.open();
    await stage.create('parties', { name: 'Harbour Textiles', kind: 'organisation' });
    const context = await stage.context();
    ({ page, complaints } = await stage.page(context));
    ({ page: beside } = await stage.page());
    await beside.goto('/o/parties');
    await beside.getByText('Harbour Textiles').first().waitFor();
  }, 120_000);
  afterAll(() => stage.close());

  test('a field is made with its options, and stands in the form and the filters of an open screen', {
    timeout: 3 * patience,
  }, async () => {
    await page.goto('/settings');
    await page.getByRole('link', { name: 'Objects and fields' }).click();
    await page
      .getByRole('main')
      .getByRole('link', { name: /^Customers/ })
      .click();
    await page.getByRole('button', { name: 'New field' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create field' }).click();
    await dialog.getByText('A name is needed.').waitFor();
    await dialog.getByLabel('Name', { exact: true }).fill('Tier');
    await dialog.getByLabel('Name in German').fill('Stufe');
    await dialog.getByRole('combobox', { name: 'What it holds' }).click();
    await page.getByRole('option', { name: 'Choice', exact: true }).click();
    await dialog.getByLabel('Option 1', { exact: true }).fill('Gold');
    await dialog.getByLabel('Option 1', { exact: true }).press('Enter');
    await page.keyboard.type('Silver');
    await dialog.getByRole('button', { name: 'Create field' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('xTier').waitFor();

    // Beside, nothing was loaded anew: the filter and the form of a new customer know it.
    await beside.getByRole('button', { name: 'New customer' }).first().click();
    const form = beside.getByRole('dialog');
    await form.getByLabel('Name').first().fill('With a tier');
    await form.getByRole('combobox', { name: 'Tier' }).click();
    await beside.getByRole('option', { name: 'Silver' }).click();
    await form.getByRole('button', { name: /^Create/ }).click();
    await beside.getByRole('heading', { name: 'With a tier' }).waitFor();
    const { body } = await stage.api.get<{ items: { xTier: string }[] }>('/api/v1/parties?name=With a tier');
    expect(body.items[0]?.xTier).toBe('silver');
  });

  test('a field is renamed and retired, and what was retired comes back', { timeout: 3 * patience }, async () => {
    await page.getByRole('button', { name: 'Change Tier' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Level');
    await dialog.getByRole('button', { name: 'Retire Gold' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await beside.getByText('Level', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Retire Level' }).click();
    await page.getByRole('button', { name: 'Bring back Level' }).waitFor();
    await beside.getByText('Level', { exact: true }).first().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Bring back Level' }).click();
    await beside.getByText('Level', { exact: true }).first().waitFor();
  });

  test('a formula is written with help, tried on real records, and its faults are told where they are', {
    timeout: 3 * patience,
  }, async () => {
    await stage.create('products', { name: 'Loom', sku: 'L-1', price: { amount: '200.00', currency: 'EUR' } });
    await page.goto('/settings/objects/product');
    await page.getByRole('button', { name: 'New field' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Gross price');
    await dialog.getByRole('combobox', { name: 'What it holds' }).click();
    await page.getByRole('option', { name: 'Formula', exact: true }).click();
    const formula = dialog.getByRole('combobox', { name: 'Formula' });
    await formula.pressSequentially('pri');
    await dialog.getByRole('option', { name: /^price/ }).waitFor();
    await formula.press('Enter');
    await formula.pressSequentially(' * 1.19 + nme');
    await dialog.getByText('There is no field “nme”.').waitFor();
    for (let i = 0; i < 6; i++) await formula.press('Backspace');
    await dialog.getByText('Gives: Amount of money.').waitFor();
    const samples = dialog.getByRole('table', { name: 'What it gives for the latest records' });
    await samples.getByText('€238.00').waitFor();
    await dialog.getByLabel('Fast to filter').waitFor();
    await dialog.getByRole('button', { name: 'Create field' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('price * 1.19').waitFor();
    await beside.goto('/o/products');
    await beside.getByText('Loom').first().click();
    await beside.getByText('€238.00').first().waitFor();
    // It is changed where it stands, and every open screen follows.
    await page.getByRole('button', { name: 'Change Gross price' }).click();
    await dialog.getByRole('combobox', { name: 'Formula' }).fill('price * 2');
    await samples.getByText('€400.00').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await beside.getByText('€400.00').first().waitFor();
    await page.goto('/settings/objects/party');
  });

  test('a roll-up counts what points here, says that it is being reckoned, and stands in the list', { timeout: 4 * patience }, async () => {
    const { body } = await stage.api.get<{ items: { id: string }[] }>('/api/v1/parties?name=Harbour Textiles');
    await stage.create('notes', { subject: 'Called', party: body.items[0]?.id });
    await page.goto('/settings/objects/party');
    await page.getByRole('button', { name: 'New field' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Remarks');
    await dialog.getByRole('combobox', { name: 'What it holds' }).click();
    await page.getByRole('option', { name: 'Roll-up', exact: true }).click();
    await dialog.getByRole('button', { name: 'Create field' }).click();
    await dialog.getByText('Choose which records.').waitFor();
    await dialog.getByRole('combobox', { name: 'Of which records' }).click();
    await page.getByRole('option', { name: 'Notes', exact: true }).click();
    await dialog.getByRole('button', { name: 'Create field' }).click();
    await dialog.waitFor({ state: 'detached' });
    const row = page.getByRole('listitem').filter({ hasText: 'xRemarks' });
    await row.getByText('Roll-up').waitFor();
    await row.getByText('being reckoned …').waitFor();
    await row.getByText('being reckoned …').waitFor({ state: 'detached' });
    const { body: counted } = await stage.api.get<{ items: { xRemarks: number }[] }>('/api/v1/parties?name=Harbour Textiles');
    expect(counted.items[0]?.xRemarks).toBe(1);
  });

  test('an object is made, stands in the navigation of others, and its form shows what its conditions say', {
    timeout: 4 * patience,
  }, async () => {
    await page.goto('/settings/objects');
    await page.getByRole('button', { name: 'New object' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('What one is called').fill('Project');
    await dialog.getByLabel('What many are called').fill('Projects');
    await dialog.getByRole('button', { name: 'Create object' }).click();
    await page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    await beside.getByRole('link', { name: 'Projects' }).first().waitFor();

    // What is done through the API is as much on the screens.
    const make = (field: unknown, label: string) =>
      stage.api.post('/api/v1/catalogue/objects/xProject/fields', { field, words: { en: { label } } });
    await make({ type: 'boolean' }, 'Risky');
    await make(
      { type: 'text', requiredWhen: { field: 'xRisky', op: 'eq', value: true }, shownWhen: { field: 'xRisky', op: 'eq', value: true } },
      'Why risky',
    );
    await page.getByText('xWhyRisky').waitFor();
    await beside.getByRole('link', { name: 'Projects' }).first().click();
    await beside.getByRole('heading', { name: 'Projects' }).waitFor();
    await beside.getByRole('button', { name: 'New project' }).first().click();
    const form = beside.getByRole('dialog');
    await form.getByLabel('Name').fill('Bridge');
    expect(await form.getByLabel('Why risky').count()).toBe(0);
    await form.getByText('Risky', { exact: true }).first().click();
    await form.getByLabel(/Why risky/).waitFor();
    await form
      .getByLabel(/Customer/)
      .first()
      .click();
    await beside.keyboard.type('Harbour');
    await beside.getByRole('option', { name: /Harbour/ }).click();
    await form.getByRole('button', { name: /^Create/ }).click();
    await form.getByText('A value is needed.').waitFor();
    await form.getByLabel(/Why risky/).fill('Deep water');
    await form.getByRole('button', { name: /^Create/ }).click();
    await beside.getByRole('heading', { name: 'Bridge' }).waitFor();
  });

  test('the form is arranged anew: a section of two columns, a field in another place', { timeout: 3 * patience }, async () => {
    await page.getByRole('checkbox', { name: 'Two columns' }).first().check();
    await page.getByRole('button', { name: 'Move Owner up' }).click();
    await page.getByRole('button', { name: 'Save arrangement' }).click();
    await page.getByText('The arrangement is in use.').waitFor();
    const { body } = await stage.api.get<{ objects: { key: string; form: { columns?: number; fields: string[] }[] }[] }>('/api/v1/meta');
    const form = body.objects.find(({ key }) => key === 'xProject')?.form;
    expect(form?.[0]).toMatchObject({ columns: 2, fields: ['xName', 'xOwner', 'xCustomer', 'xRisky', 'xWhyRisky'] });
    expect(complaints).toEqual([]);
  });

  test('a role is granted what it may do with the object', { timeout: 2 * patience }, async () => {
    await page.getByRole('combobox', { name: 'Sales rep: See' }).click();
    await page.getByRole('option', { name: 'Own', exact: true }).click();
    await page.getByText('Rights of Sales rep are changed.').waitFor();
    const { body } = await stage.api.get<{ items: { rights: { objects: Record<string, unknown> } }[] }>('/api/v1/roles?key=salesRep');
    expect(body.items[0]?.rights.objects.xProject).toEqual({ read: 'own' });
  });
});
