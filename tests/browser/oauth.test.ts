import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { admin, patience, Stage } from './stage.ts';

/** An application of others, from its registration to its end, as people see it. */
describe.skipIf(!browserPath()).sequential('an application of others, in the browser', () => {
  let stage: Stage;
  /** The application: it shows that somebody came back. */
  let app: http.Server;
  let back: string;
  beforeAll(async () => {
    app = http.createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<h1>Back at the app</h1>'));
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    back = `http://127.0.0.1:${(app.address() as AddressInfo).port}/back`;
    stage = await Stage.open();
  }, 120_000);
  afterAll(async () => {
    app.closeAllConnections();
    app.close();
    await stage.close();
  });

  test('is registered, asks in words what it may do, is allowed, and ended', { timeout: 4 * patience }, async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/settings/applications');
    await page.getByRole('button', { name: 'New application' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Phone book');
    await dialog.getByLabel('Addresses to lead back to').fill(back);
    await page.keyboard.press('Enter');
    await dialog.getByLabel('An app or a page').check();
    await dialog.getByRole('button', { name: 'Register application' }).click();
    const shown = page.getByRole('dialog', { name: 'Phone book' });
    const id = await shown.locator('code').first().innerText();
    await shown.getByRole('button', { name: 'Close' }).last().click();

    const verifier = client.randomPKCECodeVerifier();
    const config = await client.discovery(new URL(stage.product.url), id, undefined, client.None(), {
      algorithm: 'oauth2',
      execute: [client.allowInsecureRequests],
    });
    // Numbers as an application may write them: they come back to the letter.
    const state = '1.0';
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: back,
      scope: 'read:parties',
      state,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const { page: member, complaints: theirs } = await stage.page(await stage.context({ signedIn: false }));
    await member.goto(url.href);
    await member.getByLabel('E-mail').fill(admin.email);
    await member.getByLabel('Password', { exact: true }).fill(admin.password);
    await member.keyboard.press('Enter');
    await member.getByRole('heading', { name: 'Phone book wants to act for you' }).waitFor();
    await member.getByRole('listitem').filter({ hasText: 'Read Customers' }).waitFor();
    await member.getByText(new URL(back).host).waitFor();
    await member.getByRole('button', { name: 'Allow' }).click();
    await member.getByRole('heading', { name: 'Back at the app' }).waitFor();
    const tokens = await client.authorizationCodeGrant(config, new URL(member.url()), { pkceCodeVerifier: verifier, expectedState: state });
    const asks = (): Promise<number> =>
      fetch(`${stage.product.url}/api/v1/parties`, { headers: { authorization: `Bearer ${tokens.access_token}` } }).then(
        ({ status }) => status,
      );
    expect(await asks()).toBe(200);

    await page.goto('/settings/sign-in');
    const line = page.getByRole('listitem').filter({ hasText: 'Phone book' }).filter({ hasText: 'Read Customers' }).last();
    await page.getByRole('heading', { name: 'Applications that act for you' }).waitFor();
    await line.waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Phone book' }).getByRole('button', { name: 'End' }).click();
    await page.getByText('None.', { exact: true }).waitFor();
    expect(await asks()).toBe(401);
    expect([...complaints, ...theirs]).toEqual([]);
  });
});
