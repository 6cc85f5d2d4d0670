import { isObject } from '../wire.ts';

/** One comparison of the predicate language. */
export interface Condition {
  field: string;
  op: string;
  value?: unknown;
}

export const groupKinds = ['all', 'any', 'none'] as const;
export type GroupKind = (typeof groupKinds)[number];

/** Several conditions: all of them are met, at least one, or none. */
export interface GroupNode {
  kind: GroupKind;
  of: unknown[];
}

export const countOperators = ['gte', 'lte', 'eq', 'ne', 'gt', 'lt'] as const;
export type CountOperator = (typeof countOperators)[number];

/** How many records behind a relation meet a condition. */
export interface CountNode {
  /** Path of the relation. */
  path: string;
  op: CountOperator;
  n: number;
  /** What the counted records meet, if anything. */
  where: unknown;
}

/** A whole predicate: the filter bar shows each node as a chip. */
export interface Where {
  all: unknown[];
}

export function isCondition(node: unknown): node is Condition {
  return isObject(node) && typeof node.field === 'string' && typeof node.op === 'string';
}

/** Reads a group; null for whatever else. */
export function readGroup(node: unknown): GroupNode | null {
  if (!isObject(node)) return null;
  for (const kind of groupKinds) {
    const of = node[kind];
    if (Array.isArray(of)) return { kind, of };
  }
  return null;
}

export function writeGroup({ kind, of }: GroupNode): unknown {
  return { [kind]: of };
}

/** Reads a count; “between” and roles, which nothing here writes, are left to whoever wrote them. */
export function readCount(node: unknown): CountNode | null {
  if (!isObject(node) || typeof node.count !== 'string') return null;
  const rest = Object.keys(node).filter((key) => key !== 'count' && key !== 'where');
  if (rest.length === 0) return { path: node.count, op: 'gte', n: 1, where: node.where };
  const op = countOperators.find((one) => one === rest[0]);
  const n = op && node[op];
  return rest.length === 1 && op && typeof n === 'number' ? { path: node.count, op, n, where: node.where } : null;
}

export function writeCount({ path, op, n, where }: CountNode): unknown {
  return { count: path, [op]: n, ...(where === undefined || where === null ? {} : { where }) };
}

/** What of a half-typed node can be asked already: unfinished conditions and groups without any are left out; null: nothing. */
export function askable(node: unknown): unknown {
  if (isCondition(node)) return isComplete(node) ? node : null;
  const group = readGroup(node);
  if (group) {
    const of = group.of.map(askable).filter((one) => one !== null);
    return of.length > 0 ? writeGroup({ kind: group.kind, of }) : null;
  }
  const count = readCount(node);
  return count ? writeCount({ ...count, where: askable(count.where) }) : isObject(node) ? node : null;
}

/** Reads a predicate out of the address: whatever is no predicate is no filter. */
export function readWhere(value: unknown): Where | undefined {
  if (!isObject(value)) return undefined;
  if (Array.isArray(value.all)) {
    const nodes = value.all.filter(isObject);
    return nodes.length > 0 ? { all: nodes } : undefined;
  }
  return readGroup(value) || isCondition(value) || 'count' in value ? { all: [value] } : undefined;
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

/** Conditions that are all to be met, without the groups that only hold them together: a list shows each as a chip of its own. Pure. */
export function flat(where: unknown): unknown {
  const all = (node: unknown): unknown[] => {
    const inner = (node as { all?: unknown } | null)?.all;
    return Array.isArray(inner) ? inner.flatMap(all) : [node];
  };
  return { all: all(where) };
}
