import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { patience, Stage } from './stage.ts';

/** What is at hand on every page: the palette, the keys, quick capture, notices. */
describe.skipIf(!browserPath()).sequential('the frame', () => {
  let stage: Stage;
  let party: { id: string };
  beforeAll(async () => {
    stage = await Stage.open();
    party = await stage.create('parties', { name: 'Harbour Textiles' });
    await stage.create('parties', { name: 'Marble Works' });
  });
  afterAll(() => stage.close());

  /** Presses keys and counts them. */
  const counting = (page: Page) => {
    let strokes = 0;
    return {
      press: async (key: string) => {
        strokes++;
        await page.keyboard.press(key);
      },
      type: (text: string) => page.keyboard.type(text),
      get strokes() {
        return strokes;
      },
    };
  };
  const focused = (page: Page, role: 'textbox' | 'combobox', name: string) =>
    page.getByRole(role, { name }).and(page.locator(':focus')).waitFor();

  test('a note, a call, a task, a promise and a fact are written down with two keys and the words', async () => {
    const { page, complaints } = await stage.page();
    await page.goto(`/o/parties/${party.id}`);
    await page.getByRole('heading', { name: 'Harbour Textiles', level: 1 }).waitFor();
    const kinds = [
      { key: 'n', what: 'What is worth knowing', words: 'Prefers calls before nine', done: 'Noted for Harbour Textiles.' },
      { key: 'l', what: 'What was said', words: 'Asked for the new price list', done: 'The call with Harbour Textiles is logged.' },
      { key: 't', what: 'What is to be done', words: 'Send the price list', done: 'The task is noted.' },
      { key: 'p', what: 'What was promised', words: 'Delivery by Friday', done: 'The promise to Harbour Textiles is noted.' },
      { key: 'w', what: 'What is known', words: 'No visits until 12 March 2031', done: 'What is known about Harbour Textiles is noted.' },
    ];
    for (const { key, what, words, done } of kinds) {
      const keys = counting(page);
      await keys.press(key);
      await focused(page, 'textbox', what);
      await keys.type(words);
      await keys.press('Enter');
      await page.getByText(done).waitFor();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(keys.strokes).toBe(2);
    }
    const { body } = await stage.api.get<{ items: { subject: string; kind: string; party: { id: string } }[] }>(
      '/api/v1/tasks?sort=createdAt',
    );
    expect(body.items.map((task) => [task.subject, task.kind, task.party.id])).toEqual([
      ['Send the price list', 'task', party.id],
      ['Delivery by Friday', 'promise', party.id],
    ]);
    await page.getByText('Prefers calls before nine').first().waitFor();
    // Until when a fact holds was read from its words.
    const facts = await stage.api.get<{ items: Record<string, unknown>[] }>('/api/v1/facts?fields=text,kind,expiresOn,author');
    expect(facts.body.items).toMatchObject([
      { text: 'No visits until 12 March 2031', kind: 'preference', expiresOn: '2031-03-12', author: { name: 'Ada Admin' } },
    ]);

    // Closed by mistake, the words are there again.
    await page.keyboard.press('n');
    await focused(page, 'textbox', 'What is worth knowing');
    await page.keyboard.type('Half a thought');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('n');
    await focused(page, 'textbox', 'What is worth knowing');
    expect(await page.getByRole('textbox', { name: 'What is worth knowing' }).inputValue()).toBe('Half a thought');
    await page.keyboard.press('Enter');
    await page.getByText('Half a thought').first().waitFor();
    expect(complaints).toEqual([]);
  });

  test('the palette finds, goes and makes', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/parties');
    await page.getByRole('grid').getByText('Marble Works').waitFor();
    const palette = async (typed: string): Promise<void> => {
      await page.keyboard.press('Control+k');
      await focused(page, 'combobox', 'Search');
      await page.keyboard.type(typed);
    };
    await palette('marb');
    await page.getByRole('option', { name: /Marble Works/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Marble Works', level: 1 }).waitFor();
    await palette('opportunities');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Opportunities', level: 1 }).waitFor();
    await palette('exchange r');
    await page.getByRole('option', { name: /Exchange rates/, selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Exchange rates', level: 1 }).waitFor();
    await palette('backu');
    await page.getByRole('option', { name: /Backups.*Settings/, selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Backups', level: 1 }).waitFor();
    await palette('new case');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'New case' }).waitFor();
    await page.keyboard.press('Escape');

    await page.keyboard.press('Shift+?');
    await page.getByRole('dialog', { name: 'Keyboard' }).getByText('Write a note').waitFor();
    expect(complaints).toEqual([]);
  });

  test('who is given a record is told at once, and goes to it', async () => {
    const user = await stage.create('users', { name: 'Rui Rep', email: 'rui@example.org', roles: [] });
    const roles = await stage.api.get<{ items: { id: string; key: string }[] }>('/api/v1/roles?fields=key');
    const rep = roles.body.items.find((role) => role.key === 'salesRep')?.id;
    await stage.api.patch(`/api/v1/users/${user.id}`, { roles: [rep] });
    await stage.api.post(`/api/v1/users/${user.id}/password`, { password: 'correct horse battery' });
    const context = await stage.context({ signedIn: false });
    await context.request.post(`${stage.product.url}/api/v1/session`, {
      data: { email: 'rui@example.org', password: 'correct horse battery' },
      headers: { origin: stage.product.url },
    });
    const { page, complaints } = await stage.page(context);
    await page.goto('/o/tasks');
    const bell = page.getByRole('button', { name: 'Notices' });
    await bell.waitFor();
    await stage.api.patch(`/api/v1/parties/${party.id}`, { owner: user.id });
    await page.getByRole('button', { name: '1 unread notice' }).click();
    await page.getByRole('button', { name: 'Ada Admin gave you the customer Harbour Textiles.' }).click();
    await page.getByRole('heading', { name: 'Harbour Textiles', level: 1 }).waitFor();
    await expect.poll(() => bell.count(), { timeout: patience }).toBe(1);
    expect(complaints).toEqual([]);
  });
});
