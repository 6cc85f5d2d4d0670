import { SYSTEM } from '#engine/access/actor.ts';
import type { Predicate } from '#engine/declare/condition.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { type Bound, bindPredicate } from '#engine/declare/predicate.ts';
import { bindContext, type Context } from '#engine/record/context.ts';
import { isPerigonError } from '#kit/errors.ts';
import { isObject } from '#kit/json.ts';

/** What a rule is about: that something is there, that it is right, that it is of late, that there is only one of it. */
export type Dimension = 'completeness' | 'validity' | 'freshness' | 'uniqueness';

/** A demand on the records of an object: those that `applies` takes in (all without it) should meet `good`. */
export interface QualityRule {
  id: string;
  name: string;
  object: string;
  dimension: Dimension;
  applies: Predicate | null;
  good: Predicate;
  weight: number;
}

/** The demand that is there without anybody writing it: that a record is not likely another one, too. */
export const DUPLICATES = 'duplicates';
export const DUPLICATES_WEIGHT = 1;

/** The demands on an object that stand, oldest first. */
export async function rulesOf(ctx: Pick<Context, 'db'>, object: string): Promise<QualityRule[]> {
  return ctx.db.query<QualityRule>(
    `select r.id, r.name, r.object, r.dimension, r.applies, r.good, coalesce(r.weight, 1)::int as weight
     from quality_rules r where r.object = $1::text and r.deleted_at is null and r.active is not false order by r.created_at, r.id`,
    [object],
  );
}

/** The records that a rule finds fault with. */
export const failing = (rule: Pick<QualityRule, 'applies' | 'good'>): Predicate => ({
  all: [...(rule.applies ? [rule.applies] : []), { none: [rule.good] }],
});

/** The one field of the record itself that a rule demands something of: where to mend it. Null where that hangs on several, or on other records. */
export function fieldToMend(object: ModelObject, rule: Pick<QualityRule, 'good'>): string | null {
  const named = new Set<string | null>();
  const look = (condition: unknown): void => {
    if (!isObject(condition)) return;
    const { field: path, all, any, none } = condition;
    if (typeof path === 'string') {
      const [key = '', part] = path.split('.');
      const field = object.fields.get(key);
      named.add(field && (part === undefined || typeOf(field).parts?.[part]) ? key : null);
    } else if (all ?? any ?? none) for (const one of [all, any, none].flat()) look(one);
    else named.add(null);
  };
  look(rule.good);
  const [one = null] = named;
  return named.size === 1 ? one : null;
}

/** Why a rule rests: what it speaks of is out of use, is being reckoned, or is not there as the rule has it. */
export interface Rest {
  reason: 'retired' | 'building' | 'unknown';
  /** The path that the rule names; null where it is not one. */
  field: string | null;
}

/** Why a rule rests, for everybody; null where it can be asked. */
export function restOf(ctx: Context, object: ModelObject, rule: Pick<QualityRule, 'applies' | 'good'>): Rest | null {
  const condition = failing(rule);
  try {
    const gone = retiredIn(bindPredicate(bindContext({ ...ctx, actor: SYSTEM }), object, condition));
    return gone === null ? null : { reason: 'retired', field: gone };
  } catch (error) {
    if (!isPerigonError(error)) throw error;
    const [problem] = error.errors;
    const field = named(condition, problem?.path ?? '');
    if (problem?.code === 'building') return { reason: 'building', field };
    // A formula or a roll-up that was retired has no outcome any more.
    return { reason: object.fields.get(field?.split('.')[0] ?? '')?.retired ? 'retired' : 'unknown', field };
  }
}

/** The first path in a condition that leads over something retired. */
function retiredIn(bound: Bound): string | null {
  if (bound.kind === 'leaf' || bound.kind === 'count') {
    const way = [...bound.steps.filter((step) => !step.beside).map((step) => step.field), bound.field];
    if (way.some((field) => field.retired)) return way.map((field) => field.key).join('.');
    return bound.kind === 'count' && bound.where ? retiredIn(bound.where) : null;
  }
  for (const one of bound.of) {
    const found = retiredIn(one);
    if (found !== null) return found;
  }
  return null;
}

/** The text that stands at the place of a fault in a condition. */
function named(condition: Predicate, path: string): string | null {
  let at: unknown = { where: condition };
  for (const key of path.split('.')) at = Array.isArray(at) ? at[Number(key)] : isObject(at) ? at[key] : undefined;
  return typeof at === 'string' ? at : null;
}

/** Whether the actor may read everything a rule speaks of, and it does not rest. */
export function speaksTo(ctx: Context, object: ModelObject, rule: Pick<QualityRule, 'applies' | 'good'>): boolean {
  if (restOf(ctx, object, rule)) return false;
  try {
    bindPredicate(bindContext(ctx), object, failing(rule));
    return true;
  } catch (error) {
    if (isPerigonError(error)) return false;
    throw error;
  }
}
