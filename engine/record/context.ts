import type { Actor } from '#engine/access/actor.ts';
import { mayReadField, scopeCondition } from '#engine/access/policy.ts';
import type { BoundField, ValueEnv } from '#engine/declare/field.ts';
import type { Model } from '#engine/declare/model.ts';
import type { BindContext } from '#engine/declare/predicate.ts';
import type { Db, Tx } from '#engine/store/db.ts';
import { aliases, type Params, type SqlContext } from '#engine/store/sql.ts';
import { newId } from '#kit/ids.ts';
import type { Once } from './transact.ts';

/** Why something is written. Everything one click, file or job did shares a cause, and is undone by it. */
export interface Cause {
  id: string;
  kind:
    | 'request'
    | 'import'
    | 'undo'
    | 'action'
    | 'bulk'
    | 'merge'
    | 'handOver'
    | 'erasure'
    | 'territories'
    | 'flow'
    | 'setup'
    | 'seed'
    | 'sample'
    | 'job'
    | 'booking';
  label: string | null;
  parent: string | null;
}

/** A new cause. */
export const newCause = (kind: Cause['kind'], label: string | null = null, parent: string | null = null): Cause => ({
  id: newId(),
  kind,
  label,
  parent,
});

/** What every read and write runs in: the base, the model, who acts, why, and how values are read. */
export interface Context {
  db: Db;
  model: Model;
  rules: RuleBook;
  actor: Actor;
  env: ValueEnv;
  cause: Cause;
  /** Figures (`party.openCases`) that are still being reckoned for the records that are there. */
  building?: ReadonlySet<string>;
  /** Set for a request that carries an idempotency key. */
  once?: Once;
  /** Told after a commit that wrote to the log. */
  wrote(): void;
}

/** What binding a predicate needs, under the actor's rights. */
export const bindContext = (ctx: Pick<Context, 'model' | 'env' | 'actor' | 'building'>): BindContext => ({
  model: ctx.model,
  env: ctx.env,
  readable: (object, field) => mayReadField(ctx.actor, object, field),
  building: (object, field) => isBuilding(ctx, object, field),
});

/** Whether nothing can be asked of a field yet, because it is a figure that is being reckoned, or a formula that reads one. */
export function isBuilding(ctx: Pick<Context, 'building'>, object: { key: string }, field: BoundField): boolean {
  if (field.derived === undefined || !ctx.building || ctx.building.size === 0) return false;
  return field.derived.kind === 'formula'
    ? field.derived.uses.some((use) => isBuilding(ctx, use.object, use.field))
    : ctx.building.has(`${object.key}.${field.key}`);
}

/** Statements differ while figures are being built: a part of the key under which they are kept. */
export const buildingKey = (ctx: Pick<Context, 'building'>): string =>
  ctx.building && ctx.building.size > 0 ? [...ctx.building].sort().join() : '';

/** What compiling a statement needs, under the actor's rights. */
export const sqlContext = (ctx: Pick<Context, 'model' | 'actor'>, params: Params, prefix = 'a'): SqlContext => ({
  params,
  alias: aliases(prefix),
  visible: (object, alias) => scopeCondition(ctx.model, ctx.actor, object, 'read', alias, params),
});

/** Canonical values of a record by field key: references are ids, links [{id, role}]. */
export type Values = Record<string, unknown>;

/** One record on its way through the pipeline, as rules see it. */
export interface RuleItem {
  readonly op: 'create' | 'update' | 'delete' | 'restore';
  readonly id: string;
  readonly before: Values | null;
  /** It is new, and nobody was named to own it: until rules find somebody that is whoever makes it. */
  readonly ownerless: boolean;
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
