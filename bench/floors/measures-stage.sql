-- What is open by stage: its value, and weighted by how likely it is.
select json_build_object('rows', json_agg(json_build_object('id', x.g, 'name', s.name, 'value', perigon_amount(round(coalesce(x.value, 0), 4)), 'weighted', perigon_amount(round(coalesce(x.weighted, 0), 4))) order by x.g))::text as json
from (select t.stage_id as g, sum(t.amount_base) as value, sum(t.amount_base * t.probability) as weighted
  from opportunities t join stages s on s.id = t.stage_id
  where t.deleted_at is null and s.deleted_at is null and s.category = 'open' group by 1) x join stages s on s.id = x.g;
