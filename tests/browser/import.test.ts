import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { temporaryFolder } from '../harness/places.ts';
import { patience, Stage, type Watched } from './stage.ts';

const rows = [
  'Company;Sector;Staff;Founded',
  'Aldermoor Mills;food;120;1987',
  'Brightwell Optics;technolgy;64;2004',
  'Cinder Lane Press;gadgets;18;2011',
  'Dunmore Freight;transport;310;long ago',
  'Eastgate Dental;medical;42;1999',
];

describe.skipIf(!browserPath()).sequential('the import wizard', () => {
  let stage: Stage;
  let watched: Watched;
  beforeAll(async () => {
    stage = await Stage.open();
    watched = await stage.page();
  });
  afterAll(() => stage.close());

  test('takes a file from its columns to records, row by row', async () => {
    const { page } = watched;
    const file = path.join(temporaryFolder(), 'organisations.csv');
    fs.writeFileSync(file, `${rows.join('\n')}\n`);

    await page.goto('/o/parties');
    await page.getByRole('main').getByRole('link', { name: 'Import', exact: true }).click();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose a file' }).click();
    await (await chooser).setFiles(file);

    // What was found, and what is proposed.
    await page.getByText('organisations.csv').waitFor();
    await page.getByText(/semicolon · 5 rows/).waitFor();
    const field = (column: string) => page.getByRole('combobox', { name: `Field for ${column}` });
    const fill = async (column: string, word: string): Promise<void> => {
      if ((await field(column).inputValue()) === word) return;
      await field(column).click();
      await field(column).fill(word);
      await page.getByRole('option', { name: word, exact: true }).click();
    };
    expect(await field('Company').inputValue()).toBe('Name');
    await fill('Sector', 'Industry');
    await fill('Staff', 'Employees');
    await fill('Founded', 'Founded');

    // One word is misspelt and recognised, another only somebody who knows the file can place.
    const values = page.getByRole('button', { name: /^(Map values|\d+ values? mapped)$/ });
    if ((await values.getAttribute('aria-expanded')) !== 'true') await values.click();
    const stands = (word: string) => page.getByRole('combobox', { name: `Stands for ${word}` });
    expect(await stands('technolgy').inputValue()).toBe('Technology');
    await stands('gadgets').click();
    await stands('gadgets').fill('Technology');
    await page.getByRole('option', { name: 'Technology', exact: true }).click();
    await expect.poll(() => stands('gadgets').inputValue(), { timeout: patience }).toBe('Technology');

    // The trial writes nothing and names the bad row.
    await page.getByRole('button', { name: 'Check 5 rows' }).click();
    await page.getByText('1 row cannot be imported as it is.').waitFor();
    const bad = page.getByRole('row').filter({ hasText: 'Founded' }).filter({ hasText: 'long ago' }).last();
    await bad.waitFor();
    const { body } = await stage.api.get<{ count: { value: number } }>('/api/v1/parties?limit=1&count=true');
    expect(body.count.value).toBe(0);

    await page.getByRole('button', { name: 'Import 4 rows' }).click();
    await page.getByText('The import is done.').waitFor();
    const figure = async (word: string): Promise<string | null> =>
      page.locator('dl > div').filter({ hasText: word }).locator('dd').textContent();
    expect([await figure('Created'), await figure('Updated'), await figure('Failed')]).toEqual(['4', '0', '1']);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Rows that failed' }).click();
    expect(fs.readFileSync(await (await download).path(), 'utf8')).toMatch(/Dunmore Freight/);
  });

  test('the list is filled, and undo says beforehand what it will do', async () => {
    const { page } = watched;
    const run = page.url();
    await page.getByRole('link', { name: 'Show customers' }).click();
    const grid = page.getByRole('grid');
    await grid.getByRole('row').filter({ hasText: 'Brightwell Optics' }).waitFor();
    await grid.getByRole('row').filter({ hasText: 'Eastgate Dental' }).waitFor();
    expect(await grid.getByText('Dunmore Freight').count()).toBe(0);
    const { body } = await stage.api.get<{ items: { name: string; industry: string; employees: number }[] }>(
      '/api/v1/parties?sort=name&fields=name,industry,employees',
    );
    expect(body.items.map((one) => [one.name, one.industry, one.employees])).toEqual([
      ['Aldermoor Mills', 'food', 120],
      ['Brightwell Optics', 'technology', 64],
      ['Cinder Lane Press', 'technology', 18],
      ['Eastgate Dental', 'medical', 42],
    ]);

    await page.goto(run);
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('4 records that it created go to the trash.').waitFor();
    await dialog.getByRole('button', { name: 'Undo the import' }).click();
    await page.getByText('This import was undone.').waitFor();
    await page.goto('/o/parties');
    await page.getByText('No customers yet.').waitFor();
    expect(watched.complaints).toEqual([]);
  });
});
