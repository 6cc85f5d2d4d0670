import { expect, test } from 'vitest';
import { jaroWinkler } from './similarity.ts';

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
