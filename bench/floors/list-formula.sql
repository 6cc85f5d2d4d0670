-- The 60 opportunities of the highest weighted amount, by its index.
with page as (
  select id, version, name, round(amount * probability::numeric, 4) as w, amount_currency as c from opportunities
  where deleted_at is null and round(amount * probability::numeric, 4) is not null order by round(amount * probability::numeric, 4) desc, id desc limit 60)
select json_build_object('items', json_agg(json_build_object('id', id, 'version', version, 'name', name,
  'weightedAmount', json_build_object('amount', perigon_amount(w), 'currency', c)) order by w desc, id desc))::text as json
from page;
