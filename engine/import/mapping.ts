import type { BoundField } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import type { Mapping, Target } from '#engine/declare/import-mapping.ts';
import { type Model, SYSTEM_FIELDS, targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { invalid, type Problem } from '#kit/errors.ts';
import { isObject } from '#kit/json.ts';

const TARGET_KEYS = new Set([
  'field',
  'skip',
  'values',
  'by',
  'system',
  'create',
  'update',
  'currency',
  'date',
  'decimal',
  'times',
  'label',
  'blank',
]);
const MAPPING_KEYS = new Set(['object', 'columns', 'defaults', 'templates', 'match', 'skipRows', 'header']);
const POINT_PARTS = ['value'];

/** Where a target's path leads. */
export interface TargetPath {
  /** References on the way, outermost first. */
  steps: { field: BoundField; object: ModelObject }[];
  /** The object that holds the field. */
  object: ModelObject;
  /** Null for `id` and `externalId`. */
  field: BoundField | null;
  special: 'id' | 'externalId' | null;
  part: string | null;
}

/** Resolves `customer.addresses.city` against an object; null where there is no such thing. */
export function targetPath(model: Model, object: ModelObject, path: string): TargetPath | null {
  const words = path.split('.');
  const steps: TargetPath['steps'] = [];
  let at = object;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const last = i === words.length - 1;
    if (word === 'id' || word === 'externalId') return last ? { steps, object: at, field: null, special: word, part: null } : null;
    const field = at.fields.get(word);
    if (!field || SYSTEM_FIELDS.includes(word)) return null;
    if (last) return { steps, object: at, field, special: null, part: null };
    const target = targetOf(field);
    if (target !== null && typeOf(field).storage === 'columns' && !Array.isArray(field.with.options)) {
      at = model.object(target);
      steps.push({ field, object: at });
      continue;
    }
    const part = words[i + 1] ?? '';
    if (i + 2 !== words.length) return null;
    return partsOf(field).includes(part) ? { steps, object: at, field, special: null, part } : null;
  }
  return null;
}

/** Parts of a value that a column of its own may give. */
export function partsOf(field: BoundField): string[] {
  if (field.type === 'address') return ['street', 'extra', 'city', 'region', 'postalCode', 'country'];
  if (field.type === 'email' || field.type === 'phone') return field.with.many === true ? POINT_PARTS : [];
  if (field.type === 'money') return ['amount', 'currency'];
  return field.type === 'personName' ? ['prefix', 'given', 'middle', 'family', 'suffix'] : [];
}

/** Reads a mapping from outside; throws with everything that is wrong with it. `columns` are those of the file, where it is known. */
export function readMapping(model: Model, input: unknown, columns?: readonly string[]): Mapping {
  const problems: Problem[] = [];
  const wrong = (path: string, code: string, detail: string) => problems.push({ path, code, detail });
  if (!isObject(input)) throw invalid('A mapping is an object.', [{ path: 'map', code: 'type', detail: 'Expected {"object","columns"}.' }]);
  for (const key of Object.keys(input)) if (!MAPPING_KEYS.has(key)) wrong(key, 'unknown', `A mapping has no “${key.slice(0, 40)}”.`);
  const object = typeof input.object === 'string' ? model.objects.get(input.object) : undefined;
  if (!object)
    throw invalid('The mapping names no object.', [
      { path: 'object', code: 'unknownObject', detail: `There is no object “${String(input.object).slice(0, 60)}”.` },
    ]);
  if (!isObject(input.columns))
    throw invalid('The mapping names no columns.', [
      { path: 'columns', code: 'required', detail: 'Expected {"<column>": {"field": "…"}}.' },
    ]);
  for (const [column, value] of Object.entries(input.columns)) {
    const at = `columns.${column}`;
    if (columns && !columns.includes(column)) {
      wrong(at, 'unknownColumn', `The file has no column “${column.slice(0, 60)}”. Its columns are: ${columns.slice(0, 40).join(', ')}.`);
      continue;
    }
    const list: unknown[] = Array.isArray(value) ? value : [value];
    for (const [i, target] of list.entries()) checkTarget(model, object, target, list.length > 1 ? `${at}.${i}` : at, wrong);
  }
  for (const member of ['defaults', 'templates'] as const) {
    const given = input[member];
    if (given === undefined) continue;
    if (!isObject(given)) {
      wrong(member, 'type', 'Expected an object.');
      continue;
    }
    for (const [path, value] of Object.entries(given)) {
      const found = targetPath(model, object, path);
      if (!found?.field || (member === 'templates' && found.part !== null))
        wrong(`${member}.${path}`, 'unknownField', `${object.key} has no field “${path.slice(0, 60)}”.`);
      if (member === 'templates' && typeof value !== 'string') wrong(`templates.${path}`, 'type', 'Expected text with {columns}.');
      if (member === 'templates' && typeof value === 'string' && columns) {
        for (const [, name = ''] of value.matchAll(/\{([^{}]+)\}/g))
          if (!columns.includes(name)) wrong(`templates.${path}`, 'unknownColumn', `The file has no column “${name.slice(0, 60)}”.`);
      }
    }
  }
  if (input.match !== undefined) {
    if (!Array.isArray(input.match)) wrong('match', 'type', 'Expected a list of fields.');
    else
      for (const [i, key] of input.match.entries())
        if (!matchable(object, key))
          wrong(`match.${i}`, 'unknownField', `Records of ${object.plural} are not recognised by “${String(key).slice(0, 60)}”.`);
  }
  if (input.skipRows !== undefined && (!Number.isInteger(input.skipRows) || (input.skipRows as number) < 0))
    wrong('skipRows', 'type', 'Expected a number of rows.');
  if (input.header !== undefined && typeof input.header !== 'boolean') wrong('header', 'type', 'Expected true or false.');
  if (problems.length > 0)
    throw invalid(problems.length === 1 ? (problems[0]?.detail ?? '') : `The mapping has ${problems.length} faults.`, problems);
  return input as unknown as Mapping;
}

function checkTarget(
  model: Model,
  object: ModelObject,
  target: unknown,
  at: string,
  wrong: (path: string, code: string, detail: string) => void,
): void {
  if (!isObject(target)) return void wrong(at, 'type', 'Expected {"field": "…"} or {"skip": true}.');
  for (const key of Object.keys(target))
    if (!TARGET_KEYS.has(key)) wrong(`${at}.${key}`, 'unknown', `A column takes no “${key.slice(0, 40)}”.`);
  if (target.skip === true) return;
  if (typeof target.field !== 'string') return void wrong(at, 'required', 'To which field does the column go? Or {"skip": true}.');
  const path = targetPath(model, object, target.field);
  if (!path) return void wrong(`${at}.field`, 'unknownField', `${object.key} has no field “${target.field.slice(0, 60)}”.`);
  if (path.special === 'externalId' && (typeof target.system !== 'string' || target.system.trim() === ''))
    wrong(`${at}.system`, 'required', 'External ids need the name of the system they come from.');
  if (path.field && typeOf(path.field).storage === 'inverse')
    wrong(`${at}.field`, 'readOnly', 'This lists the records that point here; import their side.');
  if (path.field?.readOnly && !typeOf(path.field).importable) wrong(`${at}.field`, 'readOnly', `Perigon keeps ${target.field} itself.`);
  if (path.field && typeOf(path.field).importable === false)
    wrong(
      `${at}.field`,
      'notImported',
      `${target.field} holds files, which no table brings along: send them to /api/v1/files and name their ids.`,
    );
  const far = path.field && path.part === null ? targetOf(path.field) : null;
  if (target.by !== undefined) {
    if (far === null) wrong(`${at}.by`, 'operator', `${target.field} is not a reference.`);
    else if (typeof target.by !== 'string' || !findable(model.object(far), target.by))
      wrong(`${at}.by`, 'unknownField', `A ${far} is not found by “${String(target.by).slice(0, 60)}”.`);
    else if (target.by === 'externalId' && typeof target.system !== 'string')
      wrong(`${at}.system`, 'required', 'External ids need the name of the system they come from.');
  }
  if (
    target.values !== undefined &&
    (!isObject(target.values) || Object.values(target.values).some((value) => value !== null && typeof value !== 'string'))
  )
    wrong(`${at}.values`, 'type', 'Expected {"text in the file": "text instead" or null}.');
  for (const flag of ['create', 'update'] as const)
    if (target[flag] !== undefined && typeof target[flag] !== 'boolean') wrong(`${at}.${flag}`, 'type', 'Expected true or false.');
  if (target.create && far === null) wrong(`${at}.create`, 'operator', `${target.field} is not a reference.`);
  if (target.date !== undefined && !['dmy', 'mdy', 'ymd'].includes(String(target.date)))
    wrong(`${at}.date`, 'option', 'One of dmy, mdy, ymd.');
  if (target.decimal !== undefined && ![',', '.'].includes(String(target.decimal))) wrong(`${at}.decimal`, 'option', 'One of “,” and “.”.');
  if (target.times !== undefined && (!Number.isSafeInteger(target.times) || (target.times as number) < 1))
    wrong(`${at}.times`, 'type', 'Expected a whole number above zero.');
  if (target.blank !== undefined && !['keep', 'clear'].includes(String(target.blank)))
    wrong(`${at}.blank`, 'option', 'One of keep, clear.');
  for (const text of ['system', 'currency', 'label'] as const)
    if (target[text] !== undefined && typeof target[text] !== 'string') wrong(`${at}.${text}`, 'type', 'Expected text.');
}

/** The field that "by key" means: the first that is unique. */
export const keyField = (object: ModelObject): BoundField | null => object.declared.find((field) => field.unique === true) ?? null;

const findable = (object: ModelObject, by: string): boolean =>
  by === 'name' || by === 'id' || by === 'externalId' || (by === 'key' ? keyField(object) !== null : matchable(object, by));

const matchable = (object: ModelObject, key: unknown): boolean => {
  if (key === 'id' || key === 'externalId') return true;
  const field = typeof key === 'string' ? object.fields.get(matchField(key)) : undefined;
  return (
    field !== undefined &&
    !SYSTEM_FIELDS.includes(field.key) &&
    typeOf(field).shape !== undefined &&
    (field.identifies !== undefined || typeOf(field).shape?.many === false)
  );
};

/** `emails.value` recognises by the same as `emails`. */
const matchField = (key: string) => key.replace(/\.value$/, '');

/** The targets of a mapping with their columns. */
export const targetsOf = (mapping: Mapping): { column: string; target: Target & { field: string } }[] =>
  Object.entries(mapping.columns).flatMap(([column, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((target) =>
      target.skip || target.field === undefined ? [] : [{ column, target: { ...target, field: target.field } }],
    ),
  );

/**
 * By what rows are recognised when the mapping does not say: what is exclusive (an id, an external id, a unique field), else
 * addresses. A name is shared by too many to be taken unasked.
 */
export function matchOf(model: Model, mapping: Mapping): string[] {
  if (mapping.match) return [...new Set(mapping.match.map(matchField))];
  const object = model.object(mapping.object);
  const own = targetsOf(mapping).flatMap(({ target }) => {
    const path = targetPath(model, object, target.field);
    return path && path.steps.length === 0 ? [path] : [];
  });
  const exclusive = own.flatMap((path) => (path.special ? [path.special] : path.field?.unique ? [path.field.key] : []));
  if (exclusive.length > 0) return [...new Set(exclusive)].sort((a, b) => rank(a) - rank(b));
  return [...new Set(own.flatMap((path) => (path.field?.identifies === 'email' ? [path.field.key] : [])))];
}
const rank = (key: string) => (key === 'id' ? 0 : key === 'externalId' ? 1 : 2);
