import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { expectAccessible } from './axe.ts';
import { dayFromNow, patience, Stage } from './stage.ts';

/** Somebody leaves: what the successor reads, on screen and on paper, and how everything gets to them (requirement A5). */
describe.skipIf(!browserPath()).sequential('a hand-over', () => {
  let stage: Stage;
  let party: { id: string };
  let leaver: { id: string };
  const password = 'correct horse battery';
  beforeAll(async () => {
    stage = await Stage.open();
    const { body: roles } = await stage.api.get<{ items: { id: string; key: string }[] }>('/api/v1/roles?fields=key');
    const role = roles.items.find((one) => one.key === 'salesRep')?.id;
    const person = async (name: string): Promise<{ id: string }> => {
      const made = await stage.create('users', { name, email: `${name.toLowerCase()}@example.org`, roles: [role] });
      const set = await stage.api.post(`/api/v1/users/${made.id}/password`, { password });
      expect(set.status, set.text).toBe(204);
      return made;
    };
    leaver = await person('Lea');
    await person('Sam');
    party = await stage.create('parties', {
      name: 'Harbour Textiles',
      roles: ['customer'],
      lifecycleStage: 'mature',
      owner: leaver.id,
      phones: ['+49 30 1234567'],
    });
    await stage.create('parties', { name: 'Neighbour', owner: leaver.id });
    const boss = await stage.create('parties', {
      kind: 'person',
      personName: { given: 'Eva', family: 'Meyer' },
      jobTitle: 'Head of purchasing',
      emails: ['eva@harbour.example'],
    });
    await stage.create('relationships', { from: boss.id, to: party.id, type: 'employedBy', comment: 'Decides alone' });
    await stage.create('facts', {
      party: party.id,
      author: leaver.id,
      text: 'Wants calls before nine',
      source: 'Eva, by phone',
      knownSince: dayFromNow(-400),
    });
    await stage.create('facts', { party: party.id, author: leaver.id, text: 'Moves house', kind: 'habit', expiresOn: dayFromNow(-9) });
    await stage.create('tasks', {
      subject: 'Send the price list',
      kind: 'promise',
      party: party.id,
      owner: leaver.id,
      dueOn: dayFromNow(-2),
    });
    await stage.create('notes', { subject: 'How they buy', body: '<p>Two offers, <b>always</b>.</p>', party: party.id, pinned: true });
    const late = { number: '1042', customer: party.id, date: dayFromNow(-53), dueDate: dayFromNow(-23) };
    await stage.create('invoices', { ...late, total: { amount: '1280', currency: 'EUR' } });
    await stage.create('cases', { subject: 'Loom stops', customer: party.id, priority: 'urgent' });
  });
  afterAll(() => stage.close());

  test('the brief is read from the customer’s page, in one column, and printed without the frame around it', async () => {
    const { page, complaints } = await stage.page();
    await page.goto(`/o/parties/${party.id}`);
    await page.getByRole('button', { name: 'More acts' }).click();
    await page.getByRole('menuitem', { name: 'Brief', exact: true }).click();
    const text = page.getByRole('article', { name: 'Brief of Harbour Textiles' });
    await text.getByRole('heading', { name: 'Harbour Textiles', level: 1 }).waitFor();
    const section = (name: string) => text.locator('section').filter({ has: page.getByRole('heading', { name, level: 2 }) });
    expect(await section('Who is who').textContent()).toMatch(
      /Eva Meyer.*Employs · Head of purchasing.*eva@harbour\.example.*Decides alone/,
    );
    expect(await section('What we know').textContent()).toMatch(
      /Preference.*Wants calls before nine.*Eva, by phone · noted by Lea · known since .*No longer holds.*Moves house.*held until/,
    );
    expect(await section('Promised and to do').textContent()).toMatch(/Open promises.*Send the price list.*Due: /);
    expect(await section('Outstanding').textContent()).toMatch(/Unpaid invoices€1,280\.00.*1042/);
    expect(await section('Open opportunities and cases').textContent()).toMatch(/Loom stops/);
    expect(await section('Notes').locator('strong').textContent()).toBe('always');
    await expectAccessible(page);

    // Nothing is wider than the column, and on paper the navigation and the buttons are gone and the whole text is there.
    const column = await text.evaluate((element) => element.scrollWidth <= element.clientWidth);
    expect(column).toBe(true);
    await page.emulateMedia({ media: 'print' });
    await text.waitFor();
    expect(await page.getByRole('navigation').first().isVisible()).toBe(false);
    expect(await page.getByRole('button', { name: 'Print' }).isVisible()).toBe(false);
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('main, main > div, article')].some((box) => getComputedStyle(box).overflowY !== 'visible'),
    );
    expect(cut).toBe(false);
    expect(complaints).toEqual([]);
  });

  test('an administrator hands over, the successor is told, reads the brief, and it can be undone', async () => {
    const { page, complaints } = await stage.page();
    await page.goto(`/o/users/${leaver.id}`);
    await page.getByRole('button', { name: 'More acts' }).click();
    await page.getByRole('menuitem', { name: 'Customers and hand-over' }).click();
    const customers = page.getByRole('list', { name: 'Customers of Lea' });
    await customers.getByText('1 open promise').waitFor();
    expect(await customers.getByRole('listitem').count()).toBe(2);
    await page.getByText('When Lea leaves, a successor takes over: 2 customers, 1 task').waitFor();
    await page.getByRole('button', { name: 'Hand over 3 records' }).click();
    await page.getByText('Choose who takes over.').waitFor();
    const picker = page.getByRole('textbox', { name: 'Successor' }).or(page.getByRole('combobox', { name: 'Successor' }));
    await picker.first().click();
    await page.keyboard.type('Sam');
    await page.getByRole('option', { name: /Sam/ }).click();
    await page.getByRole('button', { name: 'Hand over 3 records' }).click();
    await page.getByText('3 records handed over to Sam.').waitFor();
    await page.getByText('Lea has no customers that you may see.').waitFor();

    const context = await stage.context({ signedIn: false });
    const { page: theirs, complaints: others } = await stage.page(context);
    await theirs.goto('/sign-in');
    await theirs.getByLabel('E-mail').fill('sam@example.org');
    await theirs.getByLabel('Password', { exact: true }).fill(password);
    await theirs.getByRole('button', { name: 'Sign in', exact: true }).click();
    await theirs.getByRole('button', { name: /unread/ }).click();
    await theirs.getByRole('button', { name: /handed 2 customers over to you/ }).click();
    await theirs.getByRole('list', { name: 'Customers of Sam' }).waitFor();
    await theirs.getByRole('link', { name: 'Brief of Harbour Textiles' }).click();
    const text = theirs.getByRole('article', { name: 'Brief of Harbour Textiles' });
    await text.getByText('Send the price list').waitFor();
    await text.getByText('Wants calls before nine').waitFor();

    await page.getByRole('button', { name: 'Undo' }).click();
    await customers.getByText('Harbour Textiles').waitFor({ timeout: patience });
    // Who does not look after them any more reads no more of it.
    await theirs.reload();
    await theirs.getByText('This record is not here.', { exact: false }).waitFor();
    expect([...complaints, ...others].filter((line) => !line.includes('status of 404'))).toEqual([]);
  });
});
