import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Field } from '../field.ts';
import { defineObject, type RecordOf } from '../object.ts';
import { autoNumberType, numberIn, numberPattern } from './auto-number/auto-number.ts';
import { colourType } from './colour/colour.ts';
import { plainDate } from './date/plain-date.ts';
import { plainNumber } from './decimal/plain-number.ts';
import { isoDuration, isoSeconds, typedSeconds } from './duration/duration.ts';
import { autoNumber, colour, date, emails, money, rating, reference, select, text } from './index.ts';
import { splitName } from './person-name/person-name.ts';
import { phoneNumber } from './phone/phone.ts';
import { ratingType } from './rating/rating.ts';

describe('reading what people type', () => {
  it.each([
    ['1.234,50', '1234.50'],
    ['1,234.50', '1234.50'],
    ['1 234', '1234'],
    ['1,234', '1234'],
    ['1.234', '1.234'],
    ['1.234.567', '1234567'],
    ['0,5', '0.5'],
    ['(7)', '-7'],
    ['−3', '-3'],
    ["1'000", '1000'],
  ])('number %s → %s', (typed, plain) => {
    expect(plainNumber(typed)).toBe(plain);
  });
  it.each(['', 'abc', '1,2,3.4.5', '--1', '1e5'])('“%s” is no number', (typed) => {
    expect(() => plainNumber(typed)).toThrow(/not a number/);
  });
  it.each([
    ['31.12.2024', '2024-12-31'],
    ['12/31/2024', '2024-12-31'],
    ['31/12/2024', '2024-12-31'],
    ['2024-12-31T08:26', '2024-12-31'],
    ['31-Dec-2024', '2024-12-31'],
    ['2024/1/5', '2024-01-05'],
  ])('date %s → %s', (typed, plain) => {
    expect(plainDate(typed)).toBe(plain);
  });
  it.each(['30.02.2024', '2023-02-29', 'tomorrow', '13/13/2024'])('“%s” is no date', (typed) => {
    expect(() => plainDate(typed)).toThrow();
  });
  it.each([
    ['Dr. Ana María de la Cruz', { prefix: 'Dr.', given: 'Ana', middle: 'María', family: 'de la Cruz' }],
    ['Meyer, Eva', { given: 'Eva', family: 'Meyer' }],
    ['Cher', { given: null, family: 'Cher' }],
    ['Ludwig van Beethoven', { given: 'Ludwig', family: 'van Beethoven' }],
  ])('name %s', (typed, parts) => {
    expect(splitName(typed)).toMatchObject(parts);
  });
});

describe('lengths of time, colours, stars, numbers', () => {
  const env = { now: new Date(0), timeZone: 'UTC', country: 'DE', baseCurrency: 'EUR' };
  const bound = (field: Field) => ({ ...field, key: 'x', column: 'x', table: 'xs' });

  it.each([
    ['1:30', 5400],
    ['0:00:05', 5],
    ['1h 30m', 5400],
    ['1h30m', 5400],
    ['90 min', 5400],
    ['1,5 h', 5400],
    ['1.5 hours', 5400],
    ['2 days, 3 hours and 4 seconds', 183_604],
    ['2 Stunden 5 Sek', 7205],
    ['1 Tag', 86_400],
  ])('duration %s → %i seconds', (typed, seconds) => {
    expect(typedSeconds(typed)).toBe(seconds);
  });
  it.each(['90', '', 'soon', '1:75', '5 months', '3 h x'])('“%s” is no duration', (typed) => {
    expect(typedSeconds(typed)).toBeNull();
  });
  it('writes a duration one way', () => {
    expect(['PT90M', 'P1D', 'P1W', 'PT0.5H', 'PT61S'].map((text) => isoDuration(isoSeconds(text) ?? -1))).toEqual([
      'PT1H30M',
      'PT24H',
      'PT168H',
      'PT30M',
      'PT1M1S',
    ]);
    expect(['P1Y', 'P1M', 'P', 'PT', 'P1DT', '1H', 'PT-1H'].map(isoSeconds)).toEqual([null, null, null, null, null, null, null]);
  });
  it.each([
    ['Rebecca Purple', '#663399'],
    ['teal', '#008080'],
    ['0b6b6b', '#0B6B6B'],
    ['#fff', '#FFFFFF'],
  ])('colour %s → %s', (typed, hex) => {
    expect(colourType.fromText(typed, bound(colour()), env)).toBe(hex);
  });
  it.each([
    ['4', 4],
    ['3/5', 3],
    ['★★★★☆', 4],
  ])('rating %s → %i', (typed, stars) => {
    expect(ratingType.fromText(typed, bound(rating()), env)).toBe(stars);
  });
  it.each(['8/10', '0', '6', 'good'])('“%s” is no rating of five', (typed) => {
    expect(() => ratingType.fromText(typed, bound(rating()), env)).toThrow();
  });
  it('numbers are written by their pattern, read back, and sort by year and count', () => {
    const field = bound(autoNumber({ pattern: 'A.{yyyy}-{000}' }));
    expect(numberPattern(field).write(2026, 7)).toBe('A.2026-007');
    expect(numberIn(field, 'a.2026-1007')).toEqual({ year: 2026, number: 1007 });
    expect(numberIn(field, 'AX2026-1007')).toBeNull();
    const rank = (text: string) => Number(autoNumberType.sort?.of(text, field));
    expect(rank('A.2025-999')).toBeLessThan(rank('A.2026-001'));
    expect(rank('A.2026-099')).toBeLessThan(rank('A.2026-100'));
    for (const pattern of ['CASE', '{00}{00}', '{yyyy}{yyyy}{0}', 'x{00'])
      expect(() => autoNumber({ pattern }), pattern).toThrow(/pattern/);
  });
});

describe('telephone numbers of the world', () => {
  const file = join(process.env.PERIGON_TEST_DATA ?? '../shared/data', 'intl/phone_examples.csv');
  it('accepts and normalises every example', () => {
    if (!existsSync(file)) {
      if (process.env.CI === 'true') throw new Error(`${file} is missing.`);
      console.log(`skipped: ${file} is not here`);
      return;
    }
    const [, ...lines] = readFileSync(file, 'utf8')
      .replace(/^\ufeff/, '')
      .trim()
      .split(/\r?\n/);
    let read = 0;
    for (const line of lines) {
      const [calling = '', region = '', , national = ''] = line.split(',');
      const country = /^[A-Z]{2}$/.test(region) ? region : 'US';
      expect(phoneNumber(`+${calling} ${national}`, { country })?.value, line).toBe(`+${calling}${national}`);
      expect(phoneNumber(national, { country })?.value, line).toMatch(/^\+?\d{3,}$/);
      read++;
    }
    expect(read).toBeGreaterThan(1000);
  });
});

describe('types follow from declarations', () => {
  it('infers records: required fields are there, others may be empty', () => {
    const thing = defineObject({
      key: 'thing',
      plural: 'things',
      icon: 'box',
      title: 'name',
      list: { columns: ['name'], sort: ['name'] },
      form: [],
      fields: {
        name: text({ required: true }),
        day: date(),
        amount: money(),
        kind: select(['a', 'b'], { required: true }),
        parent: reference({ to: 'thing' }),
        mails: emails(),
      },
    });
    type Thing = RecordOf<typeof thing>;
    expectTypeOf<Thing['name']>().toEqualTypeOf<string>();
    expectTypeOf<Thing['day']>().toEqualTypeOf<string | null>();
    expectTypeOf<Thing['amount']>().toEqualTypeOf<{ amount: string; currency: string } | null>();
    expectTypeOf<Thing['kind']>().toEqualTypeOf<'a' | 'b'>();
    expectTypeOf<Thing['version']>().toEqualTypeOf<number>();
    expect(thing.fields.name.required).toBe(true);
  });
});
