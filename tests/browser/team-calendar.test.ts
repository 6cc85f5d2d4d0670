import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { patience, Stage } from './stage.ts';

/** Calendars side by side without a mouse: planned in a free place, moved in time and to a colleague, a time found for both. */
describe.skipIf(!browserPath()).sequential('calendars side by side', () => {
  let stage: Stage;
  let bo: { id: string };
  const meetings = async () =>
    (
      await stage.api.post<{ items: { subject: string; start: string; owner: { id: string }; colleagues: { id: string }[] }[] }>(
        '/api/v1/meetings/query',
        { sort: ['subject'], fields: ['subject', 'start', 'owner', 'colleagues'] },
      )
    ).body.items;
  beforeAll(async () => {
    stage = await Stage.open();
    const roles = await stage.api.post<{ items: { id: string }[] }>('/api/v1/roles/query', {
      where: { field: 'key', op: 'eq', value: 'salesRep' },
    });
    bo = await stage.create('users', { name: 'Bo Berg', roles: roles.body.items.map(({ id }) => id) });
  });
  afterAll(() => stage.close());

  test('are planned in and moved by keys', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/calendar?day=2030-01-14');
    await page.getByRole('button', { name: '1 person' }).press('Enter');
    await page
      .getByRole('combobox', { name: 'Add a colleague' })
      .or(page.getByRole('textbox', { name: 'Add a colleague' }))
      .or(page.getByRole('button', { name: 'Add a colleague' }))
      .first()
      .press('Enter');
    await page.keyboard.type('Bo B');
    await page.getByRole('option', { name: 'Bo Berg' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '2 people' }).waitFor();
    await page.keyboard.press('Escape');
    const grid = page.getByRole('group', { name: 'Calendars side by side' });
    await grid.getByText('Bo Berg').waitFor();
    await grid.focus();
    // From nine to ten, to the colleague beside.
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    await grid.getByText(/^Bo Berg, Monday,? 14 January 2030, 10:00/).waitFor({ state: 'attached' });
    await page.keyboard.press('Enter');
    const form = page.getByRole('dialog');
    await form.getByRole('textbox', { name: 'Subject' }).fill('Show the loom');
    await page.keyboard.press('Control+Enter');
    const both = grid.getByRole('link', { name: /^Show the loom/ });
    await expect.poll(() => both.count(), { timeout: patience }).toBe(2);
    const [made] = await meetings();
    expect(made).toMatchObject({ start: '2030-01-14T09:00:00.000Z', colleagues: [{ id: bo.id }] });
    // A quarter of an hour later, with the focus still on it.
    await both.first().focus();
    await page.keyboard.press('Alt+ArrowDown');
    await page.getByText(/^Show the loom moved to/).waitFor();
    await expect.poll(async () => (await meetings())[0]?.start, { timeout: patience }).toBe('2030-01-14T09:15:00.000Z');
    await both.first().and(page.locator(':focus')).waitFor();
    // Given to the colleague, who took part already; Undo takes it back.
    await page.keyboard.press('Alt+ArrowRight');
    await page.getByText(/^Show the loom is now with Bo Berg/).waitFor();
    expect((await meetings())[0]).toMatchObject({ owner: { id: bo.id }, colleagues: null });
    await page.keyboard.press('Control+z');
    await expect.poll(() => both.count(), { timeout: patience }).toBe(2);
    expect((await meetings())[0]).toMatchObject({ colleagues: [{ id: bo.id }] });
    // A time for both: ten to a quarter past eleven is taken.
    await page.getByRole('button', { name: 'Find a time' }).press('Enter');
    const found = page.getByRole('dialog', { name: 'Find a time' });
    await found.getByRole('button', { name: /11:15/ }).first().press('Enter');
    await form.getByRole('textbox', { name: 'Subject' }).fill('Talk about it');
    await page.keyboard.press('Control+Enter');
    await grid
      .getByRole('link', { name: /^Talk about it/ })
      .first()
      .waitFor();
    expect((await meetings())[1]).toMatchObject({ start: '2030-01-14T10:15:00.000Z', colleagues: [{ id: bo.id }] });
    // The week has a row a person.
    await page.getByRole('button', { name: 'Week' }).press('Enter');
    await grid.getByText(/^Tue/).first().waitFor();
    await expect.poll(() => both.count(), { timeout: patience }).toBe(2);
    await both.first().focus();
    await both.first().press('Alt+ArrowRight');
    await expect.poll(async () => (await meetings())[0]?.start, { timeout: patience }).toBe('2030-01-15T09:15:00.000Z');
    expect(complaints).toEqual([]);
  });

  test('are planned in and moved by the pointer', async () => {
    const { page, complaints } = await stage.page();
    await stage.create('meetings', { subject: 'Carry the loom', start: '2030-01-22T10:00:00Z' });
    await page.goto('/calendar?day=2030-01-22');
    const grid = page.getByRole('group', { name: 'Calendars side by side' });
    const link = grid.getByRole('link', { name: /^Carry the loom/ });
    const [from, head] = [await link.boundingBox(), await grid.getByText('Bo Berg').boundingBox()];
    if (!from || !head) throw new Error('nothing is drawn');
    await page.mouse.move(from.x + 20, from.y + 8);
    await page.mouse.down();
    await page.mouse.move(head.x, from.y + 8, { steps: 8 });
    await page.mouse.up();
    await page.getByText(/^Carry the loom is now with Bo Berg/).waitFor();
    await expect
      .poll(async () => (await meetings()).find(({ subject }) => subject === 'Carry the loom'), { timeout: patience })
      .toMatchObject({
        owner: { id: bo.id },
        start: '2030-01-22T10:00:00.000Z',
      });
    // A press where nothing is plans a meeting there: with the first of the two, three hours later.
    await page.mouse.click(from.x + 20, from.y + 12 + 3 * 56);
    const form = page.getByRole('dialog');
    await form.getByRole('textbox', { name: 'Subject' }).fill('Unpack it');
    await page.keyboard.press('Control+Enter');
    await grid.getByRole('link', { name: /^Unpack it/ }).waitFor();
    expect((await meetings()).find(({ subject }) => subject === 'Unpack it')).toMatchObject({
      start: '2030-01-22T13:00:00.000Z',
      colleagues: null,
    });
    expect(complaints).toEqual([]);
  });

  test('stand in the calendar of meetings with calendars that are followed, and have hours of work', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/settings/calendars');
    const monday = page.getByRole('group', { name: 'My working hours' }).getByLabel('Monday');
    await monday.fill('9 to 5');
    await monday.press('Enter');
    await page.getByText('Write hours such as').waitFor();
    await monday.fill('8-12');
    await monday.press('Enter');
    await page.getByText('Your working hours are saved.').waitFor();
    expect((await stage.api.get<{ hours: object }>('/api/v1/working-hours')).body.hours).toMatchObject({ '1': [['08:00', '12:00']] });
    // The company's are put back by the key that takes back everything else.
    const company = page.getByRole('group', { name: 'The company’s working hours' }).getByLabel('Monday');
    const before = await company.inputValue();
    await company.fill('10-16');
    await company.press('Enter');
    await page.getByText('The company’s working hours are saved.').waitFor();
    await company.blur();
    await page.keyboard.press('Control+z');
    await expect.poll(() => company.inputValue()).toBe(before);
    expect((await stage.api.get<{ company: object | null }>('/api/v1/working-hours')).body.company).toBe(null);
    const today = new Date().toISOString().slice(0, 10);
    const dentist = {
      source: bo.id,
      calendar: 'Home',
      title: 'Dentist',
      start: `${today}T09:00:00Z`,
      end: `${today}T10:00:00Z`,
      allDay: false,
      busy: true,
    };
    await page.route('**/api/v1/calendar/events?*', (route) => route.fulfill({ json: { items: [dentist] } }));
    await page.goto('/o/meetings?layout=calendar&date=start');
    await page.getByRole('button', { name: 'Week' }).press('Enter');
    const link = page.getByRole('link', { name: 'Dentist · Home' });
    await link.waitFor();
    expect(await link.getAttribute('href')).toBe('/settings/calendars');
    await page.getByRole('link', { name: 'Team', exact: true }).press('Enter');
    await page.getByRole('heading', { name: 'Team calendar', level: 1 }).waitFor();
    expect(complaints).toEqual([]);
  });
});
