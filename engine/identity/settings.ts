import { mayReadField } from '#engine/access/policy.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context } from '#engine/record/context.ts';
import { judgesOf, KEPT, saveJudge } from './model.ts';
import { bits } from './weights.ts';

/** How the records of an object are compared: from how likely on pairs are shown, and what every answer weighs. */
export interface ComparisonSettings {
  object: string;
  /** From how likely on a pair stands in the queue, and somebody who types is told. */
  threshold: number;
  typing: number;
  /** The least that can be set: less likely pairs are not kept. */
  least: number;
  /** Open pairs by whole percents of likelihood, rounded down. */
  pairs: { percent: number; count: number }[];
  variants: {
    /** Key of the variant; null where the object has none. */
    variant: string | null;
    learnt: boolean;
    questions: {
      field: string;
      question: string;
      /** How often the same customer answers so (m) and two others do (u), and what that weighs in bits. */
      levels: { level: string; m: number; u: number; bits: number }[];
    }[];
  }[];
}

/** What comparing goes by at present. Fields that the actor may not read are left out. */
export async function readComparison(ctx: Context, object: ModelObject): Promise<ComparisonSettings> {
  const judges = await judgesOf(ctx.db, object);
  const [first] = judges.values();
  // By the index over open pairs of one object; 0.9 as kept (a real) is to stand at 90.
  const pairs = await ctx.db.query<{ percent: number; count: number }>(
    `select floor(d.likelihood * 100 + 0.001)::int as percent, count(*)::int as count from duplicates d
     where d.object = $1::text and d.state = 'open' group by 1 order by 1`,
    [object.key],
  );
  const variants = [...judges].map(([variant, { matching, weights, learnt }]) => ({
    variant: variant || null,
    learnt,
    questions: matching.questions.flatMap(({ id, field: key, key: question, levels }) => {
      const field = object.fields.get(key);
      if (!field || !mayReadField(ctx.actor, object, field)) return [];
      const told = levels.map((level, i) => ({
        level,
        m: weights.m[id]?.[i] ?? 0,
        u: weights.u[id]?.[i] ?? 0,
        bits: Math.round(bits(weights, id, i) * 10) / 10,
      }));
      return [{ field: key, question, levels: told }];
    }),
  }));
  return { object: object.key, threshold: first?.threshold ?? 1, typing: first?.typing ?? 1, least: KEPT, pairs, variants };
}

/** Sets from how likely on pairs are shown and told of; what is not given stays. */
export async function saveComparison(ctx: Context, object: ModelObject, change: { threshold?: number; typing?: number }): Promise<void> {
  const judges = await judgesOf(ctx.db, object);
  await ctx.db.transaction(async (tx) => {
    for (const variant of judges.keys()) await saveJudge(tx, object, variant, change);
  });
}
