import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { Api } from '../harness/product.ts';
import { admin, patience, Stage, type Watched } from './stage.ts';

describe.skipIf(!browserPath()).sequential('the sample company', () => {
  let stage: Stage;
  let first: Watched;
  beforeAll(async () => {
    stage = await Stage.open({ fresh: true });
  });
  afterAll(() => stage.close());

  test('is loaded from the first run, and the lists are full of it', async () => {
    first = await stage.page(await stage.context({ signedIn: false }));
    const { page } = first;
    await page.goto('/');
    await page.getByLabel('Company').fill('Ardea Coffee Machines');
    await page.getByLabel('Name', { exact: true }).fill(admin.name);
    await page.getByLabel('E-mail').fill(admin.email);
    await page.getByLabel('Password', { exact: true }).fill(admin.password);
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.getByRole('button', { name: /Look around with a sample company/ }).click();
    // There is something to count now: the day begins with it.
    await page.getByRole('heading', { name: 'Sales', exact: true }).waitFor({ timeout: 60_000 });
    await page.getByRole('navigation').getByText('Sample company').waitFor();
    await page.getByRole('navigation').getByRole('link', { name: 'Customers', exact: true }).click();
    await page.getByRole('heading', { name: 'Customers', exact: true }).waitFor();
    await page.getByRole('grid').getByText('Adler').first().waitFor();
  });

  test('is removed from the settings after own records were shown', async () => {
    const { page } = first;
    const signedIn = await new Api(stage.product.url).post('/api/v1/session', { email: admin.email, password: admin.password });
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const api = new Api(stage.product.url, { cookie, origin: stage.product.url });
    const found = await api.get<{ items: { id: string }[] }>('/api/v1/search?q=nordlicht hotels&objects=party');
    const id = found.body.items[0]?.id ?? '';
    expect((await api.post('/api/v1/notes', { subject: 'Really ours', party: id })).status).toBe(201);
    await page.goto(`/o/parties/${id}`);
    await page.getByRole('heading', { name: 'Nordlicht Hotels AG' }).waitFor();
    await page.getByRole('navigation').getByText('Sample company').click();
    await page.getByRole('button', { name: 'Remove the sample company' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/Really ours/).waitFor();
    await dialog.getByRole('checkbox', { name: 'Keep: Notes' }).uncheck();
    await dialog.getByRole('button', { name: /^Remove [\d,]+ records$/ }).click();
    await page.getByRole('button', { name: 'Look around with a sample company' }).waitFor({ timeout: patience * 2 });
    expect(await page.getByRole('navigation').getByText('Sample company').count()).toBe(0);
    expect((await api.get<{ items: unknown[] }>('/api/v1/parties')).body.items).toEqual([]);
    expect(first.complaints).toEqual([]);
  }, 120_000);
});
