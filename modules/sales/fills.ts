import type { Fill } from '#engine/record/fills.ts';

/** SQL: what a stage says of how sure a deal there is, as `forecastCategoryOf` has it. */
const CERTAINTY = (s: string) =>
  `case when ${s}.category = 'lost' then 'omitted' when ${s}.category = 'open' then
     case when ${s}.probability < 0.3 then 'pipeline' when ${s}.probability < 0.7 then 'bestCase' else 'commit' end end`;

/** What stages, deals and their history were asked later, answered of those that were there before. */
export const salesFills: readonly Fill[] = [
  {
    key: 'stage.forecastCategory',
    table: 'stages',
    sql: `update stages s set forecast_category = ${CERTAINTY('s')} where s.id = any($1::uuid[]) and s.forecast_category is null`,
  },
  {
    key: 'opportunity.course',
    table: 'opportunities',
    sql: `update opportunities t set
        forecast_category = coalesce(t.forecast_category, case when s.category <> 'won' then coalesce(s.forecast_category, ${CERTAINTY('s')}) end),
        first_close_date = coalesce(t.first_close_date, t.close_date),
        stage_since = coalesce((select max(c.at) from stage_changes c where c.opportunity_id = t.id and c.to_id = t.stage_id and c.deleted_at is null),
          t.opened_on::timestamptz, t.created_at)
      from stages s where s.id = t.stage_id and t.id = any($1::uuid[]) and t.stage_since is null`,
  },
  {
    key: 'stageChange.course',
    table: 'stage_changes',
    sql: `update stage_changes c set
        stayed = greatest(0, extract(epoch from c.at - (select max(p.at) from stage_changes p
          where p.opportunity_id = c.opportunity_id and p.at < c.at and p.deleted_at is null))::bigint),
        direction = case when t.category <> 'open' then t.category when f.id is null then 'entered' when f.category <> 'open' then 'reopened'
          when f.pipeline_id <> t.pipeline_id then 'moved' when t.position < f.position then 'back' else 'forward' end
      from stage_changes o left join stages f on f.id = o.from_id join stages t on t.id = o.to_id
      where o.id = c.id and c.id = any($1::uuid[]) and c.direction is null`,
  },
  {
    key: 'dealCredit.owner',
    table: 'opportunities',
    sql: `insert into deal_credits (id, opportunity_id, user_id, share, by_default, customer_id, owner_id)
      select gen_random_uuid(), t.id, t.owner_id, 1, true, t.customer_id, t.owner_id
      from opportunities t join stages s on s.id = t.stage_id and s.category = 'won'
      where t.id = any($1::uuid[]) and t.owner_id is not null and t.deleted_at is null
        and not exists (select 1 from deal_credits c where c.opportunity_id = t.id and c.deleted_at is null)`,
  },
];
