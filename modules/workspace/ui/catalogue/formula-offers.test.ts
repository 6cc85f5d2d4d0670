import { describe, expect, it } from 'vitest';
import type { CatalogueField } from './catalogue.ts';
import { completed, offersAt } from './formula-offers.ts';

const field = (key: string, type: string, more: Partial<CatalogueField> = {}): CatalogueField => ({
  key,
  type,
  with: {},
  custom: false,
  retired: false,
  readOnly: false,
  derived: false,
  required: false,
  adjusted: false,
  unique: false,
  building: false,
  words: {},
  reckons: true,
  ...more,
});
const objects = [
  {
    key: 'deal',
    fields: [
      field('amount', 'money'),
      field('stage', 'reference', { with: { to: 'stage' } }),
      field('tags', 'tags', { reckons: false }),
      field('old', 'text', { retired: true }),
    ],
  },
  { key: 'stage', fields: [field('probability', 'percent')] },
];
const at = (text: string) => offersAt(objects, ['abs', 'max', 'round'], 'deal', text, text.length).map(({ insert }) => insert);

describe('what a formula may go on with', () => {
  it('is fields and functions that begin so, then those that hold it; behind a point what stands there', () => {
    expect(at('a')).toEqual(['amount', 'abs', 'createdAt', 'updatedAt', 'max', 'stage']);
    expect(at('2 * am')).toEqual(['amount']);
    expect(at('stage.')).toEqual(['stage.probability', 'stage.createdAt', 'stage.updatedAt']);
    expect(at('amount * stage.prob')).toEqual(['stage.probability']);
  });
  it('is nothing within a text, behind what leads nowhere, for what cannot be reckoned with, or once it is written', () => {
    for (const text of ['', '1 + ', '"am', 'amount.x', 'tags', 'old', 'amount']) expect(at(text), text).toEqual([]);
  });
  it('takes the place of the name, a function with its bracket', () => {
    const [amount] = offersAt(objects, [], 'deal', '2 * am + 1', 6);
    expect(amount && completed('2 * am + 1', 6, amount)).toEqual({ text: '2 * amount + 1', caret: 10 });
    const [stage] = offersAt(objects, [], 'deal', 'sta', 3);
    expect(stage && completed('sta', 3, stage)).toEqual({ text: 'stage.', caret: 6 });
    const [round] = offersAt(objects, ['round'], 'deal', 'rou', 3);
    expect(round && completed('rou', 3, round)).toEqual({ text: 'round(', caret: 6 });
  });
});
