import { IconPlus } from '@tabler/icons-react';
import { describe, expect, it } from 'vitest';
import { type Command, isCalled, matching } from './commands.ts';

const command = (word: string): Command => ({ key: word, word, icon: IconPlus, run: () => undefined });
const all = ['New customer', 'New opportunity', 'Customers', 'Delete 3', 'Dark'].map(command);
const found = (typed: string) => matching(all, typed).map((one) => one.word);

describe('matching commands', () => {
  it('gives all of them before anything is typed', () => {
    expect(found('  ')).toHaveLength(5);
  });
  it('puts what begins so before what has a word that does', () => {
    expect(found('cust')).toEqual(['Customers', 'New customer']);
    expect(found('new')).toEqual(['New customer', 'New opportunity']);
  });
  it('finds letters in their order, from three on', () => {
    expect(found('nopp')).toEqual(['New opportunity']);
    expect(found('zz')).toEqual([]);
  });
  it('tells what is called so from what only has the letters', () => {
    expect(isCalled(all, 'opport')).toBe(true);
    expect(isCalled(all, 'nopp')).toBe(false);
    expect(isCalled(all, ' ')).toBe(false);
  });
});
