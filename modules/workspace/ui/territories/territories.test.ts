import { expect, it } from 'vitest';
import { asTree, type Territory } from './territories.ts';

const one = (id: string, parent: string | null): Territory => ({
  id,
  version: 1,
  createdAt: '',
  updatedAt: '',
  name: id,
  parent: parent === null ? null : { id: parent, name: parent },
  manager: null,
  members: null,
  rule: null,
  rank: null,
});

it('writes territories down as a tree, those of a parent that is not there at the top', () => {
  const tree = asTree([one('south', 'europe'), one('asia', null), one('europe', null), one('rome', 'south'), one('lost', 'gone')]);
  expect(tree.map(({ territory, depth }) => `${depth} ${territory.id}`)).toEqual(['0 asia', '0 europe', '1 south', '2 rome', '0 lost']);
});
