import { isId } from '#kit/ids.ts';
import { CHOOSE, FieldProblem, scalarType } from '../../field.ts';

/** The id of a record itself. Not declarable: every object has exactly one. */
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
