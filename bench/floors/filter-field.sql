-- The first 60 parties of one country by name. $1: country.
select json_build_object('items', json_agg(json_build_object('id', p.id, 'version', p.version, 'name', p.name, 'city', p.city) order by p.k, p.id))::text as json
from (select id, version, name, city, perigon_fold(name) collate "C" as k from parties where deleted_at is null and country = $1::text order by perigon_fold(name) collate "C", id limit 60) p;
