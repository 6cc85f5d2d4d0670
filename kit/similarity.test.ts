import { expect, test } from 'vitest';
import { jaroWinkler, slips } from './similarity.ts';

test('agrees with the published values', () => {
  // Winkler 1990 and Winkler 2006 (“Overview of Record Linkage and Current Research Directions”), table of examples.
  for (const [a, b, value] of [
    ['martha', 'marhta', 0.961],
    ['dwayne', 'duane', 0.84],
    ['dixon', 'dicksonx', 0.813],
    ['shackleford', 'shackelford', 0.982],
    ['nichleson', 'nichulson', 0.956],
    ['jones', 'johnson', 0.832],
    ['abc', 'xyz', 0],
    ['', 'xyz', 0],
    ['same', 'same', 1],
  ] as const) {
    expect(jaroWinkler(a, b), `${a} ${b}`).toBeCloseTo(value, 2);
    expect(jaroWinkler(b, a), `${b} ${a}`).toBeCloseTo(value, 2);
  }
});

test('slips are counted as in the textbooks', () => {
  // Optimal string alignment: kitten/sitting and saturday/sunday are Wagner and Fischer's; CA/ABC tells it from the unrestricted distance.
  for (const [a, b, value] of [
    ['kitten', 'sitting', 3],
    ['saturday', 'sunday', 3],
    ['ca', 'abc', 3],
    ['schmidt', 'schimdt', 1],
    ['schmidt', 'schmit', 1],
    ['meyer', 'maier', 2],
    ['', 'abc', 3],
    ['müller', 'muller', 1],
    ['same', 'same', 0],
  ] as const) {
    expect(slips(a, b), `${a} ${b}`).toBe(value);
    expect(slips(b, a), `${b} ${a}`).toBe(value);
  }
  expect(slips('saturday', 'sunday', 2)).toBe(Number.POSITIVE_INFINITY);
  expect(slips('schmidt', 'schimdt', 1)).toBe(1);
  expect(slips('abc', 'abcdefg', 2)).toBe(Number.POSITIVE_INFINITY);
});
