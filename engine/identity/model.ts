import type { ModelObject } from '#engine/declare/object.ts';
import type { Queryable } from '#engine/store/db.ts';
import { isObject } from '#kit/json.ts';
import { type Matching, matchingOf, variantsOf } from './matching.ts';
import type { Weights } from './weights.ts';

/** How the records of one object (and variant) are judged: the questions, and what each answer weighs. */
export interface Judge {
  matching: Matching;
  weights: Weights;
  /** Whether the weights were learnt from this base, or are what experience says. */
  learnt: boolean;
  /** From how likely on two records are shown as duplicates. */
  threshold: number;
  /** From how likely on somebody who types is told. */
  typing: number;
}

/** Likelihood from which two records are shown, and somebody who types is told (earlier, because a look costs little), unless the company says otherwise. */
const THRESHOLD = 0.9;
const TYPING = 0.6;
/** Pairs are kept from here on, so that another threshold needs no new look through the base. */
export const KEPT = 0.5;
/** SQL: whether a pair `d` of the queue is as likely as pairs have to be to be shown. */
export const isShownSql = (threshold: string): string => `d.likelihood >= ${threshold}::real`;

/**
 * What levels weigh before anything was learnt: how often each is met by the same customer, and by two different ones that
 * meet under some key. The latter stands higher than among strangers where answers hang together: a family shares a telephone
 * and a street, an address is made of a name.
 */
const EXPERIENCE: Readonly<Record<string, { m: readonly number[]; u: readonly number[] }>> = {
  given: { m: [0.85, 0.08, 0.06, 0.01], u: [0.02, 0.01, 0.02, 0.95] },
  family: { m: [0.9, 0.08, 0.02], u: [0.01, 0.01, 0.98] },
  name: { m: [0.8, 0.12, 0.06, 0.02], u: [0.00005, 0.0002, 0.01, 0.98975] },
  email: { m: [0.7, 0.1, 0.2], u: [0.0002, 0.01, 0.9898] },
  phone: { m: [0.75, 0.25], u: [0.0005, 0.9995] },
  street: { m: [0.75, 0.12, 0.13], u: [0.0005, 0.005, 0.9945] },
  place: { m: [0.8, 0.12, 0.08], u: [0.005, 0.02, 0.975] },
  date: { m: [0.9, 0.08, 0.02], u: [0.0001, 0.002, 0.9979] },
  website: { m: [0.85, 0.15], u: [0.0002, 0.9998] },
  text: { m: [0.85, 0.1, 0.05], u: [0.001, 0.004, 0.995] },
};
/** One in a thousand pairs that meet under some key is taken to be true. */
const PRIOR = 0.001;

/** What answers weigh before a look through the whole base has learnt better. */
export function unlearnt(matching: Matching): Weights {
  const of = (kind: 'm' | 'u') =>
    Object.fromEntries(
      matching.questions.map(({ id, key, levels }) => [id, EXPERIENCE[key]?.[kind] ?? levels.map(() => 1 / levels.length)]),
    );
  return { prior: PRIOR, m: of('m'), u: of('u') };
}

const settingKey = (object: ModelObject, variant: string): string => `duplicates.${object.key}${variant ? `.${variant}` : ''}`;

const isWeights = (value: unknown): value is Weights =>
  isObject(value) && typeof value.prior === 'number' && isObject(value.m) && isObject(value.u);

/** The judges of an object by variant, with what the last look through the base has learnt. */
export async function judgesOf(q: Queryable, object: ModelObject): Promise<Map<string, Judge>> {
  const variants = variantsOf(object);
  const rows = await q.query<{ key: string; value: unknown }>('select key, value from settings where key = any($1::text[])', [
    variants.map((variant) => settingKey(object, variant)),
  ]);
  const judges = new Map<string, Judge>();
  for (const variant of variants) {
    const matching = matchingOf(object, variant);
    if (!matching) continue;
    const saved = rows.find(({ key }) => key === settingKey(object, variant))?.value;
    const learnt = isObject(saved) && isWeights(saved.weights) && fits(matching, saved.weights) ? saved.weights : null;
    const from = (key: 'threshold' | 'typing', usual: number): number => {
      const own = isObject(saved) ? saved[key] : undefined;
      return typeof own === 'number' ? own : usual;
    };
    judges.set(variant, {
      matching,
      weights: learnt ?? unlearnt(matching),
      learnt: learnt !== null,
      threshold: from('threshold', THRESHOLD),
      typing: from('typing', TYPING),
    });
  }
  return judges;
}

/** Whether weights speak of these questions and levels: a declaration may have changed since they were learnt. */
const fits = (matching: Matching, weights: Weights): boolean =>
  matching.questions.every(({ id, levels }) => weights.m[id]?.length === levels.length && weights.u[id]?.length === levels.length);

/** From how likely on pairs of an object are shown: one for all of its variants. */
export async function thresholdOf(q: Queryable, object: ModelObject): Promise<number> {
  const [judge] = (await judgesOf(q, object)).values();
  return judge?.threshold ?? THRESHOLD;
}

/** Keeps what was learnt, or from how likely on records are shown; what is not given stays. */
export async function saveJudge(
  q: Queryable,
  object: ModelObject,
  variant: string,
  change: { weights?: Weights; threshold?: number; typing?: number },
): Promise<void> {
  await q.query(
    `insert into settings (key, value) values ($1::text, $2::jsonb) on conflict (key) do update set value = settings.value || excluded.value`,
    [settingKey(object, variant), JSON.stringify(change)],
  );
}
