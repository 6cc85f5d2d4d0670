-- What was won by month.
select json_build_object('rows', json_agg(json_build_object('month', x.m, 'won', x.won, 'worth', perigon_amount(round(coalesce(x.worth, 0), 4))) order by x.m))::text as json
from (select date_trunc('month', t.closed_on)::date as m, count(*) as won, sum(t.amount_base) as worth
  from opportunities t join stages s on s.id = t.stage_id
  where t.deleted_at is null and s.deleted_at is null and s.category = 'won' and t.closed_on is not null group by 1) x;
