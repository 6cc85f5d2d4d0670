import type { Predicate } from './condition.ts';
import type { ValueEnv } from './field.ts';
import { typeOf } from './fields/index.ts';
import { formulaOf } from './formula/readings.ts';
import type { Model } from './model.ts';
import type { ModelObject } from './object.ts';
import { type Bound, bindPredicate } from './predicate.ts';
import { movesWithClock } from './roll-ups.ts';

/** What may bring it about that a record meets a condition that it does not meet now. */
export interface Watched {
  /** The fields of the record that it reads, as the log names them; none named: any change of the record may do it. */
  keys: string[];
  /** It reads more than the log tells of this record: other records, what Perigon reckons from them, the clock. */
  beyond: boolean;
}

/** What a condition of an object goes by. Throws `invalid` where it cannot be read. Pure. */
export function watchedOf(model: Model, object: ModelObject, where: Predicate): Watched {
  const bind = (env: ValueEnv) => bindPredicate({ model, env, readable: () => true }, object, where);
  const keys = new Set<string>();
  let beyond = movesWithClock(bind);
  let any = false;
  for (const leaf of leavesOf(bind({ now: new Date(0), timeZone: 'UTC', country: 'US', baseCurrency: 'EUR' }))) {
    const field = leaf.steps[0]?.field ?? leaf.field;
    const formula = formulaOf(field);
    if (leaf.kind === 'count' || leaf.steps.length > 0 || (formula ? !formula.steady : typeOf(field).storage !== 'columns')) beyond = true;
    // What a formula reads is not told apart, and what Perigon itself keeps of a record is not in the log by name.
    if (formula || !object.declared.includes(field)) any = true;
    else keys.add(field.key);
  }
  return { keys: any ? [] : [...keys], beyond };
}

const leavesOf = (bound: Bound): Extract<Bound, { kind: 'leaf' | 'count' }>[] =>
  bound.kind === 'leaf' || bound.kind === 'count' ? [bound] : bound.of.flatMap(leavesOf);
