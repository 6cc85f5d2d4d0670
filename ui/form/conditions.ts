import type { Predicate } from '#engine/declare/condition.ts';
import type { BoundField, ValueEnv } from '#engine/declare/field.ts';
import { meets } from '#engine/declare/local-condition.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { FieldMeta, ObjectMeta, Session } from '../wire.ts';

/**
 * Whether a record in a form meets a condition: by the very reading that the server goes by. It brings all field types along, so it is
 * fetched only where an object has conditions (`use-conditions.ts`).
 */
export function evaluator(
  object: ObjectMeta,
  company: Session['company'],
): (condition: unknown, record: Record<string, unknown>) => boolean {
  const fields = new Map(object.fields.map((field) => [field.key, bound(object, field)]));
  const declared = { key: object.key, fields } as unknown as ModelObject;
  const model = {
    object: () => {
      throw new Error('Conditions of forms look at their own record only.');
    },
  };
  const env = (): ValueEnv => ({ now: new Date(), timeZone: company.timeZone, baseCurrency: company.baseCurrency, country: 'US' });
  return (condition, record) => {
    try {
      return meets(model, declared, condition as Predicate, record, env());
    } catch {
      // A field that this user may not know: the server decides, the form shows.
      return true;
    }
  };
}

/** A field as the engine knows it, from what the server told of it. */
export function bound(object: ObjectMeta, field: FieldMeta): BoundField {
  const { options, to, many, roles, max } = field;
  const own = Object.fromEntries(Object.entries({ options, to, many, roles, max }).filter(([, value]) => value !== undefined));
  return { key: field.key, type: field.type, column: field.key, table: object.key, with: own as BoundField['with'] };
}
