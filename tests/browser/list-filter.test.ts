import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { Stage } from './stage.ts';

describe.skipIf(!browserPath()).sequential('the filter of a list', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
    const hamburg = await stage.create('parties', { name: 'Harbour Cranes', kind: 'organisation', addresses: [{ city: 'Hamburg' }] });
    const bremen = await stage.create('parties', { name: 'Roland Mills', kind: 'organisation', addresses: [{ city: 'Bremen' }] });
    for (const [name, customer] of [
      ['Deal one', hamburg],
      ['Deal two', hamburg],
      ['Deal three', bremen],
    ] as const)
      await stage.create('opportunities', { name, customer: customer.id });
  });
  afterAll(() => stage.close());

  test('follows references: customer city, by keyboard', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/opportunities');
    const grid = page.getByRole('grid');
    await grid.getByText('Deal three').waitFor();
    await page.keyboard.press('f');
    const picker = page.getByRole('textbox', { name: 'Field' });
    await picker.and(page.locator(':focus')).waitFor();
    // Through the reference step by step: → goes on, ← comes back.
    await page.keyboard.type('customer');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('button', { name: 'Addresses', exact: true }).waitFor();
    await page.keyboard.press('ArrowLeft');
    // And by its words, or by how they begin.
    await page.keyboard.type('customer addr city');
    await page.getByRole('button', { name: 'Customer › Addresses › City' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Value' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type('hamb');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Customer › Addresses › City contains hamb/i }).waitFor();
    await grid.getByText('Deal three').waitFor({ state: 'detached' });
    await grid.getByText('Deal one').waitFor();
    expect(complaints).toEqual([]);
  });

  test('counts what belongs to a record, and joins conditions by or', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/o/parties');
    const grid = page.getByRole('grid');
    await grid.getByText('Roland Mills').waitFor();
    await page.keyboard.press('f');
    await page.getByRole('textbox', { name: 'Field' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type('opportun');
    await page.keyboard.press('Enter');
    const number = page.getByRole('textbox', { name: 'Value' });
    await number.and(page.locator(':focus')).waitFor();
    await number.fill('2');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Opportunities: at least 2' }).waitFor();
    await grid.getByText('Roland Mills').waitFor({ state: 'detached' });
    await grid.getByText('Harbour Cranes').waitFor();

    const either = {
      all: [
        {
          any: [
            { field: 'name', op: 'contains', value: 'harbour' },
            { field: 'name', op: 'contains', value: 'roland' },
          ],
        },
      ],
    };
    await page.goto(`/o/parties?where=${encodeURIComponent(JSON.stringify(either))}`);
    const chip = page.getByRole('button', { name: 'Name contains harbour or Name contains roland' });
    await chip.waitFor();
    await grid.getByText('Roland Mills').waitFor();
    await chip.focus();
    await page.keyboard.press('Enter');
    const builder = page.getByRole('group', { name: 'Several conditions' });
    await builder.waitFor();
    await builder.getByRole('button', { name: 'Remove the filter on Name' }).last().focus();
    await page.keyboard.press('Enter');
    await grid.getByText('Roland Mills').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Done' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Name contains harbour', exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });
});
