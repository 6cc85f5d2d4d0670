import type { Queryable } from '#engine/store/db.ts';
import type { Cut } from './snapshot.object.ts';

/** Deals of one kind that are expected in a month, of one owner, product or territory. */
export interface DealsThen {
  cut: Exclude<Cut, 'whole'>;
  kind: 'won' | 'commit' | 'bestCase' | 'pipeline';
  month: string;
  owner: string | null;
  team: string | null;
  product: string | null;
  territory: string | null;
  amount: string | null;
  weighted: string | null;
  deals: number;
}

/**
 * How the deals stood at the end of a day, from the history of their stages: what was open by the month of its close date and how
 * sure its stage made one of it (of a deal that stands there still: how sure one is of it), and what was won since the year began.
 * Amounts and close dates are as they are known now.
 */
export async function dealsThen(q: Queryable, day: string, timeZone: string): Promise<DealsThen[]> {
  const cuts = { owner: 'owner_id, team_id', product: 'product_id', territory: 'territory_id' };
  return q.query<DealsThen>(
    `with standing as materialized (
       select distinct on (c.opportunity_id) c.opportunity_id as id, c.to_id as stage_id from stage_changes c
       where c.deleted_at is null and c.at < (($1::date + 1)::timestamp at time zone $2::text)
       order by c.opportunity_id, c.at desc, c.id desc
     ), stood as materialized (
       select t.owner_id, u.team_id, t.product_id, p.territory_id, t.amount_base as amount, t.amount_base * s.probability as weighted,
         date_trunc('month', case when s.category = 'won' then t.closed_on else coalesce(t.close_date, t.closed_on) end)::date as month,
         case when s.category = 'won' then 'won' else coalesce(case when t.stage_id = s.id then t.forecast_category end, s.forecast_category,
           case when s.probability < 0.3 then 'pipeline' when s.probability < 0.7 then 'bestCase' else 'commit' end) end as kind
       from standing n join opportunities t on t.id = n.id and t.deleted_at is null join stages s on s.id = n.stage_id and s.category <> 'lost'
         left join users u on u.id = t.owner_id left join parties p on p.id = t.customer_id
       where s.category = 'open' or (t.closed_on <= $1::date and t.closed_on >= date_trunc('year', $1::date))
     )
     ${Object.entries(cuts)
       .map(
         ([cut, columns]) => `select '${cut}' as cut, kind, to_char(month, 'YYYY-MM-DD') as month,
           ${['owner', 'team', 'product', 'territory'].map((name) => `${columns.includes(`${name}_id`) ? `${name}_id` : 'null::uuid'} as ${name}`).join(', ')},
           round(sum(amount), 4)::text as amount, round(sum(weighted), 4)::text as weighted, count(*)::int as deals
         from stood where month is not null and kind <> 'omitted' group by kind, month, ${columns}`,
       )
       .join(' union all ')}`,
    [day, timeZone],
  );
}
