import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { Stage } from './stage.ts';

/** A guest books by keyboard, without a script; staff make the page, and work through a call list by keys. */
describe.skipIf(!browserPath()).sequential('booking and calling', () => {
  let stage: Stage;
  const shot = process.env.PERIGON_SHOTS;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage.close());

  test('a page is made, and booked by a guest whose browser runs no script', async () => {
    const { page, complaints } = await stage.page();
    await page.goto('/settings/booking');
    await page.getByRole('button', { name: 'New booking page' }).press('Enter');
    const form = page.getByRole('dialog');
    await form.getByRole('textbox', { name: 'Title' }).fill('First talk');
    expect(await form.getByRole('textbox', { name: 'Address', exact: true }).inputValue()).toBe('first-talk');
    for (const day of ['Saturday', 'Sunday']) await form.getByLabel(day).fill('9-17');
    await form.getByLabel('Monday').fill('nine');
    await form.getByLabel('Questions').fill('What about? *');
    await page.keyboard.press('Tab');
    await form.getByRole('button', { name: 'Create booking page' }).press('Enter');
    await form.getByText('Write hours such as').waitFor();
    if (shot) await page.screenshot({ path: `${shot}/dialog.png` });
    await form.getByLabel('Monday').fill('9-12, 13-17');
    await form.getByRole('button', { name: 'Create booking page' }).press('Enter');
    await page.getByRole('link', { name: /^First talk/ }).waitFor();
    if (shot) await page.screenshot({ path: `${shot}/pages.png` });
    expect(complaints).toEqual([]);

    const guest = await stage.context({ signedIn: false, javaScriptEnabled: false });
    const seen = await guest.newPage();
    await seen.goto('/b/first-talk?zone=America/New_York');
    await seen.getByRole('heading', { name: 'First talk' }).waitFor();
    if (shot) await seen.screenshot({ path: `${shot}/choose.png`, fullPage: true });
    const slot = seen.getByRole('listitem').getByRole('link').first();
    await slot.focus();
    await seen.keyboard.press('Enter');
    await seen.getByLabel('Your name').fill('Gil Guest');
    await seen.getByLabel('Your e-mail address').fill('gil@guest');
    // Filled in by a person, it takes a moment.
    await seen.waitForTimeout(1100);
    await seen.keyboard.press('Enter');
    await seen.getByText('Look at the fields that are marked.').waitFor();
    if (shot) await seen.screenshot({ path: `${shot}/wrong.png`, fullPage: true });
    await seen.getByLabel('Your e-mail address').fill('gil@guest.example');
    await seen.getByLabel('What about?').fill('Looms');
    await seen.waitForTimeout(1100);
    await seen.getByRole('button', { name: 'Book this time' }).press('Enter');
    await seen.getByText('It is booked.').waitFor();
    if (shot) await seen.screenshot({ path: `${shot}/booked.png`, fullPage: true });
    await seen.getByRole('link', { name: 'Move' }).press('Enter');
    await seen.getByRole('listitem').getByRole('link').nth(2).press('Enter');
    await seen.waitForTimeout(1100);
    await seen.getByRole('button', { name: 'Move booking' }).press('Enter');
    await seen.getByText('It is moved.').waitFor();
    const meetings = await stage.api.post<{ items: { subject: string; party: { name: string } }[] }>('/api/v1/meetings/query', {});
    expect(meetings.body.items).toMatchObject([{ subject: 'First talk: Gil Guest', party: { name: 'Gil Guest' } }]);
    await seen.waitForTimeout(1100);
    await seen.getByRole('button', { name: 'Cancel booking' }).press('Enter');
    await seen.getByText('It is cancelled.').waitFor();
    await guest.close();
    // With a script the times are those of the guest's own clock at once.
    const other = await stage.context({ signedIn: false, timezoneId: 'Asia/Tokyo' });
    const { page: own, complaints: wrong } = await stage.page(other);
    await own.goto('/b/first-talk');
    await own.waitForURL(/zone=Asia%2FTokyo/);
    expect(wrong).toEqual([]);
    if (shot)
      for (const scheme of ['light', 'dark'] as const)
        for (const width of [1440, 390]) {
          await own.emulateMedia({ colorScheme: scheme });
          await own.setViewportSize({ width, height: 900 });
          await own.screenshot({ path: `${shot}/public-${width}-${scheme}.png` });
        }
    await other.close();
  });

  test('a call list is worked through by keys', async () => {
    const names = ['Ana Anders', 'Ben Berg', 'Cleo Carl'];
    const parties: string[] = [];
    for (const [at, name] of names.entries())
      parties.push((await stage.create('parties', { kind: 'person', name, phones: [{ value: `+49 30 90010${at}` }] })).id);
    const list = await stage.create('callLists', { name: 'Spring fair', script: 'Good morning.\nWe are at the fair in May.' });
    const { page, complaints } = await stage.page();
    await page.goto('/o/parties');
    await page.getByRole('grid').getByText('Ana Anders').waitFor();
    await stage.api.post('/api/v1/actions/addToCallList', { ids: parties, list: list.id });
    await page.goto('/calls');
    if (shot) await page.getByText('Spring fair').waitFor();
    if (shot) await page.screenshot({ path: `${shot}/calls.png` });
    await page.getByRole('link', { name: 'Call from Spring fair' }).press('Enter');
    const heading = (name: string) => page.getByRole('heading', { name, level: 2 });
    await heading('Ana Anders').waitFor();
    await page.keyboard.press('n');
    await page.keyboard.type('Wants a stand plan');
    await page.keyboard.press('Escape');
    if (shot) await page.screenshot({ path: `${shot}/calling.png` });
    await page.keyboard.press('2');
    await heading('Ben Berg').waitFor();
    await page.getByText('Ana Anders: Interested').waitFor();
    await page.keyboard.press('s');
    await heading('Cleo Carl').waitFor();
    // Without a time nobody is called back.
    await page.keyboard.press('7');
    await page.getByText('Write a time, such as').waitFor();
    await page.keyboard.type('tomorrow 10:00');
    await page.keyboard.press('Enter');
    await heading('Ben Berg').waitFor();
    await page.keyboard.press('8');
    await page.getByText('Nobody is to be called now.').waitFor();
    const consents = async () => (await stage.api.post<{ items: object[] }>('/api/v1/consents/query', {})).body.items;
    expect(await consents()).toMatchObject([{ decision: 'withdrawn', channel: 'phone', source: 'Call list: Spring fair' }]);
    await page.keyboard.press('Control+z');
    await heading('Ben Berg').waitFor();
    expect(await consents()).toEqual([]);
    if (shot)
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize({ width: 390, height: 844 });
        await page.screenshot({ path: `${shot}/calling-390-${scheme}.png` });
      }
    expect(complaints).toEqual([]);
  });
});
