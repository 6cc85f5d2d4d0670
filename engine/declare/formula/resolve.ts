import type { BoundField, Derived } from '../field.ts';
import type { FormulaOptions } from '../fields/formula/formula.ts';
import { typeOf } from '../fields/index.ts';
import type { ModelObject } from '../object.ts';
import type { Objects, ResolvedPath } from '../path.ts';
import { columnsOf, type Formula, formulaOf, holdFormula, optionOutcome, outcomeOf, saidOf } from './readings.ts';
import { FormulaProblem, readExpression, type Term, unknownOption } from './terms.ts';

/**
 * Puts fields of the type of their outcome in the place of the formulas of a model, in the order in which they read each
 * other. A circle is refused, and named.
 */

/** Longest SQL of a formula with all formulas it reads: what is longer is no formula any more but a program. */
const MAX_SQL = 60_000;

export function resolveFormulas(
  objects: ReadonlyMap<string, ModelObject>,
  report: (object: string, field: string, problem: FormulaProblem) => void,
): void {
  const model: Objects = {
    object: (key) => {
      const object = objects.get(key);
      if (!object) throw new FormulaProblem('unknownField', `There is no object ${key}.`, 0, 0, { path: key, object: key });
      return object;
    },
  };
  const under: string[] = [];
  const done = new Set<string>();
  const resolve = (object: ModelObject, key: string) => {
    const name = `${object.key}.${key}`;
    const field = object.fields.get(key);
    if (field?.type !== 'formula' || done.has(name)) return;
    const from = under.indexOf(name);
    if (from >= 0) {
      const circle = [...under.slice(from), name].join(' → ');
      throw new FormulaProblem('circle', `Formulas read each other in a circle: ${circle}.`, 0, 0, { circle });
    }
    under.push(name);
    try {
      const resolved = resolvedFormula(model, object, field, (of, one) => resolve(of, one.key));
      (object.fields as Map<string, BoundField>).set(key, resolved);
      (object.declared as BoundField[])[object.declared.indexOf(field)] = resolved;
    } catch (error) {
      if (!(error instanceof FormulaProblem)) throw error;
      report(object.key, key, error);
      // Everyone who stands in the circle is told of it.
      if (error.code === 'circle' && error.values.circle?.split(' → ')[0] !== name) throw error;
    } finally {
      under.pop();
      done.add(name);
    }
  };
  for (const object of objects.values()) for (const field of [...object.declared]) resolve(object, field.key);
}

/** A formula field as the model has it; throws a FormulaProblem. */
export function resolvedFormula(
  model: Objects,
  object: ModelObject,
  field: BoundField,
  ready: (object: ModelObject, field: BoundField) => void = () => undefined,
): BoundField {
  const o = field.with as unknown as FormulaOptions;
  const looked = readExpression(model, object, String(o.expression), { ready, term: (inner) => formulaOf(inner)?.term });
  const { term } = looked;
  const problem = (code: FormulaProblem['code'], message: string, values: Record<string, string> = {}) =>
    new FormulaProblem(code, message, 0, String(o.expression).length, values);
  const named = o.optionsOf === undefined ? undefined : object.fields.get(o.optionsOf);
  const source = named?.type === 'select' && !named.derived && o.type === undefined ? named : null;
  // Its options are known to who may know it.
  const paths: ResolvedPath[] = [...looked.paths];
  if (source) paths.push({ steps: [], object, field: source, part: null, shape: typeOf(source).shape });
  if (source) checkOptions(term, source, o.expression);
  const own = o.optionsOf === undefined ? outcomeOf(term.kind, o.type) : null;
  const outcome = source ? optionOutcome(term.kind, source) : own;
  if (!outcome) throw problem('outcome', 'A field cannot hold what this gives.', { kind: term.kind, type: o.type ?? '' });
  if (!field.retired) {
    const gone = paths.flatMap(namesOn).find((one) => one.field.retired);
    if (gone)
      throw problem('retired', `It reads ${gone.object.key}.${gone.field.key}, which has been retired.`, {
        path: gone.field.key,
        object: gone.object.key,
      });
  }
  const steady = isSteady(term);
  if (field.index && (!steady || object.partitionBy))
    throw problem('notSupported', 'An index keeps only what follows from the columns of the record itself.', { what: 'index' });
  const formula: Formula = { expression: o.expression, term, outcome, steady };
  const uses = new Map(paths.flatMap(namesOn).map((one) => [`${one.object.key}.${one.field.key}`, one]));
  const derived: Derived = { kind: 'formula', with: field.with, present: outcome.type === 'boolean', uses: [...uses.values()] };
  const { search: _, unique: __, default: ___, required: ____, requiredWhen: _____, shownWhen, ...common } = field;
  const resolved: BoundField = Object.freeze({
    ...common,
    ...(shownWhen ? { shownWhen } : {}),
    type: outcome.type,
    with: outcome.with,
    readOnly: true,
    derived,
  });
  holdFormula(resolved, formula);
  const read = (path: ResolvedPath, say: (t: string) => string): string => {
    const inner = formulaOf(path.field);
    return inner ? saidOf(columnsOf(inner, path.field, read), say) : say('t');
  };
  let length = 0;
  for (const sql of columnsOf(formula, resolved, read).values()) length += sql.length;
  if (length > MAX_SQL) throw problem('tooLong', 'With the formulas it reads this is too long.');
  return resolved;
}

/** Every field on the way of a path, and the one at its end. */
const namesOn = (path: ResolvedPath): { object: ModelObject; field: BoundField }[] => [
  ...path.steps.filter((step) => !step.beside).map((step) => ({ object: step.from, field: step.field })),
  { object: path.object, field: path.field },
];

/** Texts that an expression may end in must be options, where it is to give one. */
function checkOptions(term: Term, source: BoundField, expression: string): void {
  if (term.op === 'choose') for (const one of term.of.slice(1)) checkOptions(one, source, expression);
  if (term.op === 'first') for (const one of term.of) checkOptions(one, source, expression);
  if (term.op !== 'value' || typeof term.value !== 'string') return;
  const start = Math.max(0, expression.indexOf(JSON.stringify(term.value)));
  const wrong = unknownOption(source, term.value, { start, end: start + JSON.stringify(term.value).length });
  if (wrong) throw wrong;
}

/** Whether it follows from columns of the very record alone, whatever the hour. */
function isSteady(term: Term): boolean {
  if (term.op === 'value') return true;
  if (term.op !== 'read') return (term.op !== 'apply' || !term.operation.moving) && term.of.every(isSteady);
  const { steps, field, part } = term.path;
  if (steps.length > 0) return false;
  const inner = formulaOf(field);
  return inner ? inner.steady : part !== null || typeOf(field).storage === 'columns';
}
