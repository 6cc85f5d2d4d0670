import type { Queryable } from '#engine/store/db.ts';
import { newId } from '#kit/ids.ts';
import type { Print } from './matching.ts';
import type { Judge } from './model.ts';
import { evidence, probability } from './weights.ts';

/** Two records that are likely the same one. */
export interface Pair {
  one: string;
  other: string;
  /** Bits. */
  evidence: number;
  /** 0 to 1. */
  likelihood: number;
  /** Level of each question, by its id; left out where one of the two says nothing. */
  levels: Record<string, number>;
}

/** What the judge says of two records; null below `from`. */
export function judge(by: Judge, a: { id: string; print: Print }, b: { id: string; print: Print }, from: number): Pair | null {
  const { questions } = by.matching;
  const levels = by.matching.levels(a.print, b.print);
  const likelihood = probability(questions, by.weights, levels);
  if (likelihood < from) return null;
  const told: Record<string, number> = {};
  questions.forEach(({ id }, i) => {
    const level = levels[i] ?? -1;
    if (level >= 0) told[id] = level;
  });
  const [one, other] = a.id < b.id ? [a.id, b.id] : [b.id, a.id];
  return { one, other, evidence: evidence(questions, by.weights, levels), likelihood, levels: told };
}

/** Puts pairs into the queue; what somebody decided about one stays decided. */
export async function savePairs(q: Queryable, object: string, pairs: readonly Pair[]): Promise<void> {
  if (pairs.length === 0) return;
  const rows = pairs.map((pair) => ({ ...pair, id: newId() }));
  await q.query(
    `insert into duplicates (id, object, one, other, evidence, likelihood, levels)
     select x.id, $2::text, x.one, x.other, x.evidence, x.likelihood, x.levels
     from json_to_recordset($1::json) as x(id uuid, one uuid, other uuid, evidence real, likelihood real, levels jsonb) order by x.one, x.other
     on conflict (one, other) do update set evidence = excluded.evidence, likelihood = excluded.likelihood, levels = excluded.levels, found_at = now()`,
    [JSON.stringify(rows), object],
  );
}
