import { beforeAll, describe, expect, it } from 'vitest';
import { humanise, startWords, words } from './words.ts';

describe('labels', () => {
  beforeAll(() =>
    startWords('en', [
      { 'party.name': 'Party', 'party.fields.emails': 'E-mail addresses', rows_one: '{{count}} row', rows_other: '{{count}} rows' },
    ]),
  );

  it('a missing word becomes its key, readable', () => {
    expect(humanise('lifecycleStage')).toBe('Lifecycle stage');
    expect(humanise('party.fields.dueDate')).toBe('Due date');
    expect(humanise('case.options.status.in-progress')).toBe('In progress');
    expect(words().field('party', 'lifecycleStage')).toBe('Lifecycle stage');
    expect(words().t('some.missingSentence')).toBe('Missing sentence');
  });

  it('the catalogue wins', () => {
    expect(words().field('party', 'emails')).toBe('E-mail addresses');
    expect(words().object('party')).toBe('Party');
    expect(words().object('workOrder')).toBe('Work order');
  });

  it('plurals follow the number', () => {
    expect(words().t('rows', { count: 1 })).toBe('1 row');
    expect(words().t('rows', { count: 8800 })).toBe('8800 rows');
  });
});
