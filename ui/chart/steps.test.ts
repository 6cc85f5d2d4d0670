import { describe, expect, it } from 'vitest';
import { stepped } from './steps.ts';

const of = { series: 2, points: 3 };
const go = (key: string, from: [number, number], lying = false, fromRight = false) => {
  const to = stepped(key, { series: from[0], at: from[1] }, of, lying, fromRight);
  return to && [to.series, to.at];
};

describe('arrows in a chart', () => {
  it('go along standing points and between their series, as far as there are any', () => {
    expect([go('ArrowRight', [0, 0]), go('ArrowRight', [0, 2]), go('ArrowLeft', [0, 0])]).toEqual([
      [0, 1],
      [0, 2],
      [0, 0],
    ]);
    expect([go('ArrowDown', [0, 1]), go('ArrowDown', [1, 1]), go('ArrowUp', [1, 1])]).toEqual([
      [1, 1],
      [1, 1],
      [0, 1],
    ]);
    expect([go('Home', [1, 2]), go('End', [1, 0]), go('Tab', [0, 0])]).toEqual([[1, 0], [1, 2], null]);
  });

  it('go downwards along lying bars, and the other way where one reads from the right', () => {
    expect([go('ArrowDown', [0, 0], true), go('ArrowRight', [0, 0], true)]).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect([go('ArrowLeft', [0, 0], false, true), go('ArrowRight', [0, 1], false, true)]).toEqual([
      [0, 1],
      [0, 0],
    ]);
  });
});
