-- The same by team of the owner.
select json_build_object('rows', json_agg(json_build_object('id', x.g, 'name', m.name, 'won', x.won, 'worth', perigon_amount(round(coalesce(x.worth, 0), 4)), 'decided', x.decided) order by x.g))::text as json
from (select u.team_id as g, count(*) filter (where s.category = 'won') as won, sum(t.amount_base) filter (where s.category = 'won') as worth, count(*) as decided
  from opportunities t join stages s on s.id = t.stage_id left join users u on u.id = t.owner_id
  where t.deleted_at is null and s.deleted_at is null and s.category in ('won', 'lost') and t.closed_on is not null group by 1) x left join teams m on m.id = x.g;
