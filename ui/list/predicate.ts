import { isObject } from '../wire.ts';

/** One comparison of the predicate language. */
export interface Condition {
  field: string;
  op: string;
  value?: unknown;
}

/** A whole predicate. The filter bar edits a flat `all` of conditions; richer nodes pass through it untouched. */
export interface Where {
  all: unknown[];
}

export function isCondition(node: unknown): node is Condition {
  return isObject(node) && typeof node.field === 'string' && typeof node.op === 'string';
}

/** Reads a predicate out of the address: whatever is no predicate is no filter. */
export function readWhere(value: unknown): Where | undefined {
  if (!isObject(value)) return undefined;
  if (Array.isArray(value.all)) {
    const nodes = value.all.filter(isObject);
    return nodes.length > 0 ? { all: nodes } : undefined;
  }
  const group = Array.isArray(value.any) || Array.isArray(value.none) || isCondition(value) || 'count' in value;
  return group ? { all: [value] } : undefined;
}

/** Replaces, adds (at the end) or, with `null`, removes one node; without nodes there is no predicate. */
export function withNode(where: Where | undefined, index: number, node: unknown): Where | undefined {
  const nodes = [...(where?.all ?? [])];
  if (node === null) nodes.splice(index, 1);
  else nodes[index] = node;
  return nodes.length > 0 ? { all: nodes } : undefined;
}

const valueless = new Set(['isEmpty', 'isNotEmpty']);

/** Whether a condition has all it needs to be asked; a half-typed one must not empty the list. */
export function isComplete(condition: Condition): boolean {
  if (valueless.has(condition.op)) return true;
  const filled = (value: unknown): boolean => value !== null && value !== undefined && value !== '';
  if (Array.isArray(condition.value))
    return condition.value.length > 0 && condition.value.every(filled) && (condition.op !== 'between' || condition.value.length === 2);
  return filled(condition.value);
}

/** Joins a fixed condition (as of a related list) with the user's own. */
export function both(one: Where | undefined, other: Where | undefined): Where | undefined {
  const nodes = [...(one?.all ?? []), ...(other?.all ?? [])];
  return nodes.length > 0 ? { all: nodes } : undefined;
}
