import type { Predicate } from '#engine/declare/condition.ts';
import type { Context } from '#engine/record/context.ts';
import { namesIn, type SetUpNames } from '#engine/record/set-up-names.ts';
import { write } from '#engine/record/write.ts';

/** A demand on data that a new company starts with; theirs to change. */
export interface Demand<K extends string> {
  key: K;
  dimension: 'completeness' | 'validity' | 'freshness';
  applies?: Predicate;
  good: Predicate;
  weight?: number;
}

/** Writes the demands that a module has on the data of an object, named in the company's language. */
export async function installDemands<K extends string>(
  ctx: Context,
  language: string,
  object: string,
  names: SetUpNames<K>,
  demands: readonly Demand<K>[],
): Promise<void> {
  const named = namesIn(names, language);
  await write(
    ctx,
    ctx.model.object('qualityRule'),
    demands.map(({ key, ...values }) => ({ op: 'create', values: { ...values, object, name: named[key] } })),
  );
}
