-- The 60 parties of the highest revenue, with what is known of them.
with page as (
  select p.id, p.version, p.name, g.lifetime_revenue, g.open_cases, g.last_contact_at from party_figures g join parties p on p.id = g.id
  where p.deleted_at is null order by g.lifetime_revenue desc, g.id desc limit 60)
select json_build_object('items', json_agg(json_build_object('id', id, 'version', version, 'name', name,
  'lifetimeRevenue', json_build_object('amount', perigon_amount(lifetime_revenue), 'currency', (select value #>> '{}' from settings where key = 'baseCurrency')),
  'openCases', open_cases, 'lastContactAt', to_char(last_contact_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by lifetime_revenue desc, id desc))::text as json
from page;
