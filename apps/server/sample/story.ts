import { randomOf } from '../seed/random.ts';
import { calling } from './calling.ts';
import { dealLines } from './deal-lines.ts';
import { keyAccount } from './key-account.ts';
import { leads } from './leads.ts';
import { PLACES, type Place } from './places.ts';
import { targets } from './targets.ts';
import {
  addressOf,
  amountIn,
  type Customer,
  type Delivery,
  digits,
  fill,
  ORDER,
  type Product,
  type Staff,
  type Story,
  type StoryOptions,
  slug,
  Teller,
  WORTH,
} from './teller.ts';
import * as texts from './texts.ts';

/**
 * The sample company, a maker of coffee machines for hotels, cafés and offices, with three years of history up to yesterday and
 * open things around today. Pure: the same options give the same story. The rows are values of the write pipeline, in the order
 * in which they can be written.
 *
 * The story: sales rise, full in autumn, low in August. Fourteen months ago the small Ardea Go came out and has sold more every
 * month since. Eleven months ago one month's deliveries of Ardea Duo had swelling pump seals: cases piled up, some customers
 * left, most stayed. The hotel group Nordlicht left twenty months ago and came back five months ago (`key-account.ts`).
 */
export const PARTIES = 2000;
/** Days back: the launch of Ardea Go, the month of the bad batch. */
export const LAUNCH_DAY = 425;
export const BATCH_DAYS = { from: 352, to: 320 };
const HISTORY = 1095;
const TRADED = ['EUR', 'CHF', 'GBP', 'USD', 'JPY'];
const LOCAL: Record<string, string> = { AT: 'wien', JP: 'jp' };
/** How likely a sale is on a day of this month: full in autumn, low in summer where summer holidays are long. */
export function season(month: number, country: string): number {
  const year = [0.75, 0.85, 1, 0.95, 0.95, 0.9, 0.8, 0.8, 1.05, 1.2, 1.45, 1.4];
  const europe = !['US', 'JP'].includes(country);
  return (year[month] ?? 1) * (europe && month === 7 ? 0.45 : 1);
}

/** Tells the whole story. */
export function tellStory(o: StoryOptions): Story {
  const t = new Teller(o);
  rates(t);
  const staff = people(t);
  const products = catalogue(t);
  const customers = organisations(t, staff);
  const special = keyAccount(t, staff, products, PLACES);
  const supplier = suppliers(t);
  contacts(t, customers);
  const delivered: Delivery[] = [];
  for (const customer of customers) business(t, customer, products, delivered);
  const batch = installedBase(t, products, delivered, special.machines);
  for (const customer of customers) talk(t, customer, products);
  stages(t, customers);
  targets(t, staff);
  rivals(t, customers);
  dealLines(t, products);
  leads(t, customers, t.o.lossReasons ?? []);
  calling(t, staff, customers);
  renumber(t);
  const rows = t.rows;
  // Numbers of cases are given in the order of their opening.
  rows.get('case')?.sort((a, b) => (String(a.values.openedAt) < String(b.values.openedAt) ? -1 : 1));
  return {
    objects: ORDER.map((key) => ({ key, rows: rows.get(key) ?? [] })),
    paths: t.paths,
    known: {
      keyAccount: special.id,
      launch: products.find((product) => product.name === 'Ardea Go')?.id ?? '',
      batchProduct: products.find((product) => product.name === 'Ardea Duo')?.id ?? '',
      ...batch,
      supplier,
    },
  };
}

/** Who else would sell to the customers of open deals, and who decides there. Without the dice: the rest of the story stays as it is. */
function rivals(t: Teller, customers: readonly Customer[]): void {
  const known = texts.COMPETITORS.map((values) => t.add('competitor', HISTORY, values));
  const contacts = new Map(customers.map((customer) => [customer.id, customer.contacts]));
  const open = (t.rows.get('opportunity') ?? []).filter(({ values }) => values.closedOn === null);
  open.forEach(({ id, values }, i) => {
    const people = contacts.get(String(values.customer)) ?? [];
    people.slice(0, 2).forEach((person, at) => {
      const role = at === 0 ? 'decisionMaker' : i % 3 === 0 ? 'blocker' : 'champion';
      t.add('dealContact', 1, { opportunity: id, contact: person.id, role, isPrimary: at === 0 });
    });
    if (i % 2 === 0)
      t.add('dealCompetitor', 1, { opportunity: id, competitor: known[i % known.length], standing: ['even', 'behind', 'ahead'][i % 3] });
  });
}

/** Numbers are given in the order of the days, as an accounts department gives them. */
function renumber(t: Teller): void {
  for (const key of ['order', 'invoice', 'payment'] as const) {
    const list = t.rows.get(key) ?? [];
    const numbers = list.map(({ values }) => String(values.number).replace(/^\w+-/, '')).sort();
    list.sort((a, b) => (String(a.values.date) < String(b.values.date) ? -1 : 1));
    const renamed = new Map<string, string>();
    list.forEach((row, i) => {
      const was = String(row.values.number);
      const now = was.replace(/\d+$/, numbers[i] ?? '');
      renamed.set(was, now);
      row.values.number = now;
    });
    if (key === 'order')
      for (const { values } of t.rows.get('interaction') ?? [])
        if (values.kind === 'purchase') values.subject = String(values.subject).replace(/AB-\d+/, (was) => renamed.get(was) ?? was);
  }
}

/** One rate a month and currency; a little up and down, as rates go. */
function rates(t: Teller): void {
  const base = WORTH[t.o.baseCurrency];
  if (base === undefined) return;
  for (const currency of TRADED) {
    if (currency === t.o.baseCurrency) continue;
    const wave = randomOf(TRADED.indexOf(currency), 77);
    let drift = 1;
    for (let back = HISTORY + 40; back > 0; back -= 30) {
      drift *= 1 + (wave() - 0.5) * 0.016;
      t.add('exchangeRate', back, {
        currency,
        date: t.day(back),
        rate: (((WORTH[currency] ?? 1) * drift) / base).toFixed(6),
        source: 'Sample company',
      });
    }
  }
}

function people(t: Teller): Staff {
  const team = (name: string, region: string, parent: string | null = null) =>
    t.add('team', HISTORY, { name, region, parent, manager: null });
  const sales = team('Sales', 'World');
  const central = team('Sales Central Europe', 'DACH', sales);
  const west = team('Sales West and South', 'Western Europe', sales);
  const overseas = team('Sales Overseas', 'Americas and Asia', sales);
  const service = team('Service', 'World');
  const marketing = team('Marketing', 'World');
  const user = (name: string, jobTitle: string, of: string, language: string) =>
    t.add('user', HISTORY, { name, jobTitle, team: of, active: true, language });
  const chief = user('Friederike Lindqvist', 'Head of sales', sales, 'de');
  const keyAccounts = user('Henrik Aalto', 'Key account manager', central, 'de');
  const dach = [
    user('Miriam Seitz', 'Account manager', central, 'de'),
    user('Konrad Pichler', 'Account manager', central, 'de'),
    user('Livia Ammann', 'Account manager', central, 'de'),
  ];
  const european = [
    user('Baptiste Caron', 'Account manager', west, 'fr'),
    user('Harriet Sloane', 'Account manager', west, 'en'),
    user('Marta Olivares', 'Account manager', west, 'es'),
  ];
  const far = [user('Grant Whitaker', 'Account manager', overseas, 'en'), user('Yuki Tanabe', 'Account manager', overseas, 'ja')];
  const helpers = [
    user('Sina Rademacher', 'Service lead', service, 'de'),
    user('Tom Okafor', 'Service agent', service, 'en'),
    user('Inès Delattre', 'Service agent', service, 'fr'),
    user('Pavel Novák', 'Field technician', service, 'de'),
  ];
  const at = (list: string[], ...places: number[]) => places.map((n) => list[n] ?? '');
  return {
    chief,
    keyAccounts,
    service: helpers,
    marketing: user('Dora Feldkirch', 'Marketing manager', marketing, 'de'),
    sales: {
      DE: at(dach, 0, 1),
      AT: at(dach, 1),
      CH: at(dach, 2),
      FR: at(european, 0),
      GB: at(european, 1),
      NL: at(european, 1),
      ES: at(european, 2),
      IT: at(european, 2),
      US: at(far, 0),
      JP: at(far, 1),
    },
  };
}

function catalogue(t: Teller): Product[] {
  const suffix = (t.o.series ?? 10) === 10 ? '' : `-${t.o.series}`;
  const make = (name: string, sku: string, series: string, kind: string, price: number, back: number, description: string): Product => ({
    id: t.add('product', back, {
      name,
      sku: `${sku}${suffix}`,
      series,
      kind,
      price: { amount: price.toFixed(2), currency: 'EUR' },
      active: true,
      description,
    }),
    name,
    price,
    sku,
    machine: kind === 'good' && price > 600,
  });
  return [
    make('Ardea One', 'AR-100', 'Ardea', 'good', 1890, HISTORY, 'Espresso machine with one group for small bars.'),
    make('Ardea Duo', 'AR-200', 'Ardea', 'good', 3490, HISTORY, 'Two groups, two boilers: the one most cafés choose.'),
    make('Ardea Pro', 'AR-300', 'Ardea', 'good', 5950, HISTORY, 'Fully automatic, up to 250 cups a day.'),
    make('Ardea Pro XL', 'AR-350', 'Ardea', 'good', 8400, HISTORY, 'Fully automatic for breakfast rooms, up to 600 cups a day.'),
    make('Ardea Bar', 'AR-400', 'Ardea', 'good', 11_900, HISTORY, 'Three groups, made to order in the colour of the bar.'),
    make('Ardea Go', 'AR-050', 'Ardea', 'good', 1290, LAUNCH_DAY, 'The small one for offices of up to twenty people; needs no plumbing.'),
    make('Tarn Grind 65', 'TN-065', 'Tarn', 'good', 690, HISTORY, 'Grinder with 65 mm burrs.'),
    make('Tarn Grind 83', 'TN-083', 'Tarn', 'good', 1180, HISTORY, 'Grinder with 83 mm burrs for busy bars.'),
    make('Tarn Filter set', 'TN-010', 'Tarn', 'good', 84, HISTORY, 'Water filter for eight weeks, box of six.'),
    make('Tarn Cleaning set', 'TN-020', 'Tarn', 'good', 46, HISTORY, 'Tablets, brushes and cloths for a quarter of a year.'),
    make('Tarn Care', 'TN-S1', 'Tarn', 'subscription', 69, HISTORY, 'Care plan: yearly service and wear parts.'),
    make('Tarn Beans', 'TN-S2', 'Tarn', 'subscription', 128, HISTORY, 'Fresh beans every month.'),
  ];
}

function organisations(t: Teller, staff: Staff): Customer[] {
  const taken = new Set<string>();
  const found: Customer[] = [];
  for (const place of PLACES) {
    const count = Math.round(690 * place.share);
    for (let n = 0; n < count; n++) {
      const { address, city, phone } = addressOf(t, place);
      let [pattern, industry] = t.pick(place.firms);
      let name = '';
      for (let tries = 0; tries < 60; tries++) {
        name = pattern
          .replace(/\{f\}/g, () => t.pick(place.family))
          .replace('{w}', t.pick(place.words))
          .replace('{c}', city);
        if (!taken.has(name)) break;
        [pattern, industry] = t.pick(place.firms);
      }
      if (taken.has(name)) name = `${name} ${city}`;
      if (taken.has(name)) continue;
      taken.add(name);
      const since = Math.round(HISTORY * (0.05 + 0.95 * t.random() ** 0.8));
      const size = t.chance(0.12) ? 3 : t.chance(0.4) ? 2 : 1;
      const prospect = t.chance(0.22);
      const domain = `${slug(name) || `${LOCAL[place.country] ?? 'firm'}-${found.length}`}.example`;
      const owner = t.pick(staff.sales[place.country] ?? [staff.chief]);
      const id = t.add('party', since, {
        kind: 'organisation',
        name,
        roles: [prospect ? 'prospect' : 'customer'],
        lifecycleStage: 'prospect',
        owner,
        emails: [{ value: `info@${domain}`, label: 'work', primary: true }],
        phones: [{ value: phone, label: 'work', primary: true }],
        addresses: [address],
        website: `https://www.${domain}`,
        language: place.language,
        currency: place.currency,
        industry,
        employees: size === 3 ? t.int(80, 900) : size === 2 ? t.int(15, 90) : t.int(2, 18),
        foundedYear: t.int(1890, 2021),
        tags: t.chance(0.12) ? [t.pick(['reference', 'seasonal', 'organic', 'chain', 'new site planned', 'rental'])] : null,
      });
      found.push({
        id,
        name,
        city,
        place,
        since,
        size,
        owner,
        agent: t.pick(staff.service.slice(0, 3)),
        contacts: [],
        until: !prospect && since > 240 && t.chance(0.16) ? t.int(100, since - 120) : 0,
        orders: [],
        prospect,
        hurt: false,
      });
    }
  }
  return found;
}

/** Suppliers, among them the one of the bad seals. */
function suppliers(t: Teller): string {
  const make = (name: string, country: string, description: string, roles: string[] = ['supplier']) => {
    const place = PLACES.find((candidate) => candidate.country === country) ?? (PLACES[0] as Place);
    const { address, phone } = addressOf(t, place);
    const domain = `${slug(name)}.example`;
    return t.add('party', HISTORY, {
      kind: 'organisation',
      name,
      roles,
      lifecycleStage: null,
      owner: null,
      emails: [{ value: `contact@${domain}`, label: 'work', primary: true }],
      phones: [{ value: phone, label: 'work', primary: true }],
      addresses: [address],
      website: `https://www.${domain}`,
      language: place.language,
      currency: place.currency,
      industry: roles.includes('partner') ? 'wholesale' : 'manufacturing',
      description,
    });
  };
  const seals = make(
    'Guarnizioni Valtro S.r.l.',
    'IT',
    'Pump seals until the bad batch of Ardea Duo; since then only gaskets, every delivery is tested.',
  );
  make('Kellerhals Dichtungen AG', 'CH', 'Pump seals since the bad batch.');
  make('Mahlwerk Oberland GmbH', 'DE', 'Burrs of both grinders.');
  make('Rösterei Speicherstadt KG', 'DE', 'The beans of Tarn Beans.');
  make('Caffè e Servizi Lombardia S.r.l.', 'IT', 'Sells and services in northern Italy.', ['partner']);
  make('Pacific Espresso Partners, Inc.', 'US', 'Service partner on the west coast.', ['partner']);
  return seals;
}

function contacts(t: Teller, customers: readonly Customer[]): void {
  const left = () => PARTIES - (t.rows.get('party')?.length ?? 0);
  const taken = new Set<string>();
  let n = 0;
  for (let round = 0; left() > 70 && round < 5; round++) {
    for (const customer of customers) {
      if (left() <= 70) break;
      if (round > 0 && (customer.size < round || t.chance(0.45))) continue;
      const { place } = customer;
      const given = t.pick(place.given);
      const family = t.pick(place.family);
      const host = String((t.rows.get('party')?.find((row) => row.id === customer.id)?.values.website as string) ?? '').replace(
        'https://www.',
        '',
      );
      let mail = `${slug(given) || 'kontakt'}.${slug(family) || n}@${host}`;
      if (taken.has(mail)) mail = `${slug(given).slice(0, 1) || 'k'}${n}@${host}`;
      taken.add(mail);
      const since = Math.max(customer.since - t.int(0, 90), 2);
      const jobTitle = round === 0 && customer.size === 1 ? 'Owner' : t.pick(texts.JOBS);
      const name = { prefix: null, given, middle: null, family, suffix: null };
      const id = t.add('party', since, {
        kind: 'person',
        name: `${given} ${family}`,
        personName: name,
        roles: [customer.prospect ? 'prospect' : 'customer'],
        lifecycleStage: null,
        owner: customer.owner,
        jobTitle,
        emails: [{ value: mail, label: 'work', primary: true }],
        phones: t.chance(0.7) ? [{ value: digits(t, t.pick(place.cities)[3]), label: 'work', primary: true }] : null,
        addresses: null,
        city: customer.city,
        country: place.country,
        language: place.language,
        currency: null,
      });
      t.add('relationship', since, { from: id, to: customer.id, type: 'employedBy', since: t.day(since + t.int(100, 1500)) });
      const [first] = customer.contacts;
      if (first && t.chance(0.5)) t.add('relationship', since, { from: id, to: first.id, type: 'reportsTo' });
      customer.contacts.push({ id, name: place.language === 'ja' ? family : `${given} ${family}` });
      n++;
    }
  }
  // Private people who bought one for the kitchen at home.
  while (left() > 0) {
    const place = t.pick(PLACES);
    const given = t.pick(place.given);
    const family = t.pick(place.family);
    const since = t.int(40, 1000);
    const { address, phone } = addressOf(t, place);
    t.add('party', since, {
      kind: 'person',
      name: `${given} ${family}`,
      personName: { prefix: null, given, middle: null, family, suffix: null },
      roles: ['prospect'],
      lifecycleStage: 'prospect',
      owner: t.pick(customers).owner,
      emails: [{ value: `${slug(given) || 'mail'}.${slug(family) || 'jp'}${t.int(2, 99)}@post.example`, label: 'home', primary: true }],
      phones: [{ value: phone, label: 'home', primary: true }],
      addresses: [{ ...address, label: 'home' }],
      language: place.language,
    });
  }
  // Who sent whom.
  const happy = customers.filter((customer) => !customer.prospect && customer.size > 1);
  for (let i = 0; i + 1 < happy.length; i += 6) {
    const [from, to] = [happy[i], happy[i + 1]];
    if (from && to) t.add('relationship', Math.min(from.since, to.since), { from: to.id, to: from.id, type: 'referredBy' });
  }
}

/** Years of buying: first a machine, then what it needs, more in autumn, Ardea Go ever more since its launch. */
function business(t: Teller, c: Customer, products: readonly Product[], delivered: Delivery[]): void {
  const named = (name: string) => products.find((product) => product.name === name) as Product;
  const machines = ['Ardea One', 'Ardea Duo', 'Ardea Pro', 'Ardea Pro XL', 'Ardea Bar'];
  const fits = c.size === 1 ? machines.slice(0, 2) : c.size === 2 ? machines.slice(0, 3) : machines.slice(1);
  const first = c.contacts[0]?.name ?? c.name;
  if (c.prospect) {
    const product = named(t.pick([...fits, ...(c.since < LAUNCH_DAY ? ['Ardea Go', 'Ardea Go'] : [])]));
    const opened = Math.max(Math.round(c.since * (0.3 + 0.6 * t.random())), 4);
    const open = opened < 140 ? t.chance(0.8) : t.chance(0.06);
    const amount = product.price * t.int(1, c.size + 1);
    t.deal(c, {
      name: `${c.name}: ${product.name}`,
      opened,
      days: t.int(20, 110),
      end: open ? null : 'lost',
      reached: open ? t.int(0, 2) : undefined,
      amount,
      product: product.id,
      nextStep: fill(t.pick(texts.NEXT_STEPS), { n: first }),
    });
    return;
  }
  const wanted = c.size === 3 ? t.int(8, 17) : c.size === 2 ? t.int(4, 10) : t.int(2, 5);
  const span = c.since - 10 - c.until;
  const days = new Set<number>([Math.max(c.since - t.int(5, 40), c.until + 2, 2)]);
  for (let tries = 0; days.size < Math.max(1, Math.round((wanted * Math.max(span, 60)) / 700)) && tries < 200; tries++) {
    const back = c.until + 1 + Math.floor(t.random() * Math.max(span, 1));
    // The company grows: the last year sells more than the first.
    if (t.isWeekend(back) || t.random() * 1.7 > season(t.month(back), c.place.country) * (1.15 - back / 3000)) continue;
    days.add(Math.max(back, 1));
  }
  c.orders = [...days].sort((a, b) => b - a);
  const late = t.chance(0.04);
  c.orders.forEach((back, i) => {
    // Its share grows month by month from nothing.
    const go = back < LAUNCH_DAY && t.chance(0.08 + 0.5 * (1 - back / LAUNCH_DAY));
    const machine = i === 0 || go || t.chance(0.34);
    const product = named(
      go
        ? 'Ardea Go'
        : machine
          ? t.pick([...fits, 'Ardea Duo'])
          : t.pick(['Tarn Grind 65', 'Tarn Grind 83', 'Tarn Filter set', 'Tarn Filter set', 'Tarn Cleaning set']),
    );
    const count = machine ? t.int(1, c.size) : product.price < 100 ? t.int(2, 4 * c.size) : 1;
    const extras = machine && t.chance(0.6) ? named('Tarn Grind 65').price : t.chance(0.5) ? named('Tarn Cleaning set').price * 2 : 0;
    const amount = product.price * count + extras;
    const opportunity =
      machine && t.chance(0.72)
        ? t.deal(c, {
            name: `${c.name}: ${count > 1 ? `${count} × ` : ''}${product.name}`,
            opened: Math.max(Math.min(back + t.int(14, 75), c.since), back),
            days: 0,
            end: null,
            amount,
            product: product.id,
          })
        : null;
    if (opportunity) settleDeal(t, opportunity, back);
    const status = back > 40 && t.chance(0.012) ? 'cancelled' : undefined;
    const sale = t.sale(c, back, amount, {
      opportunity,
      status,
      paidAfter: late && back < 75 ? null : undefined,
      terms: c.size === 1 ? 14 : 30,
    });
    if (sale.invoice && !machine && back > 30 && t.chance(0.03)) t.credit(c, back - t.int(10, 20), sale.total, sale.order);
    if (machine && sale.invoice)
      for (let k = 0; k < count; k++)
        delivered.push({ customer: c, party: c.id, place: c.place, product, back: Math.max(back - t.int(4, 12), 1) });
    t.add('interaction', back, {
      party: c.id,
      at: t.at(back),
      channel: t.pick(['web', 'web', 'phone', 'email', 'portal', 'pos', 'partner']),
      direction: 'inbound',
      kind: 'purchase',
      purpose: 'sales',
      subject: `Order ${sale.number}`,
      agent: null,
      product: product.id,
      outcome: 'purchase',
      cost: { amount: '1.20', currency: 'EUR' },
    });
  });
  const lost = t.chance(0.35);
  if (lost && c.since > 200)
    t.deal(c, {
      name: `${c.name}: second site`,
      opened: t.int(c.until + 60, Math.max(c.since - 20, c.until + 61)),
      days: t.int(20, 59),
      end: 'lost',
      amount: named('Ardea Duo').price * 2,
      product: named('Ardea Duo').id,
    });
  if (c.until === 0 && t.chance(0.2)) {
    const product = named(t.pick([...fits, 'Ardea Go']));
    t.deal(c, {
      name: `${c.name}: ${t.pick(['second machine', 'replacement', 'new bar', 'renewal', 'breakfast room'])}`,
      opened: t.int(3, 80),
      days: 0,
      end: null,
      reached: t.int(0, 2),
      amount: product.price * t.int(1, c.size + 1),
      product: product.id,
      nextStep: fill(t.pick(texts.NEXT_STEPS), { n: first }),
    });
  }
  if (t.chance(0.55)) {
    const plan = named(t.pick(['Tarn Care', 'Tarn Beans']));
    const started = Math.max((c.orders[0] ?? c.since) - t.int(3, 30), c.until + 5, 3);
    const ended = c.until > 0;
    t.add('subscription', started, {
      name: `${plan.name}, ${c.size === 3 ? 'all sites' : t.pick(['monthly', 'standard'])}`,
      party: c.id,
      product: plan.id,
      status: ended ? 'ended' : started < 25 ? 'trial' : t.chance(0.04) ? 'paused' : 'active',
      startsOn: t.day(started),
      renewsOn: ended ? null : t.day((started % 365) - 365),
      endsOn: ended ? t.day(c.until) : null,
      amount: { amount: amountIn(plan.price * c.size, c.place.currency), currency: c.place.currency },
      period: 'month',
    });
  }
}

/** Wins an opportunity that was opened before, on the day of its order. */
function settleDeal(t: Teller, id: string, back: number): void {
  const row = t.rows.get('opportunity')?.find((candidate) => candidate.id === id);
  const path = t.paths.get(id);
  const won = t.o.stages.find((stage) => stage.category === 'won');
  if (!row || !path || !won) return;
  const [first] = path.steps;
  const begin = Date.parse(first?.at ?? row.at);
  const end = Math.max(Date.parse(t.at(back, 16, 30)), begin);
  row.values.stage = won.id;
  row.values.probability = won.probability;
  row.values.closedOn = t.day(back);
  row.values.closeDate = t.day(back);
  row.values.nextStep = null;
  const steps = [...path.steps, { stage: won.id, at: '' }];
  path.steps = steps.map((step, i) => ({
    stage: step.stage,
    at: new Date(begin + ((end - begin) * i) / Math.max(steps.length - 1, 1)).toISOString(),
  }));
}

/** Machines in use with their serial numbers in the order of delivery, and what went wrong with them. */
function installedBase(
  t: Teller,
  products: readonly Product[],
  delivered: Delivery[],
  special: readonly Delivery[],
): { batchFrom: string; batchTo: string } {
  const serials = new Map<string, number>();
  const bad: string[] = [];
  for (const d of [...delivered, ...special].sort((a, b) => b.back - a.back)) {
    const next = (serials.get(d.product.id) ?? 20_140) + t.int(1, 3);
    serials.set(d.product.id, next);
    const serial = `${d.product.sku.replace('AR-', 'A').replace('TN-', 'T')}-${next}`;
    const isBad = d.product.name === 'Ardea Duo' && d.back <= BATCH_DAYS.from && d.back >= BATCH_DAYS.to;
    if (isBad) bad.push(serial);
    const asset = t.add('asset', d.back, {
      party: d.party,
      product: d.product.id,
      serial,
      status: d.customer && d.customer.until > 0 ? 'retired' : 'inUse',
      installedOn: t.day(d.back),
      warrantyUntil: t.day(d.back - 730),
      place: t.chance(0.4) ? t.pick(['Bar', 'Breakfast room', 'Kitchen', 'Lobby', 'Second floor', 'Terrace', 'Counter left']) : null,
    });
    if (d.customer === null) continue;
    if (isBad && t.chance(0.85)) leak(t, d.customer, d, asset, serial);
    else if (t.chance(0.4)) trouble(t, d.customer, d, asset, serial);
  }
  for (const product of products) serials.delete(product.id);
  return { batchFrom: bad[0] ?? '', batchTo: bad.at(-1) ?? '' };
}

const partsOf = (line: string): [string, string, string] => {
  const [subject = '', body = '', solution = ''] = line.split('|');
  return [subject, body, solution];
};

function addCase(
  t: Teller,
  c: Customer,
  o: {
    line: string;
    opened: number;
    took: number;
    asset?: string;
    product: Product;
    serial: string;
    priority: string;
    satisfaction: number;
    channel: string;
  },
): void {
  const words = { p: o.product.name, s: o.serial, n: c.contacts[0]?.name ?? c.name };
  const [subject, description, solution] = partsOf(o.line);
  const closed = o.opened - o.took;
  const done = closed >= 1;
  const openedAt = t.at(o.opened);
  t.add(
    'case',
    o.opened,
    {
      subject: fill(subject, words),
      customer: c.id,
      status: done ? (o.took > 30 || closed > 30 ? 'closed' : 'solved') : o.opened < 2 ? 'new' : t.pick(['open', 'open', 'waiting']),
      priority: o.priority,
      owner: c.agent,
      channel: o.channel,
      product: o.product.id,
      asset: o.asset ?? null,
      openedAt,
      closedAt: done ? t.at(Math.min(closed, o.opened - 1), 17) : null,
      description: fill(description, words),
      solution: done ? fill(solution, words) : null,
      timeSpent: done ? `PT${t.int(2, 30) * 5}M` : null,
      satisfaction: done && t.chance(0.6) ? o.satisfaction : null,
    },
    openedAt,
  );
}

function trouble(t: Teller, c: Customer, d: Delivery, asset: string, serial: string): void {
  const low = Math.max(c.until, 0);
  if (d.back - 15 <= low + 25) return;
  const opened = t.int(low + 1, d.back - 15);
  addCase(t, c, {
    line: t.pick(texts.CASES),
    opened,
    took: t.int(1, 9),
    asset,
    product: d.product,
    serial,
    priority: t.pick(['low', 'normal', 'normal', 'normal', 'high']),
    satisfaction: t.pick([3, 4, 4, 5, 5]),
    channel: t.pick(['email', 'phone', 'web', 'portal']),
  });
  spoken(t, c, opened, 'service', texts.SERVICE, d.product, serial, 0);
}

/** A machine of the bad batch: long cases, angry calls, then mostly made good. */
function leak(t: Teller, c: Customer, d: Delivery, asset: string, serial: string): void {
  c.hurt = true;
  const opened = Math.max(d.back - t.int(12, 110), 3);
  const took = t.int(9, 34);
  addCase(t, c, {
    line: t.pick(texts.BATCH_CASES),
    opened,
    took,
    asset,
    product: d.product,
    serial,
    priority: t.pick(['high', 'high', 'urgent']),
    satisfaction: t.pick([1, 1, 2, 2, 3]),
    channel: t.pick(['phone', 'phone', 'email']),
  });
  const words = { p: d.product.name, s: serial, n: c.contacts[0]?.name ?? c.name };
  const speak = (line: string, back: number, channel: string, effect: number, outcome: string, direction: string) => {
    const [subject, body] = partsOf(line);
    t.add('interaction', back, {
      party: c.id,
      at: t.at(back),
      channel,
      direction,
      kind: channel === 'visit' ? 'visit' : channel === 'phone' ? 'call' : 'message',
      purpose: 'service',
      subject: fill(subject, words),
      body: fill(body, words),
      agent: c.agent,
      product: d.product.id,
      duration: channel === 'email' ? null : t.int(4, 22) * 60,
      cost: { amount: channel === 'visit' ? '140.00' : channel === 'phone' ? '7.50' : '2.10', currency: 'EUR' },
      outcome,
      satisfactionEffect: effect,
    });
  };
  speak(t.pick(texts.BATCH_CALLS), opened, 'phone', -2, 'unresolved', 'inbound');
  if (t.chance(0.6)) speak(t.pick(texts.BATCH_CALLS), Math.max(opened - 6, 2), t.pick(['phone', 'email']), -1, 'followUp', 'inbound');
  // Some leave for good; the others are won over again.
  if (t.chance(0.4) && c.orders.every((back) => back >= opened - took)) {
    c.until = Math.max(opened - took, 60);
    t.add('note', opened - took, {
      subject: 'Leaves us over the leaking machine',
      body: '<p>Will not order again. The second leak was the one too many; they have a machine of another maker since last week.</p>',
      party: c.id,
      author: c.owner,
    });
  } else
    speak(
      t.pick(texts.BATCH_MENDED),
      Math.max(opened - took - 2, 1),
      t.pick(['phone', 'visit', 'email']),
      t.pick([1, 1, 2]),
      'resolved',
      'outbound',
    );
}

function spoken(
  t: Teller,
  c: Customer,
  back: number,
  purpose: 'sales' | 'service' | 'billing',
  book: Record<string, readonly string[]>,
  product: Product,
  serial: string,
  effect: number,
): void {
  const lines = book[c.place.language] ?? book.en ?? [];
  const [subject, body] = partsOf(t.pick(lines));
  // What names somebody was told to us in person; the rest came in by itself.
  const met = body.includes('{n}');
  const channel = met
    ? t.pick(['phone', 'phone', 'visit', 'email'] as const)
    : t.pick([
        'email',
        'email',
        'email',
        'email',
        'phone',
        'chat',
        'web',
        'web',
        'messaging',
        'portal',
        'sms',
        'post',
        'fax',
        'mobile',
      ] as const);
  const cost = {
    email: '2.10',
    phone: '6.50',
    chat: '3.20',
    web: '0.40',
    messaging: '1.10',
    portal: '0.40',
    visit: '140.00',
    sms: '0.20',
    post: '3.90',
    fax: '2.40',
    mobile: '0.50',
  }[channel];
  const words = { p: product.name, n: c.contacts.length > 0 ? t.pick(c.contacts).name : c.name, s: serial, c: c.name };
  const spokenTo = channel === 'phone' || channel === 'visit';
  t.add('interaction', back, {
    party: c.id,
    at: t.at(back),
    channel,
    direction: met && purpose === 'sales' && t.chance(0.6) ? 'outbound' : 'inbound',
    kind: channel === 'phone' ? 'call' : channel === 'visit' ? 'visit' : 'message',
    purpose,
    subject: fill(subject, words),
    body: fill(body, words),
    agent: purpose === 'service' ? c.agent : c.owner,
    product: product.id,
    duration: spokenTo ? t.int(2, 25) * 60 : null,
    cost: { amount: cost, currency: 'EUR' },
    outcome: spokenTo ? t.pick(['answered', 'resolved', 'followUp', 'noAnswer', 'answered']) : t.pick(['answered', 'resolved', null]),
    satisfactionEffect: effect || (t.chance(0.12) ? t.pick([1, 1, -1]) : null),
  });
}

/** What was said between the purchases, the letters of the launch, notes, promises and things to do. */
function talk(t: Teller, c: Customer, products: readonly Product[]): void {
  const end = Math.max(c.until, 1);
  const months = Math.max((c.since - end) / 30, 1);
  const count = Math.round(months * (c.prospect ? 0.28 : 0.3 + 0.28 * c.size)) + 1;
  const machine = t.pick(products.slice(0, 5));
  for (let i = 0; i < count; i++) {
    const back = t.int(end, Math.max(c.since, end));
    const roll = t.random();
    if (c.prospect || roll < 0.42) spoken(t, c, back, 'sales', texts.SALES, machine, '', 0);
    else if (roll < 0.9) spoken(t, c, back, 'service', texts.SERVICE, machine, '', 0);
    else spoken(t, c, back, 'billing', { en: texts.BILLING }, machine, '', 0);
  }
  texts.LAUNCH.forEach((line, i) => {
    const back = LAUNCH_DAY - i * 24;
    if (c.since < back || c.until > back || !t.chance(0.6)) return;
    const [subject, body] = partsOf(line);
    const go = products.find((product) => product.name === 'Ardea Go');
    t.add('interaction', back, {
      party: c.id,
      at: t.at(back, 7, t.int(0, 59)),
      channel: 'email',
      direction: 'outbound',
      kind: 'message',
      purpose: 'marketing',
      subject,
      body,
      agent: null,
      product: go?.id ?? null,
      campaign: 'Launch of Ardea Go',
      cost: { amount: '0.05', currency: 'EUR' },
    });
  });
  const words = () => ({ n: c.contacts.length > 0 ? t.pick(c.contacts).name : c.name, p: machine.name });
  for (let i = c.size + (c.prospect ? 0 : 1); i > 0; i--) {
    if (t.chance(0.35)) continue;
    const [subject, body] = partsOf(t.pick(texts.NOTES));
    t.add('note', t.int(end, Math.max(c.since, end)), {
      subject,
      body: `<p>${fill(body, words())}</p>`,
      party: c.id,
      author: t.chance(0.7) ? c.owner : c.agent,
      pinned: t.chance(0.04),
    });
  }
  if (t.chance(0.28)) {
    const [text, kind] = partsOf(t.pick(texts.FACTS));
    const back = t.int(end, Math.max(c.since, end));
    t.add('fact', back, {
      text,
      kind,
      party: c.id,
      source: t.pick(['Said on the telephone', 'Visit', 'Told by the technician', 'Trade fair']),
      author: c.owner,
      knownSince: t.day(Math.max(back, 1)),
      expiresOn: kind === 'risk' ? t.day(-90) : null,
    });
  }
  if (c.until > 0) return;
  if (t.chance(0.45)) {
    const due = t.int(4, Math.max(Math.min(c.since, 700), 5));
    const promise = t.chance(0.4);
    t.add('task', due + 5, {
      subject: fill(t.pick(promise ? texts.PROMISES : texts.TODOS), words()),
      kind: promise ? 'promise' : t.pick(['task', 'call', 'meeting', 'email', 'callback']),
      status: t.chance(0.95) ? 'done' : 'cancelled',
      priority: 'normal',
      party: c.id,
      owner: c.owner,
      dueOn: t.day(due),
      doneAt: t.at(due + t.int(-2, 3)),
    });
  }
  if (t.chance(0.17)) {
    const promise = t.chance(0.35);
    t.add('task', t.int(2, 12), {
      subject: fill(t.pick(promise ? texts.PROMISES : texts.TODOS), words()),
      kind: promise ? 'promise' : t.pick(['task', 'call', 'meeting', 'email', 'callback']),
      status: 'open',
      priority: t.pick(['normal', 'normal', 'high', 'low']),
      party: c.id,
      owner: c.owner,
      dueOn: t.day(t.int(-18, 3)),
    });
  }
}

/** Where each customer stands, told by what happened. */
function stages(t: Teller, customers: readonly Customer[]): void {
  const rows = new Map((t.rows.get('party') ?? []).map((row) => [row.id, row]));
  const back = customers.filter((c) => !c.prospect && c.until === 0 && c.orders.length > 3).slice(0, 3);
  for (const c of customers) {
    const row = rows.get(c.id);
    if (!row || c.prospect) continue;
    const last = c.orders.at(-1) ?? c.since;
    row.values.lifecycleStage =
      c.until > 0 || last > 420
        ? 'lapsed'
        : back.includes(c)
          ? 'wonBack'
          : c.hurt && t.chance(0.3)
            ? 'atRisk'
            : c.orders.length >= 6
              ? 'mature'
              : c.orders.length >= 2
                ? 'repeat'
                : 'new';
  }
}
