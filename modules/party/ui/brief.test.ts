import { describe, expect, it } from 'vitest';
import { type BriefList, byKind, chaptersOf } from './brief.ts';

const record = (id: string, more: Record<string, unknown> = {}) => ({ id, version: 1, createdAt: '', updatedAt: '', ...more });
const list = (key: string, n = 1): BriefList => ({
  key,
  object: 'task',
  columns: [],
  count: n,
  total: null,
  items: Array.from({ length: n }, (_, at) => record(`${key}${at}`)),
});

describe('the chapters of a brief', () => {
  it('stand in the order in which a newcomer reads, without those that hold nothing', () => {
    const found = chaptersOf([list('notes'), list('openDeals'), list('promises'), list('unpaid', 0), list('known')]);
    expect(found.map(({ key, lists }) => [key, lists.map((one) => one.key)])).toEqual([
      ['promised', ['promises']],
      ['open', ['openDeals']],
      ['notes', ['notes']],
    ]);
  });
  it('lose no list that came later', () => {
    expect(chaptersOf([list('contracts')])).toMatchObject([{ key: 'more', lists: [{ key: 'contracts' }] }]);
  });
});

it('facts stand together by kind', () => {
  const facts = [record('a', { kind: 'habit' }), record('b', { kind: 'need' }), record('c', { kind: 'habit' })];
  expect(byKind(facts).map(([kind, some]) => [kind, some.map((one) => one.id)])).toEqual([
    ['habit', ['a', 'c']],
    ['need', ['b']],
  ]);
});
