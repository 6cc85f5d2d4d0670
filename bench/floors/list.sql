-- The first 60 parties by name, each with its owner and how many cases it has.
with page as (
  select id, version, name, city, owner_id, perigon_fold(name) collate "C" as k from parties where deleted_at is null order by perigon_fold(name) collate "C", id limit 60)
select json_build_object('items', json_agg(json_build_object('id', p.id, 'version', p.version, 'name', p.name, 'city', p.city,
  'owner', (select json_build_object('id', u.id, 'name', u.name) from users u where u.id = p.owner_id),
  'cases', json_build_object('count', (select count(*) from cases c where c.customer_id = p.id and c.deleted_at is null))) order by p.k, p.id))::text as json
from page p;
