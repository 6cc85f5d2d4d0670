import { beforeAll, describe, expect, it } from 'vitest';
import { addWords, humanise, speakLanguage, words } from './words.ts';

describe('labels', () => {
  beforeAll(() => {
    addWords('en', [
      { 'party.name': 'Party', 'party.fields.emails': 'E-mail addresses', rows_one: '{{count}} row', rows_other: '{{count}} rows' },
      { left_zero: 'None left', left_other: '{{count}} left', greeting: '{{name}}, {{name}} and {{other}}' },
    ]);
    addWords('ar', [{ rows_two: 'صفان', rows_few: '{{count}} صفوف' }]);
    speakLanguage('en');
  });

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
    expect(words().t('left', { count: 0 })).toBe('None left');
    expect(words().t('left', { count: 3 })).toBe('3 left');
  });

  it('values stand as often as they are named; a value that is not there leaves nothing', () => {
    expect(words().t('greeting', { name: '$& Ana' })).toBe('$& Ana, $& Ana and ');
  });

  it('another language says what it has in its own forms, the rest in English', () => {
    speakLanguage('ar');
    expect(words().t('rows', { count: 2 })).toBe('صفان');
    expect(words().t('rows', { count: 5 })).toBe('5 صفوف');
    expect(words().t('rows', { count: 1 })).toBe('1 row');
    expect(words().object('party')).toBe('Party');
    speakLanguage('en');
  });

  it('a word that comes later is said from then on, by the same object', () => {
    const before = words();
    expect(before.has('late.word')).toBe(false);
    addWords('en', [{ 'late.word': 'Here' }]);
    expect(before.t('late.word')).toBe('Here');
    expect(words()).toBe(before);
  });
});
