-- Won of decided deals by source and country of the customer, of deals above an amount.
select json_build_object('rows', json_agg(json_build_object('source', x.a, 'country', x.b, 'won', x.won, 'decided', x.decided) order by x.a, x.b))::text as json
from (select t.source as a, p.country as b, count(*) filter (where s.category = 'won') as won, count(*) as decided
  from opportunities t join stages s on s.id = t.stage_id join parties p on p.id = t.customer_id
  where t.deleted_at is null and s.deleted_at is null and p.deleted_at is null and s.category in ('won', 'lost') and t.closed_on is not null and t.amount_base >= 10000 group by 1, 2) x;
