import type { BoundField, ValueEnv } from '#engine/declare/field.ts';
import { evaluate, formulaOf } from '#engine/declare/formula/readings.ts';
import { resolvedFormula } from '#engine/declare/formula/resolve.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { RecordGraph } from '#engine/declare/path.ts';
import type { Json } from '#kit/json.ts';
import type { ObjectMeta, Session } from '../wire.ts';
import { bound } from './conditions.ts';

/** What a formula field gives for a record as it stands in a form; null where it is empty, or cannot be known here. */
export type Reckoner = (key: string, record: Record<string, unknown>) => Json;

/** The types that a formula may be shown as other than by itself. */
const ASKED = new Set(['percent', 'integer', 'decimal']);

/** Records at the far end of references are not here, and what is not known is never guessed. */
const UNKNOWN: RecordGraph = {
  get: () => {
    throw new Error('This record has not been read.');
  },
  children: () => [],
};

const unknownRate = (): never => {
  throw new Error('Rates are not here.');
};

/**
 * Reckons formulas over a record in a form, by the very reading that the server goes by. The grammar comes along, so it is fetched only
 * where somebody types what a formula reads (`use-reckoner.ts`).
 */
export function reckoner(object: ObjectMeta, objects: readonly ObjectMeta[], company: Session['company']): Reckoner {
  const declared = new Map(objects.map((one) => [one.key, declaredOf(one)]));
  const model = {
    object: (key: string): ModelObject => {
      const found = declared.get(key);
      if (!found) throw new Error('An object that this user may not know.');
      return found;
    },
  };
  const resolve = (of: ModelObject, field: BoundField): void => {
    if (field.type !== 'formula') return;
    try {
      (of.fields as Map<string, BoundField>).set(field.key, resolvedFormula(model, of, field, resolve));
    } catch {
      // It reads what this user may not know: the server decides what they see of it.
    }
  };
  const own = model.object(object.key);
  for (const field of [...own.fields.values()]) resolve(own, field);
  return (key, record) => {
    const field = own.fields.get(key);
    const formula = field && formulaOf(field);
    if (!formula) return null;
    const env: ValueEnv = {
      now: new Date(),
      timeZone: company.timeZone,
      baseCurrency: company.baseCurrency,
      country: 'US',
      rate: unknownRate,
    };
    try {
      return evaluate(formula, record, UNKNOWN, env);
    } catch {
      // Half a number, or a record that is not here.
      return null;
    }
  };
}

function declaredOf(object: ObjectMeta): ModelObject {
  const fields = object.fields.map((field): BoundField => {
    if (field.expression === undefined) return bound(object, field);
    const options = {
      expression: field.expression,
      ...(ASKED.has(field.type) ? { type: field.type } : {}),
      ...(field.optionsOf ? { optionsOf: field.optionsOf } : {}),
    };
    return { key: field.key, type: 'formula', column: field.key, table: object.key, with: options };
  });
  return { key: object.key, fields: new Map(fields.map((field) => [field.key, field])) } as unknown as ModelObject;
}
