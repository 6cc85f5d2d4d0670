import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { patience, Stage } from './stage.ts';

/** That it is loaded by a press, and everything then full of it, the first ten minutes show. */
describe.skipIf(!browserPath()).sequential('the sample company', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({ full: true });
  });
  afterAll(() => stage.close());

  test('is removed from the settings after own records were shown', async () => {
    const { api } = stage;
    const { page, complaints } = await stage.page();
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
    expect(complaints).toEqual([]);
  }, 120_000);
});
