import { isId } from '#kit/ids.ts';
import { CHOOSE, FieldProblem, fieldOf, scalarType } from '../../field.ts';

/** The id of a record of any object; which one another field says (`about` of an object). */
export const recordId = fieldOf<string>('id');

/** The id of a record: its own, that every object has, or that of the one it is about. */
export const idType = scalarType<string>({
  key: 'id',
  column: 'uuid',
  kind: 'uuid',
  parse: (input) => {
    const id = typeof input === 'string' ? input.toLowerCase() : '';
    if (!isId(id)) throw new FieldProblem('type', 'Expected the id of a record.');
    return id;
  },
  operators: CHOOSE,
  schema: () => ({ type: 'string', format: 'uuid' }),
  samples: () => ({ good: [], bad: ['x', 1] }),
});
