import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { temporaryFolder } from '../harness/places.ts';
import { Hands, withoutPointer } from './hands.ts';
import { admin, patience, Stage, type Watched } from './stage.ts';

describe.skipIf(!browserPath()).sequential('by keyboard alone', () => {
  let stage: Stage;
  let harbour: { id: string };
  let deal: { id: string };
  const desks: Watched[] = [];
  beforeAll(async () => {
    stage = await Stage.open();
    harbour = await stage.create('parties', { name: 'Harbour Textiles', employees: 120 });
    for (const [at, name] of ['Amber Dairy', 'Birch Motors', 'Cobalt Tools', 'Delta Farms', 'Fjord Shipping'].entries())
      await stage.create('parties', { name, employees: 10 * (at + 1) });
    deal = await stage.create('opportunities', { name: 'Crane deal', amount: { amount: '1200', currency: 'EUR' } });
    await stage.create('opportunities', { name: 'Mill deal' });
  });
  afterAll(() => stage.close());

  /** A page at which whatever a pointer does is noted. */
  const sit = async (address: string, signedIn = true): Promise<Hands> => {
    const desk = await stage.page(await stage.context({ signedIn }));
    await withoutPointer(desk.page);
    desks.push(desk);
    await desk.page.goto(address);
    return new Hands(desk.page);
  };
  const quiet = async (): Promise<void> => {
    for (const { page, complaints } of desks.splice(0)) {
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  };
  const read = async <T>(address: string): Promise<T> => (await stage.api.get<T>(address)).body;

  test('this file asks for no mouse', () => {
    const source = fs.readFileSync(fileURLToPath(import.meta.url), 'utf8');
    const banned = ['click', 'dblclick', 'hover', 'tap', 'focus', 'fill', 'check', 'selectOption', 'dragTo', 'dispatchEvent', 'mouse'];
    expect(banned.filter((word) => new RegExp(`\\.${word}\\b\\s*[(.]`).test(source))).toEqual([]);
  });

  test('sign in and reach a customer by name', async () => {
    const hands = await sit('/', false);
    await hands.at('textbox', 'E-mail');
    await hands.type(admin.email);
    await hands.tabTo('textbox', 'Password');
    await hands.type(admin.password);
    await hands.press('Enter');
    // The day of an administrator begins with how sales stand.
    await hands.heading('Sales');
    await hands.press('/');
    await hands.at('combobox', 'Search');
    await hands.type('harb');
    await hands.page.getByRole('option', { name: /Harbour Textiles/, selected: true }).waitFor();
    await hands.press('Enter');
    await hands.heading('Harbour Textiles');
    await quiet();
  });

  test('make a customer with contact points', async () => {
    const hands = await sit('/o/parties');
    await hands.page.getByRole('grid').getByText('Amber Dairy').waitFor();
    await hands.press('c');
    await hands.at('textbox', 'Name');
    await hands.type('Granite Works');
    await hands.tabTo('textbox', 'E-mail 1');
    await hands.type('office@granite.example');
    await hands.tabTo('button', 'Add e-mail');
    await hands.press('Enter');
    // Whoever adds a row goes on typing in it.
    await hands.at('textbox', 'E-mail 2');
    await hands.type('bills@granite.example');
    await hands.tabTo('textbox', 'Phone 1');
    await hands.type('+49 30 1234567');
    await hands.press('Control+Enter');
    await hands.heading('Granite Works');
    const id = hands.page.url().split('/').at(-1);
    const made = await read<{ emails: { value: string }[]; phones: { value: string }[] }>(`/api/v1/parties/${id}`);
    expect(made.emails.map(({ value }) => value)).toEqual(['office@granite.example', 'bills@granite.example']);
    expect(made.phones.map(({ value }) => value)).toEqual(['+49301234567']);
    await quiet();
  });

  test('log a call from anywhere', async () => {
    const hands = await sit('/o/products');
    await hands.heading('Products');
    await hands.press('l');
    await hands.at('textbox', 'Customer');
    await hands.type('harb');
    await hands.page.getByRole('option', { name: 'Harbour Textiles' }).and(hands.page.locator('[data-combobox-selected]')).waitFor();
    await hands.press('Enter');
    await hands.tabTo('textbox', 'What was said');
    await hands.type('Asked for the new price list');
    await hands.press('Enter');
    await hands.page.getByText('The call with Harbour Textiles is logged.').waitFor();
    const calls = await read<{ items: { subject: string; party: { id: string } }[] }>('/api/v1/interactions');
    expect(calls.items.map(({ subject, party }) => [subject, party.id])).toEqual([['Asked for the new price list', harbour.id]]);
    await quiet();
  });

  test('change a field on the record and take it back', async () => {
    const hands = await sit(`/o/parties/${harbour.id}`);
    await hands.heading('Harbour Textiles');
    const employees = async (): Promise<number> => (await read<{ employees: number }>(`/api/v1/parties/${harbour.id}`)).employees;
    await hands.tabTo('button', 'Edit Employees');
    await hands.press('Enter');
    await hands.at('textbox', 'Employees');
    await hands.press('Control+a');
    await hands.type('130');
    await hands.press('Enter');
    await hands.page.getByText('Employees changed', { exact: true }).waitFor();
    expect(await employees()).toBe(130);
    // The focus is where it was, for the next field.
    await hands.at('button', 'Edit Employees');
    await hands.press('Control+z');
    await expect.poll(employees, { timeout: patience }).toBe(120);
    await quiet();
  });

  test('filter a list, keep it as a view, come back to it', async () => {
    const hands = await sit('/o/parties');
    const grid = hands.page.getByRole('grid');
    await grid.getByText('Amber Dairy').waitFor();
    await hands.press('f');
    await hands.at('textbox', 'Field');
    await hands.type('name');
    await hands.press('Enter');
    await hands.at('textbox', 'Value');
    await hands.type('fjord');
    await hands.press('Enter');
    await grid.getByText('Amber Dairy').waitFor({ state: 'detached' });
    await grid.getByText('Fjord Shipping').waitFor();
    await hands.tabBackTo('button', 'Save as a new view');
    await hands.press('Enter');
    await hands.at('textbox', 'Name');
    await hands.type('By the fjord');
    await hands.press('Enter');
    await hands.heading('By the fjord');
    await hands.palette('tasks', /^Tasks/);
    await hands.heading('Tasks');
    await hands.palette('by the fj', /^By the fjord/);
    await hands.heading('By the fjord');
    await grid.getByText('Fjord Shipping').waitFor();
    expect(await grid.getByText('Amber Dairy').count()).toBe(0);
    // Up and down the rows, and into one.
    await hands.palette('customers', /^Customers/);
    await grid.getByText('Amber Dairy').waitFor();
    const active = (name: string) => hands.page.getByRole('row', { name: new RegExp(name) }).and(hands.page.locator('[data-active]'));
    await hands.press('j', 'j', 'j', 'k');
    await active('Birch Motors').waitFor();
    await hands.press('Enter');
    await hands.heading('Birch Motors');
    await quiet();
  });

  test('select many, change them at once, take it back', async () => {
    const hands = await sit('/o/parties');
    await hands.page.getByRole('grid').getByText('Amber Dairy').waitFor();
    await hands.press('j', 'x', 'Shift+ArrowDown', 'Shift+ArrowDown');
    const bar = hands.page.getByRole('region', { name: 'Selected rows' });
    await bar.getByText('3 selected').waitFor();
    expect(await hands.page.getByRole('row', { selected: true }).count()).toBe(3);
    await hands.palette('change 3', /^Change 3/);
    await hands.at('textbox', 'Field');
    await hands.type('employ');
    await hands.press('Enter');
    await hands.at('textbox', 'Employees');
    await hands.type('77');
    await hands.press('Enter');
    await hands.page.getByText('3 records changed.').waitFor();
    const employees = async (): Promise<number[]> =>
      (await read<{ items: { employees: number }[] }>('/api/v1/parties?sort=name&fields=employees')).items
        .slice(0, 4)
        .map((one) => one.employees);
    expect(await employees()).toEqual([77, 77, 77, 40]);
    await hands.press('Control+z');
    await expect.poll(employees, { timeout: patience }).toEqual([10, 20, 30, 40]);
    // Everything that meets the list's condition, and nothing again.
    await hands.tabTo('grid', /./);
    await hands.press('Control+a');
    await bar.getByText(/^\d+ selected$/).waitFor();
    await hands.press('Escape');
    await bar.waitFor({ state: 'detached' });
    await quiet();
  });

  test('move an opportunity on the board', async () => {
    const hands = await sit('/o/opportunities');
    await hands.page.getByRole('grid').getByText('Crane deal').waitFor();
    const stageOf = async (): Promise<string> => (await read<{ stage: { name: string } }>(`/api/v1/opportunities/${deal.id}`)).stage.name;
    const card = (within: string) =>
      hands.page.getByRole('region', { name: within, exact: true }).getByRole('link', { name: 'Crane deal' });
    await hands.tabTo('button', 'Table');
    await hands.press('Enter');
    await hands.arrowTo('menuitem', 'Board');
    await hands.press('Enter');
    await card('Prospecting').waitFor();
    await hands.tabTo('link', 'Crane deal');
    await hands.press('m');
    await hands.arrowTo('menuitem', 'Proposal');
    await hands.press('Enter');
    await card('Proposal').waitFor();
    await hands.page.getByText('Crane deal moved to Proposal').waitFor();
    // The focus goes with the card.
    await hands.at('link', 'Crane deal');
    await expect.poll(stageOf, { timeout: patience }).toBe('Proposal');
    await hands.press('Control+z');
    await card('Prospecting').waitFor();
    await expect.poll(stageOf, { timeout: patience }).toBe('Prospecting');
    await quiet();
  });

  test('find and run an action on the record', async () => {
    const task = await stage.create('tasks', { subject: 'Ring the bell', party: harbour.id });
    const hands = await sit(`/o/tasks/${task.id}`);
    await hands.heading('Ring the bell');
    await hands.palette('mark as', /^Mark as done/);
    await hands.page.getByText('Mark as done: done.').waitFor();
    expect((await read<{ status: string }>(`/api/v1/tasks/${task.id}`)).status).toBe('done');
    await quiet();
  });

  test('import a file', async () => {
    const file = path.join(temporaryFolder(), 'products.csv');
    fs.writeFileSync(file, 'Company;Sector\nAldermoor Mills;technology\nBrightwell Optics;gadgets\n');
    const hands = await sit('/o/tasks');
    await hands.heading('Tasks');
    // The system's own dialog is taken over from here on: asked for with the key, that would come too late on a busy machine.
    const chooser = hands.page.waitForEvent('filechooser');
    await hands.palette('import', /^Import/);
    await hands.tabTo('button', 'Choose a file');
    await hands.press('Enter');
    await (await chooser).setFiles(file);
    await hands.page
      .getByText(/2 rows/)
      .first()
      .waitFor();
    const combobox = (name: string) => hands.page.getByRole('combobox', { name, exact: true });
    if ((await combobox('Records').inputValue()) !== 'Customers') {
      await hands.tabTo('combobox', 'Records');
      await hands.press('Control+a');
      await hands.type('Customers');
      await hands.press('ArrowDown', 'Enter');
    }
    for (const [column, field] of [
      ['Company', 'Name'],
      ['Sector', 'Industry'],
    ] as const) {
      if ((await combobox(`Field for ${column}`).inputValue()) === field) continue;
      await hands.tabTo('combobox', `Field for ${column}`);
      await hands.press('Control+a');
      await hands.type(field);
      await hands.page.getByRole('option', { name: field, exact: true }).waitFor();
      await hands.press('ArrowDown', 'Enter');
      await expect.poll(() => combobox(`Field for ${column}`).inputValue()).toBe(field);
    }
    await hands.tabTo('button', 'Check 2 rows');
    await hands.press('Enter');
    await hands.tabTo('button', /^Import \d+ rows?$/);
    await hands.press('Enter');
    await hands.page.getByText('The import is done.').waitFor();
    const there = await read<{ items: { name: string }[] }>('/api/v1/parties?sort=name&fields=name');
    expect(there.items.map(({ name }) => name)).toContain('Aldermoor Mills');
    await quiet();
  });

  test('answer a conflict field by field', async () => {
    const party = await stage.create('parties', { name: 'Slate Roofing', employees: 100, foundedYear: 1950 });
    const [mine, theirs] = [await sit(`/o/parties/${party.id}`), await sit(`/o/parties/${party.id}`)];
    const change = async (hands: Hands, field: string, value: string): Promise<void> => {
      await hands.tabTo('button', `Edit ${field}`);
      await hands.press('Enter');
      await hands.at('textbox', field);
      await hands.press('Control+a');
      await hands.type(value);
    };
    const conflict = mine.page.getByRole('alert').filter({ hasText: 'while you were typing' });
    const stands = () => read<{ employees: number; foundedYear: number }>(`/api/v1/parties/${party.id}`);

    // Of the first field mine is kept …
    await change(mine, 'Employees', '111');
    await change(theirs, 'Employees', '222');
    await theirs.press('Enter');
    await theirs.page.getByText('Employees changed', { exact: true }).waitFor();
    await mine.press('Enter');
    await conflict.waitFor();
    expect(await conflict.textContent()).toMatch(/Theirs\s*222.*Yours\s*111/s);
    // The answer has the focus: the field that had it is gone.
    await mine.at('button', 'Keep theirs');
    await mine.tabTo('button', 'Save mine');
    await mine.press('Enter');
    await conflict.waitFor({ state: 'detached' });
    await expect.poll(async () => (await stands()).employees, { timeout: patience }).toBe(111);

    // … of the second theirs.
    await change(mine, 'Founded', '1960');
    await change(theirs, 'Founded', '1970');
    await theirs.press('Enter');
    await theirs.page.getByText('Founded changed', { exact: true }).waitFor();
    await mine.press('Enter');
    await mine.at('button', 'Keep theirs');
    await mine.press('Enter');
    await conflict.waitFor({ state: 'detached' });
    expect(await stands()).toMatchObject({ employees: 111, foundedYear: 1970 });
    await quiet();
  });
});
