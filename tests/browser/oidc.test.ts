import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { startOidcProvider, type TestProvider } from '../harness/oidc.ts';
import { perigon } from '../harness/product.ts';
import { admin, patience, Stage } from './stage.ts';

/** Sign-in by a provider, as administrators set it up and members use it. */
describe.skipIf(!browserPath()).sequential('a provider, in the browser', () => {
  let stage: Stage;
  let provider: TestProvider;
  beforeAll(async () => {
    stage = await Stage.open({ env: { PERIGON_PRIVATE_SIGN_IN: '1' } });
    provider = await startOidcProvider([`${stage.product.url}/api/v1/sign-in/oidc/callback`]);
    provider.accounts = { ada: { email: admin.email, email_verified: true }, eve: { email: admin.email, email_verified: false } };
  }, 120_000);
  afterAll(async () => {
    await provider.stop();
    await stage.close();
  });

  test('is set up, opens the page that was wanted, and may be the only way in', { timeout: 4 * patience }, async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/settings/sign-in-providers');
    await page.getByText(`${stage.product.url}/api/v1/sign-in/oidc/callback`).waitFor();
    await page.getByRole('button', { name: 'New provider' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name on the button').fill('Windmill ID');
    await dialog.getByLabel('Address of the provider').fill(`${provider.issuer}/nowhere`);
    await dialog.getByLabel('Client ID').fill(provider.clientId);
    await dialog.getByLabel('Client secret', { exact: true }).fill(provider.secret);
    await dialog.getByRole('button', { name: 'Add provider' }).click();
    await dialog.getByText('No sign-in was found there').waitFor();
    await dialog.getByLabel('Address of the provider').fill(provider.issuer);
    await dialog.getByRole('button', { name: 'Add provider' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Windmill ID' }).waitFor();

    const { page: member, complaints: theirs } = await stage.page(await stage.context({ signedIn: false }));
    await member.goto('/o/products');
    provider.now = 'eve';
    await member.getByRole('link', { name: 'Sign in with Windmill ID' }).click();
    await member.getByRole('alert').filter({ hasText: 'does not say that your e-mail address is yours' }).waitFor();
    provider.now = 'ada';
    await member.context().clearCookies({ domain: '127.0.0.1', name: /_session|_interaction/ });
    await member.goto('/o/products');
    await member.getByRole('link', { name: 'Sign in with Windmill ID' }).click();
    await member.getByRole('heading', { name: 'Products', exact: true }).waitFor();

    await member.goto('/settings/sign-in-providers');
    await member.getByText('Members may sign in with a password, too').waitFor();
    await member.getByRole('switch', { name: 'Members may sign in with a password, too' }).click();
    await expect.poll(async () => (await (await member.request.get('/api/v1/setup')).json()).passwords, { timeout: patience }).toBe(false);
    const { page: out } = await stage.page(await stage.context({ signedIn: false }));
    await out.goto('/sign-in');
    await out.getByRole('link', { name: 'Sign in with Windmill ID' }).waitFor();
    expect(await out.getByLabel('Password', { exact: true }).count()).toBe(0);
    expect((await perigon(['sign-in', 'passwords', 'on'], stage.product.env)).output).toContain('Passwords open again.');
    await out.reload();
    await out.getByLabel('Password', { exact: true }).waitFor();
    // The refusal of an address that is none is told by the network, too.
    expect([...complaints, ...theirs].filter((line) => !/422/.test(line))).toEqual([]);
  });
});
