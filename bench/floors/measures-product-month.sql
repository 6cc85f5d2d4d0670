-- What was won by product and month.
select json_build_object('rows', json_agg(json_build_object('id', x.g, 'name', p.name, 'month', x.m, 'worth', perigon_amount(round(coalesce(x.worth, 0), 4))) order by x.g, x.m))::text as json
from (select t.product_id as g, date_trunc('month', t.closed_on)::date as m, sum(t.amount_base) as worth
  from opportunities t join stages s on s.id = t.stage_id
  where t.deleted_at is null and s.deleted_at is null and s.category = 'won' and t.closed_on is not null group by 1, 2) x left join products p on p.id = x.g;
