import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { patience, Stage } from './stage.ts';

/** The forms of steps and of what starts a flow, filled in by key alone beside the list of steps; and a step that is moved by mouse. */
describe.skipIf(!browserPath()).sequential('the forms of a flow', () => {
  let stage: Stage;
  let page: Page;
  let complaints: string[];
  let steps: Locator;
  beforeAll(async () => {
    stage = await Stage.open();
    await stage.create('parties', { name: 'Harbour Textiles', kind: 'organisation', emails: ['post@harbour.example'] });
    ({ page, complaints } = await stage.page());
    steps = page.getByRole('list', { name: 'Steps' });
  }, 120_000);
  afterAll(() => stage.close());

  const key = async (at: Locator, name: string): Promise<void> => {
    await at.focus();
    await page.keyboard.press(name);
  };
  /** Types into a control in place of what stands there. */
  const type = async (at: Locator, text: string): Promise<void> => {
    await key(at, 'Control+a');
    if (text === '') await page.keyboard.press('Delete');
    else await page.keyboard.type(text);
  };
  /** Chooses from a list that is searched by typing. */
  const choose = async (at: Locator, text: string): Promise<void> => {
    await key(at, 'ArrowDown');
    await page.keyboard.press('Control+a');
    await page.keyboard.type(text);
    await page.getByRole('option', { name: text, exact: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
  };
  /** Chooses the so many-eth further of a short list. */
  const further = async (at: Locator, by: number): Promise<void> => {
    await key(at, 'ArrowDown');
    await page.getByRole('option').filter({ visible: true }).first().waitFor();
    for (let n = 0; n < by; n++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
  };
  /** Chooses from a list of the browser's own. */
  const pick = async (at: Locator, text: string): Promise<void> => {
    await at.focus();
    await page.keyboard.press('Home');
    for (;;) {
      if ((await at.locator('option:checked').textContent()) === text) return;
      await page.keyboard.press('ArrowDown');
    }
  };
  const add = async (at: string, kind: string): Promise<void> => {
    await key(steps.getByRole('button', { name: at }), 'Enter');
    await page.getByRole('menuitem', { name: kind }).waitFor();
    await key(page.getByRole('menuitem', { name: kind }), 'Enter');
  };
  const panel = (name: string): Locator => page.getByRole('complementary', { name });
  const faulty = (at: Locator): Promise<void> => expect.poll(() => at.getAttribute('aria-invalid'), { timeout: patience }).toBe('true');
  const sound = (): Promise<void> =>
    expect
      .poll(() => page.getByRole('button', { name: /^(Switch on|Switch on as drawn now)$/ }).isDisabled(), { timeout: patience })
      .toBe(false);
  const drawing = async (id: string) => (await stage.api.get<{ definition: unknown }>(`/api/v1/flows/${id}`)).body.definition;
  /** A flow of customers, opened at its drawing. */
  const open = async (name: string): Promise<string> => {
    const { id } = await stage.create('flows', {
      name,
      definition: { object: 'party', trigger: { on: 'change', deeds: ['created'] }, start: null, steps: {} },
    });
    await page.goto(`/settings/flows/${id}`);
    await steps.waitFor();
    return id;
  };
  const save = async (name: string): Promise<void> => {
    await key(page.getByRole('button', { name: 'Save', exact: true }), 'Enter');
    await page.getByText(`Saved ${name}`).waitFor();
  };
  const switchOn = async (name: string): Promise<void> => {
    await key(page.getByRole('button', { name: 'Switch on', exact: true }), 'Enter');
    await key(page.getByRole('dialog').getByRole('button', { name: 'Switch on' }), 'Enter');
    await page.getByText(`${name} is on`).waitFor();
  };
  const trigger = async (on: string): Promise<Locator> => {
    await key(steps.getByRole('button').first(), 'Enter');
    const form = panel('Starts');
    await pick(form.getByRole('combobox', { name: 'Starts' }), on);
    return form;
  };

  test('related records are gone through, and each is waited for until a condition holds', { timeout: 4 * patience }, async () => {
    const id = await open('Through tasks');
    await add('Add the first step', 'For each related record');
    const loop = panel('For each related record');
    const over = loop.getByRole('combobox', { name: 'Which related records' });
    await faulty(over);
    await choose(over, 'Tasks');
    await loop.getByText('Nothing happens to the related records yet.').waitFor();
    await add('Add a step at “each” of For each related record', 'Wait');
    const wait = panel('Wait');
    await further(wait.getByRole('combobox', { name: 'How it waits' }), 2);
    await wait.getByText('Which condition?').waitFor();
    await key(wait.getByRole('button', { name: /^What it waits for/ }), 'Enter');
    await page.locator('input[aria-label="Field"]:focus').waitFor();
    await page.keyboard.type('Status');
    await page.keyboard.press('Enter');
    await further(wait.getByRole('combobox', { name: 'Value' }), 1);
    await key(wait.getByRole('button', { name: 'Done', exact: true }), 'Enter');
    await key(wait.getByRole('button', { name: 'Set a latest moment' }), 'Enter');
    const span = wait.getByRole('textbox', { name: 'Goes on in any case after' });
    await type(span, '5');
    await add('Add a step at “not in time” of Wait', 'Set fields');
    const set = panel('Set fields');
    await choose(set.getByRole('combobox', { name: 'Add a field' }), 'Subject');
    await type(set.getByRole('textbox', { name: 'Subject' }), 'Too late');
    await sound();
    await steps.getByText('Until Status is one of Done').waitFor();
    await page.locator('.react-flow__node-step').getByText('Until Status is one of Done').waitFor();
    await save('Through tasks');
    expect(await drawing(id)).toMatchObject({
      start: 'loop1',
      steps: {
        loop1: { do: 'loop', over: 'tasks', each: 'wait1' },
        wait1: { do: 'wait', when: { field: 'status' }, timeout: { after: { days: 5 }, next: 'set1' } },
        set1: { do: 'set', values: { subject: { value: 'Too late' } } },
      },
    });
    expect(complaints).toEqual([]);
  });

  test('another program is called at an address that is one', { timeout: 3 * patience }, async () => {
    const id = await open('Tell the warehouse');
    await add('Add the first step', 'Call another program');
    const hook = panel('Call another program');
    const url = hook.getByRole('textbox', { name: 'Address' });
    await faulty(url);
    await type(url, 'https://warehouse.example/in');
    await type(hook.getByRole('textbox', { name: 'Name in what is sent' }), 'customer');
    await key(hook.getByRole('button', { name: 'Add', exact: true }), 'Enter');
    await choose(hook.getByRole('combobox', { name: 'Field to copy' }), 'City');
    await sound();
    await key(hook.getByRole('button', { name: 'Make a secret' }), 'Enter');
    await hook.getByText(/^whsec_/).waitFor();
    await save('Tell the warehouse');
    expect(await drawing(id)).toMatchObject({
      steps: { webhook1: { do: 'webhook', url: 'https://warehouse.example/in', body: { customer: { field: 'city' } } } },
    });
    expect(complaints).toEqual([]);
  });

  test('a time of the week starts it', { timeout: 3 * patience }, async () => {
    const id = await open('On Mondays');
    await add('Add the first step', 'Wait');
    const form = await trigger('At a time');
    await pick(form.getByRole('combobox', { name: 'How often' }), 'Every week');
    await pick(form.getByRole('combobox', { name: 'On which day' }), 'Tuesday');
    const at = form.getByLabel('Time, in the company’s zone');
    await at.focus();
    await page.keyboard.press('Delete');
    await faulty(at);
    await page.keyboard.type('0930');
    await sound();
    await save('On Mondays');
    expect(await drawing(id)).toMatchObject({ trigger: { on: 'schedule', every: 'week', day: 2, at: '09:30' } });
    await switchOn('On Mondays');
    await key(page.getByRole('button', { name: 'Switch off' }), 'Enter');
    await key(page.getByRole('dialog').getByRole('button', { name: 'Switch off' }), 'Enter');
    await page.getByText('On Mondays is off').waitFor();
    expect(complaints).toEqual([]);
  });

  test('what another program posts to its address runs', { timeout: 4 * patience }, async () => {
    const id = await open('From the shop');
    const form = await trigger('When another program calls');
    await pick(form.getByRole('combobox', { name: 'How the record is found' }), 'By an e-mail address');
    const path = form.getByRole('textbox', { name: 'Where that stands in what is posted' });
    await type(path, '');
    await faulty(path);
    await type(path, 'buyer.mail');
    await choose(form.getByRole('combobox', { name: 'Add a field' }), 'City');
    const city = form.getByRole('textbox', { name: 'City' });
    await type(city, '');
    await faulty(city);
    await type(city, 'buyer.town');
    await add('Add the first step', 'Set fields');
    const set = panel('Set fields');
    await choose(set.getByRole('combobox', { name: 'Add a field' }), 'Description');
    await type(set.getByRole('textbox', { name: 'Description' }), 'Bought in the shop');
    await sound();
    await save('From the shop');
    expect(await drawing(id)).toMatchObject({
      trigger: { on: 'inbound', match: { by: 'email', path: 'buyer.mail' }, fields: { city: 'buyer.town' } },
    });
    await switchOn('From the shop');
    await key(steps.getByRole('button').first(), 'Enter');
    await key(panel('Starts').getByRole('button', { name: 'Make an address' }), 'Enter');
    const address = (await panel('Starts').locator('code').textContent()) ?? '';
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ buyer: { mail: 'post@harbour.example', town: 'Bremen' } }),
    });
    expect(answer.status).toBe(202);
    await key(page.getByRole('tab', { name: 'Drawing' }), 'ArrowRight');
    const run = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'Harbour Textiles' }) });
    await run.getByText('Done', { exact: true }).waitFor();
    const { body } = await stage.api.post<{ items: { city: string; description: string }[] }>('/api/v1/parties/query', {
      where: { field: 'name', op: 'eq', value: 'Harbour Textiles' },
      fields: ['city', 'description'],
    });
    expect(body.items).toMatchObject([{ city: 'Bremen', description: 'Bought in the shop' }]);
    expect(complaints).toEqual([]);
  });

  test('it is started by hand from a record and from what is selected', { timeout: 4 * patience }, async () => {
    const id = await open('Thank them');
    await trigger('By hand');
    await add('Add the first step', 'Set fields');
    const set = panel('Set fields');
    await choose(set.getByRole('combobox', { name: 'Add a field' }), 'Description');
    await type(set.getByRole('textbox', { name: 'Description' }), 'Thanked');
    await sound();
    await save('Thank them');
    expect(await drawing(id)).toMatchObject({ trigger: { on: 'hand' } });
    await switchOn('Thank them');
    const { id: other } = await stage.create('parties', { name: 'Lock and Key', kind: 'organisation' });
    await page.goto(`/o/parties/${other}`);
    await key(page.getByRole('button', { name: 'More acts' }), 'Enter');
    await key(page.getByRole('menuitem', { name: 'Start Thank them' }), 'Enter');
    await page.getByText('Thank them started for 1 record').waitFor();
    await page.goto('/o/parties');
    await key(page.getByRole('checkbox', { name: 'Select Harbour Textiles' }), 'Space');
    await key(page.getByRole('button', { name: 'Start Thank them' }), 'Enter');
    await page.getByText('Thank them started for 1 record').waitFor();
    await page.goto(`/settings/flows/${id}`);
    await key(page.getByRole('tab', { name: 'Drawing' }), 'ArrowRight');
    for (const name of ['Harbour Textiles', 'Lock and Key'])
      await page
        .getByRole('listitem')
        .filter({ has: page.getByRole('link', { name }) })
        .getByText('Done', { exact: true })
        .waitFor();
    expect(complaints).toEqual([]);
  });

  test('a step that is dragged stays where it was put', { timeout: 3 * patience }, async () => {
    const id = await open('Moved about');
    await add('Add the first step', 'Wait');
    await key(panel('Wait').getByRole('button', { name: 'Close' }), 'Enter');
    const node = page.locator('.react-flow__node-step');
    const placed = async (): Promise<{ x: number; y: number }> => {
      const { width, height, ...at } = (await node.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
      return { x: at.x + width / 2, y: at.y + height / 2 };
    };
    // The canvas makes room for itself first.
    let from = await placed();
    await expect
      .poll(async () => {
        const before = from;
        from = await placed();
        return Math.hypot(from.x - before.x, from.y - before.y) < 1;
      })
      .toBe(true);
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x + 60, from.y + 40, { steps: 4 });
    await page.mouse.move(from.x + 120, from.y + 90, { steps: 4 });
    await page.mouse.up();
    await save('Moved about');
    const { layout } = (await drawing(id)) as { layout: Record<string, { x: number; y: number }> };
    const { wait1 } = layout;
    expect(wait1).toBeDefined();
    await page.reload();
    await node.waitFor();
    expect(await node.evaluate((element) => (element as HTMLElement).style.transform)).toBe(`translate(${wait1?.x}px, ${wait1?.y}px)`);
    await key(page.getByRole('button', { name: 'Tidy up' }), 'Enter');
    await expect
      .poll(() => node.evaluate((element) => (element as HTMLElement).style.transform))
      .not.toBe(`translate(${wait1?.x}px, ${wait1?.y}px)`);
    expect(complaints).toEqual([]);
  });
});
