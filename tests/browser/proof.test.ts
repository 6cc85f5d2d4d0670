import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDb } from '#engine/store/db.ts';
import { browserPath } from '../harness/browser.ts';
import { admin, patience, Stage, type Watched } from './stage.ts';

/** A dangerous act after a while at the browser: one small dialog asks who sits there, then the act is done. All by keyboard. */
describe.skipIf(!browserPath()).sequential('a dangerous act, in the browser', () => {
  let stage: Stage;
  let here: Watched;
  beforeAll(async () => {
    stage = await Stage.open();
    here = await stage.page();
  }, 120_000);
  afterAll(() => stage.close());

  /** Eleven minutes pass, and what servers remember of who is who. */
  const later = async (): Promise<void> => {
    const db = openDb(stage.product.databaseUrl ?? '', { max: 1, applicationName: 'test' });
    await db.query(`update sessions set proved_at = proved_at - interval '11 minutes'`);
    await db.end();
    await expect.poll(async () => (await stage.api.post('/api/v1/keys', {})).status, { timeout: patience }).toBe(403);
  };

  test('asks for the password, and does what was begun', { timeout: 3 * patience }, async () => {
    const { page, complaints } = here;
    await page.goto('/settings');
    await page.getByRole('button', { name: 'New key' }).focus();
    await later();
    await page.keyboard.press('Enter');
    const form = page.getByRole('dialog', { name: 'New key' });
    await form.getByLabel('Name').waitFor();
    await expect.poll(() => form.getByLabel('Name').evaluate((field) => field === document.activeElement)).toBe(true);
    await page.keyboard.type('Shop');
    await page.keyboard.press('Enter');

    const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
    const field = dialog.getByLabel('Your password');
    await field.waitFor();
    await expect.poll(() => field.evaluate((one) => one === document.activeElement)).toBe(true);
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await dialog.getByText('The password does not match.').waitFor();
    await field.focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type(admin.password);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await form.locator('code').waitFor();
    expect(await form.locator('code').innerText()).toMatch(/^perigon_/);
    expect(complaints).toEqual([]);
  });

  test('is left undone by who turns away, and says so', { timeout: 3 * patience }, async () => {
    const { page, complaints } = here;
    await page.goto('/settings/backups');
    const make = page.getByRole('button', { name: 'Back up now' });
    await make.waitFor();
    await later();
    await make.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
    await dialog.getByLabel('Your password').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Confirm that it is you, then do it again.').waitFor();
    expect(complaints).toEqual([]);
  });

  test('tells who came in by a provider to come anew, and leads there', { timeout: 3 * patience }, async () => {
    const { page, complaints } = here;
    await page.goto('/settings/backups');
    const make = page.getByRole('button', { name: 'Back up now' });
    await make.waitFor();
    const db = openDb(stage.product.databaseUrl ?? '', { max: 1, applicationName: 'test' });
    // As it is with whom a provider brought in: no password here, no code, no passkey.
    await db.query('delete from credentials');
    await db.end();
    await later();
    await make.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
    await dialog.getByText('You came in by the account of your organisation.').waitFor();
    expect(await dialog.getByRole('textbox').count()).toBe(0);
    const out = dialog.getByRole('button', { name: 'Sign out' });
    await expect.poll(() => out.evaluate((one) => one === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === '/sign-in' && url.searchParams.get('back') === '/settings/backups');
    expect((await page.request.get(`${stage.product.url}/api/v1/session`)).status()).toBe(401);
    expect(complaints).toEqual([]);
  });
});
