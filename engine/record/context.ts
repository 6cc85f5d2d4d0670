import { newId } from '#kit/ids.ts';
import type { ValueEnv } from '#engine/declare/field.ts';
import type { Model } from '#engine/declare/model.ts';
import type { BindContext } from '#engine/declare/predicate.ts';
import type { Actor } from '#engine/access/actor.ts';
import { mayReadField, scopeCondition } from '#engine/access/policy.ts';
import type { Db } from '#engine/store/db.ts';
import { aliases, type SqlContext } from '#engine/store/predicate-sql.ts';
import type { Params } from '#engine/store/sql.ts';
import type { RuleBook } from './rules.ts';
import type { Once } from './transact.ts';

/** Why something is written. Everything one click, file or job did shares a cause, and is undone by it. */
export interface Cause {
  id: string;
  kind: 'request' | 'import' | 'undo' | 'action' | 'setup' | 'seed' | 'job';
  label: string | null;
  parent: string | null;
}

/** A new cause. */
export const newCause = (kind: Cause['kind'], label: string | null = null, parent: string | null = null): Cause => ({ id: newId(), kind, label, parent });

/** What every read and write runs in: the base, the model, who acts, why, and how values are read. */
export interface Context {
  db: Db;
  model: Model;
  rules: RuleBook;
  actor: Actor;
  env: ValueEnv;
  cause: Cause;
  /** Set for a request that carries an idempotency key. */
  once?: Once;
  /** Told after a commit that wrote to the log. */
  wrote(): void;
}

/** What binding a predicate needs, under the actor's rights. */
export const bindContext = (ctx: Pick<Context, 'model' | 'env' | 'actor'>): BindContext => ({
  model: ctx.model,
  env: ctx.env,
  readable: (object, field) => mayReadField(ctx.actor, object, field),
});

/** What compiling a statement needs, under the actor's rights. */
export const sqlContext = (ctx: Pick<Context, 'model' | 'actor'>, params: Params, prefix = 'a'): SqlContext => ({
  params,
  alias: aliases(prefix),
  visible: (object, alias) => scopeCondition(ctx.model, ctx.actor, object, 'read', alias, params),
});
