import { expect, it } from 'vitest';
import { Lanes, OF_ONE, SLOTS } from './lanes.ts';

const things = (source: string, count: number) => Array.from({ length: count }, (_, n) => ({ source, n }));
const all = <T extends { source: string }>(lanes: Lanes<T>): T[] => {
  const begun: T[] = [];
  for (let thing = lanes.next(); thing; thing = lanes.next()) begun.push(thing);
  return begun;
};

it('gives one receiver no more than its share, and lets them come in turn', () => {
  const lanes = new Lanes<{ source: string; n: number }>();
  lanes.add([...things('slow', OF_ONE * 2), ...things('quick', 3)]);
  const begun = all(lanes);
  expect(begun.slice(0, 6).map(({ source, n }) => `${source} ${n}`)).toEqual([
    'slow 0',
    'quick 0',
    'slow 1',
    'quick 1',
    'slow 2',
    'quick 2',
  ]);
  expect(begun.filter(({ source }) => source === 'slow')).toHaveLength(OF_ONE);
  expect(lanes.queued).toBe(OF_ONE);
  // While it hangs there is no room for more of it, and all of it for others.
  expect(lanes.rooms()).toMatchObject({ of: new Map(Object.entries({ slow: 0, quick: OF_ONE - 3 })), unknown: OF_ONE });
  const [first] = begun;
  if (first) lanes.done(first, 10_000);
  expect(all(lanes)).toMatchObject([{ source: 'slow', n: OF_ONE }]);
});

it('holds as much ahead of a receiver as it takes soon, and no more than there are slots and room for', () => {
  const lanes = new Lanes<{ source: string; n: number }>();
  for (const source of ['quick', 'slow']) lanes.add(things(source, 1));
  for (const thing of all(lanes)) lanes.done(thing, thing.source === 'quick' ? 5 : 9_000);
  const { of } = lanes.rooms();
  expect(of.get('slow')).toBe(OF_ONE);
  expect(of.get('quick')).toBeGreaterThan(OF_ONE * 4);
  for (let n = 0; n < 40; n++) lanes.add(things(`of ${n}`, 30));
  expect(all(lanes)).toHaveLength(SLOTS);
  expect(lanes.rooms().total).toBe(0);
});

it('gives back what waits, of one or of all', () => {
  const lanes = new Lanes<{ source: string; n: number }>();
  lanes.add([...things('a', 2), ...things('b', 2)]);
  expect(lanes.drop('a')).toHaveLength(2);
  expect(all(lanes).map(({ source }) => source)).toEqual(['b', 'b']);
  lanes.add(things('a', 1));
  expect(lanes.drop()).toHaveLength(1);
  expect(lanes.next()).toBeUndefined();
  expect([lanes.queued, lanes.sending]).toEqual([0, 2]);
});
