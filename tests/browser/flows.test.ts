import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { patience, Stage } from './stage.ts';

/** An administrator draws a flow, tries it, switches it on and sees what it does. */
describe.skipIf(!browserPath()).sequential('flows in the browser', () => {
  let stage: Stage;
  let page: Page;
  let complaints: string[];
  let steps: Locator;
  let party: string;
  beforeAll(async () => {
    stage = await Stage.open();
    party = (await stage.create('parties', { name: 'Harbour Textiles', kind: 'organisation' })).id;
    await stage.create('opportunities', { name: 'Looms for hall 2', customer: party });
    ({ page, complaints } = await stage.page());
    steps = page.getByRole('list', { name: 'Steps' });
  }, 120_000);
  afterAll(() => stage.close());

  const add = async (at: string, kind: string): Promise<void> => {
    await steps.getByRole('button', { name: at }).click();
    await page.getByRole('menuitem', { name: kind }).click();
  };
  const panel = (name: string): Locator => page.getByRole('complementary', { name });

  test('is drawn step by step, with what is wrong at its step', { timeout: 3 * patience }, async () => {
    await page.goto('/settings');
    await page.getByRole('link', { name: 'Automations' }).click();
    await page.getByRole('button', { name: 'New automation' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('First contact');
    await dialog.getByRole('combobox', { name: 'Kind of record' }).click();
    await page.getByRole('option', { name: 'Opportunity', exact: true }).click();
    await dialog.getByRole('button', { name: 'Create automation' }).click();

    await add('Add the first step', 'Set fields');
    await steps.getByText('Nothing is set.').waitFor();
    expect(await page.getByRole('button', { name: 'Try it' }).isDisabled()).toBe(true);
    const set = panel('Set fields');
    await set.getByRole('combobox', { name: 'Add a field' }).click();
    await page.getByRole('option', { name: 'Next step', exact: true }).click();
    await set.getByRole('textbox', { name: 'Next step' }).fill('Call them');
    await steps.getByText('Nothing is set.').waitFor({ state: 'detached' });
    await add('Add a step after Set fields', 'Wait');
    await add('Add a step after Wait', 'Notify');
    const notify = panel('Notify');
    await notify.getByLabel('Text', { exact: true }).fill('Have you called?');
    await steps.getByText('Who?').waitFor();
    await notify.getByRole('combobox', { name: 'Or whoever stands in a field' }).click();
    await page.getByRole('option', { name: 'Owner', exact: true }).click();
    await steps.getByText('Who?').waitFor({ state: 'detached' });
  });

  test('its strokes are taken back and done again by key, and the canvas shows the same', { timeout: 3 * patience }, async () => {
    const nodes = page.locator('.react-flow__node-step');
    await expect.poll(() => nodes.count()).toBe(3);
    await nodes.nth(1).focus();
    await page.keyboard.press('Enter');
    await panel('Wait').waitFor();
    await nodes.nth(1).focus();
    await page.keyboard.press('Delete');
    await expect.poll(() => nodes.count()).toBe(2);
    await page.keyboard.press('Control+z');
    await expect.poll(() => nodes.count()).toBe(3);
    await page.keyboard.press('Control+Shift+z');
    await expect.poll(() => nodes.count()).toBe(2);
    await page.getByRole('button', { name: 'Undo', exact: true }).first().click();
    await expect.poll(() => nodes.count()).toBe(3);
  });

  test('is tried, switched on, and its run is seen', { timeout: 4 * patience }, async () => {
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved First contact').waitFor();
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByRole('button', { name: 'Try now' }).click();
    const tried = page.getByRole('region', { name: 'What would have happened' });
    await tried.getByText('Would have started for 1 record').waitFor();
    await tried.getByText('Looms for hall 2').click();
    await tried.getByText('Call them').waitFor();
    await steps.getByText('1 times').first().waitFor();

    await page.getByRole('button', { name: 'Switch on', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch on' }).click();
    await page.getByText('First contact is on').waitFor();
    const { id } = await stage.create('opportunities', { name: 'Spindles', customer: party });
    await page.getByRole('tab', { name: 'Runs' }).click();
    await page.getByRole('link', { name: 'Spindles' }).waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Spindles' }).getByText('Waiting').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Spindles' }).getByRole('button', { name: 'Steps' }).click();
    await page.getByText('done', { exact: true }).first().waitFor();
    const { body } = await stage.api.get<{ nextStep: string }>(`/api/v1/opportunities/${id}`);
    expect(body.nextStep).toBe('Call them');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('listitem').filter({ hasText: 'Spindles' }).getByText('Stopped').waitFor();

    // What is drawn on is saved beside what runs, and replaces it when it is switched on anew.
    await page.getByRole('tab', { name: 'Drawing' }).click();
    await steps.getByRole('button', { name: 'Remove Wait' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('On, edited since').waitFor();
    await page.getByRole('button', { name: 'Switch on as drawn now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch on' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await stage.create('opportunities', { name: 'Bobbins', customer: party });
    await page.getByRole('tab', { name: 'Runs' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Bobbins' }).getByText('Done').waitFor();
    expect(complaints).toEqual([]);
  });

  test('what it asks is decided on a page of its own', { timeout: 3 * patience }, async () => {
    const { body: me } = await stage.api.get<{ user: { id: string } }>('/api/v1/session');
    const { id } = await stage.create('flows', {
      name: 'Big deals',
      definition: {
        object: 'opportunity',
        trigger: { on: 'change', deeds: ['created'] },
        start: 'ask',
        steps: { ask: { do: 'approve', by: { users: [me.user.id] }, text: 'Offer {{name}}?' } },
      },
    });
    await stage.api.post(`/api/v1/flows/${id}/activate`, {});
    await stage.create('opportunities', { name: 'Carding machines', customer: party });
    await expect
      .poll(async () => (await stage.api.get<{ items: unknown[] }>('/api/v1/approvals')).body.items.length, { timeout: patience })
      .toBe(1);
    await page.goto('/approvals');
    await page.getByText('Offer Carding machines?').waitFor();
    await page.getByRole('button', { name: 'Add a comment on Carding machines' }).click();
    await page.getByLabel('Comment', { exact: true }).fill('Go ahead');
    await page.getByRole('button', { name: 'Approve Carding machines' }).click();
    await page.getByText('Nothing waits for you.').waitFor();
    expect(complaints).toEqual([]);
  });
});
