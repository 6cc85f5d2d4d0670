import { mayReadField, requireVerb, scopeCondition } from '#engine/access/policy.ts';
import { instantText } from '#engine/declare/field.ts';
import type { Context } from '#engine/record/context.ts';
import { Params } from '#engine/store/sql.ts';
import { addDays, dateIn } from '#kit/calendar.ts';
import { notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { boundFor, loadBook, openSql, reckonedSql, type ScoreBook, scoresSql } from './score-leads.ts';
import { type Grade, gradeOf, type ScoreRule, scoreOf } from './scoring.ts';

/** One reason for a score. */
export interface Reason {
  /** Null for all that looks at what the reader may not know, together. */
  rule: { id: string; name: string } | null;
  kind: 'fit' | 'engagement' | null;
  /** What it gives now. */
  points: number;
  /** Of engagement: how many touches, when the newest was, and the day on which half of the points will be left. */
  touches: number | null;
  at: string | null;
  halvedOn: string | null;
}

export interface Explained {
  score: number;
  grade: Grade;
  reasons: Reason[];
}

const tenth = (n: number): number => Math.round(n * 10) / 10;

/** Why a lead has its score, reckoned this moment. A rule that looks at what the reader may not know is not named. */
export async function explainScore(ctx: Context, id: string): Promise<Explained> {
  const object = ctx.model.object('lead');
  requireVerb(ctx.actor, object, 'read');
  const field = object.fields.get('score');
  if (!isId(id) || !field || !mayReadField(ctx.actor, object, field)) throw notFound();
  const { rules, thresholds } = await loadBook(ctx.db);
  const params = new Params();
  const reckoned = reckonedSql(ctx, rules, params);
  const scope = scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params);
  const parts = reckoned.map(({ points, touches }) =>
    touches === null
      ? `json_build_object('points', ${points})`
      : `(select json_build_object('points', y.points, 'n', y.n, 'at', ${instantText('y.at')}) from (${touches}) y)`,
  );
  const [row] = await ctx.db.query<{ parts: { points: number; n?: number; at?: string | null }[] }>(
    `select json_build_array(${parts.join(', ')}) as parts from leads t
     where t.id = ${params.add(id, 'uuid')} and t.deleted_at is null${scope ? ` and ${scope}` : ''}`,
    params.values,
  );
  if (!row) throw notFound();
  const touching = ctx.actor.rights.scope('interaction', 'read') !== 'none';
  const today = dateIn(ctx.env.now, ctx.env.timeZone);
  const reasons: Reason[] = [];
  let hidden = 0;
  for (const [i, { rule }] of reckoned.entries()) {
    const part = row.parts[i];
    if (!part || part.points === 0) continue;
    if (!boundFor(ctx, rule) || (rule.kind === 'engagement' && !touching)) hidden += part.points;
    else reasons.push(reasonOf(rule, part, today));
  }
  reasons.sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
  if (tenth(hidden) !== 0) reasons.push({ rule: null, kind: null, points: tenth(hidden), touches: null, at: null, halvedOn: null });
  const score = scoreOf(row.parts.map(({ points }) => points));
  return { score, grade: gradeOf(score, thresholds), reasons };
}

function reasonOf(rule: ScoreRule, part: { points: number; n?: number; at?: string | null }, today: string): Reason {
  const lasting = rule.kind === 'fit';
  return {
    rule: { id: rule.id, name: rule.name },
    kind: rule.kind,
    points: tenth(part.points),
    touches: lasting ? null : (part.n ?? 0),
    at: lasting ? null : (part.at ?? null),
    halvedOn: lasting ? null : addDays(today, rule.halfLifeDays),
  };
}

export type Distribution = Record<Grade, number>;

interface Preview {
  total: number;
  before: Distribution;
  after: Distribution;
  /** Those whose score moves most. */
  examples: { id: string; name: string; before: number; after: number; gradeBefore: Grade; gradeAfter: Grade }[];
}

const EXAMPLES = 10;

const distribution = (grade: string): string =>
  `json_build_object(${['A', 'B', 'C', 'D'].map((one) => `'${one}', count(*) filter (where ${grade} = '${one}')`).join(', ')})`;

/** How the open leads of now, of those that the reader may read, would score under other rules and thresholds. */
export async function previewScores(ctx: Context, next: ScoreBook): Promise<Preview> {
  const object = ctx.model.object('lead');
  requireVerb(ctx.actor, object, 'read');
  const now = await loadBook(ctx.db);
  const params = new Params();
  const scope = scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params) ?? 'true';
  const [row] = await ctx.db.query<Preview>(
    `with was as materialized (${scoresSql(ctx, now, scope, params)}), will as materialized (${scoresSql(ctx, next, scope, params)}),
       both_ as (select w.id, w.score as sb, w.grade as gb, n.score as sa, n.grade as ga from was w join will n on n.id = w.id)
     select count(*)::int as total, ${distribution('gb')} as before, ${distribution('ga')} as after,
       coalesce((select json_agg(x) from (
         select l.id, l.name, m.sb as before, m.sa as after, m.gb as "gradeBefore", m.ga as "gradeAfter"
         from (select * from both_ where sb <> sa order by abs(sa - sb) desc, id limit ${EXAMPLES}) m join leads l on l.id = m.id
         order by abs(m.sa - m.sb) desc, m.id) x), '[]') as examples
     from both_`,
    params.values,
  );
  return row ?? { total: 0, before: { A: 0, B: 0, C: 0, D: 0 }, after: { A: 0, B: 0, C: 0, D: 0 }, examples: [] };
}

/** How many open leads, of those that the reader may read, have which grade. */
export async function gradesNow(ctx: Context): Promise<Distribution> {
  const object = ctx.model.object('lead');
  const params = new Params();
  const scope = scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params) ?? 'true';
  const [row] = await ctx.db.query<{ grades: Distribution }>(
    `select ${distribution('t.grade')} as grades from leads t where ${openSql('t', params)} and ${scope}`,
    params.values,
  );
  return row?.grades ?? { A: 0, B: 0, C: 0, D: 0 };
}
