import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDb } from '#engine/store/db.ts';
import { browserPath } from '../harness/browser.ts';
import { admin, byName, patience, Stage, type Watched } from './stage.ts';

/** Passkeys with the browser's own virtual authenticator: added, used to come in and to confirm who sits there, removed. */
describe.skipIf(!browserPath()).sequential('passkeys, in the browser', () => {
  let stage: Stage;
  let context: BrowserContext;
  let here: Watched;
  beforeAll(async () => {
    stage = await Stage.open();
    context = await stage.context({ signedIn: false, baseURL: byName(stage.product.url) });
    here = await stage.page(context);
    const wire = await context.newCDPSession(here.page);
    await wire.send('WebAuthn.enable');
    await wire.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
  }, 120_000);
  afterAll(() => stage.close());

  test('one is added, and lets in without a password', { timeout: 3 * patience }, async () => {
    const { page, complaints } = here;
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill(admin.email);
    await page.getByLabel('Password', { exact: true }).fill(admin.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(/\/o\//);
    await page.goto('/settings/sign-in');
    await page.getByRole('button', { name: 'Add passkey' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
    await dialog.getByLabel('Name').fill('My laptop');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').first().waitFor();
    await dialog.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByRole('listitem').filter({ hasText: 'My laptop' }).filter({ hasText: 'never used' }).waitFor();

    await page.getByRole('button', { name: admin.name }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL(/\/o\//);
    await page.goto('/settings/sign-in');
    await page.getByRole('listitem').filter({ hasText: 'My laptop' }).filter({ hasText: 'last used' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('it confirms who sits there, by keyboard, before it is removed', { timeout: 3 * patience }, async () => {
    const { page, complaints } = here;
    const db = openDb(stage.product.databaseUrl ?? '', { max: 1, applicationName: 'test' });
    await db.query(`update sessions set proved_at = proved_at - interval '11 minutes'`);
    await db.end();
    // Until the server has forgotten how things stood before.
    await expect
      .poll(() => page.evaluate(async () => (await fetch('/api/v1/keys', { method: 'POST' })).status), { timeout: patience })
      .toBe(403);
    const remove = page.getByRole('button', { name: 'Remove My laptop' });
    await remove.focus();
    await page.keyboard.press('Enter');
    const confirm = page.getByRole('dialog', { name: 'Remove My laptop' }).getByRole('button', { name: 'Remove' });
    await confirm.waitFor();
    await expect.poll(() => confirm.evaluate((one) => one === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    const proof = page.getByRole('dialog', { name: 'Confirm that it is you' }).getByRole('button', { name: 'Use passkey' });
    await proof.waitFor();
    await expect.poll(() => proof.evaluate((one) => one === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await remove.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  test('one that was removed no longer lets in, and the password does again', { timeout: 3 * patience }, async () => {
    const { page, complaints } = here;
    await page.goto('/settings');
    await page.getByRole('button', { name: admin.name }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('alert').filter({ hasText: 'This passkey does not open here' }).waitFor();
    await page.getByLabel('E-mail').fill(admin.email);
    await page.getByLabel('Password', { exact: true }).fill(admin.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(/\/o\//);
    expect(complaints).toEqual([]);
  });
});
