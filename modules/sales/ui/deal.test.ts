import { expect, it } from 'vitest';
import { daysByStage, isFilled } from './deal.ts';

const stage = (id: string) => ({ id, name: id });

it('adds up the days in a stage that a deal came back to', () => {
  const passed = [
    { from: null, stayed: null },
    { from: stage('a'), stayed: 'PT50H' },
    { from: stage('b'), stayed: 'PT30M' },
    { from: stage('a'), stayed: 'PT24H1S' },
  ];
  expect([...daysByStage(passed, { stage: 'b', days: 5 })]).toEqual([
    ['a', 3],
    ['b', 5],
  ]);
});

it('takes a no and a nought for an answer, and nothing for none', () => {
  expect([false, 0, 'x', ['x']].map(isFilled)).toEqual([true, true, true, true]);
  expect([null, undefined, '', []].map(isFilled)).toEqual([false, false, false, false]);
});
