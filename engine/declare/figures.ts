import { snake } from '#kit/names.ts';
import type { Predicate } from './condition.ts';
import type { BoundField, RolledUp } from './field.ts';
import { typeOf } from './fields/index.ts';
import type { RollUpOptions } from './fields/roll-up/roll-up.ts';
import type { ModelObject } from './object.ts';
import { targetOf } from './target-of.ts';

/**
 * Figures are fields of a record that are reckoned from others and lie beside it, in a table one to one with its own: what
 * changes with every e-mail must not touch the record (engine-notes 2). Here a declared roll-up becomes a field of the type
 * that its outcome has.
 */

/** The table of an object's figures. */
export const figuresTable = (object: Pick<ModelObject, 'key'>): string => `${snake(object.key)}_figures`;

/** The figures of an object. */
export const figuresOf = (object: ModelObject): BoundField[] => object.declared.filter((field) => field.derived?.kind === 'rollUp');

/** Puts fields of the type of their outcome in the place of an object's roll-ups. */
export function resolveFigures(
  object: ModelObject,
  objects: ReadonlyMap<string, ModelObject>,
  report: (field: string, text: string) => void,
): void {
  for (const [i, field] of object.declared.entries()) {
    if (field.type !== 'rollUp') continue;
    const resolved = resolvedFigure(object, field, objects, (fault) => report(field.key, `${object.key}.${field.key}: ${fault}`));
    if (!resolved) continue;
    (object.fields as Map<string, BoundField>).set(field.key, resolved);
    (object.declared as BoundField[])[i] = resolved;
  }
}

/** A roll-up as the model has it; null where it cannot be, and `fault` is told why. */
export function resolvedFigure(
  object: ModelObject,
  field: BoundField,
  objects: ReadonlyMap<string, ModelObject>,
  fault: (text: string) => void,
): BoundField | null {
  const o = field.with as unknown as RollUpOptions;
  const over = object.fields.get(o.over);
  const source = over && typeOf(over).storage === 'inverse' ? objects.get(targetOf(over) ?? '') : undefined;
  const by = source?.fields.get(String(over?.with.by));
  if (!source || !by) {
    fault(`${String(o.over)} is no to-many field of ${object.key}.`);
    return null;
  }
  const found: RolledUp['reads'][number][] = [];
  const reads = (of: ModelObject, key: string) => {
    const read = of.fields.get(key);
    if (read?.type === 'formula') fault(`a roll-up cannot read the formula ${of.key}.${key}: it moves without a row in the log.`);
    else if (!read || read.derived || typeOf(read).storage !== 'columns') fault(`${of.key} has no field ${key} that a roll-up could read.`);
    else found.push({ object: of.key, field: key });
    return read;
  };
  reads(source, by.key);
  const value = o.op === 'count' ? null : reads(source, String(o.field));
  const order = o.op === 'first' || o.op === 'last' ? reads(source, String(o.by)) : null;
  if (value === undefined || order === undefined) return null;
  if (o.where) readsOf(o.where, source, objects, reads, fault);
  const outcome = outcomeOf(o.op, value, order);
  if (outcome === null) fault(`${o.op} does not apply to ${source.key}.${String(o.field)}.`);
  // Who reads a party reads what follows it; what has an owner of its own, only where the party is theirs (`scopeBranches`).
  const follows = source.party !== by.key || !object.owner ? null : source.owner ? 'partyOrOwner' : 'party';
  const { search: _, unique: __, default: ___, ...common } = field;
  return Object.freeze({
    ...common,
    type: outcome?.type ?? 'integer',
    with: outcome?.with ?? {},
    readOnly: true,
    table: figuresTable(object),
    derived: {
      kind: 'rollUp',
      with: field.with,
      present: o.op === 'count' || o.op === 'sum',
      reads: found,
      source: source.key,
      follows,
      open: o.visibility === 'record',
    },
  });
}

/** The type of what an operation gives; null where it does not apply. */
function outcomeOf(op: RollUpOptions['op'], value: BoundField | null, order: BoundField | null): Pick<BoundField, 'type' | 'with'> | null {
  if (value === null) return { type: 'integer', with: {} };
  const type = typeOf(value);
  if (!type.shape || type.shape.many || targetOf(value) !== null) return null;
  const ordered = ['number', 'date', 'instant'];
  if (op === 'first' || op === 'last')
    return order && ordered.includes(typeOf(order).shape?.kind ?? '') ? { type: value.type, with: value.with } : null;
  if (op === 'count' || !type.aggregates.includes(op) || !ordered.includes(type.shape.kind)) return null;
  // Amounts of several currencies have no sum and no order but that of the base currency.
  return { type: value.type, with: value.type === 'money' ? { base: true, ...(op === 'sum' ? { foreign: true } : {}) } : value.with };
}

/** Every field that a condition looks at, on its way through references, too. */
function readsOf(
  where: Predicate,
  source: ModelObject,
  objects: ReadonlyMap<string, ModelObject>,
  reads: (of: ModelObject, key: string) => BoundField | undefined,
  fault: (text: string) => void,
): void {
  const lists = where as { [kind in 'all' | 'any' | 'none']?: readonly Predicate[] };
  const list = lists.all ?? lists.any ?? lists.none;
  if (list) {
    for (const item of list) readsOf(item, source, objects, reads, fault);
    return;
  }
  if (!('field' in where)) {
    fault('a roll-up cannot count further relations.');
    return;
  }
  let at: ModelObject | undefined = source;
  for (const key of where.field.split('.')) {
    const field: BoundField | undefined = at && reads(at, key);
    const target: string | null = field ? targetOf(field) : null;
    // What stands behind a field that leads nowhere is a part of it.
    if (target === null) return;
    at = objects.get(target);
  }
}
