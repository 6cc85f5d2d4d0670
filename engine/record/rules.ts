import type { Tx } from '#engine/store/db.ts';
import type { Context } from './context.ts';

/** Canonical values of a record by field key: references are ids, links [{id, role}]. */
export type Values = Record<string, unknown>;

/** One record on its way through the pipeline, as rules see it. */
export interface RuleItem {
  readonly op: 'create' | 'update' | 'delete' | 'restore';
  readonly id: string;
  readonly before: Values | null;
  /** The value as it will be: what is written now, else what was there. */
  get(key: string): unknown;
  /** Whether this write changes the field (for a create: gives it a value). */
  changes(key: string): boolean;
  /** Sets a field, reserved ones included. */
  set(key: string, value: unknown): void;
  /** Refuses the record; it is not written, the good ones of a partial batch are. */
  refuse(path: string, code: string, detail: string): void;
}

export interface RuleBatch {
  ctx: Context;
  tx: Tx;
  items: readonly RuleItem[];
}

/**
 * What follows from a write to an object, always over a batch. `before` derives and validates ahead of the write; `after`
 * reacts in the same transaction and may write other objects through `writeIn`.
 */
export interface Rules {
  object: string;
  before?(batch: RuleBatch): void | Promise<void>;
  after?(batch: RuleBatch): void | Promise<void>;
}

export interface RuleBook {
  of(object: string): readonly Rules[];
}

/** Collects the rules of all modules. */
export function ruleBook(rules: readonly Rules[]): RuleBook {
  const byObject = new Map<string, Rules[]>();
  for (const rule of rules) byObject.set(rule.object, [...(byObject.get(rule.object) ?? []), rule]);
  return { of: (object) => byObject.get(object) ?? [] };
}

