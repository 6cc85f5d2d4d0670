import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { defineObject, type RecordOf } from '../object.ts';
import { plainDate } from './date/plain-date.ts';
import { plainNumber } from './decimal/plain-number.ts';
import { date, emails, money, reference, select, text } from './index.ts';
import { splitName } from './person-name/person-name.ts';
import { phoneNumber } from './phone/phone.ts';

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
