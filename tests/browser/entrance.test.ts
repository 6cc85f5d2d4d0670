import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { admin, patience, Stage, type Watched } from './stage.ts';

describe.skipIf(!browserPath()).sequential('the way in', () => {
  let stage: Stage;
  let first: Watched;
  beforeAll(async () => {
    stage = await Stage.open({ fresh: true });
  });
  afterAll(() => stage.close());

  test('the first visit sets the company up, says which field is wrong, and is inside afterwards', async () => {
    first = await stage.page(await stage.context({ signedIn: false }));
    const { page } = first;
    await page.goto('/');
    await page.getByRole('heading', { name: 'Set up Perigon' }).waitFor();
    await page.getByLabel('Company').fill('Windmill Ltd');
    await page.getByLabel('Name', { exact: true }).fill(admin.name);
    // The browser finds nothing wrong with an address without a dot; the server does.
    await page.getByLabel('E-mail').fill('ada@nowhere');
    await page.getByLabel('Password', { exact: true }).fill(admin.password);
    await page.getByRole('button', { name: 'Set up' }).click();
    const email = page.getByLabel('E-mail');
    await page.locator('input[type="email"][aria-invalid="true"]').waitFor();
    const told = await email.getAttribute('aria-describedby');
    expect(told).toBeTruthy();
    expect(await page.getByLabel('Company').inputValue()).toBe('Windmill Ltd');
    expect(await page.getByLabel('Company').getAttribute('aria-invalid')).not.toBe('true');
    await email.fill(admin.email);
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.getByRole('heading', { name: 'How do you want to begin?' }).waitFor();
    await page.getByRole('button', { name: 'Begin with my own data' }).waitFor();
    await page.getByRole('button', { name: 'Begin empty' }).click();
    await page.getByRole('navigation').getByText('Windmill Ltd').waitFor();
    await page.getByRole('heading', { name: 'Customers', exact: true }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/o/parties');
  });

  test('signs out, refuses a wrong password in words, and leads back to the page that was wanted', async () => {
    const { page } = first;
    await page.getByRole('button', { name: admin.name }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();

    await page.goto('/o/products');
    await page.getByLabel('E-mail').fill(admin.email);
    await page.getByLabel('Password', { exact: true }).fill('wrong horse battery');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    expect(await page.getByRole('alert').textContent({ timeout: patience })).toMatch(/E-mail or password is wrong/);
    expect(await page.getByLabel('E-mail').inputValue()).toBe(admin.email);

    await page.getByLabel('Password', { exact: true }).fill(admin.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Products', exact: true }).waitFor();
    // Nobody sets up twice.
    await page.goto('/set-up');
    await page.getByRole('heading', { name: 'Customers', exact: true }).waitFor();
    expect(first.complaints).toEqual([]);
  });

  test('a password is changed in the settings, and only the new one leads in', async () => {
    const { page } = first;
    const fresh = 'another battery, another horse';
    await page.goto('/settings');
    const settings = page.getByRole('main');
    await settings.getByLabel('Present password').fill('not the present one');
    await settings.getByLabel('New password').fill(fresh);
    await settings.getByRole('button', { name: 'Set password' }).click();
    await settings.getByText('Not your present password.').waitFor();
    await settings.getByLabel('Present password').fill(admin.password);
    await settings.getByRole('button', { name: 'Set password' }).click();
    await page.getByText('The password is set').waitFor();

    const { page: other, complaints } = await stage.page(await stage.context({ signedIn: false }));
    await other.goto('/sign-in');
    await other.getByLabel('E-mail').fill(admin.email);
    await other.getByLabel('Password', { exact: true }).fill(admin.password);
    await other.keyboard.press('Enter');
    await other.getByText(/E-mail or password is wrong/).waitFor();
    await other.getByLabel('Password', { exact: true }).fill(fresh);
    await other.keyboard.press('Enter');
    await other.getByRole('heading', { name: 'Customers', exact: true }).waitFor();
    expect([...first.complaints, ...complaints]).toEqual([]);
  });

  test('the first visit is light: at most 300 kB and 20 requests', async () => {
    const context = await stage.context({ signedIn: false });
    const { page, complaints } = await stage.page(context);
    const wire = await context.newCDPSession(page);
    await wire.send('Network.enable');
    const seen: { url: string; bytes: number }[] = [];
    const urls = new Map<string, string>();
    wire.on('Network.responseReceived', ({ requestId, response }) => urls.set(requestId, response.url));
    wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
      seen.push({ url: urls.get(requestId) ?? '', bytes: encodedDataLength }),
    );
    await page.goto('/sign-in');
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    await page.waitForLoadState('networkidle');
    const story = seen.map((one) => `${one.bytes} ${new URL(one.url).pathname}`).join('\n');
    expect(seen.length, story).toBeGreaterThan(2);
    expect(seen.length, story).toBeLessThanOrEqual(20);
    expect(
      seen.reduce((sum, one) => sum + one.bytes, 0),
      story,
    ).toBeLessThanOrEqual(300_000);
    expect(seen.every((one) => one.url.startsWith(stage.product.url))).toBe(true);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
