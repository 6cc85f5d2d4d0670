import Big from 'big.js';
import { isPerigonError } from '#kit/errors.ts';
import { isObject, type JsonObject } from '#kit/json.ts';
import type { BoundField, ValueEnv } from './field.ts';
import { typeOf } from './fields/index.ts';
import type { RollUpOptions } from './fields/roll-up/roll-up.ts';
import { figuresOf } from './figures.ts';
import { type Fault, type Model, ModelFaults } from './model.ts';
import type { ModelObject } from './object.ts';
import { type Bound, bindPredicate, matches, type RecordGraph, type Step } from './predicate.ts';

/**
 * What the roll-ups of a model read, and what one row of the log does to them. A count or a sum whose condition looks at its
 * own record is kept by *deltas*; anything else (least, most, first, last, a condition through a reference) is *marked* and
 * reckoned anew for the record it belongs to. A figure is one or the other, never both (engine-notes 2). Pure.
 */
export interface RollUp {
  /** The object that has the figure. */
  object: ModelObject;
  field: BoundField;
  op: RollUpOptions['op'];
  /** The records it is reckoned of, and their reference to the object. */
  source: ModelObject;
  by: BoundField;
  value: BoundField | null;
  order: BoundField | null;
  where: Bound | null;
  delta: boolean;
  /** Ways of the condition through references: a change at their far end concerns all who lead there. */
  ways: { steps: readonly Step[]; key: string }[];
}

export interface RollUps {
  all: readonly RollUp[];
  /** Those reckoned of an object's records. */
  over(source: string): readonly RollUp[];
  /** Those whose condition looks at records of this object through a reference, each with that part of the way. */
  through(object: string): readonly { rollUp: RollUp; steps: readonly Step[]; key: string | null }[];
  /** What the log must carry of an object's records; null where no roll-up reads them. */
  watched(object: string): Watched | null;
}

export interface Watched {
  keys: readonly string[];
  /** Money fields whose base amount is summed: it is not among the values that are written. */
  money: readonly string[];
}

/** A row of the log as roll-ups read it. */
export interface LogRow {
  seq: number;
  object: string;
  id: string;
  action: 'create' | 'update' | 'delete' | 'restore';
  before: JsonObject | null;
  after: JsonObject | null;
  carried: JsonObject | null;
}

/** Key under which the log carries a base amount: `[before, after]`. */
export const baseKey = (key: string): string => `${key}.base`;

/** Conditions of declarations are read in no place and at no time in particular. */
const NOWHERE: ValueEnv = { now: new Date(0), timeZone: 'UTC', country: 'US', baseCurrency: 'EUR' };
const LATER: ValueEnv = { ...NOWHERE, now: new Date('2020-06-15T12:00:00Z') };
/** A condition kept by deltas looks at nothing but its own record. */
const ALONE: RecordGraph = { get: () => null, children: () => [] };

const held = new WeakMap<Model, RollUps>();

/** The roll-ups of a model; throws with all faults of their conditions at once. */
export function rollUpsOf(model: Model): RollUps {
  const known = held.get(model);
  if (known) return known;
  const faults: Fault[] = [];
  const all = [...model.objects.values()].flatMap((object) => figuresOf(object).map((field) => planned(model, object, field, faults)));
  if (faults.length > 0) throw new ModelFaults(faults);
  const sources = group(all);
  const watched = new Map([...sources].map(([key, list]) => [key, watchedBy(list)]));
  const through = new Map<string, { rollUp: RollUp; steps: readonly Step[]; key: string | null }[]>();
  for (const rollUp of all)
    for (const way of rollUp.ways)
      way.steps.forEach((step, i) => {
        const entry = { rollUp, steps: way.steps.slice(0, i + 1), key: way.steps[i + 1]?.field.key ?? way.key };
        through.set(step.to.key, [...(through.get(step.to.key) ?? []), entry]);
      });
  const made: RollUps = {
    all,
    over: (key) => sources.get(key) ?? [],
    through: (key) => through.get(key) ?? [],
    watched: (key) => watched.get(key) ?? null,
  };
  held.set(model, made);
  return made;
}

function group(all: readonly RollUp[]): Map<string, RollUp[]> {
  const sources = new Map<string, RollUp[]>();
  for (const rollUp of all) sources.set(rollUp.source.key, [...(sources.get(rollUp.source.key) ?? []), rollUp]);
  return sources;
}

function planned(model: Model, object: ModelObject, field: BoundField, faults: Fault[]): RollUp {
  const fault = (text: string) => faults.push({ object: object.key, field: field.key, text: `${object.key}.${field.key}: ${text}` });
  const o = field.derived?.with as unknown as RollUpOptions;
  const source = model.object(field.derived?.kind === 'rollUp' ? field.derived.source : '');
  const by = source.fields.get(String(object.fields.get(o.over)?.with.by)) as BoundField;
  const bind = (env: ValueEnv): Bound | null => {
    if (!o.where) return null;
    try {
      return bindPredicate({ model, env, readable: () => true }, source, o.where);
    } catch (error) {
      fault(isPerigonError(error) ? (error.errors[0]?.detail ?? error.message) : error instanceof Error ? error.message : String(error));
      return null;
    }
  };
  const where = bind(NOWHERE);
  if (where && movesWithClock((env) => bind(env) ?? where))
    fault('a condition that moves with the clock cannot be kept; give a fixed date.');
  const ways = where ? waysOf(where) : [];
  return {
    object,
    field,
    op: o.op,
    source,
    by,
    value: o.field === undefined ? null : (source.fields.get(o.field) ?? null),
    order: o.by === undefined ? null : (source.fields.get(o.by) ?? null),
    where,
    delta: (o.op === 'count' || o.op === 'sum') && ways.length === 0,
    ways,
  };
}

/** Whether what a condition compares with is something else at another moment. */
export const movesWithClock = (bind: (env: ValueEnv) => Bound): boolean =>
  JSON.stringify(operandsOf(bind(NOWHERE))) !== JSON.stringify(operandsOf(bind(LATER)));

const operandsOf = (bound: Bound): unknown =>
  bound.kind === 'leaf' ? bound.operands : bound.kind === 'count' ? null : bound.of.map(operandsOf);

function waysOf(bound: Bound): RollUp['ways'] {
  if (bound.kind === 'leaf') return bound.steps.length > 0 ? [{ steps: bound.steps, key: bound.field.key }] : [];
  return bound.kind === 'count' ? [] : bound.of.flatMap(waysOf);
}

/** Fields of its own record that a condition looks at. */
function ownKeys(bound: Bound | null): string[] {
  if (bound === null || bound.kind === 'count') return [];
  return bound.kind === 'leaf' ? [bound.steps[0]?.field.key ?? bound.field.key] : bound.of.flatMap(ownKeys);
}

const keysOf = (rollUp: RollUp): string[] => [
  rollUp.by.key,
  ...(rollUp.value ? [rollUp.value.key] : []),
  // The day of its rate decides the base amount.
  ...(typeof rollUp.value?.with.rateOn === 'string' ? [rollUp.value.with.rateOn] : []),
  ...(rollUp.order ? [rollUp.order.key] : []),
  ...ownKeys(rollUp.where),
];

const watchedBy = (list: readonly RollUp[]): Watched => ({
  keys: [...new Set(list.flatMap(keysOf))],
  money: [...new Set(list.flatMap(({ delta, value }) => (delta && value?.type === 'money' ? [value.key] : [])))],
});

/** What a log row does: what is added to which figure of which record, and whose figures are to be reckoned anew. */
export interface Effects {
  /** `foreign` is how many amounts came (or went) that are in another currency than the base. */
  add(rollUp: RollUp, id: string, amount: Big, foreign: number): void;
  mark(rollUp: RollUp, id: string): void;
}

/**
 * Adds up what a row of the log does to the roll-ups over its object. False where it does not say enough, because a server that
 * knew nothing of these roll-ups wrote it. The answer depends on nothing but the row, so that what is subtracted from a figure
 * that is reckoned anew is exactly what will be added when the reader of the log gets there.
 */
export function effectsOf(rollUps: RollUps, row: LogRow, baseCurrency: string, effects: Effects): boolean {
  const over = rollUps.over(row.object);
  const watched = rollUps.watched(row.object);
  if (!watched) return true;
  const changed = row.after ?? {};
  if (row.action === 'update' && row.carried === null && !watched.keys.some((key) => key in changed)) return true;
  if (row.action !== 'create' && !watched.keys.every((key) => key in changed || key in (row.carried ?? {}))) return false;
  const was = row.action === 'create' || row.action === 'restore' ? null : { ...row.carried, ...row.before };
  const is = row.action === 'delete' ? null : { ...row.carried, ...row.after };
  for (const rollUp of over) {
    if (row.action === 'update' && !keysOf(rollUp).some((key) => key in changed)) {
      // A base amount may move with a rate, without a word about the amount itself.
      const base = rollUp.delta && rollUp.value ? row.carried?.[baseKey(rollUp.value.key)] : undefined;
      if (!Array.isArray(base) || base[0] === base[1]) continue;
    }
    for (const [state, sign, side] of [
      [was, -1, 0],
      [is, 1, 1],
    ] as const) {
      const id = state?.[rollUp.by.key];
      if (!state || typeof id !== 'string') continue;
      if (!rollUp.delta) effects.mark(rollUp, id);
      else if (rollUp.where === null || matches(rollUp.where, state, ALONE))
        effects.add(rollUp, id, weight(rollUp, state, side).times(sign), isForeign(rollUp, state, baseCurrency) ? sign : 0);
    }
  }
  return true;
}

const isForeign = ({ field, value }: RollUp, state: JsonObject, baseCurrency: string): boolean => {
  const money = field.with.foreign === true && value ? state[value.key] : null;
  return isObject(money) && money.currency !== baseCurrency;
};

function weight({ op, value }: RollUp, state: JsonObject, side: 0 | 1): Big {
  if (op === 'count' || !value) return new Big(1);
  const held = state[value.key];
  if (held === null || held === undefined) return new Big(0);
  if (value.type === 'money') {
    const base = state[baseKey(value.key)];
    const amount = Array.isArray(base) ? base[side] : null;
    return new Big(typeof amount === 'string' ? amount : 0);
  }
  const [cell] = typeOf(value).store(held, value);
  return new Big(typeof cell === 'number' || typeof cell === 'string' ? cell : 0);
}
