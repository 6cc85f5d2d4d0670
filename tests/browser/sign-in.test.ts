import { TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { admin, patience, Stage } from './stage.ts';

/** The ways in, as people use them: places ended from elsewhere, a second factor set up, asked for and demanded. */
describe.skipIf(!browserPath()).sequential('signing in, in the browser', () => {
  let stage: Stage;
  let page: Page;
  let complaints: string[];
  let secret = '';
  beforeAll(async () => {
    stage = await Stage.open();
    ({ page, complaints } = await stage.page(await stage.context({ signedIn: false })));
  }, 120_000);
  afterAll(() => stage.close());

  const password = async (on: Page): Promise<void> => {
    await on.getByLabel('E-mail').fill(admin.email);
    await on.getByLabel('Password', { exact: true }).fill(admin.password);
    await on.getByRole('button', { name: 'Sign in', exact: true }).click();
  };
  const code = (steps: number): string => new TOTP({ secret }).generate({ timestamp: Date.now() + steps * 30_000 });

  test('another place where one is signed in is ended from here, and is out', { timeout: 3 * patience }, async () => {
    await page.goto('/sign-in');
    await password(page);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    const { page: there } = await stage.page(
      await stage.context({
        signedIn: false,
        userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Safari/604.1',
      }),
    );
    await there.goto('/sign-in');
    await password(there);
    await there.waitForURL(/\/o\//);
    await page.goto('/settings');
    await page.getByRole('main').getByRole('link', { name: 'Where I am signed in' }).click();
    const phone = page.getByRole('listitem').filter({ hasText: 'Safari on iPhone' }).filter({ hasText: 'last seen' });
    await phone.getByRole('button', { name: 'End' }).click();
    await phone.waitFor({ state: 'detached' });
    await there.goto('/settings');
    await there.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    await there.close();
    expect(complaints).toEqual([]);
  });

  test('a second factor is set up with a picture, and asked for at the next sign-in', { timeout: 3 * patience }, async () => {
    await page.goto('/settings/sign-in');
    await page.getByRole('button', { name: 'Set up' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Next' }).click();
    await dialog.getByRole('img', { name: 'Picture for the authenticator app' }).waitFor();
    secret = (await dialog.locator('code').innerText()).replaceAll(' ', '');
    await dialog.getByRole('textbox', { name: 'Code' }).fill(code(0));
    await dialog.getByRole('button', { name: 'Switch on' }).click();
    const codes = dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
    await codes.first().waitFor();
    expect(await codes.count()).toBe(10);
    await dialog.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('10 recovery codes are left.').waitFor();

    const { page: fresh } = await stage.page(await stage.context({ signedIn: false }));
    await fresh.goto('/sign-in');
    await password(fresh);
    await fresh.getByLabel('Code').fill('not-a-code');
    await fresh.getByRole('button', { name: 'Sign in', exact: true }).click();
    await fresh.getByRole('alert').filter({ hasText: 'wrong or has been used' }).waitFor();
    await fresh.getByLabel('Code').fill(code(1));
    await fresh.getByRole('button', { name: 'Sign in', exact: true }).click();
    await fresh.waitForURL(/\/o\//);
    await fresh.close();
    expect(complaints).toEqual([]);
  });

  test('demanded of everybody, a colleague sets theirs up before anything else', { timeout: 3 * patience }, async () => {
    const made = await stage.create('users', { name: 'Rita Rep', email: 'rita@example.org' });
    await stage.api.post(`/api/v1/users/${made.id}/password`, { password: 'rita-password-1' });
    await page.goto('/settings/sign-ins');
    await page.getByRole('switch', { name: 'Everybody must have a second factor' }).click();
    await expect.poll(async () => (await stage.api.get<{ demanded: boolean }>('/api/v1/sign-in/factor')).body.demanded).toBe(true);
    const { page: rita } = await stage.page(await stage.context({ signedIn: false }));
    await rita.goto('/sign-in');
    await rita.getByLabel('E-mail').fill('rita@example.org');
    await rita.getByLabel('Password', { exact: true }).fill('rita-password-1');
    await rita.getByRole('button', { name: 'Sign in', exact: true }).click();
    await rita.waitForURL('**/second-factor');
    await rita.goto('/settings');
    await rita.waitForURL('**/second-factor');
    await rita.getByRole('button', { name: 'Next' }).click();
    secret = (await rita.locator('code').innerText()).replaceAll(' ', '');
    await rita.getByRole('textbox', { name: 'Code' }).fill(code(0));
    await rita.getByRole('button', { name: 'Switch on' }).click();
    await rita.getByRole('button', { name: 'I have kept them' }).click();
    await rita.waitForURL((url) => !url.pathname.includes('second-factor'));
    await rita.close();
    await page.getByRole('switch', { name: 'Everybody must have a second factor' }).click();
    await expect.poll(async () => (await stage.api.get<{ demanded: boolean }>('/api/v1/sign-in/factor')).body.demanded).toBe(false);
    expect(complaints).toEqual([]);
  });

  test('a new colleague opens the link that was handed over, on a telephone, and is in', { timeout: 3 * patience }, async () => {
    await stage.create('users', { name: 'Nina New', email: 'nina@example.org' });
    await page.goto('/settings/sign-ins');
    await page
      .getByRole('textbox', { name: 'Whose' })
      .or(page.getByRole('combobox', { name: 'Whose' }))
      .first()
      .click();
    await page.keyboard.type('Nina');
    await page.getByRole('option', { name: /Nina New/ }).click();
    await page.getByRole('button', { name: 'Make a link' }).click();
    const address = await page.getByRole('status').locator('code').innerText();
    const phone = await stage.context({ signedIn: false, locale: 'de-DE', viewport: { width: 390, height: 844 } });
    const { page: nina } = await stage.page(phone);
    await nina.goto(address);
    await nina.getByRole('heading', { name: 'Willkommen, Nina New' }).waitFor();
    await nina.getByLabel('Neues Passwort').fill('nina-password-1');
    await nina.getByRole('button', { name: 'Passwort festlegen und anmelden' }).click();
    await nina.waitForURL((url) => !url.pathname.includes('enter'));
    expect(nina.url()).not.toContain('#');
    const again = await phone.newPage();
    await again.goto(address);
    await again.getByRole('alert').waitFor();
    await phone.close();
    expect(complaints).toEqual([]);
  });
});
