import { mayReadField, requireVerb, scopeCondition } from '#engine/access/policy.ts';
import type { Context } from '#engine/record/context.ts';
import { and, Params } from '#engine/store/sql.ts';
import { startOfDate } from '#kit/calendar.ts';
import { invalid, notFound } from '#kit/errors.ts';

/** What may have happened to a deal since a day; one deal may stand under several. */
export const KINDS = [
  'opened',
  'reopened',
  'forward',
  'back',
  'won',
  'lost',
  'removed',
  'amountUp',
  'amountDown',
  'pushed',
  'pulled',
] as const;
export type Kind = (typeof KINDS)[number];

export interface SinceQuery {
  /** The first day that counts: what stood at its beginning is compared with what stands now. */
  since: string;
  pipeline?: string | undefined;
  owner?: string | undefined;
  team?: string | undefined;
  /** Deals told of under each kind, those that weigh most first. */
  limit?: number | undefined;
}

interface Line {
  id: string;
  name: string | null;
  owner: string | null;
  /** What it does to the open pipeline, in the base currency; what the deal is worth where it does nothing to it. */
  value: string | null;
  stages: { from: string | null; to: string | null };
  closeDate: { from: string | null; to: string | null };
}

interface Total {
  count: number;
  /** In the base currency; null for who may not know amounts. */
  value: string | null;
}

export interface SinceAnswer {
  since: string;
  currency: string;
  /** The open pipeline now, and as it was then: what happened leads from the one to the other. */
  was: Total;
  now: Total;
  /** Open deals whose amount has no rate: they are not in the sums. */
  unconverted: number;
  kinds: (Total & { kind: Kind; items: Line[] })[];
}

/** Days that one may look back. */
const FURTHEST = 400;
const LINES = 25;

/**
 * What changed among deals since a day, for who asks: of deals that they may read now, in fields that they may know. What was then is
 * what is now with the changes of the log taken back, oldest first, so no snapshot is needed. Amounts of then count at the rates of
 * now: the bridge tells what became of deals, not of currencies.
 */
export async function changedSince(ctx: Context, query: SinceQuery): Promise<SinceAnswer> {
  const object = ctx.model.object('opportunity');
  requireVerb(ctx.actor, object, 'read');
  const knows = (key: string): boolean => {
    const field = object.fields.get(key);
    return field !== undefined && mayReadField(ctx.actor, object, field);
  };
  if (!knows('stage') || ctx.actor.rights.scope('stage', 'read') === 'none') throw notFound('There is no such address.');
  const from = startOfDate(query.since, ctx.env.timeZone);
  const ago = ctx.env.now.getTime() - from.getTime();
  if (ago < 0 || ago > FURTHEST * 86_400_000)
    throw invalid('The day cannot be looked back to.', [
      { path: 'since', code: 'range', detail: `Between today and ${FURTHEST} days ago.` },
    ]);
  const params = new Params();
  const among = and([
    scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params),
    query.pipeline ? `t.pipeline_id = ${params.add(query.pipeline, 'uuid')}` : null,
    query.owner && knows('owner') ? `t.owner_id = ${params.add(query.owner, 'uuid')}` : null,
    query.team && knows('owner')
      ? `t.owner_id = any(array(select m.id from users m where m.team_id = ${params.add(query.team, 'uuid')} and m.deleted_at is null))`
      : null,
  ]);
  const [amounts, dates, owners, names] = [knows('amount'), knows('closeDate'), knows('owner'), knows('name')];
  const since = params.add(from.toISOString(), 'timestamptz');
  const rows = await ctx.db.keyed<{ answer: Omit<SinceAnswer, 'since' | 'currency' | 'was'> & { steps: Total } }>(
    sinceSql({ since, among, amounts, dates, owners, names, limit: Math.min(query.limit ?? LINES, 200) }),
    params.values,
  );
  const found = rows[0]?.answer;
  if (!found) throw notFound();
  const { steps, ...answer } = found;
  const kinds = KINDS.flatMap((kind) => answer.kinds.filter((one) => one.kind === kind));
  return {
    since: query.since,
    currency: ctx.env.baseCurrency,
    was: {
      count: answer.now.count - steps.count,
      value: answer.now.value === null ? null : minus(answer.now.value, steps.value ?? '0'),
    },
    ...answer,
    kinds,
  };
}

/** Amounts of four digits after the point, exactly. */
function minus(a: string, b: string): string {
  const units = (text: string): bigint => {
    const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
    const value = BigInt(whole + fraction.padEnd(4, '0').slice(0, 4));
    return text.startsWith('-') ? -value : value;
  };
  const left = units(a) - units(b);
  const digits = String(left < 0n ? -left : left).padStart(5, '0');
  return `${left < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4, -2)}`;
}

interface Parts {
  since: string;
  among: string;
  amounts: boolean;
  dates: boolean;
  owners: boolean;
  names: boolean;
  limit: number;
}

/**
 * Causes that wrote about deals lie in an index by time, their changes in one by cause: a week is read without the years before it. A
 * cause may have begun before what it did last (a job), so they are taken from a day earlier and their changes by their own time.
 */
function sinceSql({ since, among, amounts, dates, owners, names, limit }: Parts): string {
  const text = (value: string) => `round(${value}, 2)::text`;
  return `with wrote as materialized (
    select c.seq, c.record_id as id, c.action, c.before from cause_objects b join changes c on c.cause = b.cause and c.object = 'opportunity'
    where b.object = 'opportunity' and b.at >= ${since} - interval '1 day' and c.at >= ${since} and c.action <> 'create'
  ), was as (
    select o.id, jsonb_object_agg(o.key, o.value) as held from (
      select distinct on (w.id, k.key) w.id, k.key, k.value from wrote w cross join lateral jsonb_each(w.before) k
      where w.action = 'update' and k.key in ('stage', 'amount', 'closeDate') order by w.id, k.key, w.seq) o group by o.id
  ), turned as (
    select distinct on (w.id) w.id, w.action from wrote w where w.action in ('delete', 'restore') order by w.id, w.seq
  ), touched as (
    select id from wrote union select t.id from opportunities t where t.created_at >= ${since}
  ), deals as (
    select t.id, ${names ? 't.name' : 'null::text'} as name, ${owners ? 't.owner_id' : 'null::uuid'} as owner_id,
      t.created_at >= ${since} as fresh, t.deleted_at is null as is_there,
      t.created_at < ${since} and coalesce(u.action <> 'restore', t.deleted_at is null) as was_there,
      t.stage_id as stage_now, coalesce((w.held ->> 'stage')::uuid, t.stage_id) as stage_then,
      ${amounts ? 't.amount_base' : 'null::numeric'} as now,
      ${
        amounts
          ? `case when w.held ? 'amount' then perigon_to_base((w.held -> 'amount' ->> 'amount')::numeric, w.held -> 'amount' ->> 'currency', current_date) else t.amount_base end`
          : 'null::numeric'
      } as before,
      ${dates ? `t.close_date` : 'null::date'} as close_now,
      ${dates ? `case when w.held ? 'closeDate' then (w.held ->> 'closeDate')::date else t.close_date end` : 'null::date'} as close_then
    from touched x join opportunities t on t.id = x.id left join was w on w.id = x.id left join turned u on u.id = x.id
    where ${among || 'true'}
  ), told as (
    select d.*, sn.name as stage_now_name, st.name as stage_then_name, sn.category as category_now,
      d.is_there and sn.category = 'open' as open_now, d.was_there and st.category = 'open' as open_then,
      sn.pipeline_id = st.pipeline_id and sn.position > st.position as further, sn.pipeline_id = st.pipeline_id and sn.position < st.position as behind
    from deals d join stages sn on sn.id = d.stage_now left join stages st on st.id = d.stage_then
  ), steps as (
    select o.*, e.kind, e.value from told o cross join lateral (values
      ('opened', o.fresh and o.is_there, case when o.open_now then o.now end),
      ('reopened', o.was_there and not o.open_then and o.open_now, o.now),
      ('forward', o.open_then and o.open_now and o.further, o.now),
      ('back', o.open_then and o.open_now and o.behind, o.now),
      ('won', o.is_there and o.category_now = 'won' and (o.open_then or o.fresh), o.now),
      ('lost', o.is_there and o.category_now = 'lost' and (o.open_then or o.fresh), coalesce(o.before, o.now)),
      ('removed', o.open_then and not o.is_there, o.before),
      ('amountUp', o.open_then and o.open_now and coalesce(o.now, 0) > coalesce(o.before, 0), coalesce(o.now, 0) - coalesce(o.before, 0)),
      ('amountDown', o.open_then and o.open_now and coalesce(o.now, 0) < coalesce(o.before, 0), coalesce(o.now, 0) - coalesce(o.before, 0)),
      ('pushed', o.open_then and o.open_now and o.close_now > o.close_then, o.now),
      ('pulled', o.open_then and o.open_now and o.close_now < o.close_then, o.now)
    ) e(kind, met, value) where e.met
  ), ranked as (
    select s.*, row_number() over (partition by s.kind order by abs(s.value) desc nulls last, s.id) as place from steps s
  ), kinds as (
    select r.kind, count(*)::int as n, sum(r.value) as value,
      json_agg(json_build_object('id', r.id, 'name', r.name, 'owner', a.name, 'value', ${text('r.value')},
        'stages', json_build_object('from', case when r.was_there then r.stage_then_name end, 'to', r.stage_now_name),
        'closeDate', json_build_object('from', r.close_then, 'to', r.close_now)) order by r.place) filter (where r.place <= ${limit}) as items
    from ranked r left join users a on a.id = r.owner_id group by r.kind
  ), standing as (
    select count(*)::int as n, ${amounts ? 'coalesce(sum(t.amount_base), 0)' : 'null::numeric'} as value,
      ${amounts ? 'count(*) filter (where t.amount is not null and t.amount_base is null)::int' : '0'} as unconverted
    from opportunities t where t.stage_id = any(array(select s.id from stages s where s.category = 'open')) and t.deleted_at is null${among ? ` and ${among}` : ''}
  ), moved as (
    select count(*) filter (where o.open_now)::int - count(*) filter (where o.open_then)::int as n,
      coalesce(sum(o.now) filter (where o.open_now), 0) - coalesce(sum(o.before) filter (where o.open_then), 0) as value from told o
  )
  select json_build_object(
    'now', json_build_object('count', n.n, 'value', ${text('n.value')}), 'unconverted', n.unconverted,
    'steps', json_build_object('count', m.n, 'value', ${text('m.value')}),
    'kinds', coalesce((select json_agg(json_build_object('kind', k.kind, 'count', k.n, 'value', ${amounts ? text('coalesce(k.value, 0)') : 'null::text'}, 'items', k.items)) from kinds k), '[]'::json)
  ) as answer from standing n cross join moved m`;
}
