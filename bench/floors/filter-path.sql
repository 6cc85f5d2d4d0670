-- The first 60 parties by name whose owner's team is in one region. $1: region, folded.
select json_build_object('items', json_agg(json_build_object('id', p.id, 'version', p.version, 'name', p.name, 'city', p.city) order by p.k, p.id))::text as json
from (
  select id, version, name, city, perigon_fold(name) collate "C" as k from parties
  where deleted_at is null and owner_id in (select u.id from users u join teams t on t.id = u.team_id and t.deleted_at is null where u.deleted_at is null and perigon_fold(t.region) collate "C" = $1::text collate "C")
  order by perigon_fold(name) collate "C", id limit 60) p;
