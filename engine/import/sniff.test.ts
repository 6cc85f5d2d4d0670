import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { ColumnSniffer, hasHeader, sniffDelimiter, sniffEncoding } from './sniff.ts';

const column = (values: string[], country = 'DE') => {
  const sniffer = new ColumnSniffer();
  for (const value of values) sniffer.add(value);
  return sniffer.finding(country);
};

describe('what a file tells about itself', () => {
  test('encoding', () => {
    const text = 'Name;Straße\nMüller;Bärenweg 1\n';
    expect(sniffEncoding(Buffer.from(text))).toEqual({ encoding: 'utf-8', bom: 0 });
    expect(sniffEncoding(Buffer.from(`\ufeff${text}`))).toEqual({ encoding: 'utf-8', bom: 3 });
    expect(sniffEncoding(iconv.encode(text, 'utf-16le', { addBOM: true }))).toEqual({ encoding: 'utf-16le', bom: 2 });
    expect(sniffEncoding(iconv.encode(text, 'utf-16be', { addBOM: true }))).toEqual({ encoding: 'utf-16be', bom: 2 });
    expect(sniffEncoding(iconv.encode(text, 'windows-1252')).encoding).toBe('windows-1252');
    // A sample may end in the middle of a character.
    expect(sniffEncoding(Buffer.from('Müll').subarray(0, 2), false).encoding).toBe('utf-8');
  });

  test('separator', () => {
    expect(sniffDelimiter('a,b,c\n1,2,3\n')).toBe(',');
    expect(sniffDelimiter('a;b;c\n1,5;2,5;3,5\n')).toBe(';');
    expect(sniffDelimiter('a\tb, c\n1\t2, 3\n')).toBe('\t');
    expect(sniffDelimiter('a|b\n"x|y"|2\n')).toBe('|');
    expect(sniffDelimiter('sep=;\na,b;c\n')).toBe(';');
    expect(sniffDelimiter('name\nAna\nBen\n')).toBe(',');
  });

  test('header', () => {
    expect(
      hasHeader([
        ['name', 'e-mail'],
        ['Ana', 'a@b.de'],
      ]),
    ).toBe(true);
    expect(
      hasHeader([
        ['Ana', 'a@b.de'],
        ['Ben', 'b@c.de'],
      ]),
    ).toBe(false);
    expect(
      hasHeader([
        ['a', 'a'],
        ['1', '2'],
      ]),
    ).toBe(false);
  });

  test('types', () => {
    expect(column(['1', '-2', '3']).type).toBe('integer');
    expect(column(['01067', '10117']).type).toBe('text');
    expect(column(['1,5', '1.234,50', '7']).type).toBe('decimal');
    expect(column(['1,5', '1.234,50', '7']).decimal).toBe(',');
    expect(column(['1.5', '1,234.50']).decimal).toBe('.');
    expect(column(['true', 'false', 'true']).type).toBe('boolean');
    expect(column(['a@b.de', 'c@d.org']).type).toBe('email');
    expect(column(['https://a.de', 'www.b.de']).type).toBe('url');
    expect(column(['+49 30 901820', '030 90 18 20']).type).toBe('phone');
    expect(column(['2010-12-01T08:26', '2010-12-01T08:27']).type).toBe('dateTime');
    expect(column(['', '']).type).toBe('empty');
    expect(column(['Ana', 'Ben']).type).toBe('text');
  });

  test('the order of dates is decided once for the column', () => {
    expect(column(['01/02/2024', '13/02/2024']).date).toBe('dmy');
    expect(column(['01/02/2024', '01/13/2024']).date).toBe('mdy');
    expect(column(['2024-01-02']).date).toBe('ymd');
    expect(column(['01.02.2024'], 'US').date).toBe('dmy');
    expect(column(['01/02/2024'], 'US').date).toBe('mdy');
    expect(column(['01/02/2024'], 'GB').date).toBe('dmy');
  });
});
