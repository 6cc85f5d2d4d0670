import { describe, expect, test } from 'vitest';
import {
  boundsSql,
  firstPartitions,
  gapsIn,
  MOST_PARTITIONS,
  MOVED_AT_ONCE,
  nextStep,
  type Partition,
  type PartitionState,
  readBounds,
  STRAYS_FROM,
} from './partition-plan.ts';

const day = (text: string): Date => new Date(`${text}T12:00:00Z`);
const part = (name: string, from: string, to: string, more: Partial<Partition> = {}): Partition => ({
  name,
  from: Date.parse(`${from}Z`),
  to: Date.parse(`${to}Z`),
  rows: 100,
  empty: false,
  used: true,
  ...more,
});
const year = (of: number, more: Partial<Partition> = {}): Partition => part(`t_${of}`, `${of}-01-01T00:00`, `${of + 1}-01-01T00:00`, more);
const years = (from: number, to: number, more: Partial<Partition> = {}): Partition[] =>
  Array.from({ length: to - from + 1 }, (_, i) => year(from + i, more));
const state = (partitions: Partition[], more: Partial<PartitionState> = {}): PartitionState => ({
  table: 't',
  partitions,
  strays: new Map(),
  refused: new Set(),
  ...more,
});

/** Does the steps on paper until there are none. */
function carryOut(from: PartitionState, now: Date): { state: PartitionState; steps: string[] } {
  let at = from;
  const steps: string[] = [];
  for (let turn = 0; turn < 500; turn++) {
    const step = nextStep(at, now);
    if (!step) return { state: at, steps };
    const all = [...at.partitions];
    const without = (...names: string[]) => all.filter(({ name }) => !names.includes(name));
    if (step.do === 'mark') {
      steps.push(`mark ${step.name}`);
      at = { ...at, partitions: all.map((p) => (p.name === step.name ? { ...p, used: true } : p)) };
    } else if (step.do === 'retire') {
      steps.push(`retire ${step.name}`);
      at = { ...at, partitions: without(step.name) };
    } else if (step.do === 'merge') {
      steps.push(`merge ${step.gone} into ${step.keep} as ${step.name}`);
      const rows = all.filter(({ name }) => name === step.keep || name === step.gone).reduce((sum, p) => sum + p.rows, 0);
      at = { ...at, partitions: [...without(step.keep, step.gone), { ...step.span, name: step.name, rows, empty: false, used: true }] };
    } else {
      steps.push(`make ${step.parts.map(({ name }) => name).join(' ')}`);
      at = {
        ...at,
        partitions: [
          ...all,
          ...step.parts.map((p) => {
            const rows = at.strays.get(new Date(p.from).getUTCFullYear()) ?? 0;
            return { ...p, rows, empty: rows === 0, used: false };
          }),
        ],
      };
    }
  }
  throw new Error(`It never ends: ${steps.slice(-4).join(', ')}`);
}

describe('which partitions there must be', () => {
  test('a new table has ten years back and two ahead, and nothing is to be done', () => {
    const first = firstPartitions('t', day('2026-11-22'));
    expect(first.map(({ name }) => name)).toEqual(Array.from({ length: 13 }, (_, i) => `t_${2016 + i}`));
    expect(nextStep(state(first.map((p) => ({ ...p, rows: 0, empty: true, used: false }))), day('2026-11-22'))).toBeNull();
  });

  test('the years to come are there before they begin', () => {
    expect(carryOut(state(years(2024, 2028)), day('2028-06-01')).steps).toEqual(['make t_2029', 'make t_2030']);
  });

  test('rows that strayed get their year from a number on, unless they are too many for a moment', () => {
    const held = years(2016, 2028);
    const with_ = (n: number) => carryOut(state(held, { strays: new Map([[1998, n]]) }), day('2026-06-01')).steps;
    expect(with_(STRAYS_FROM - 1)).toEqual([]);
    expect(with_(STRAYS_FROM)).toEqual(['make t_1998', 'mark t_1998']);
    expect(with_(MOVED_AT_ONCE + 1)).toEqual([]);
    expect(nextStep(state(held, { strays: new Map([[1998, STRAYS_FROM]]), refused: new Set(['t_1998']) }), day('2026-06-01'))).toBeNull();
  });

  test('what was emptied goes, what never held anything stays while it is near', () => {
    const held = [
      year(2015, { empty: true, used: false }),
      year(2016, { empty: true, used: false }),
      year(2017, { empty: true }),
      ...years(2018, 2028),
    ];
    expect(carryOut(state(held), day('2026-06-01')).steps).toEqual(['retire t_2015', 'retire t_2017']);
  });

  test('what is seen with rows is remembered', () => {
    expect(carryOut(state([year(2024, { used: false }), ...years(2025, 2028)]), day('2026-06-01')).steps).toEqual(['mark t_2024']);
  });

  test('never above forty over a century, whatever comes in, and no two overlap', () => {
    let at = state(firstPartitions('t', day('2026-01-01')).map((p) => ({ ...p, rows: 0, empty: true, used: false })));
    for (let now = 2026; now < 2126; now++) {
      for (const month of ['01', '07']) {
        const moment = day(`${now}-${month}-15`);
        // Every year fills, the busy ones greatly; old ones are thinned out.
        const filled = at.partitions.map((p) => {
          if (p.to <= Date.UTC(now - 30)) return { ...p, rows: 900, empty: false };
          return p.from <= moment.getTime() ? { ...p, rows: now % 3 === 0 ? 10_000_000 : 20_000, empty: false } : p;
        });
        at = carryOut({ ...at, partitions: filled }, moment).state;
        expect(at.partitions.length + 1).toBeLessThanOrEqual(MOST_PARTITIONS);
        const sorted = [...at.partitions].sort((a, b) => a.from - b.from);
        for (const [i, p] of sorted.entries()) expect(p.to).toBeLessThanOrEqual(sorted[i + 1]?.from ?? Number.POSITIVE_INFINITY);
        expect(new Set(sorted.map(({ name }) => name)).size).toBe(sorted.length);
        expect(gapsIn({ from: Date.UTC(now), to: Date.UTC(now + 3) }, sorted)).toEqual([]);
      }
    }
  });

  test('where no two neighbours are small enough nothing is forced', () => {
    const full = years(1990, 2028, { rows: 10_000_000 });
    expect(full.length + 1).toBe(MOST_PARTITIONS);
    expect(nextStep(state(full), day('2027-06-01'))).toBeNull();
  });
});

describe('gaps and bounds', () => {
  test('what no partition covers', () => {
    const of = (text: string) => Date.parse(`${text}T00:00Z`);
    const span = { from: of('2026-01-01'), to: of('2027-01-01') };
    expect(gapsIn(span, [])).toEqual([span]);
    expect(gapsIn(span, [year(2026)])).toEqual([]);
    expect(gapsIn(span, [part('a', '2025-06-01T00:00', '2026-02-01T00:00'), part('b', '2026-03-01T00:00', '2026-12-01T00:00')])).toEqual([
      { from: of('2026-02-01'), to: of('2026-03-01') },
      { from: of('2026-12-01'), to: of('2027-01-01') },
    ]);
  });

  test('bounds are read as they are written', () => {
    const span = { from: Date.UTC(2026), to: Date.UTC(2027) };
    expect(readBounds("FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2027-01-01 00:00:00+00')")).toEqual(span);
    expect(boundsSql(span)).toBe("from ('2026-01-01 00:00:00.000+00') to ('2027-01-01 00:00:00.000+00')");
    expect(readBounds("FOR VALUES FROM (MINVALUE) TO ('2000-01-01 00:00:00+00')")).toEqual({
      from: Number.NEGATIVE_INFINITY,
      to: Date.UTC(2000),
    });
    expect(readBounds('FOR VALUES WITH (modulus 4, remainder 0)')).toBeNull();
  });
});
