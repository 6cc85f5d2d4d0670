import { requireVerb, scopeCondition } from '#engine/access/policy.ts';
import type { Predicate } from '#engine/declare/condition.ts';
import { instantText } from '#engine/declare/field.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import { bindContext, type Context, sqlContext } from '#engine/record/context.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { and, Params } from '#engine/store/sql.ts';
import { notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import {
  type Dimension,
  DUPLICATES,
  DUPLICATES_WEIGHT,
  failing,
  fieldToMend,
  type QualityRule,
  type Rest,
  restOf,
  rulesOf,
  speaksTo,
} from './rules.ts';
import { type Finding, qualityScore } from './score.ts';

/** How far back the course of a score is told. */
const DAYS = 90;

export interface Quality {
  object: string;
  /** When it was measured last; null if never. */
  at: string | null;
  records: number;
  score: number | null;
  /** Whether only the reader's own teams are in it. */
  ownTeams: boolean;
  rules: {
    /** The id of the rule, or `duplicates`. */
    id: string;
    name: string | null;
    dimension: Dimension;
    weight: number;
    applies: number;
    bad: number;
    /** The condition that the records to mend meet; null where another page lists them. */
    where: Predicate | null;
  }[];
  /** Rules that are not measured as things stand, for those who know the rules themselves. */
  resting: ({ id: string; name: string; dimension: Dimension } & Rest)[];
  teams: { team: { id: string; name: string } | null; score: number | null; bad: number }[];
  /** By the system records came from; an empty one is what was entered here. */
  sources: { source: string; score: number | null; bad: number }[];
  course: { day: string; score: number | null }[];
}

interface Row {
  day: string;
  rule: string;
  slice: 'all' | 'team' | 'source';
  team: string | null;
  name: string | null;
  source: string;
  applies: number;
  bad: number;
}

/**
 * What was measured last of the records of an object, and how that went. Who may read all of them is told of all; who reads what
 * their teams own, of those teams; rules about fields that the reader may not see are not there for them.
 */
export async function readQuality(ctx: Context, object: ModelObject): Promise<Quality> {
  requireVerb(ctx.actor, object, 'read');
  const ownTeams = ctx.actor.rights.scope(object.key, 'read') !== 'all';
  const all = await rulesOf(ctx, object.key);
  const rules = all.filter((rule) => speaksTo(ctx, object, rule));
  const weights = new Map(rules.map((rule) => [rule.id, rule.weight]));
  if (object.duplicates && !ownTeams) weights.set(DUPLICATES, DUPLICATES_WEIGHT);
  const [measured] = await ctx.db.keyed<{ at: string; records: number }>(
    `select ${instantText('at')} as at, records from quality_measured where object = $1::text`,
    [object.key],
  );
  const rows = await ctx.db.keyed<Row>(
    `select s.day::text as day, s.rule, s.slice, s.team_id as team, t.name, s.source, s.applies, s.bad
     from quality_scores s left join teams t on t.id = s.team_id
     where s.object = $1::text and s.rule = any($2::text[]) and s.day > current_date - $3::int
       and (s.slice = $4::text or s.day = (select max(l.day) from quality_scores l where l.object = $1::text))
       and ($5::uuid[] is null or (s.slice = 'team' and s.team_id = any($5::uuid[])))
     order by s.day`,
    [object.key, [...weights.keys()], DAYS, ownTeams ? 'team' : 'all', ownTeams ? ctx.actor.teamIds : null],
  );
  const whole = rows.filter((row) => row.slice === (ownTeams ? 'team' : 'all'));
  const last = rows.at(-1)?.day;
  const today = rows.filter((row) => row.day === last);
  const score = (some: readonly Row[]) => qualityScore(some.map((row): Finding => ({ ...row, weight: weights.get(row.rule) ?? 0 })));
  const sum = (some: readonly Row[], key: 'applies' | 'bad') => some.reduce((total, row) => total + row[key], 0);
  const now = whole.filter((row) => row.day === last);
  const told = (rule: Pick<QualityRule, 'id' | 'name' | 'dimension' | 'weight'> | null, where: Predicate | null) => {
    const found = now.filter((row) => row.rule === (rule?.id ?? DUPLICATES));
    return {
      id: rule?.id ?? DUPLICATES,
      name: rule?.name ?? null,
      dimension: rule?.dimension ?? ('uniqueness' as const),
      weight: rule?.weight ?? DUPLICATES_WEIGHT,
      applies: sum(found, 'applies'),
      bad: sum(found, 'bad'),
      where,
    };
  };
  return {
    object: object.key,
    at: measured?.at ?? null,
    records: ownTeams ? 0 : (measured?.records ?? 0),
    score: score(now),
    ownTeams,
    rules: [...rules.map((rule) => told(rule, failing(rule))), ...(weights.has(DUPLICATES) ? [told(null, null)] : [])],
    resting: ctx.actor.rights.scope('qualityRule', 'read') === 'none' ? [] : restingOf(ctx, object, all),
    teams: grouped(
      today.filter((row) => row.slice === 'team'),
      'team',
    ).map(([team, some]) => ({
      team: team === null ? null : { id: team, name: some[0]?.name ?? '' },
      score: score(some),
      bad: sum(some, 'bad'),
    })),
    sources: grouped(
      today.filter((row) => row.slice === 'source'),
      'source',
    ).map(([source, some]) => ({
      source,
      score: score(some),
      bad: sum(some, 'bad'),
    })),
    course: grouped(whole, 'day').map(([day, some]) => ({ day, score: score(some) })),
  };
}

const restingOf = (ctx: Context, object: ModelObject, rules: readonly QualityRule[]): Quality['resting'] =>
  rules.flatMap((rule) => {
    const rest = restOf(ctx, object, rule);
    return rest ? [{ id: rule.id, name: rule.name, dimension: rule.dimension, ...rest }] : [];
  });

/** Rows by a value of theirs, in the order in which the values come. */
function grouped<K extends 'team' | 'source' | 'day'>(rows: readonly Row[], key: K): [Row[K], Row[]][] {
  const groups = new Map<Row[K], Row[]>();
  for (const row of rows) groups.set(row[key], [...(groups.get(row[key]) ?? []), row]);
  return [...groups];
}

/** What of the rules one record does not meet, as it stands now. */
export async function qualityOf(
  ctx: Context,
  object: ModelObject,
  id: string,
): Promise<{ id: string; name: string; dimension: Dimension; field: string | null }[]> {
  requireVerb(ctx.actor, object, 'read');
  if (!isId(id)) throw notFound();
  const rules = (await rulesOf(ctx, object.key)).filter((rule) => speaksTo(ctx, object, rule));
  const params = new Params();
  const key = params.add(id, 'uuid');
  const sql = sqlContext(ctx, params);
  const unmet = rules.map((rule, i) => `(${toSql(bindPredicate(bindContext(ctx), object, failing(rule)), 't', sql)}) is true as r${i}`);
  const scope = scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params);
  const [row] = await ctx.db.lists<Record<string, boolean>>(
    `select true as here${unmet.map((one) => `, ${one}`).join('')} from ${object.table} t where ${and([`t.id = ${key}`, 't.deleted_at is null', scope])}`,
    params.values,
  );
  if (!row) throw notFound();
  return rules
    .filter((_, i) => row[`r${i}`])
    .map((rule) => ({ id: rule.id, name: rule.name, dimension: rule.dimension, field: fieldToMend(object, rule) }));
}
