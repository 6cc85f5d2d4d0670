import type { Actor } from '#engine/access/actor.ts';
import { mayReadField, mayWriteField } from '#engine/access/policy.ts';
import { FieldProblem, type ValueEnv } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { SYSTEM_FIELDS } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Problem } from '#kit/errors.ts';
import type { Values } from './context.ts';

/**
 * Values read before their transaction began, with the wire values they were read from. One counts only while the wire value
 * is still that very one, so whoever changes a value in between need not know of this.
 */
export interface ReadAhead {
  from: Readonly<Record<string, unknown>>;
  values: Values;
}

/** Reads what of a record's wire values can be read without fault; the rest is left for `readValues` to refuse. */
export function readAhead(object: ModelObject, input: Readonly<Record<string, unknown>>, o: { actor: Actor; env: ValueEnv }): ReadAhead {
  const problems: Problem[] = [];
  const values = readValues(object, input, o, problems);
  for (const { path } of problems) delete values[path.split('.')[0] ?? ''];
  return { from: input, values };
}

/**
 * Reads the wire values of one record into canonical ones. Unknown and hidden fields are refused alike; reserved ones are
 * refused unless the writer is trusted (undo, import of a preset). Problems are collected, not thrown: a form shows all at once.
 */
export function readValues(
  object: ModelObject,
  input: Record<string, unknown>,
  o: { actor: Actor; env: ValueEnv; trusted?: boolean; importing?: boolean; ahead?: ReadAhead },
  problems: Problem[],
): Values {
  const values: Values = {};
  for (const key of Object.keys(input)) {
    if (o.ahead && input[key] === o.ahead.from[key] && key in o.ahead.values) {
      values[key] = o.ahead.values[key];
      continue;
    }
    const field = object.fields.get(key);
    if (!field || SYSTEM_FIELDS.includes(key) || (!o.trusted && !mayReadField(o.actor, object, field))) {
      if (SYSTEM_FIELDS.includes(key) && field) problems.push({ path: key, code: 'readOnly', detail: 'Perigon keeps this field itself.' });
      else problems.push({ path: key, code: 'unknownField', detail: `${object.key} has no field “${key.slice(0, 60)}”.` });
      continue;
    }
    const type = typeOf(field);
    if (type.storage === 'figure' || type.storage === 'formula') {
      problems.push({ path: key, code: 'readOnly', detail: 'Perigon keeps this field itself.' });
      continue;
    }
    if (type.storage === 'inverse') {
      problems.push({ path: key, code: 'readOnly', detail: 'This lists the records that point here; write their side.' });
      continue;
    }
    const reserved = field.readOnly && !(o.importing && type.importable);
    if (!o.trusted && (reserved || !mayWriteField(o.actor, object, field))) {
      problems.push({
        path: key,
        code: 'readOnly',
        detail: field.retired
          ? 'This field has been retired; its values are kept.'
          : reserved
            ? 'Perigon keeps this field itself.'
            : 'Your roles do not let you change this field.',
      });
      continue;
    }
    const value = input[key];
    if (value === null || value === undefined) {
      values[key] = null;
      continue;
    }
    try {
      values[key] = type.parse(value, field, o.env);
    } catch (problem) {
      if (!(problem instanceof FieldProblem)) throw problem;
      problems.push({ path: problem.part ? `${key}.${problem.part}` : key, code: problem.code, detail: problem.message });
    }
  }
  return values;
}
