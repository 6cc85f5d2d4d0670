import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { admin, patience, Stage } from './stage.ts';

/** A company begins in its own language: the page, the roles and the pipeline. */
describe.skipIf(!browserPath()).sequential('set-up in another language', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({ fresh: true });
  });
  afterAll(() => stage.close());

  test('the page speaks the language that is chosen, and what it writes is called by it', async () => {
    const { page, complaints } = await stage.page(await stage.context({ signedIn: false }));
    await page.goto('/');
    await page.getByRole('heading', { name: 'Set up Perigon' }).waitFor();
    await page.getByLabel('Company').fill('Windmühle GmbH');
    await page.getByText('العربية').click();
    await page.locator('html[dir="rtl"]').waitFor();
    await page.getByText('Deutsch', { exact: true }).first().click();
    await page.locator('html[lang="de"][dir="ltr"]').waitFor();
    // What was typed is still there.
    expect(await page.getByLabel('Firma').or(page.getByLabel('Unternehmen')).first().inputValue()).toBe('Windmühle GmbH');
    await page.locator('input[autocomplete="name"]').fill(admin.name);
    await page.locator('input[type="email"]').fill(admin.email);
    await page.locator('input[autocomplete="new-password"]').fill(admin.password);
    await page.locator('button[type="submit"]').click();
    await page.locator('input[type="email"]').waitFor({ state: 'detached', timeout: patience });
    const names = async (path: string) =>
      page.evaluate(async (at) => ((await (await fetch(at)).json()) as { items: { name: string }[] }).items.map((one) => one.name), path);
    expect(await names('/api/v1/pipelines?fields=name')).toEqual(['Vertrieb']);
    expect(await names('/api/v1/stages?fields=name')).toEqual(['Erstkontakt', 'Im Gespräch', 'Angebot', 'Gewonnen', 'Verloren']);
    expect((await names('/api/v1/roles?fields=name')).sort()).toEqual([
      'Administration',
      'Nur lesen',
      'Service',
      'Vertrieb',
      'Vertriebsleitung',
    ]);
    // A board without cards teaches how to begin instead of showing its columns.
    await page.evaluate(async () => {
      const post = async (at: string, body: object): Promise<{ id: string }> =>
        (await fetch(at, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json();
      const customer = await post('/api/v1/parties', { name: 'Nordlicht Hotels AG' });
      await post('/api/v1/opportunities', { name: 'Zwei Häuser', customer: customer.id });
    });
    await page.goto('/o/opportunities?layout=board');
    await page.getByRole('region', { name: 'Im Gespräch', exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });
});
