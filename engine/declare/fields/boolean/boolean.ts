import { FieldProblem, fieldOf, type Operator, scalarType } from '../../field.ts';

/** Yes or no; empty when nobody said. */
export const boolean = fieldOf<boolean>('boolean');

const YES = new Set(['true', 'yes', 'y', '1', 'x', 'ja', 'wahr', 'on']);
const NO = new Set(['false', 'no', 'n', '0', 'nein', 'falsch', 'off']);
const OPERATORS: readonly Operator[] = ['eq', 'ne', 'isEmpty', 'isNotEmpty'];

export const booleanType = scalarType<boolean>({
  key: 'boolean',
  column: 'boolean',
  kind: 'boolean',
  parse: (input) => {
    if (typeof input !== 'boolean') throw new FieldProblem('type', 'Expected true or false.');
    return input;
  },
  fromText: (text) => {
    const word = text.trim().toLowerCase();
    if (YES.has(word)) return true;
    if (NO.has(word)) return false;
    throw new FieldProblem('type', `“${text.slice(0, 40)}” is neither yes nor no.`);
  },
  operators: OPERATORS,
  schema: () => ({ type: 'boolean' }),
  samples: () => ({
    good: [
      { input: false, value: false },
      { input: true, value: true },
    ],
    bad: ['yes', 1],
  }),
});
