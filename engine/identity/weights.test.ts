import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyNumber } from './keys.ts';
import type { Question } from './matching.ts';
import { bits, chance, isSound, learn, Patterns, probability, type Weights } from './weights.ts';

const question = (id: string, levels: number): Question => ({
  id,
  field: id,
  key: id,
  levels: Array.from({ length: levels }, (_, i) => String(i)),
  level: () => 0,
});

describe('learning without labels', () => {
  it('finds the rates that pairs were drawn from', () => {
    // Drawn with a fixed generator: one pair in five is true; questions agree independently, as the model assumes.
    const questions = [question('a', 2), question('b', 2), question('c', 3), question('d', 2)];
    const m = [
      [0.95, 0.05],
      [0.8, 0.2],
      [0.7, 0.2, 0.1],
      [0.9, 0.1],
    ];
    const u = [
      [0.02, 0.98],
      [0.1, 0.9],
      [0.05, 0.05, 0.9],
      [0.01, 0.99],
    ];
    let state = 12345;
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const draw = (shares: number[]): number => {
      let left = random();
      for (const [i, share] of shares.entries()) {
        left -= share;
        if (left < 0) return i;
      }
      return 0;
    };
    const met = new Patterns();
    const free = new Patterns();
    for (let i = 0; i < 40_000; i++) {
      const rates = random() < 0.2 ? m : u;
      met.add(Int8Array.from(rates.map(draw)));
      free.add(Int8Array.from(u.map(draw)));
    }
    const guess = Object.fromEntries(
      questions.map(({ id, levels }) => [id, levels.map((_, i) => (i === 0 ? 0.9 : 0.1 / (levels.length - 1)))]),
    );
    const learnt = learn(questions, met.all(), { prior: 0.05, m: guess, u: chance(questions, free.all()) }, 200);
    expect(learnt.prior).toBeCloseTo(0.2, 1);
    questions.forEach(({ id }, i) => {
      m[i]?.forEach((share, level) => {
        expect(learnt.m[id]?.[level] ?? 0, `${id} ${level}`).toBeCloseTo(share, 1);
      });
    });
  });

  it('more agreement never makes two records less likely the same', () => {
    const questions = [question('a', 3), question('b', 3)];
    const weights: Weights = {
      prior: 0.01,
      m: { a: [0.8, 0.15, 0.05], b: [0.7, 0.2, 0.1] },
      u: { a: [0.001, 0.01, 0.989], b: [0.01, 0.05, 0.94] },
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 }), fc.integer({ min: -1, max: 2 }), (a, b) => {
        expect(probability(questions, weights, Int8Array.of(a - 1, b))).toBeGreaterThan(
          probability(questions, weights, Int8Array.of(a, b)),
        );
      }),
    );
    expect(bits(weights, 'a', -1)).toBe(0);
    expect(bits(weights, 'a', 0)).toBeCloseTo(Math.log2(800), 6);
  });

  it('takes a crowd of namesakes for what it is, not for duplicates', () => {
    // Pairs that met by given name and sound of the family name, and agree in nothing else.
    const questions = [question('given', 3), question('family', 3), question('email', 2), question('phone', 2)];
    const namesakes = new Patterns();
    for (let i = 0; i < 5000; i++) namesakes.add(Int8Array.of(0, i % 3 === 0 ? 0 : 1, 1, 1));
    const known: Weights = {
      prior: 0.001,
      m: { given: [0.85, 0.1, 0.05], family: [0.9, 0.08, 0.02], email: [0.8, 0.2], phone: [0.75, 0.25] },
      u: { given: [0.02, 0.02, 0.96], family: [0.01, 0.02, 0.97], email: [0.0002, 0.9998], phone: [0.0005, 0.9995] },
    };
    expect(isSound(questions, known)).toBe(true);
    expect(isSound(questions, learn(questions, namesakes.all(), known))).toBe(false);
  });

  it('keeps what it knew where nothing has met', () => {
    const known: Weights = { prior: 0.01, m: { a: [0.9, 0.1] }, u: { a: [0.01, 0.99] } };
    expect(learn([question('a', 2)], [], known)).toEqual(known);
  });
});

it('keys are whole numbers of 53 bits and do not meet by chance', () => {
  const seen = new Set<number>();
  for (let i = 0; i < 200_000; i++) {
    const key = keyNumber(`f:${i}|p:${(i * 7919) % 99_991}`);
    expect(Number.isSafeInteger(key) && key >= 0).toBe(true);
    seen.add(key);
  }
  expect(seen.size).toBe(200_000);
});
