-- Opportunities by category of their stage: how many, and their value in base currency.
select json_build_object('rows', json_agg(json_build_object('stage.category', x.category, 'n', x.n, 'sum', json_build_object('currency', 'EUR', 'amount', perigon_amount(round(coalesce(x.s, 0), 4)))) order by x.category))::text as json
from (select s.category, count(*) as n, sum(t.amount_base) as s from opportunities t left join stages s on s.id = t.stage_id where t.deleted_at is null group by 1) x;
