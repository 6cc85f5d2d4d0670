import { pick, randomOf, seededId } from '../seed/random.ts';
import type { Place } from './places.ts';
import * as texts from './texts.ts';

export interface StoryOptions {
  /** Ids are derived from it: a UUIDv7, the cause of the sample. */
  seed: string;
  /** The last day of the story, `YYYY-MM-DD`; history ends the day before. */
  today: string;
  /** Numbers of orders and invoices begin at a thousand times this, so that a second sample beside kept records clashes with nothing. */
  series?: number;
  /** The company's own currency; rates are told in it. */
  baseCurrency: string;
  /** The default pipeline and its stages in order. */
  pipeline: string;
  stages: readonly Stage[];
  /** Why leads come to nothing; without any none does. */
  lossReasons?: readonly string[];
}
export interface Stage {
  id: string;
  category: 'open' | 'won' | 'lost';
  probability: number;
}
export interface StoryRow {
  id: string;
  values: Record<string, unknown>;
  /** The instant at which it would have been written. */
  at: string;
}
export interface StoryObject {
  key: string;
  rows: StoryRow[];
}
/** How an opportunity went through its stages. */
export interface StagePath {
  opportunity: string;
  customer: string | null;
  steps: { stage: string; at: string }[];
}
export interface Story {
  objects: StoryObject[];
  paths: ReadonlyMap<string, StagePath>;
  /** Ids by which tests and people find the turns of the story. */
  known: { keyAccount: string; launch: string; batchProduct: string; batchFrom: string; batchTo: string; supplier: string };
}

/** Objects in the order of writing. */
export const ORDER = [
  'exchangeRate',
  'team',
  'user',
  'product',
  'party',
  'relationship',
  'competitor',
  'opportunity',
  'dealContact',
  'dealCompetitor',
  'leadForm',
  'lead',
  'quota',
  'forecastCall',
  'order',
  'invoice',
  'payment',
  'subscription',
  'asset',
  'case',
  'interaction',
  'bookingPage',
  'meeting',
  'callList',
  'callListEntry',
  'note',
  'task',
  'fact',
  'dealLine',
] as const;
export type StoryKey = (typeof ORDER)[number];

const DAY = 86_400_000;

export interface Product {
  id: string;
  name: string;
  /** Euro. */
  price: number;
  sku: string;
  machine: boolean;
}

export interface Customer {
  id: string;
  name: string;
  city: string;
  place: Place;
  /** Day on which it became known, in days back. */
  since: number;
  /** 1 small to 3 large. */
  size: number;
  owner: string;
  agent: string;
  contacts: { id: string; name: string }[];
  /** No more orders after this day; 0 while it stays. */
  until: number;
  orders: number[];
  prospect: boolean;
  hurt: boolean;
}

/** What grows while the story is told. */
export class Teller {
  readonly rows = new Map<StoryKey, StoryRow[]>(ORDER.map((key) => [key, []]));
  readonly paths = new Map<string, StagePath>();
  readonly random: () => number;
  private readonly start: number;
  private readonly salt: number;
  private readonly noon: number;
  private order = 0;
  private invoice = 0;
  private payment = 0;

  constructor(readonly o: StoryOptions) {
    this.start = Number.parseInt(o.seed.replace(/-/g, '').slice(0, 12), 16);
    this.salt = Number.parseInt(o.seed.slice(-7), 16);
    this.noon = Date.parse(`${o.today}T12:00:00Z`);
    // The same story for everybody; only ids and dates differ.
    this.random = randomOf(20, 26);
  }

  /** The date some days before today. */
  day(back: number): string {
    return new Date(this.noon - Math.round(back) * DAY).toISOString().slice(0, 10);
  }
  /** A moment in working hours of that day; never later than now. */
  at(back: number, hour = 8 + Math.floor(this.random() * 9), minute = Math.floor(this.random() * 60)): string {
    return `${this.day(Math.max(back, 1))}T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00.000Z`;
  }
  month(back: number): number {
    return new Date(this.noon - back * DAY).getUTCMonth();
  }
  isWeekend(back: number): boolean {
    const day = new Date(this.noon - Math.round(back) * DAY).getUTCDay();
    return day === 0 || day === 6;
  }
  int(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1));
  }
  chance(share: number): boolean {
    return this.random() < share;
  }
  pick<T>(list: readonly T[]): T {
    return pick(this.random, list);
  }
  id(key: StoryKey, n: number): string {
    return seededId((this.salt + ORDER.indexOf(key) * 7919) | 0, n, this.start + n * 2);
  }
  add(key: StoryKey, back: number, values: Record<string, unknown>, at?: string): string {
    const rows = this.rows.get(key) ?? [];
    const id = this.id(key, rows.length);
    rows.push({ id, values, at: at ?? this.at(back) });
    return id;
  }
  private number(prefix: string, n: number): string {
    return `${prefix}-${(this.o.series ?? 10) * 1000 + n}`;
  }

  /** A purchase: the order, its invoice and what was paid of it. `paidAfter` days; null while it is open. */
  sale(
    c: Pick<Customer, 'id' | 'owner' | 'place'>,
    back: number,
    amount: number,
    o: { opportunity?: string | null; paidAfter?: number | null; terms?: number; status?: string } = {},
  ): { order: string; number: string; invoice: string | null; total: string } {
    const { currency } = c.place;
    const total = amountIn(amount, currency);
    const number = this.number('AB', ++this.order);
    const status = o.status ?? (back < 9 ? 'open' : 'fulfilled');
    const order = this.add('order', back, {
      number,
      customer: c.id,
      opportunity: o.opportunity ?? null,
      date: this.day(back),
      status,
      total: { amount: total, currency },
      owner: c.owner,
    });
    if (status === 'open' || status === 'cancelled') return { order, number, invoice: null, total };
    const issued = Math.max(back - 3, 1);
    const terms = o.terms ?? 30;
    const invoiceNumber = this.number('RE', ++this.invoice);
    const invoice = this.add('invoice', issued, {
      customer: c.id,
      number: invoiceNumber,
      kind: 'invoice',
      order,
      date: this.day(issued),
      dueDate: this.day(issued - terms),
      status: 'issued',
      total: { amount: total, currency },
    });
    const paid = o.paidAfter === undefined ? issued - terms - this.int(-18, 9) : o.paidAfter === null ? -1 : issued - o.paidAfter;
    if (paid >= 1 && paid <= issued)
      this.add('payment', paid, {
        number: this.number('ZE', ++this.payment),
        customer: c.id,
        invoice,
        date: this.day(paid),
        amount: { amount: total, currency },
        method: currency === 'USD' ? this.pick(['card', 'transfer']) : this.pick(['transfer', 'transfer', 'transfer', 'directDebit']),
      });
    return { order, number, invoice, total };
  }

  credit(c: Pick<Customer, 'id' | 'place'>, back: number, total: string, order: string): void {
    this.add('invoice', back, {
      customer: c.id,
      number: this.number('GS', ++this.invoice),
      kind: 'creditNote',
      order,
      date: this.day(back),
      dueDate: this.day(back),
      status: 'paid',
      total: { amount: `-${total}`, currency: c.place.currency },
    });
  }

  /** An opportunity that took `days` days through the stages; `end` null while it is open at the open stage `reached`. */
  deal(
    c: Pick<Customer, 'id' | 'owner' | 'place'>,
    o: {
      name: string;
      opened: number;
      days: number;
      end: 'won' | 'lost' | null;
      reached?: number;
      amount: number;
      product?: string | null;
      lostReason?: string;
      nextStep?: string;
      source?: string;
      closeIn?: number;
      description?: string;
    },
  ): string {
    const { stages } = this.o;
    const open = stages.filter((stage) => stage.category === 'open');
    const final = o.end === null ? null : stages.find((stage) => stage.category === o.end);
    const reached = Math.min(o.reached ?? (o.end === 'lost' ? this.int(0, open.length - 1) : open.length - 1), open.length - 1);
    const ways = [...open.slice(0, reached + 1), ...(final ? [final] : [])];
    const closed = Math.max(o.opened - o.days, 1);
    const last = ways.at(-1);
    const id = this.add('opportunity', o.opened, {
      name: o.name,
      customer: c.id,
      pipeline: this.o.pipeline,
      stage: last?.id,
      probability: last?.probability,
      amount: { amount: amountIn(o.amount, c.place.currency), currency: c.place.currency },
      owner: c.owner,
      product: o.product ?? null,
      openedOn: this.day(o.opened),
      closeDate: final ? this.day(closed) : this.day(-(o.closeIn ?? this.int(-6, 70))),
      closedOn: final ? this.day(closed) : null,
      lostReason: o.end === 'lost' ? (o.lostReason ?? this.pick(texts.LOST_REASONS)) : null,
      nextStep: final ? null : (o.nextStep ?? null),
      source: o.source ?? this.pick(['Recommendation', 'Website', 'Trade fair', 'Cold call', 'Existing customer', 'Partner']),
      description: o.description ?? null,
    });
    const span = final ? o.opened - closed : Math.max(o.opened - 2, 0) * 0.7;
    this.paths.set(id, {
      opportunity: id,
      customer: c.id,
      steps: ways.map((stage, i) => ({
        stage: stage.id,
        at: this.at(o.opened - (ways.length > 1 ? (span * i) / (ways.length - 1) : 0), 9 + i, 10 * i),
      })),
    });
    return id;
  }
}

/** Euro into another currency at about the rate of the years, rounded as prices are. */
export function amountIn(euro: number, currency: string): string {
  const value = euro * (1 / (WORTH[currency] ?? 1));
  return currency === 'JPY'
    ? `${Math.round(value / 100) * 100}.00`
    : (currency === 'EUR' || value < 400 ? Math.round(value) : Math.round(value / 5) * 5).toFixed(2);
}

/** What one unit was worth in euro, about, in these years. */
export const WORTH: Record<string, number> = {
  EUR: 1,
  CHF: 1.04,
  GBP: 1.17,
  USD: 0.92,
  JPY: 0.0062,
  SEK: 0.088,
  NOK: 0.086,
  DKK: 0.134,
  PLN: 0.233,
  CZK: 0.04,
  CAD: 0.67,
  AUD: 0.6,
  NZD: 0.55,
  INR: 0.011,
  BRL: 0.165,
  MXN: 0.05,
  ZAR: 0.05,
  CNY: 0.128,
};

export const fill = (text: string, words: Record<string, string>): string =>
  text.replace(/\{(\w)\}/g, (_, key: string) => words[key] ?? '');
export const digits = (t: Teller, pattern: string): string => pattern.replace(/#/g, () => String(t.int(1, 9)));
/** Letters and digits of an address; scripts that mail servers rarely take become a short word. */
export const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/ß/g, 'ss')
    .replace(/ı/g, 'i')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

export interface Staff {
  /** Account managers by country. */
  sales: Record<string, string[]>;
  service: string[];
  marketing: string;
  chief: string;
  keyAccounts: string;
}

export interface Delivery {
  customer: Customer | null;
  party: string;
  place: Place;
  product: Product;
  back: number;
}

export const addressOf = (t: Teller, place: Place) => {
  const [city, region, postal, phone] = t.pick(place.cities);
  return {
    address: {
      street: t.pick(place.streets).replace('#', String(t.int(1, 98))),
      postalCode: digits(t, postal),
      city,
      region,
      country: place.country,
      label: 'work',
      primary: true,
    },
    city,
    phone: digits(t, phone),
  };
};
