import { describe, expect, it } from 'vitest';
import { chancesOf, chanceWithin, forecast, type Sight, wape } from './statistical.ts';

describe('chances by age', () => {
  // Ten deals: one won at once, one lost a day later, two still open at two days, two won at three; four go on.
  const lives: Sight['lives'] = [
    { age: 0, entered: 10, won: 1, lost: 0, open: 0 },
    { age: 1, entered: 0, won: 0, lost: 1, open: 0 },
    { age: 2, entered: 0, won: 0, lost: 0, open: 2 },
    { age: 3, entered: 0, won: 2, lost: 0, open: 4 },
  ];

  it('are the cumulative incidence of being won, beside being lost', () => {
    const { won, open } = chancesOf(lives);
    // By hand: 1/10; then of .9 · 8/9 = .8 that are still open two of six.
    expect(won.map((one) => one.toFixed(4))).toEqual(['0.0000', '0.1000', '0.1000', '0.1000', '0.3667']);
    expect(open.map((one) => one.toFixed(4))).toEqual(['1.0000', '0.9000', '0.8000', '0.8000', '0.5333']);
    expect(chanceWithin({ won, open }, 0, 3)).toBeCloseTo((0.3667 - 0.1) / 0.9, 3);
    // Beyond what was ever seen nothing is promised.
    expect(chanceWithin({ won, open }, 3, 90)).toBe(0);
    expect(chanceWithin({ won, open }, 500, 90)).toBe(0);
  });

  it('count deals that were open when the records begin from the age they had then', () => {
    const late = chancesOf([
      { age: 0, entered: 5, won: 0, lost: 0, open: 0 },
      { age: 10, entered: 5, won: 5, lost: 0, open: 5 },
    ]);
    expect(late.won.at(-1)).toBeCloseTo(0.5);
  });

  it('say nothing where too few were seen', () => {
    expect(chancesOf([{ age: 0, entered: 4, won: 4, lost: 0, open: 0 }]).won.at(-1)).toBe(0);
  });
});

const steady = (value: number): Sight => ({
  lives: [
    { age: 0, entered: 100, won: 0, lost: 0, open: 0 },
    { age: 30, entered: 0, won: 50, lost: 50, open: 0 },
  ],
  open: [{ group: 'a', age: 0, value }],
  arrived: [],
  arrivalDays: 90,
  won: [
    { group: 'a', value },
    { group: 'b', value: 10 },
  ],
  wonDays: 90,
});

describe('a forecast', () => {
  it('tells the whole, then the groups, the largest first, each within its bounds', () => {
    const [whole, first, second] = forecast(steady(100), 90, []);
    // Half of what stands open is won, and half of each view is believed where nothing was learnt.
    expect(whole).toMatchObject({ group: null, value: 0.5 * 50 + 0.5 * 110 });
    expect([first?.group, second?.group]).toEqual(['a', 'b']);
    for (const one of [whole, first, second])
      expect(Number(one?.low) <= Number(one?.value) && Number(one?.value) <= Number(one?.high)).toBe(true);
  });

  it('believes what served best before, and corrects what promised too much', () => {
    // Before, the pipeline promised fifty and twenty-five came, from it alone.
    const lesson = { sight: { ...steady(100), won: [{ group: 'b', value: 400 }] }, days: 90, came: [{ group: 'a', value: 25 }] };
    const [whole, a] = forecast({ ...steady(200), won: [{ group: 'b', value: 400 }] }, 90, [lesson]);
    expect(whole?.value).toBeCloseTo(50);
    expect(a).toMatchObject({ group: 'a' });
  });

  it('of nothing is nothing', () => {
    const none = { lives: [], open: [], arrived: [], arrivalDays: 90, won: [], wonDays: 90 };
    expect(forecast(none, 90, [])).toEqual([{ group: null, value: 0, low: 0, high: 0 }]);
  });
});

it('the weighted absolute percentage error is the misses over what came', () => {
  expect(
    wape(
      new Map([
        ['a', 8],
        ['c', 2],
      ]),
      new Map([
        ['a', 10],
        ['b', 5],
      ]),
    ),
  ).toBeCloseTo((2 + 5 + 2) / 15);
});
