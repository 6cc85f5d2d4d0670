import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { realData } from '#tests/harness/places.ts';
import { comparators, type Part } from './comparators.ts';
import { companyWords, isLatin, isNickname, nameWords, plainName } from './names.ts';
import { samePhone } from './phones.ts';

const level = (by: keyof typeof comparators, question: number, a: unknown, b: unknown): string => {
  const comparator = comparators[by];
  const comparison = comparator.comparisons[question];
  const [one, other]: (Part | null)[] = [comparator.read(a), comparator.read(b)];
  if (!comparison || !one || !other) return 'nothing';
  return comparison.levels[comparison.level(one, other)] ?? 'nothing';
};

describe('names of people', () => {
  it.each([
    ['William', 'Bill', 'variant'],
    ['Katharina', 'Katie', 'variant'],
    ['Александр', 'Alexander', 'variant'],
    ['Hans-Peter', 'Hans', 'variant'],
    ['J.', 'John', 'variant'],
    ['Jörg', 'Joerg', 'exact'],
    ['محمد', 'Mohammed', 'close'],
    ['Stefanie', 'Steffanie', 'exact'],
    ['Anna', 'Peter', 'differ'],
  ])('%s and %s: %s', (a, b, wanted) => {
    expect(level('personName', 0, { given: a, family: 'x' }, { given: b, family: 'x' })).toBe(wanted);
  });

  it('sees names written the wrong way round', () => {
    expect(level('personName', 1, { given: 'Maria', family: 'Schmidt' }, { given: 'Schmidt', family: 'Maria' })).toBe('close');
  });

  it('pet names belong to their names, and to no others', () => {
    expect(isNickname('bob', 'robert')).toBe(true);
    expect(isNickname('bob', 'wiliam')).toBe(false);
    expect(isNickname('nobody', 'nobody')).toBe(false);
  });
});

describe('names in Chinese characters', () => {
  const family = (a: string, b: string) => level('personName', 1, { given: '伟', family: a }, { given: 'Wei', family: b });
  const given = (a: string, b: string) => level('personName', 0, { given: a, family: '王' }, { given: b, family: 'Wang' });

  // As names they are said otherwise than as words.
  it.each([
    ['单', 'Shan'],
    ['曾', 'Zeng'],
    ['解', 'Xie'],
    ['仇', 'Qiu'],
    ['区', 'Ou'],
    ['查', 'Zha'],
    ['覃', 'Qin'],
    ['覃', 'Tan'],
    ['朴', 'Piao'],
    ['乐', 'Yue'],
    ['盖', 'Ge'],
    ['缪', 'Miao'],
    ['任', 'Ren'],
    ['尉迟', 'Yuchi'],
    ['万俟', 'Moqi'],
    ['欧阳', 'Ouyang'],
    ['吕', 'Lv'],
    ['吕', 'Lu'],
    ['呂', 'Lyu'],
    ['張', 'Zhang'],
  ])('the family %s is %s', (signs, said) => expect(family(signs, said)).toBe('exact'));

  it.each([
    ['小明', 'Xiaoming', 'exact'],
    ['小明', 'Xiao Ming', 'exact'],
    ['重庆', 'Chongqing', 'exact'],
    ['乐天', 'Letian', 'exact'],
    ['乐天', 'Yuetian', 'exact'],
    ['小明', 'Xiaomin', 'close'],
    ['伟明', 'W.', 'variant'],
    ['建国', 'Xiaoming', 'differ'],
  ])('%s and %s: %s', (signs, said, wanted) => expect(given(signs, said)).toBe(wanted));

  it('what sounds the same and is written otherwise is near, and no more', () => {
    const both = (a: string, b: string) => level('personName', 1, { given: '伟', family: a }, { given: '伟', family: b });
    expect(both('张', '张')).toBe('exact');
    expect(both('张', '章')).toBe('close');
    expect(both('张', '張')).toBe('close');
    expect(both('王', '黄')).toBe('differ');
  });

  it('meet under a key, however they are written', () => {
    const keys = (given: string, family: string) => {
      const part = comparators.personName.read({ given, family });
      return new Set(part ? comparators.personName.strong?.(part) : []);
    };
    const han = keys('小明', '单');
    for (const [one, other] of [
      ['Xiaoming', 'Shan'],
      ['Xiao Ming', 'Shan'],
      ['Shan', 'Xiaoming'],
    ] as const)
      expect(
        [...keys(one, other)].some((key) => han.has(key)),
        `${one} ${other}`,
      ).toBe(true);
  });

  it('towns and enterprises are read as they are said, Japanese ones left alone', () => {
    expect(nameWords('重庆市')).toEqual(['chongqingshi']);
    expect(level('companyName', 0, '长安汽车有限责任公司', 'Changanqiche')).toBe('exact');
    expect(level('companyName', 0, '重庆银行', 'Chongqing Yinhang')).toBe('exact');
    expect(nameWords('ソニー重慶').join('')).not.toContain('chongqing');
  });
});

/** Scripts that write what is said. Japanese and Vietnamese names in Chinese characters are said otherwise, in ways that no table knows. */
const SPELT = ['AM', 'BD', 'GE', 'KZ', 'RU', 'BG', 'GR', 'RS', 'NP', 'BY', 'TW'];
const intl = realData('intl');

describe.skipIf(!intl)('family names of the world, as they are written at home and in Latin letters', () => {
  const rows = parse<Record<string, string>>(readFileSync(`${intl}/common-surnames-by-country.csv`), {
    columns: true,
    bom: true,
    trim: true,
    relax_column_count: true,
  });
  it.each(SPELT)('%s: at least nine in ten are recognised', (country) => {
    const foreign = rows.filter((row) => row.Country === country && row['Romanized Name'] && !isLatin(row['Localized Name'] ?? ''));
    const same = foreign.filter((row) => {
      const found = level('personName', 1, { family: row['Localized Name'] }, { family: row['Romanized Name'] });
      return found === 'exact' || found === 'close';
    });
    expect(foreign.length).toBeGreaterThan(0);
    expect(same.length / foreign.length).toBeGreaterThanOrEqual(0.9);
  });
});

describe('names of enterprises', () => {
  it.each([
    ['Müller Bau GmbH', 'Mueller Bau GmbH & Co. KG', 'exact'],
    ['Škoda Auto a.s.', 'Skoda Auto', 'exact'],
    ['S. r. o. Novák', 'Novak s.r.o.', 'exact'],
    ['株式会社トヨタ', 'トヨタ', 'exact'],
    ['ООО «Ромашка»', 'Romashka LLC', 'exact'],
    ['Hotel El Faro', 'El Faro Hotel S.L.', 'exact'],
    ['Warephase', 'Ware phase Ltd', 'exact'],
    ['Nordlicht Hotels AG', 'Nordlicht Hotel', 'close'],
    ['IBM', 'International Business Machines', 'partly'],
    ['Deutsche Bank AG', 'Deutsche Bahn AG', 'partly'],
    ['Bäckerei Sonne', 'Nordwind Energie', 'differ'],
  ])('%s and %s: %s', (a, b, wanted) => {
    expect(level('companyName', 0, a, b)).toBe(wanted);
  });

  it('keeps a name that is nothing but a legal form', () => {
    expect(companyWords('The Limited')).toEqual(['the', 'limited']);
  });
});

it('takes customary spellings for one', () => {
  expect(nameWords("O'Brien-Müller")).toEqual(['obrien', 'muller']);
  expect(plainName('mueller')).toBe(plainName('muller'));
});

it('takes the ways to write a telephone number of Brazil, Argentina and Mexico for one, and leaves others alone', () => {
  expect(samePhone('+5511987654321')).toBe(samePhone('+551187654321'));
  expect(samePhone('+5491123456789')).toBe(samePhone('+541123456789'));
  expect(samePhone('+54111523456789')).toBe(samePhone('+541123456789'));
  expect(samePhone('+5215512345678')).toBe(samePhone('+525512345678'));
  expect(samePhone('+4940123456;ext=12')).toBe('+4940123456');
  expect(samePhone('+5411456789012')).not.toBe('+541145678901');
});
