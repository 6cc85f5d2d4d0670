import type { BoundField, Shape } from './field.ts';
import { typeOf } from './fields/index.ts';
import { idOf } from './fields/reference/reference.ts';
import type { ModelObject } from './object.ts';
import { targetOf } from './target-of.ts';

/** Paths through references: what conditions, formulas, sorts and columns name a field by. */

/** One reference followed on the way to a field. */
export interface Step {
  from: ModelObject;
  field: BoundField;
  to: ModelObject;
  /** To the row of figures beside the record, which is always there. */
  beside?: true;
}
export interface ResolvedPath {
  steps: Step[];
  object: ModelObject;
  field: BoundField;
  /** Name of the part behind a composite field; null for the field itself. */
  part: string | null;
  shape: Shape | undefined;
}

/** Follows a dotted path (`owner.team.region`, `addresses.city`) through references; null when a step is unknown or not readable. */
export function resolvePath(
  ctx: { model: Objects; readable(object: ModelObject, field: BoundField): boolean },
  object: ModelObject,
  dotted: string,
): ResolvedPath | null {
  const keys = dotted.split('.');
  if (keys.length > 6) return null;
  const steps: Step[] = [];
  let current = object;
  for (let i = 0; i < keys.length; i++) {
    const field = current.fields.get(keys[i] ?? '');
    if (!field || !ctx.readable(current, field)) return null;
    const type = typeOf(field);
    if (type.storage === 'figure') steps.push({ from: current, field, to: current, beside: true });
    if (i === keys.length - 1) return { steps, object: current, field, part: null, shape: type.shape };
    const part = type.parts?.[keys[i + 1] ?? ''];
    if (part) return i === keys.length - 2 ? { steps, object: current, field, part: keys[i + 1] ?? null, shape: part } : null;
    const target = targetOf(field);
    if (target === null || type.storage !== 'columns') return null;
    const to = ctx.model.object(target);
    steps.push({ from: current, field, to });
    current = to;
  }
  return null;
}

/** The objects of a model, as far as paths ask. */
export interface Objects {
  object(key: string): ModelObject;
}

/** The records that may be looked at around the one that is judged or reckoned. References that lead nowhere give null. */
export interface RecordGraph {
  get(object: string, id: string): Record<string, unknown> | null;
  /** Live records of `object` whose reference `by` is `id`. */
  children(object: string, by: string, id: string): readonly Record<string, unknown>[];
}

/** The record at the end of the steps; null where they break off. */
export function follow(steps: readonly Step[], record: Record<string, unknown>, graph: RecordGraph): Record<string, unknown> | null {
  let current: Record<string, unknown> | null = record;
  for (const step of steps) {
    if (step.beside) continue;
    const id = idOf(current[step.field.key]);
    current = id === null ? null : graph.get(step.to.key, id);
    if (current === null) return null;
  }
  return current;
}
