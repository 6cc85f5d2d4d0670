import { isoDuration } from '#engine/declare/fields/duration/duration.ts';
import { startOfDate } from '#kit/calendar.ts';
import { forecastCategoryOf } from '#modules/sales/forecast-category.ts';
import { pick, randomOf, seededId } from './random.ts';

/**
 * A deterministic world for measuring: `parties` people and organisations with ten interactions each and a share of every
 * other object. Values are canonical and complete, so the rules of the pipeline have nothing left to derive; that is what
 * lets the same rows be copied straight into the tables (`copy.ts`) and proven equal to the pipeline's.
 */
export interface SeedRow {
  id: string;
  values: Record<string, unknown>;
}
export interface SeedObject {
  key: string;
  count: number;
  /** Null where the number stands for no row. */
  row(n: number): SeedRow | null;
  /** Made by a rule of the pipeline from another object: only copied, never written through it. */
  derived?: boolean;
}

const GIVEN = [
  'Ana',
  'Ben',
  'Carla',
  'David',
  'Elena',
  'Farid',
  'Grace',
  'Hugo',
  'Ines',
  'Jonas',
  'Katya',
  'Liam',
  'Mira',
  'Noah',
  'Olga',
  'Paul',
  'Quentin',
  'Rosa',
  'Sven',
  'Tara',
  'Uma',
  'Viktor',
  'Wanda',
  'Xenia',
  'Yusuf',
  'Zoë',
  'Ángel',
  'Björn',
  'Chloé',
  'Dörte',
];
const SYLLABLES = [
  'ba',
  'ber',
  'cor',
  'dal',
  'den',
  'fel',
  'gar',
  'hol',
  'kan',
  'ker',
  'lan',
  'lor',
  'mar',
  'mel',
  'nor',
  'o',
  'pel',
  'ran',
  'ros',
  'sal',
  'ter',
  'tor',
  'val',
  'ver',
  'win',
  'zan',
];
const ENDINGS = ['mann', 'sen', 'ez', 'ova', 'ini', 'er', 'son', 'ski', 'berg', 'et', 'ü', 'ay'];
const TRADES = [
  'Logistics',
  'Foods',
  'Software',
  'Machines',
  'Energy',
  'Media',
  'Health',
  'Trading',
  'Bank',
  'Works',
  'Studio',
  'Textiles',
];
const FORMS = ['GmbH', 'AG', 'Ltd', 'Inc', 'SA', 'BV', 'SpA', 'AB'];
const PLACES = [
  ['Berlin', 'DE', 'EUR', 'de', '+4930'],
  ['Hamburg', 'DE', 'EUR', 'de', '+4940'],
  ['München', 'DE', 'EUR', 'de', '+4989'],
  ['Wien', 'AT', 'EUR', 'de', '+431'],
  ['Zürich', 'CH', 'CHF', 'de', '+4144'],
  ['London', 'GB', 'GBP', 'en', '+4420'],
  ['Paris', 'FR', 'EUR', 'fr', '+331'],
  ['Madrid', 'ES', 'EUR', 'es', '+3491'],
  ['New York', 'US', 'USD', 'en', '+1212'],
  ['Boston', 'US', 'USD', 'en', '+1617'],
  ['Milano', 'IT', 'EUR', 'it', '+3902'],
] as const;
const STREETS = ['Main Street', 'Park Road', 'Lindenweg', 'Rue du Lac', 'Calle Mayor', 'Station Road', 'Hafenstraße'];
const INDUSTRIES = ['retail', 'software', 'manufacturing', 'medical', 'finance', 'services', 'transport', 'energy'] as const;
const CHANNELS = ['email', 'email', 'email', 'phone', 'phone', 'chat', 'web', 'web', 'portal', 'visit', 'sms', 'pos'] as const;
const SUBJECTS = [
  'Question about delivery',
  'Invoice copy',
  'New offer',
  'Complaint',
  'Follow-up',
  'Newsletter',
  'Visit of the shop',
  'Order status',
  'Password',
  'Thank you',
  'Price request',
  'Return',
];

/** Day zero of the world. Everything happens in the three years before 2026-07-01, so the figures do not move with the clock. */
const END = Date.UTC(2026, 6, 1);
const DAY = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString();
const day = (ms: number) => iso(ms).slice(0, 10);
const cents = (random: () => number, max: number) => (Math.floor(random() * max * 100) / 100).toFixed(2);

const SALT = {
  user: 1,
  team: 2,
  product: 3,
  party: 4,
  interaction: 5,
  opportunity: 6,
  order: 7,
  invoice: 8,
  payment: 9,
  asset: 10,
  subscription: 11,
  case: 12,
  task: 13,
  note: 14,
  stageChange: 15,
  dealCredit: 16,
} as const;
const idOf = (object: keyof typeof SALT, n: number): string =>
  seededId(SALT[object], n, Date.UTC(2023, 0, 1) + SALT[object] * 1_000_000_000);

function word(random: () => number, parts: number): string {
  let text = '';
  for (let i = 0; i < parts; i++) text += pick(random, SYLLABLES);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** All seeded objects in the order they must be written; pipeline and stages are those the set-up made. */
export function seedWorld(
  parties: number,
  o: {
    timeZone: string;
    pipeline: string;
    stages: readonly { id: string; category: string; probability: number }[];
    /** How many opportunities; a fifth of the parties unless said otherwise. */
    deals?: number;
  },
): SeedObject[] {
  const users = Math.max(12, Math.min(400, Math.round(parties / 2500)));
  const teams = 4;
  const products = 24;
  const userIds = Array.from({ length: users }, (_, n) => idOf('user', n));
  const owner = (n: number) => userIds[n % users] ?? null;
  const share = (part: number) => Math.round(parties * part);
  const deals = o.deals ?? share(0.2);
  // Ten million rows name a party: each id is made once.
  const partyIds: string[] = [];
  const anyParty = (random: () => number) => {
    const n = Math.floor(random() * parties);
    partyIds[n] ??= idOf('party', n);
    return partyIds[n];
  };
  const first = o.stages[0];
  const opportunity = (n: number) => {
    const random = randomOf(n, SALT.opportunity);
    const stage = pick(random, o.stages);
    const opened = END - Math.floor(random() * 1000) * DAY;
    const place = pick(random, PLACES);
    const closed = stage.category === 'open' ? null : day(Math.min(opened + Math.floor(random() * 120) * DAY, END));
    return {
      stage,
      values: {
        name: `${word(random, 2)} ${pick(random, TRADES)} ${n}`,
        customer: anyParty(random),
        pipeline: o.pipeline,
        stage: stage.id,
        amount: { amount: cents(random, 50_000), currency: place[2] },
        probability: stage.probability,
        forecastCategory: forecastCategoryOf(stage.category, stage.probability),
        owner: owner(n),
        product: idOf('product', Math.floor(random() * products)),
        openedOn: day(opened),
        closeDate: day(opened + 90 * DAY),
        closedOn: closed,
        firstCloseDate: day(opened + 90 * DAY),
        stageSince: startOfDate(closed ?? day(opened), o.timeZone).toISOString(),
      },
    };
  };
  const objects: SeedObject[] = [
    {
      key: 'team',
      count: teams,
      row: (n) => ({
        id: idOf('team', n),
        values: { name: `Team ${['North', 'South', 'East', 'West'][n]}`, region: ['North', 'South', 'East', 'West'][n] },
      }),
    },
    {
      key: 'user',
      count: users,
      row: (n) => {
        const random = randomOf(n, SALT.user);
        return {
          id: idOf('user', n),
          values: {
            name: `${pick(random, GIVEN)} ${word(random, 2)}${pick(random, ENDINGS)}`,
            email: `user${n}@perigon.example`,
            team: idOf('team', n % teams),
            active: true,
          },
        };
      },
    },
    {
      key: 'product',
      count: products,
      row: (n) => {
        const random = randomOf(n, SALT.product);
        return {
          id: idOf('product', n),
          values: {
            name: `${word(random, 2)} ${n}`,
            sku: `P-${1000 + n}`,
            series: `S${n % 4}`,
            kind: 'good',
            price: { amount: cents(random, 5000), currency: 'EUR' },
            active: true,
          },
        };
      },
    },
    { key: 'party', count: parties, row: (n) => partyRow(n, owner(n)) },
    { key: 'opportunity', count: deals, row: (n) => ({ id: idOf('opportunity', n), values: opportunity(n).values }) },
    // What the rule of opportunities writes for each: the way from the first open stage to where it stands.
    {
      key: 'stageChange',
      count: deals * 2,
      derived: true,
      row: (n) => {
        const { stage, values } = opportunity(n >> 1);
        const id = idOf('stageChange', n);
        const base = {
          opportunity: idOf('opportunity', n >> 1),
          customer: values.customer,
          amount: values.amount,
          closeDate: values.closeDate,
        };
        const at = (date: string) => startOfDate(date, o.timeZone).toISOString();
        const entered = { ...base, direction: 'entered', at: at(values.openedOn) };
        if (values.closedOn === null) return n % 2 === 0 ? { id, values: { ...entered, to: stage.id } } : null;
        if (n % 2 === 0) return { id, values: { ...entered, to: first?.id } };
        const stayed = isoDuration((Date.parse(at(values.closedOn)) - Date.parse(at(values.openedOn))) / 1000);
        return { id, values: { ...base, from: first?.id, to: stage.id, at: at(values.closedOn), direction: stage.category, stayed } };
      },
    },
    // And who is credited with what was won: its owner.
    {
      key: 'dealCredit',
      count: deals,
      derived: true,
      row: (n) => {
        const { stage, values } = opportunity(n);
        if (stage.category !== 'won' || values.owner === null) return null;
        const { owner: user, customer } = values;
        return {
          id: idOf('dealCredit', n),
          values: { opportunity: idOf('opportunity', n), user, share: 1, byDefault: true, customer, owner: user },
        };
      },
    },
    {
      key: 'order',
      count: share(0.3),
      row: (n) => {
        const random = randomOf(n, SALT.order);
        const at = END - Math.floor(random() * 1000) * DAY;
        return {
          id: idOf('order', n),
          values: {
            number: `O-${100_000 + n}`,
            customer: anyParty(random),
            date: day(at),
            status: at > END - 20 * DAY ? 'open' : 'fulfilled',
            total: { amount: cents(random, 3000), currency: pick(random, PLACES)[2] },
            owner: owner(n),
          },
        };
      },
    },
    {
      key: 'invoice',
      count: share(0.4),
      row: (n) => {
        const random = randomOf(n, SALT.invoice);
        const at = END - Math.floor(random() * 1000) * DAY;
        const total = { amount: cents(random, 3000), currency: pick(random, PLACES)[2] };
        const paid = random() < 0.9;
        return {
          id: idOf('invoice', n),
          values: {
            number: `I-${100_000 + n}`,
            customer: anyParty(random),
            kind: 'invoice',
            date: day(at),
            dueDate: day(at + 30 * DAY),
            status: paid ? 'paid' : 'issued',
            total,
            balance: paid ? { amount: '0.00', currency: total.currency } : total,
          },
        };
      },
    },
    {
      key: 'payment',
      count: share(0.2),
      row: (n) => {
        const random = randomOf(n, SALT.payment);
        return {
          id: idOf('payment', n),
          values: {
            number: `Z-${100_000 + n}`,
            customer: anyParty(random),
            date: day(END - Math.floor(random() * 1000) * DAY),
            amount: { amount: (Number(cents(random, 2000)) + 1).toFixed(2), currency: 'EUR' },
            method: pick(random, ['transfer', 'card', 'cash']),
          },
        };
      },
    },
    {
      key: 'asset',
      count: share(0.2),
      row: (n) => {
        const random = randomOf(n, SALT.asset);
        const at = END - Math.floor(random() * 1000) * DAY;
        return {
          id: idOf('asset', n),
          values: {
            party: anyParty(random),
            product: idOf('product', Math.floor(random() * products)),
            serial: `SN-${(n * 7919 + 100_003).toString(36).toUpperCase()}`,
            status: 'inUse',
            installedOn: day(at),
            warrantyUntil: day(at + 730 * DAY),
          },
        };
      },
    },
    {
      key: 'subscription',
      count: share(0.05),
      row: (n) => {
        const random = randomOf(n, SALT.subscription);
        const at = END - Math.floor(random() * 700) * DAY;
        return {
          id: idOf('subscription', n),
          values: {
            name: `Care ${n}`,
            party: anyParty(random),
            product: idOf('product', Math.floor(random() * products)),
            status: 'active',
            startsOn: day(at),
            renewsOn: day(END + Math.floor(random() * 365) * DAY),
            amount: { amount: cents(random, 100), currency: 'EUR' },
            period: 'month',
          },
        };
      },
    },
    {
      key: 'case',
      count: share(0.15),
      row: (n) => {
        const random = randomOf(n, SALT.case);
        const at = END - Math.floor(random() * 1000) * DAY;
        const ended = random() < 0.85;
        return {
          id: idOf('case', n),
          values: {
            number: `CASE-${String(n + 1).padStart(5, '0')}`,
            subject: `${pick(random, SUBJECTS)} ${word(random, 2)}`,
            customer: anyParty(random),
            status: ended ? 'closed' : 'open',
            priority: pick(random, ['low', 'normal', 'normal', 'high', 'urgent']),
            owner: owner(n),
            channel: pick(random, CHANNELS),
            openedAt: iso(at),
            closedAt: ended ? iso(at + 2 * DAY) : null,
          },
        };
      },
    },
    {
      key: 'task',
      count: share(0.1),
      row: (n) => {
        const random = randomOf(n, SALT.task);
        const due = END - Math.floor(random() * 400 - 60) * DAY;
        const done = random() < 0.7;
        return {
          id: idOf('task', n),
          values: {
            subject: `${pick(random, ['Call', 'Offer', 'Visit', 'Remind'])} ${word(random, 2)}`,
            kind: pick(random, ['task', 'call', 'promise', 'callback']),
            status: done ? 'done' : 'open',
            priority: 'normal',
            party: anyParty(random),
            owner: owner(n),
            dueOn: day(due),
            doneAt: done ? iso(due) : null,
          },
        };
      },
    },
    {
      key: 'note',
      count: share(0.05),
      row: (n) => {
        const random = randomOf(n, SALT.note);
        return {
          id: idOf('note', n),
          values: {
            subject: `${pick(random, ['Likes', 'Met', 'Asked for', 'Prefers'])} ${word(random, 2)}`,
            body: `<p>${word(random, 3)} ${word(random, 2)} ${word(random, 2)}.</p>`,
            party: anyParty(random),
            author: owner(n),
            pinned: false,
          },
        };
      },
    },
    {
      key: 'interaction',
      count: parties * 10,
      row: (n) => {
        const random = randomOf(n, SALT.interaction);
        const channel = pick(random, CHANNELS);
        return {
          id: idOf('interaction', n),
          values: {
            party: anyParty(random),
            at: iso(END - Math.floor(random() * 1095 * DAY)),
            channel,
            direction: random() < 0.6 ? 'inbound' : 'outbound',
            kind: channel === 'phone' ? 'call' : channel === 'visit' ? 'visit' : channel === 'web' ? 'pageView' : 'message',
            purpose: pick(random, ['sales', 'service', 'marketing', 'billing']),
            subject: pick(random, SUBJECTS),
            agent: owner(n),
            cost: { amount: cents(random, 20), currency: 'EUR' },
            outcome: pick(random, ['resolved', 'answered', 'unresolved', 'followUp']),
          },
        };
      },
    },
  ];
  return objects.filter((object) => object.count > 0);
}

function partyRow(n: number, owner: string | null): SeedRow {
  const random = randomOf(n, SALT.party);
  const [city, country, currency, language, prefix] = pick(random, PLACES);
  const person = random() < 0.7;
  const given = pick(random, GIVEN);
  const family = word(random, 2) + pick(random, ENDINGS);
  const company = `${word(random, 2 + Math.floor(random() * 2))} ${pick(random, TRADES)}`;
  const name = person ? `${given} ${family}` : `${company} ${pick(random, FORMS)}`;
  const plain = (text: string) =>
    text
      .normalize('NFKD')
      .replace(/[^a-zA-Z]/g, '')
      .toLowerCase();
  const address = {
    street: `${pick(random, STREETS)} ${1 + Math.floor(random() * 200)}`,
    extra: null,
    city,
    region: null,
    postalCode: String(10_000 + Math.floor(random() * 89_999)),
    country,
    label: null,
    primary: true,
  };
  const phone = prefix + String(1_000_000 + Math.floor(random() * 8_999_999));
  const email = person ? `${plain(given)}.${plain(family)}${n}@mail.example` : `info@${plain(company)}${n}.example`;
  const common = {
    roles: [random() < 0.6 ? 'customer' : 'prospect'],
    lifecycleStage: pick(random, ['prospect', 'new', 'repeat', 'mature', 'atRisk', 'lapsed']),
    owner,
    emails: [{ value: email, label: null, primary: true }],
    phones: [{ value: phone, label: null, primary: true, typed: phone }],
    addresses: [address],
    city,
    country,
    language,
    currency,
  };
  const values = person
    ? {
        kind: 'person',
        name,
        personName: { prefix: null, given, middle: null, family, suffix: null },
        ...common,
        jobTitle: pick(random, ['Buyer', 'Manager', 'Engineer', 'Owner', 'Assistant']),
      }
    : {
        kind: 'organisation',
        name,
        ...common,
        website: `https://${plain(company)}${n}.example`,
        industry: pick(random, INDUSTRIES),
        employees: 1 + Math.floor(random() * 5000),
        annualRevenue: { amount: cents(random, 9_000_000), currency },
      };
  return { id: idOf('party', n), values };
}
