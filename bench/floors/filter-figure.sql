-- The first 60 parties by name that have at least so many open cases. $1: how many.
with page as (
  select p.id, p.version, p.name, g.open_cases, perigon_fold(p.name) collate "C" as k from parties p join party_figures g on g.id = p.id
  where p.deleted_at is null and g.open_cases >= $1 order by perigon_fold(p.name) collate "C", p.id limit 60)
select json_build_object('items', coalesce(json_agg(json_build_object('id', id, 'version', version, 'name', name, 'openCases', open_cases) order by k, id), '[]'::json))::text as json
from page;
