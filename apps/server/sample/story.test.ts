import { describe, expect, it } from 'vitest';
import { BATCH_DAYS, LAUNCH_DAY, PARTIES, tellStory } from './story.ts';
import type { StoryRow } from './teller.ts';

const TODAY = '2026-11-22';
const stage = (id: string, category: 'open' | 'won' | 'lost', probability: number) => ({ id, category, probability });
const OPTIONS = {
  seed: '0199a000-1111-7abc-8def-0123456789ab',
  today: TODAY,
  baseCurrency: 'EUR',
  pipeline: 'pipeline',
  lossReasons: ['budget', 'fit'],
  stages: [
    stage('first', 'open', 0.1),
    stage('second', 'open', 0.4),
    stage('third', 'open', 0.6),
    stage('won', 'won', 1),
    stage('lost', 'lost', 0),
  ],
};
const story = tellStory(OPTIONS);
const rows = (key: string): StoryRow[] => story.objects.find((object) => object.key === key)?.rows ?? [];
const of = (key: string, field: string, value: unknown) => rows(key).filter((row) => row.values[field] === value);
const ago = (days: number) => new Date(Date.parse(`${TODAY}T12:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);
const cents = (money: unknown) => Math.round(Number((money as { amount: string }).amount) * 100);

describe('the story of the sample company', () => {
  it('is the same whenever it is told, and another with another seed only in its ids', () => {
    expect(tellStory(OPTIONS)).toEqual(story);
    const other = tellStory({ ...OPTIONS, seed: '0199b000-1111-7abc-8def-0123456789cd' });
    expect(other.objects.map(({ rows: list }) => list.length)).toEqual(story.objects.map(({ rows: list }) => list.length));
    expect(other.objects[4]?.rows[7]?.values.name).toBe(rows('party')[7]?.values.name);
    expect(other.objects[4]?.rows[7]?.id).not.toBe(rows('party')[7]?.id);
  });

  it('has 2,000 parties in ten countries, languages and five currencies, and three years of everything', () => {
    const parties = rows('party');
    expect(parties.length).toBe(PARTIES);
    const places = new Set(parties.map(({ values }) => (values.addresses as { country: string }[] | null)?.[0]?.country ?? values.country));
    for (const country of ['DE', 'AT', 'CH', 'FR', 'GB', 'US', 'ES', 'JP', 'IT', 'NL']) expect(places).toContain(country);
    const currencies = new Set(rows('invoice').map(({ values }) => (values.total as { currency: string }).currency));
    expect([...currencies].sort()).toEqual(['CHF', 'EUR', 'GBP', 'JPY', 'USD']);
    for (const { key, rows: list } of story.objects)
      expect(list.length, key).toBeGreaterThan(
        ({ competitor: 2, leadForm: 0, bookingPage: 1, callList: 0 } as Record<string, number>)[key] ?? 5,
      );
    const first = rows('order').reduce((least, { values }) => (String(values.date) < least ? String(values.date) : least), TODAY);
    expect(first < ago(1000)).toBe(true);
    expect(new Set(rows('interaction').map(({ values }) => values.channel)).size).toBeGreaterThanOrEqual(12);
  });

  it('refers only to what there is, and to what was written before it', () => {
    const known = new Set(['pipeline', ...OPTIONS.stages.map(({ id }) => id)]);
    const ids = new Set<string>();
    for (const { rows: list } of story.objects) for (const row of list) ids.add(row.id);
    expect(ids.size).toBe(story.objects.reduce((sum, { rows: list }) => sum + list.length, 0));
    const check = (value: unknown): void => {
      if (typeof value === 'string' && /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(value)) expect(known.has(value), value).toBe(true);
      else if (Array.isArray(value)) value.forEach(check);
      else if (value && typeof value === 'object') Object.values(value).forEach(check);
    };
    for (const { rows: list } of story.objects)
      for (const row of list) {
        Object.values(row.values).forEach(check);
        known.add(row.id);
      }
    for (const path of story.paths.values()) for (const step of path.steps) expect(known).toContain(step.stage);
  });

  it('keeps the order of time: nothing later than today but what is due, no end before its beginning', () => {
    for (const { key, rows: list } of story.objects)
      for (const { at, values } of list) {
        expect(at.slice(0, 10) <= TODAY, `${key} ${at}`).toBe(true);
        if (values.date) expect(String(values.date) < TODAY, `${key} ${String(values.date)}`).toBe(true);
        if (values.dueDate) expect(String(values.dueDate) >= String(values.date)).toBe(true);
        if (values.closedAt)
          expect(String(values.closedAt) > String(values.openedAt ?? values.receivedAt), JSON.stringify(values)).toBe(true);
        if (values.closedOn) expect(String(values.closedOn) >= String(values.openedOn), JSON.stringify(values)).toBe(true);
        if (key === 'case' && !values.closedAt) expect(['new', 'open', 'waiting']).toContain(values.status);
      }
    for (const { steps } of story.paths.values()) {
      const moments = steps.map((step) => step.at);
      expect([...moments].sort()).toEqual(moments);
    }
  });

  it('lists what is to be sold in the deals of a year, to their amounts', () => {
    const sums = new Map<string, number>();
    for (const { values } of rows('dealLine')) {
      const id = String(values.opportunity);
      sums.set(id, (sums.get(id) ?? 0) + cents(values.unitPrice) * Number(values.quantity ?? 1));
    }
    expect(sums.size).toBeGreaterThan(200);
    for (const { id, values } of rows('opportunity')) {
      const sum = sums.get(id);
      if (sum !== undefined) expect(sum, id).toBe(cents(values.amount));
    }
  });

  it('adds up: an invoice is its order, a payment its invoice, a credit note what was billed', () => {
    const orders = new Map(rows('order').map((row) => [row.id, row]));
    const invoices = new Map(rows('invoice').map((row) => [row.id, row]));
    for (const { values } of invoices.values()) {
      const order = orders.get(String(values.order));
      expect(order?.values.customer).toBe(values.customer);
      expect(cents(values.total)).toBe(cents(order?.values.total) * (values.kind === 'creditNote' ? -1 : 1));
      expect(String(values.date) >= String(order?.values.date)).toBe(true);
    }
    const paid = new Set<unknown>();
    for (const { values } of rows('payment')) {
      expect(cents(values.amount)).toBe(cents(invoices.get(String(values.invoice))?.values.total));
      expect(paid.has(values.invoice)).toBe(false);
      paid.add(values.invoice);
    }
    const overdue = [...invoices.values()].filter(
      ({ id, values }) => values.status === 'issued' && !paid.has(id) && String(values.dueDate) < TODAY,
    );
    expect(overdue.length).toBeGreaterThan(15);
    expect(overdue.length).toBeLessThan(invoices.size / 10);
    for (const [key, field] of [
      ['order', 'number'],
      ['invoice', 'number'],
      ['product', 'sku'],
    ] as const)
      expect(new Set(rows(key).map(({ values }) => values[field])).size).toBe(rows(key).length);
  });

  it('knows seasons: autumn is full, August is empty', () => {
    const inMonth = (month: string) => rows('order').filter(({ values }) => String(values.date).slice(5, 7) === month).length;
    expect(inMonth('11')).toBeGreaterThan(1.3 * inMonth('06'));
    expect(inMonth('08')).toBeLessThan(0.75 * inMonth('06'));
  });

  it('knows the launch: nothing of Ardea Go before it, and every quarter more', () => {
    const sold = rows('asset').filter(({ values }) => values.product === story.known.launch);
    expect(sold.every(({ values }) => String(values.installedOn) >= ago(LAUNCH_DAY))).toBe(true);
    const quarter = (n: number) => sold.filter(({ values }) => String(values.installedOn) > ago(LAUNCH_DAY - n * 105) === false).length;
    const counts = [1, 2, 3, 4].map((n) => quarter(n) - quarter(n - 1));
    expect(counts[3]).toBeGreaterThan((counts[0] ?? 0) * 1.5);
  });

  it('knows the bad batch: serial numbers of one month, most with a case, unhappy people, and most of them stay', () => {
    const { batchProduct, batchFrom, batchTo } = story.known;
    const bad = of('asset', 'product', batchProduct).filter(
      ({ values }) => String(values.serial) >= batchFrom && String(values.serial) <= batchTo,
    );
    expect(bad.length).toBeGreaterThan(20);
    for (const { values } of bad) {
      expect(String(values.installedOn) >= ago(BATCH_DAYS.from)).toBe(true);
      expect(String(values.installedOn) <= ago(BATCH_DAYS.to)).toBe(true);
    }
    const ids = new Set(bad.map(({ id }) => id));
    const cases = rows('case').filter(({ values }) => ids.has(String(values.asset)));
    expect(cases.length).toBeGreaterThan(bad.length / 2);
    const hurt = new Set(cases.map(({ values }) => values.customer));
    const effects = rows('interaction').filter(({ values }) => hurt.has(values.party) && Number(values.satisfactionEffect) < -1);
    expect(effects.length).toBeGreaterThanOrEqual(hurt.size);
    const stages = [...hurt].map((id) => rows('party').find((row) => row.id === id)?.values.lifecycleStage);
    const lapsed = stages.filter((stage) => stage === 'lapsed').length;
    expect(lapsed).toBeGreaterThan(0);
    expect(lapsed).toBeLessThan(stages.length / 2);
  });

  it('knows Nordlicht: won, lost twenty months ago, won back five months ago, and a promise open now', () => {
    const { keyAccount } = story.known;
    const party = rows('party').find(({ id }) => id === keyAccount);
    expect(party?.values).toMatchObject({ name: 'Nordlicht Hotels AG', lifecycleStage: 'wonBack' });
    const deals = of('opportunity', 'customer', keyAccount);
    const closed = (stage: string) =>
      deals
        .filter(({ values }) => values.stage === stage)
        .map(({ values }) => String(values.closedOn))
        .sort();
    expect(closed('lost')).toHaveLength(1);
    expect(closed('lost')[0]).toBe(ago(608));
    expect(closed('won')).toHaveLength(2);
    expect(Math.abs(Date.parse(closed('won')[1] ?? '') - Date.parse(ago(152)))).toBeLessThan(3 * 86_400_000);
    // Between the two nobody bought anything.
    const bought = of('order', 'customer', keyAccount).map(({ values }) => String(values.date));
    expect(bought.filter((date) => date > ago(608) && date < ago(156))).toEqual([]);
    expect(
      of('task', 'party', keyAccount).filter(({ values }) => values.kind === 'promise' && values.status === 'open').length,
    ).toBeGreaterThan(0);
  });
});
