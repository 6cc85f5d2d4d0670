import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { dayFromNow, Stage } from './stage.ts';

const eur = (amount: string) => ({ amount, currency: 'EUR' });

describe.skipIf(!browserPath()).sequential('a customer whole', () => {
  let stage: Stage;
  let party: { id: string };
  beforeAll(async () => {
    stage = await Stage.open();
    party = await stage.create('parties', {
      name: 'Harbour Textiles',
      roles: ['customer'],
      lifecycleStage: 'repeat',
      emails: ['office@harbour.example'],
      phones: ['+49 30 1234567'],
      tags: ['wholesale'],
    });
    await stage.create('invoices', {
      number: '1042',
      customer: party.id,
      date: dayFromNow(-53),
      dueDate: dayFromNow(-23),
      total: eur('1280'),
    });
    await stage.create('cases', { subject: 'Loom stops every hour', customer: party.id, priority: 'urgent', channel: 'email' });
    const call = await stage.api.post('/api/v1/actions/logCall', {
      party: party.id,
      subject: 'Asked where the spare part is',
      outcome: 'unresolved',
      at: new Date(Date.now() - 4 * 86_400_000).toISOString(),
    });
    expect(call.status, call.text).toBe(200);
    await stage.create('interactions', {
      party: party.id,
      at: new Date(Date.now() - 9 * 86_400_000).toISOString(),
      channel: 'email',
      subject: 'Order confirmation',
    });
    for (let at = 1; at <= 30; at++) await stage.create('parties', { name: `Neighbour ${at}`, roles: ['prospect'] });
  });
  afterAll(() => stage.close());

  test('one page says what matters, answers the four questions and tells the story', async () => {
    const { page, complaints } = await stage.page();
    await page.goto(`/o/parties/${party.id}`);
    await page.getByRole('heading', { name: 'Harbour Textiles', level: 1 }).waitFor();
    const matters = page.getByRole('region', { name: 'What matters now' });
    await matters.getByText('Urgent case “Loom stops every hour” came in today').waitFor();
    await matters.getByText(/Invoice 1042 is 2[34] days overdue, €1,280/).waitFor();
    await matters.getByText('A call ended without a solution 4 days ago: Asked where the spare part is').waitFor();

    const blocks = page.getByRole('region', { name: 'At a glance' });
    const block = (name: string) => blocks.getByRole('button', { name: new RegExp(`^${name}`) });
    expect(await block('Outstanding').textContent()).toMatch(/2.*€1,280/);
    expect(await block('Unresolved problem calls').textContent()).toMatch(/1/);
    expect(await block('Service record').textContent()).toMatch(/1/);
    expect(await block('Past sales').textContent()).toMatch(/1.*€1,280/);
    await block('Unresolved problem calls').click();
    await blocks.getByRole('link', { name: 'Asked where the spare part is' }).waitFor();

    // The timeline by channel.
    const story = (title: string) => page.getByRole('listitem').getByRole('link', { name: title, exact: true });
    await story('Order confirmation').waitFor();
    const channel = page.getByRole('combobox', { name: 'Channel' });
    await channel.selectOption('Phone');
    await story('Order confirmation').waitFor({ state: 'detached' });
    await story('Asked where the spare part is').last().waitFor();

    // The address alone brings it all back.
    await page.reload();
    await page.getByRole('heading', { name: 'Harbour Textiles', level: 1 }).waitFor();
    await story('Order confirmation').waitFor();
    await matters.getByRole('link').first().click();
    await page.getByRole('heading', { name: 'Loom stops every hour', level: 1 }).waitFor();
    await page.goto('/o/parties/00000000-0000-7000-8000-000000000000');
    await page.getByText('This record is not here.', { exact: false }).waitFor();
    expect(complaints.filter((line) => !line.includes('status of 404'))).toEqual([]);
  });
});
