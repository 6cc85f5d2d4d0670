import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { temporaryFolder } from '../harness/places.ts';
import { Api } from '../harness/product.ts';
import { admin, patience, Stage } from './stage.ts';

/** Where the trace and a picture of each step go; without it nothing is recorded. */
const record = process.env['PERIGON_RECORD'];

/** Somebody new, whose presses are counted. */
class Guest {
  clicks = 0;
  strokes = 0;
  readonly steps: string[] = [];
  constructor(readonly page: Page) {}

  async click(target: Locator): Promise<void> {
    this.clicks += 1;
    await target.click();
  }

  async type(text: string): Promise<void> {
    this.strokes += text.length;
    await this.page.keyboard.type(text);
  }

  async press(...keys: string[]): Promise<void> {
    this.strokes += keys.length;
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Presses a field and types into it. */
  async write(field: Locator, text: string): Promise<void> {
    await this.click(field);
    await this.press('Control+a');
    await this.type(text);
  }

  /** Ends a step: it is named, and pictured if it is recorded. */
  async done(step: string): Promise<void> {
    this.steps.push(step);
    if (!record) return;
    const name = `${String(this.steps.length).padStart(2, '0')}-${step.replaceAll(' ', '-')}.png`;
    await this.page.screenshot({ path: path.join(record, name) });
  }
}

describe.skipIf(!browserPath()).sequential('the first ten minutes', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({ fresh: true });
  });
  afterAll(() => stage.close());

  test(
    'from an empty folder to own customers, a view, a note, and the sample gone again',
    async () => {
      const context = await stage.context({ signedIn: false });
      if (record) {
        fs.mkdirSync(record, { recursive: true });
        await context.tracing.start({ screenshots: true, snapshots: true });
      }
      const { page, complaints } = await stage.page(context);
      const guest = new Guest(page);
      const button = (name: string | RegExp): Locator => page.getByRole('button', { name, exact: typeof name === 'string' }).first();
      const heading = (name: string): Promise<void> => page.getByRole('heading', { name, exact: true }).waitFor();

      // The company is set up; the company's name has the focus.
      await page.goto('/');
      await page.getByLabel('Company').and(page.locator(':focus')).waitFor();
      await guest.type('Windmill Ltd');
      await guest.write(page.getByLabel('Name', { exact: true }), admin.name);
      await guest.write(page.getByLabel('E-mail'), admin.email);
      await guest.write(page.getByLabel('Password', { exact: true }), admin.password);
      await guest.press('Enter');
      await heading('How do you want to begin?');
      await guest.done('set up');

      await guest.click(button(/^Look around with a sample company/));
      await page
        .getByRole('navigation')
        .getByText('Sample company')
        .waitFor({ timeout: 2 * patience });
      await heading('Sales');
      await guest.click(page.getByRole('navigation').getByRole('link', { name: 'Customers', exact: true }));
      await page.getByRole('grid').getByText('Adler').first().waitFor();
      await guest.done('sample company');

      // An own file with a row that cannot be read.
      const file = path.join(temporaryFolder(), 'customers.csv');
      fs.writeFileSync(
        file,
        'Company;Sector;Staff\nAldermoor Mills;food;120\nBrightwell Optics;technolgy;64\nCinder Lane Press;media;many\n',
      );
      await guest.click(page.getByRole('main').getByRole('link', { name: 'Import', exact: true }));
      const chooser = page.waitForEvent('filechooser');
      await guest.click(button('Choose a file'));
      await (await chooser).setFiles(file);
      for (const [column, field] of [
        ['Company', 'Name'],
        ['Sector', 'Industry'],
        ['Staff', 'Employees'],
      ] as const) {
        const box = page.getByRole('combobox', { name: `Field for ${column}` });
        await box.waitFor();
        if ((await box.inputValue()) === field) continue;
        await guest.write(box, field);
        await guest.click(page.getByRole('option', { name: field, exact: true }));
      }
      await guest.click(button(/^Check 3 rows/));
      await page.getByRole('row').filter({ hasText: 'Staff' }).filter({ hasText: 'many' }).last().waitFor();
      await guest.click(button('Import 2 rows'));
      await page.getByText('The import is done.').waitFor();
      await guest.done('own file');

      await guest.click(page.getByRole('link', { name: 'Show customers' }));
      const grid = page.getByRole('grid');
      await grid.getByText('Adam Bennett').first().waitFor();
      await guest.press('f');
      await page.getByRole('textbox', { name: 'Field' }).and(page.locator(':focus')).waitFor();
      await guest.type('employees');
      await guest.press('Enter');
      await page.getByRole('textbox', { name: 'Value' }).and(page.locator(':focus')).waitFor();
      await guest.type('60');
      await guest.press('Enter');
      await button('Save as a new view').waitFor();
      await guest.click(button('Save as a new view'));
      await page.getByRole('textbox', { name: 'Name' }).waitFor();
      await guest.type('Larger ones');
      await guest.press('Enter');
      await heading('Larger ones');
      await page.getByRole('navigation').getByRole('link', { name: 'Larger ones' }).waitFor();
      await guest.done('first view');

      // A note with words set apart and a colleague named.
      await guest.press('Control+k');
      await page.getByRole('combobox', { name: 'Search' }).waitFor();
      await guest.type('brightw');
      await page.getByRole('option', { name: /Brightwell Optics/, selected: true }).waitFor();
      await guest.press('Enter');
      await heading('Brightwell Optics');
      await guest.click(button('New'));
      await guest.click(page.getByRole('menuitem', { name: 'Note', exact: true }));
      const dialog = page.getByRole('dialog', { name: 'New note' });
      await guest.write(dialog.getByRole('textbox', { name: 'Subject' }), 'First visit');
      await guest.click(dialog.getByRole('textbox', { name: 'Body' }));
      await guest.type('They want ');
      await guest.press('Control+b');
      await guest.type('two machines');
      await guest.press('Control+b');
      await guest.type(', says @Ada');
      await page.getByRole('option', { name: admin.name }).waitFor();
      await guest.press('Enter');
      await guest.click(dialog.getByRole('button', { name: 'Create note' }));
      await dialog.waitFor({ state: 'detached' });
      await page.getByRole('link', { name: 'First visit' }).first().waitFor();
      await guest.done('first note');

      // Something changed by mistake, and taken back.
      await guest.click(button('Edit Employees'));
      await page.getByRole('textbox', { name: 'Employees' }).waitFor();
      await guest.press('Control+a');
      await guest.type('640');
      await guest.press('Enter');
      await page.getByText('Employees changed', { exact: true }).waitFor();
      const undone = page.waitForResponse((answer) => answer.url().includes('/undo') && answer.ok());
      await guest.click(page.getByRole('alert').filter({ hasText: 'Employees changed' }).getByRole('button', { name: 'Undo' }));
      await undone;
      await guest.done('undo');

      // The invented company goes; what is one's own stays.
      await guest.click(page.getByRole('navigation').getByText('Sample company'));
      await guest.click(button('Remove the sample company'));
      await guest.click(page.getByRole('dialog').getByRole('button', { name: /^Remove [\d,]+ records$/ }));
      await button('Look around with a sample company').waitFor({ timeout: 2 * patience });
      await guest.click(page.getByRole('navigation').getByRole('link', { name: 'Larger ones' }));
      await grid.getByText('Aldermoor Mills').waitFor();
      await grid.getByText('Brightwell Optics').waitFor();
      await guest.done('sample gone');

      const session = await new Api(stage.product.url).post('/api/v1/session', { email: admin.email, password: admin.password });
      const api = new Api(stage.product.url, {
        cookie: (session.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
        origin: stage.product.url,
      });
      const parties = await api.get<{ items: { name: string; employees: number }[] }>('/api/v1/parties?sort=name&fields=name,employees');
      expect(parties.body.items.map(({ name, employees }) => [name, employees])).toEqual([
        ['Aldermoor Mills', 120],
        ['Brightwell Optics', 64],
      ]);
      const notes = await api.get<{ items: { body: string }[] }>('/api/v1/notes?fields=body');
      expect(notes.body.items.map(({ body }) => body)).toEqual([
        expect.stringMatching(/<strong>two machines<\/strong>, says <span data-mention="[0-9a-f-]{36}">@Ada Admin<\/span>/),
      ]);
      expect(complaints).toEqual([]);
      if (record) await context.tracing.stop({ path: path.join(record, 'first-ten-minutes.zip') });
      console.log(`The first ten minutes: ${guest.steps.join(', ')}; ${guest.clicks} clicks and ${guest.strokes} keys.`);
      await context.close();
    },
    6 * patience,
  );
});
