import { pick, randomOf } from '../seed/random.ts';
import { amountIn, type Customer, type Teller } from './teller.ts';

/** Sources of deals as leads say them. */
const SOURCES: Record<string, string> = {
  Website: 'web',
  'Trade fair': 'event',
  Recommendation: 'referral',
  Partner: 'partner',
  'Cold call': 'phone',
};

const WISHES: readonly { name: string; message: string; need: string; euro: number }[] = [
  {
    name: 'Machine for a second house',
    message: 'We open a second house in spring and want the same machine there.',
    need: 'Two groups, delivered before the opening',
    euro: 9400,
  },
  {
    name: 'Grinders for three bars',
    message: 'Our grinders are ten years old. What would three new ones cost?',
    need: 'Three quiet grinders, old ones taken back',
    euro: 5100,
  },
  {
    name: 'Machine for the office kitchen',
    message: 'Sixty people, two kitchens. Nobody here can foam milk.',
    need: 'Automatic, with maintenance',
    euro: 6800,
  },
  { name: 'Tasting for the team', message: 'Could we taste before we decide? We are eight.', need: 'A date in the showroom', euro: 1900 },
  {
    name: 'Rental for a fair',
    message: 'We need two machines for four days in the hall.',
    need: 'Two machines with somebody who runs them',
    euro: 3200,
  },
  { name: 'Replacement of an old machine', message: 'The old one leaks again. Repair or replace?', need: 'An offer for both', euro: 7700 },
];

const DAY_MS = 86_400_000;
const YEAR = 365;

/**
 * Who asked in the last year, and what became of it: some of the deals began as a lead, some leads came to nothing, the last ones wait.
 * With dice of its own, so that the rest of the story stays as it is.
 */
export function leads(t: Teller, customers: readonly Customer[], reasons: readonly string[]): void {
  const dice = randomOf(44, 45);
  const int = (from: number, to: number): number => from + Math.floor(dice() * (to - from + 1));
  const after = (at: string, minutes: number): string => new Date(Date.parse(at) + minutes * 60_000).toISOString();
  const noon = Date.parse(`${t.o.today}T12:00:00Z`);
  const moment = (back: number): string => t.at(back, int(8, 17), int(0, 59));
  const form = t.add(
    'leadForm',
    YEAR,
    {
      name: 'Ask for an offer',
      slug: `ask-for-an-offer-${t.o.series ?? 10}`,
      language: 'en',
      heading: 'Ask for an offer',
      intro: 'Tell us what you drink and how many you are. We answer on the same day.',
      thanks: 'We have your question and call you back.',
      source: 'web',
      asks: [
        { ask: 'name', required: true },
        { ask: 'company' },
        { ask: 'email', required: true },
        { ask: 'phone' },
        { ask: 'product' },
        { ask: 'message', required: true },
      ],
      consentText: 'Write to me about new machines and tastings.',
      consentPurpose: 'marketing',
    },
    moment(YEAR),
  );
  /** The first answer is a call like any other touch, which the lead points at by its time. */
  const add = (back: number, { firstResponseAt, ...values }: Record<string, unknown>, received: string): void => {
    if (firstResponseAt && values.owner)
      t.add('interaction', back, {
        party: values.party,
        at: firstResponseAt,
        channel: 'phone',
        direction: 'outbound',
        kind: 'call',
        purpose: 'sales',
        subject: `About: ${String(values.name)}`,
        agent: values.owner,
        product: values.product ?? null,
        outcome: 'resolved',
        cost: { amount: '4.20', currency: 'EUR' },
      });
    const answer = values.owner ? { firstResponseAt } : {};
    t.add('lead', back, { ...values, ...answer, receivedAt: received, ...(values.source === 'web' ? { form } : {}) }, received);
  };

  // Deals that began as a lead.
  const daysBack = (date: unknown): number => Math.round((noon - Date.parse(`${String(date)}T12:00:00Z`)) / DAY_MS);
  (t.rows.get('opportunity') ?? []).forEach(({ id, values }, i) => {
    const source = SOURCES[String(values.source)];
    const opened = daysBack(values.openedOn);
    if (!source || i % 2 > 0 || opened > YEAR || opened < 2) return;
    const wish = pick(dice, WISHES);
    const received = moment(opened + int(1, 9));
    const ended = t.at(opened, 10, int(0, 59));
    add(
      opened,
      {
        name: values.name,
        party: values.customer,
        status: 'converted',
        source,
        owner: values.owner,
        product: values.product,
        message: wish.message,
        need: wish.need,
        budget: values.amount,
        timeframe: 'quarter',
        decisionMaker: pick(dice, ['decides', 'influences']),
        firstResponseAt: after(received, int(6, 300)),
        qualifiedAt: ended,
        closedAt: ended,
        opportunity: id,
      },
      received,
    );
  });

  // Those who came to nothing, and those that are worked at now.
  const askers = customers.filter((customer) => customer.until === 0);
  const tell = (back: number, status: string, more: (received: string) => Record<string, unknown> = () => ({})): void => {
    const customer = pick(dice, askers);
    const wish = pick(dice, WISHES);
    const received = moment(back);
    add(
      back,
      {
        name: wish.name,
        party: customer.id,
        status,
        source: pick(dice, ['web', 'web', 'phone', 'mail', 'event', 'referral']),
        owner: customer.owner,
        message: wish.message,
        ...(status === 'qualified'
          ? {
              need: wish.need,
              timeframe: pick(dice, ['now', 'quarter']),
              budget: { amount: amountIn(wish.euro, customer.place.currency), currency: customer.place.currency },
              decisionMaker: 'decides',
            }
          : {}),
        ...more(received),
      },
      received,
    );
  };
  const answered = (received: string) => ({ firstResponseAt: after(received, int(5, 900)) });
  if (reasons.length > 0)
    for (let n = 0; n < 60; n++) {
      const back = int(20, YEAR);
      tell(back, 'lost', (received) => ({
        ...answered(received),
        closedAt: t.at(Math.max(1, back - int(2, 18)), 15, int(0, 59)),
        lossReason: reasons[n % reasons.length],
      }));
    }
  for (let n = 0; n < 14; n++) tell(int(3, 25), 'working', answered);
  for (let n = 0; n < 8; n++)
    tell(int(4, 30), 'qualified', (received) => ({ ...answered(received), qualifiedAt: after(received, int(1000, 3000)) }));
  // Of the newest some wait for somebody to take them; two are what robots send.
  for (let n = 0; n < 10; n++) tell(int(1, 3), 'new', () => (n % 2 === 0 ? { owner: null, source: 'web' } : {}));
  for (let n = 0; n < 2; n++)
    tell(int(2, 9), 'new', () => ({
      owner: null,
      source: 'web',
      suspect: true,
      name: 'Ask for an offer',
      message: 'Best prices: http://a.example http://b.example http://c.example',
    }));
}
