import { isPerigonError } from '#kit/errors.ts';
import type { ValueEnv } from './field.ts';
import { typeOf } from './fields/index.ts';
import { isRatio, partsOf } from './measure.ts';
import type { Fault, Model } from './model.ts';
import { bindPredicate, resolvePath } from './predicate.ts';

const ENV: ValueEnv = { now: new Date(0), timeZone: 'UTC', country: 'US', baseCurrency: 'EUR' };

/** What does not hold together in the measures of a model. */
export function measureFaults(model: Model): Fault[] {
  const faults: Fault[] = [];
  const readable = { model, env: ENV, readable: () => true };
  for (const { key, object: of, at, where, value, unit, dimensions } of model.measures.values()) {
    const object = model.objects.get(of);
    const fault = (text: string) => faults.push({ object: of, text: `The measure ${key} ${text}` });
    if (!object) {
      fault(`is about ${of}, and there is no such object.`);
      continue;
    }
    const shape = (path: string) => resolvePath(readable, object, path)?.shape?.kind;
    if (at !== undefined && shape(at) !== 'date' && shape(at) !== 'instant') fault(`counts on ${at}, which is no date of ${of}.`);
    for (const path of dimensions) if (!resolvePath(readable, object, path)) fault(`is cut by the unknown field ${path}.`);
    for (const condition of [where, ...partsOf(value).map((part) => part.where)])
      if (condition) {
        try {
          bindPredicate(readable, object, condition);
        } catch (error) {
          if (!isPerigonError(error)) throw error;
          fault(`has a condition that cannot be read: ${error.errors[0]?.detail ?? error.message}`);
        }
      }
    for (const { op, field } of partsOf(value)) {
      const found = field === undefined ? null : resolvePath(readable, object, field);
      if (field === undefined ? op !== 'count' : !found) fault(`reckons ${op} of ${field ?? 'nothing'}.`);
      const counts = op === 'count' || op === 'countDistinct';
      if (found && !counts && !typeOf(found.field).aggregates.includes(op)) fault(`reckons ${op} of ${field}, to which it does not apply.`);
      if (found && !counts && !isRatio(value) && (unit === 'money') !== (found.field.type === 'money'))
        fault(`is told in ${unit}, and ${field} is ${found.field.type}.`);
    }
  }
  return faults;
}
