import { isPerigonError } from '#kit/errors.ts';
import { isObject } from '#kit/json.ts';
import type { Predicate } from './condition.ts';
import type { BoundField, ValueEnv } from './field.ts';
import { formulaOf, isAlone } from './formula/readings.ts';
import type { Fault, Model } from './model.ts';
import type { ModelObject } from './object.ts';
import { bindPredicate, matches, type RecordGraph } from './predicate.ts';

/**
 * Conditions of fields and sections (`requiredWhen`, `shownWhen`, `when`): predicates over the very record they belong to, so that a
 * form decides them while one types and the server in the middle of a write, without asking for anything else.
 */

/** Nothing lies around the record. */
const NOWHERE: RecordGraph = { get: () => null, children: () => [] };

/** Whether a record (wire or canonical values) meets a condition over its own fields. */
export const meets = (
  model: Pick<Model, 'object'>,
  object: ModelObject,
  condition: Predicate,
  record: Record<string, unknown>,
  env: ValueEnv,
): boolean => matches(bindPredicate({ model: model as Model, env, readable: () => true }, object, condition, 'condition'), record, NOWHERE);

/** Keys of the fields that a condition looks at. */
export function fieldsOfCondition(condition: unknown): string[] {
  if (!isObject(condition)) return [];
  if (typeof condition.field === 'string') return [condition.field.split('.')[0] ?? ''];
  return (['all', 'any', 'none'] as const).flatMap((kind) =>
    Array.isArray(condition[kind]) ? condition[kind].flatMap(fieldsOfCondition) : [],
  );
}

/** A formula of the record's own fields may stand in a condition over the record. */
export const looksNowhere = (field: BoundField): boolean => {
  const formula = formulaOf(field);
  return formula === undefined || isAlone(formula);
};

const ENV: ValueEnv = { now: new Date(0), timeZone: 'UTC', country: 'US', baseCurrency: 'EUR' };

/** Conditions that cannot be read, or look beyond their own record. */
export function conditionFaults(model: Model): Fault[] {
  const faults: Fault[] = [];
  for (const object of model.objects.values()) {
    const check = (condition: Predicate | undefined, what: string, field?: string) => {
      if (condition === undefined) return;
      const fault = (text: string) =>
        faults.push({ object: object.key, ...(field ? { field } : {}), text: `${object.key} ${what}: ${text}` });
      try {
        const bound = bindPredicate({ model, env: ENV, readable: () => true }, object, condition, 'condition');
        const isLocal = (one: typeof bound): boolean =>
          one.kind === 'leaf' ? one.steps.length === 0 && looksNowhere(one.field) : one.kind === 'count' ? false : one.of.every(isLocal);
        if (!isLocal(bound)) fault('a condition looks at the fields of its own record only.');
      } catch (error) {
        if (!isPerigonError(error)) throw error;
        fault(error.errors[0]?.detail ?? error.message);
      }
    };
    for (const field of object.declared) {
      check(field.requiredWhen, `${field.key}.requiredWhen`, field.key);
      check(field.shownWhen, `${field.key}.shownWhen`, field.key);
    }
    for (const section of [...object.form, ...Object.values(object.variants?.forms ?? {}).flat()]) {
      check(section.when, `form ${section.key}`);
      if (section.wide?.some((key) => !section.fields.includes(key)))
        faults.push({ object: object.key, text: `${object.key} form ${section.key}: a wide field stands in its section.` });
    }
  }
  return faults;
}
