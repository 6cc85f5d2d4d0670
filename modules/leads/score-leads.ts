import { SYSTEM } from '#engine/access/actor.ts';
import type { Model } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { type Bound, bindPredicate } from '#engine/declare/predicate.ts';
import { bindContext, type Context, sqlContext } from '#engine/record/context.ts';
import type { Queryable } from '#engine/store/db.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { Params } from '#engine/store/sql.ts';
import { isPerigonError } from '#kit/errors.ts';
import { OPEN_STATES } from './lead.object.ts';
import { decayedSql, HALF_LIVES, type ScoreRule, THRESHOLDS, type Thresholds } from './scoring.ts';

/**
 * Scores set-wise. Score and grade are figures: they lie in the lead's row and are written beside the pipeline, without a version
 * and without a row in the log, because they follow from what is in the log and from the clock (decision 0048).
 */

type Knows = Pick<Context, 'model' | 'env' | 'building'>;

/** What a rule's condition speaks of. */
export const ruledObject = (model: Model, kind: unknown): ModelObject => model.object(kind === 'engagement' ? 'interaction' : 'lead');

/** The rules that stand, oldest first. */
export const scoreRules = (q: Queryable): Promise<ScoreRule[]> =>
  q.query<ScoreRule>(
    `select r.id, r.name, r.kind, r.condition, r.points::int as points, coalesce(r.most, 5)::int as most, coalesce(r.half_life_days, 14)::int as "halfLifeDays"
     from score_rules r where r.deleted_at is null and r.active is not false order by r.created_at, r.id`,
  );

const SETTING = 'leadGrades';

/** From how many points on a lead is an A, a B, a C. */
export async function loadThresholds(q: Queryable): Promise<Thresholds> {
  const [row] = await q.query<{ value: Thresholds }>('select value from settings where key = $1::text', [SETTING]);
  return row ? { A: row.value.A, B: row.value.B, C: row.value.C } : THRESHOLDS;
}

export const saveThresholds = (q: Queryable, { A, B, C }: Thresholds): Promise<unknown> =>
  q.query('insert into settings (key, value) values ($1::text, $2::jsonb) on conflict (key) do update set value = excluded.value', [
    SETTING,
    JSON.stringify({ A, B, C }),
  ]);

/** The rule's condition as the actor may ask it; null where they may not know what it looks at, or nobody can ask it as things stand. */
export function boundFor(ctx: Knows & Pick<Context, 'actor'>, rule: Pick<ScoreRule, 'kind' | 'condition'>): Bound | null {
  try {
    return bindPredicate(bindContext(ctx), ruledObject(ctx.model, rule.kind), rule.condition);
  } catch (error) {
    if (isPerigonError(error)) return null;
    throw error;
  }
}

/** What a rule gives the lead `t`: SQL of its points now and, of engagement, of how many touches and the newest. */
export interface Reckoned {
  rule: ScoreRule;
  points: string;
  /** Gives one row with `points`, `n`, `at`; null of what is met or not. */
  touches: string | null;
}

/** The rules as SQL over the lead `t`. One that cannot be asked as things stand (a field is out of use) rests. */
export function reckonedSql(ctx: Knows, rules: readonly ScoreRule[], params: Params): Reckoned[] {
  const system = { ...ctx, actor: SYSTEM };
  const sql = sqlContext(system, params, 'sr');
  const now = params.add(ctx.env.now.toISOString(), 'timestamptz');
  return rules.flatMap((rule): Reckoned[] => {
    const bound = boundFor(system, rule);
    if (!bound) return [];
    const points = params.add(rule.points, 'float8');
    if (rule.kind === 'fit')
      return [{ rule, points: `case when (${toSql(bound, 't', sql)}) is true then ${points} else 0 end`, touches: null }];
    const half = params.add(rule.halfLifeDays, 'float8');
    const touches = `select coalesce(sum(${decayedSql(points, 'x.at', now, half)}), 0) as points, count(*)::int as n, max(x.at) as at
      from (select i.at from interactions i where i.party_id = t.party_id and i.deleted_at is null
        and i.at <= ${now} and i.at > ${now} - make_interval(days => ${params.add(rule.halfLifeDays * HALF_LIVES, 'int')})
        and (${toSql(bound, 'i', sql)}) order by i.at desc limit ${params.add(rule.most, 'int')}) x`;
    return [{ rule, points: `(select y.points from (${touches}) y)`, touches }];
  });
}

/** SQL: the grade of a score, as `gradeOf` has it. */
function gradeSql(score: string, { A, B, C }: Thresholds, params: Params): string {
  const from = (n: number) => params.add(n, 'bigint');
  return `case when ${score} >= ${from(A)} then 'A' when ${score} >= ${from(B)} then 'B' when ${score} >= ${from(C)} then 'C' else 'D' end`;
}

/** SQL: leads that are scored. What is decided keeps the score it was decided with. */
export const openSql = (t: string, params: Params): string =>
  `${t}.deleted_at is null and ${t}.status = any(${params.add([...OPEN_STATES], 'text[]')})`;

export interface ScoreBook {
  rules: readonly ScoreRule[];
  thresholds: Thresholds;
}

export const loadBook = async (q: Queryable): Promise<ScoreBook> => ({ rules: await scoreRules(q), thresholds: await loadThresholds(q) });

/**
 * SQL giving id, score and grade of the open leads that a condition over `t` takes in, as `reckonedSql` and `scoreOf` have them. Their touches
 * are fetched once for all rules: a lead costs one look into the index, and not one for each rule.
 */
export function scoresSql(ctx: Knows, { rules, thresholds }: ScoreBook, among: string, params: Params): string {
  const system = { ...ctx, actor: SYSTEM };
  const sql = sqlContext(system, params, 'ss');
  const bound = rules.flatMap((rule) => {
    const condition = boundFor(system, rule);
    return condition ? [{ rule, condition }] : [];
  });
  const now = params.add(ctx.env.now.toISOString(), 'timestamptz');
  const since = (days: number) => `${now} - make_interval(days => ${params.add(days * HALF_LIVES, 'int')})`;
  const fit = bound.flatMap(({ rule, condition }) =>
    rule.kind === 'fit' ? [`case when (${toSql(condition, 't', sql)}) is true then ${params.add(rule.points, 'float8')} else 0 end`] : [],
  );
  const engaging = bound.filter(({ rule }) => rule.kind === 'engagement');
  const counted = engaging.map(
    ({ rule, condition }) =>
      `select x.scored_lead, ${decayedSql(params.add(rule.points, 'float8'), 'x.at', now, params.add(rule.halfLifeDays, 'float8'))} as points
       from (select i.scored_lead, i.at, row_number() over (partition by i.scored_lead order by i.at desc) as place from touches i
         where i.at > ${since(rule.halfLifeDays)} and (${toSql(condition, 'i', sql)})) x
       where x.place <= ${params.add(rule.most, 'int')}`,
  );
  const longest = Math.max(1, ...engaging.map(({ rule }) => rule.halfLifeDays));
  return `with l as materialized (select t.* from leads t where ${openSql('t', params)} and ${among}),
      touches as materialized (select l.id as scored_lead, i.* from l join interactions i
        on i.party_id = l.party_id and i.deleted_at is null and i.at <= ${now} and i.at > ${since(longest)}),
      engaged as (select y.scored_lead, sum(y.points) as points from (${counted.join(' union all ') || 'select null::uuid as scored_lead, 0::float8 as points'}) y group by 1)
    select x.id, x.score, ${gradeSql('x.score', thresholds, params)} as grade
    from (select t.id, floor(least(100, greatest(0, ${['coalesce(e.points, 0)', ...fit].join(' + ')})) + 0.5)::bigint as score
      from l t left join engaged e on e.scored_lead = t.id) x`;
}

/** Writes score and grade of some open leads where they are others now; gives whose are. */
export async function rescore(q: Queryable, ctx: Knows, book: ScoreBook, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const params = new Params();
  const scores = scoresSql(ctx, book, `t.id = any(${params.add([...ids], 'uuid[]')})`, params);
  // Locked in the order in which everybody locks records, and only what changes.
  const rows = await q.query<{ id: string }>(
    `with now as materialized (${scores}), other as (
       select l.id, now.score, now.grade from leads l join now on now.id = l.id
       where l.score is distinct from now.score or l.grade is distinct from now.grade order by l.id for no key update of l)
     update leads l set score = other.score, grade = other.grade from other where l.id = other.id returning l.id`,
    params.values,
  );
  return rows.map(({ id }) => id);
}
