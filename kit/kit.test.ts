import { describe, expect, it } from 'vitest';
import { compareFolded, fold } from './fold.ts';
import { isId, newId } from './ids.ts';
import { sameJson } from './json.ts';
import { safeColumn, snake } from './names.ts';

describe('folding', () => {
  it.each([
    ['Müller', 'muller'],
    ['STRASSE', 'strasse'],
    ['Straße', 'strasse'],
    ['Łódź', 'lodz'],
    ['Ærø', 'aero'],
    ['ﬁn', 'fin'],
    ['ΣΊΣΥΦΟΣ', 'σισυφοσ'],
    ['İstanbul', 'istanbul'],
    ['Ｆｕｌｌ', 'full'],
  ])('%s → %s', (text, folded) => {
    expect(fold(text)).toBe(folded);
    expect(fold(fold(text))).toBe(fold(text));
  });
  it('orders by code point, beyond the first plane too', () => {
    expect(['b', 'a', '\u{1F600}', '\uFFFD'].sort(compareFolded)).toEqual(['a', 'b', '\uFFFD', '\u{1F600}']);
  });
});

describe('names and JSON', () => {
  it('makes column names, around reserved words', () => {
    expect([snake('closeDate'), safeColumn('select'), safeColumn('text')]).toEqual(['close_date', 'select_', 'text']);
  });
  it('compares JSON whatever the order of keys, null and absent alike', () => {
    expect(sameJson({ a: 1, b: [1, { c: null }] }, { b: [1, {}], a: 1 })).toBe(true);
    expect(sameJson([1, 2], [2, 1])).toBe(false);
    expect(sameJson({ a: 1 }, { a: 1, b: 0 })).toBe(false);
  });
});

describe('ids', () => {
  it('are unique, canonical and rise', () => {
    const ids = Array.from({ length: 20_000 }, newId);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
    expect(ids.every(isId)).toBe(true);
  });
});
