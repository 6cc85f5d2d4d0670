-- The 60 parties after a name and id, with owner and number of cases. $1: folded name, $2: id.
with page as (
  select id, version, name, city, owner_id, perigon_fold(name) collate "C" as k from parties
  where deleted_at is null and (perigon_fold(name) collate "C", id) > ($1::text collate "C", $2::uuid) order by perigon_fold(name) collate "C", id limit 60)
select json_build_object('items', json_agg(json_build_object('id', p.id, 'version', p.version, 'name', p.name, 'city', p.city,
  'owner', (select json_build_object('id', u.id, 'name', u.name) from users u where u.id = p.owner_id),
  'cases', json_build_object('count', (select count(*) from cases c where c.customer_id = p.id and c.deleted_at is null))) order by p.k, p.id))::text as json
from page p;
