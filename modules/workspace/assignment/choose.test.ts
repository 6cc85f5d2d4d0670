import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Candidate, languageWords, leastLoaded, nextInTurn, skilled } from './choose.ts';

const one = (id: string, more: Partial<Candidate> = {}): Candidate => ({
  id,
  name: id,
  open: 0,
  capacity: 1,
  skills: [],
  turn: null,
  ...more,
});

/** Gives out `n` records in turn to those who are there each time; gives how many each got. */
function givenOut(candidates: Candidate[], there: readonly boolean[][], n: number): Map<string, number> {
  const given = new Map<string, number>();
  for (let turn = 0; turn < n; turn++) {
    const present = candidates.filter((_, i) => there[turn]?.[i] ?? true);
    const chosen = nextInTurn(present);
    if (!chosen) continue;
    chosen.turn = turn;
    given.set(chosen.id, (given.get(chosen.id) ?? 0) + 1);
  }
  return given;
}

describe('round robin', () => {
  test('everybody in turn, by name where nobody had one', () => {
    const three = [one('c'), one('a'), one('b')];
    const order = Array.from({ length: 5 }, (_, turn) => {
      const chosen = nextInTurn(three);
      if (chosen) chosen.turn = turn;
      return chosen?.id;
    });
    expect(order).toEqual(['a', 'b', 'c', 'a', 'b']);
  });
  test('of those who are always there nobody gets two more than another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 100 }), (people, records) => {
        const counts = givenOut(
          Array.from({ length: people }, (_, i) => one(String(i))),
          [],
          records,
        );
        const all = Array.from({ length: people }, (_, i) => counts.get(String(i)) ?? 0);
        expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(1);
        expect(all.reduce((sum, n) => sum + n, 0)).toBe(records);
      }),
    );
  });
  test('who was away gets no more than the next one when they come back', () => {
    const people = [one('a'), one('b')];
    const there = [...Array.from({ length: 10 }, () => [true, false]), ...Array.from({ length: 4 }, () => [true, true])];
    expect([...givenOut(people, there, 14)].sort()).toEqual([
      ['a', 12],
      ['b', 2],
    ]);
  });
  test('nobody there, nobody chosen', () => expect(nextInTurn([])).toBe(null));
});

describe('load', () => {
  test('least for what they can carry: two of a half are as much as four of a whole', () => {
    expect(leastLoaded([one('half', { open: 2, capacity: 0.5 }), one('whole', { open: 3 })])?.id).toBe('whole');
    expect(leastLoaded([one('half', { open: 1, capacity: 0.5, turn: 1 }), one('whole', { open: 2, turn: 2 })])?.id).toBe('half');
  });
  test('who carries nothing gets nothing', () => {
    expect(leastLoaded([one('none', { capacity: 0 })])).toBe(null);
  });
});

describe('skills', () => {
  test('all that is asked for, without case and accents', () => {
    const ana = one('ana', { skills: ['Français', 'SAP'] });
    expect(skilled([ana, one('bo', { skills: ['SAP'] })], [['francais', 'fr'], ['sap']]).map(({ id }) => id)).toEqual(['ana']);
    expect(skilled([ana], [])).toEqual([ana]);
  });
  test('a language by its code and its names', () => {
    expect(languageWords('de', 'fr')).toEqual(['de', 'German', 'Deutsch', 'allemand']);
    expect(languageWords('?', 'en')).toEqual(['?']);
  });
});
