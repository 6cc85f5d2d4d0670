import { describe, expect, test } from 'vitest';
import { cellReader, exchangedReader, orderedDate, plainDecimal, templateReader, unescapeFormula } from './cells.ts';

describe('texts of cells', () => {
  test('what the export escapes comes back', () => {
    expect(unescapeFormula("'=SUM(1)")).toBe('=SUM(1)');
    expect(unescapeFormula("''=SUM(1)")).toBe("'=SUM(1)");
    expect(unescapeFormula("'n Abend")).toBe("'n Abend");
    expect(unescapeFormula('+49 30')).toBe('+49 30');
  });

  test('values are exchanged, the longest pattern first, null empties', () => {
    const read = cellReader({ values: { '*': 'invoice', 'C*': 'creditNote', Unspecified: null } });
    expect([read('536365'), read('C536379'), read('unspecified'), read('')]).toEqual(['invoice', 'creditNote', null, null]);
    expect(cellReader({ values: { 'a.c': 'x' } })('abc')).toBe('abc');
  });

  test('dates by the order of their column', () => {
    expect(orderedDate('1/2/2024', 'mdy')).toBe('2024-01-02');
    expect(orderedDate('1.2.2024', 'dmy')).toBe('2024-02-01');
    expect(orderedDate('1/2/24 8:26', 'dmy')).toBe('2024-02-01 8:26');
    expect(orderedDate('2024-1-2', 'dmy')).toBe('2024-01-02');
    expect(orderedDate('31-Dec-2024', 'dmy')).toBe('31-Dec-2024');
  });

  test('decimals by the sign of their column, and thousands', () => {
    expect(plainDecimal('1.234,50', ',')).toBe('1234.50');
    expect(plainDecimal('1.234', ',')).toBe('1234');
    expect(plainDecimal('1,234.50', '.')).toBe('1234.50');
    expect(plainDecimal('1 234,5 €', ',')).toBe('1234.5 €');
    expect(cellReader({ times: 1_000_000 })('1100.04')).toBe('1100040000.00');
    expect(cellReader({ times: 1000 })('-0.5')).toBe('-500.0');
  });

  test('texts made of columns', () => {
    const read = templateReader('{account} {product}', ['product', 'account'], (column) =>
      exchangedReader(column === 'product' ? { values: { GTXPro: 'GTX Pro' } } : undefined),
    );
    expect(read(['GTXPro', 'Isdom'])).toBe('Isdom GTX Pro');
    expect(read(['GTXPro', ''])).toBe('GTX Pro');
    expect(read(['', ''])).toBeNull();
  });
});
