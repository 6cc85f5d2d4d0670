-- The next of a call list, held for whoever calls, with the customer and what was last. $1: list, $2: user, $3: who is passed by.
with list as (select json_build_object('id', id, 'version', version, 'name', name, 'status', status, 'script', script) as json from call_lists where id = $1::uuid and deleted_at is null and status = 'open'),
gone as (delete from call_holds where user_id = $2::uuid),
next as (
  select e.* from call_list_entries e join parties p on p.id = e.party_id and p.deleted_at is null
  where e.list_id = $1::uuid and e.deleted_at is null and e.status = 'waiting' and e.position > coalesce((select position from call_list_entries where id = $3::uuid), 0)
    and (e.assigned_to_id is null or e.assigned_to_id = $2::uuid) and not exists (select 1 from call_holds h where h.entry = e.id and h.until > now() and h.user_id <> $2::uuid)
    and exists (select 1 from identifiers i where i.object = 'party' and i.kind = 'phone' and i.record_id = e.party_id)
    and (select c.decision from consents c where c.party_id = e.party_id and c.deleted_at is null and c.channel in ('phone', 'all') and c.purpose in ('marketing', 'all') order by c.at desc limit 1) is distinct from 'withdrawn'
  order by e.position, e.id limit 1 for update of e skip locked),
hold as (
  insert into call_holds (entry, user_id, until) select id, $2::uuid, now() + interval '10 minutes' from next
  on conflict (entry) do update set user_id = excluded.user_id, until = excluded.until),
line as (
  select u.* from next n cross join lateral (
    (select 'note' as object, t.id, t.created_at as at, null::text as kind, null::text as channel, t.subject as title, left(t.body, 300) as detail, t.author_id as actor from notes t where t.party_id = n.party_id and t.deleted_at is null order by t.created_at desc, t.id desc limit 7)
    union all (select 'fact', t.id, t.created_at, t.kind, null, t.text, left(t.source, 300), t.author_id from facts t where t.party_id = n.party_id and t.deleted_at is null order by t.created_at desc, t.id desc limit 7)
    union all (select 'task', t.id, t.done_at, t.kind, null, t.subject, left(t.description, 300), t.owner_id from tasks t where t.party_id = n.party_id and t.deleted_at is null and t.done_at is not null order by t.done_at desc, t.id desc limit 7)
    union all (select 'interaction', t.id, t.at, t.kind, t.channel, t.subject, left(t.body, 300), t.agent_id from interactions t where t.party_id = n.party_id and t.deleted_at is null order by t.at desc, t.id desc limit 7)
    union all (select 'lead', t.id, t.received_at, t.status, null, t.name, left(t.message, 300), t.owner_id from leads t where t.party_id = n.party_id and t.deleted_at is null order by t.received_at desc, t.id desc limit 7)
    union all (select 'opportunity', t.id, t.closed_on::timestamp at time zone 'Europe/Berlin', null, null, t.name, left(t.lost_reason, 300), t.owner_id from opportunities t where t.customer_id = n.party_id and t.deleted_at is null and t.closed_on is not null order by t.closed_on desc, t.id desc limit 7)
    union all (select 'order', t.id, t.date::timestamp at time zone 'Europe/Berlin', t.status, null, t.number, null, t.owner_id from orders t where t.customer_id = n.party_id and t.deleted_at is null order by t.date desc, t.id desc limit 7)
    union all (select 'invoice', t.id, t.date::timestamp at time zone 'Europe/Berlin', t.kind, null, t.number, null, null from invoices t where t.customer_id = n.party_id and t.deleted_at is null order by t.date desc, t.id desc limit 7)
    union all (select 'payment', t.id, t.date::timestamp at time zone 'Europe/Berlin', t.method, null, t.number, null, null from payments t where t.customer_id = n.party_id and t.deleted_at is null order by t.date desc, t.id desc limit 7)
    union all (select 'subscription', t.id, t.starts_on::timestamp at time zone 'Europe/Berlin', t.status, null, t.name, null, null from subscriptions t where t.party_id = n.party_id and t.deleted_at is null order by t.starts_on desc, t.id desc limit 7)
    union all (select 'asset', t.id, t.installed_on::timestamp at time zone 'Europe/Berlin', t.status, null, t.serial, null, null from assets t where t.party_id = n.party_id and t.deleted_at is null order by t.installed_on desc, t.id desc limit 7)
    union all (select 'case', t.id, t.opened_at, t.status, t.channel, t.subject, left(t.description, 300), t.owner_id from cases t where t.customer_id = n.party_id and t.deleted_at is null order by t.opened_at desc, t.id desc limit 7)) u
  where u.at is not null order by u.at desc, u.id desc limit 6)
select json_build_object('list', (select json from list),
  'entry', json_build_object('id', n.id, 'version', n.version, 'party', (select json_build_object('id', p.id, 'name', p.name) from parties p where p.id = n.party_id), 'status', n.status, 'outcome', n.outcome, 'tries', n.tries, 'note', n.note,
    'nextTryAt', n.next_try_at, 'lastCalledAt', n.last_called_at),
  'party', (select json_build_object(
  'id', p.id, 'kind', p.kind, 'name', p.name, 'personName', p.person_name, 'roles', p.roles, 'lifecycleStage', p.lifecycle_stage, 'legalHold', p.legal_hold,
  'owner', json_build_object('id', p.owner_id, 'name', o.name),
  'accountTeam', (select json_agg(json_build_object('id', l.to_id, 'name', m.name, 'role', l.role, 'since', l.since, 'until', l.until, 'level', l.level) order by m.name) from parties_account_team l join users m on m.id = l.to_id where l.from_id = p.id),
  'territory', case when p.territory_id is not null then (select json_build_object('id', y.id, 'name', y.name) from territories y where y.id = p.territory_id) end, 'territoryPinned', p.territory_pinned,
  'parent', case when q.id is not null then json_build_object('id', q.id, 'name', q.name) end,
  'emails', p.emails, 'phones', p.phones, 'addresses', p.addresses, 'city', p.city, 'country', p.country, 'website', p.website,
  'language', p.language, 'currency', p.currency, 'industry', p.industry, 'employees', p.employees,
  'annualRevenue', case when p.annual_revenue is not null then json_build_object('amount', perigon_amount(p.annual_revenue), 'currency', p.annual_revenue_currency) end,
  'foundedYear', p.founded_year, 'jobTitle', p.job_title, 'birthDate', to_char(p.birth_date, 'YYYY-MM-DD'), 'tags', p.tags, 'description', p.description,
  'lifetimeRevenue', json_build_object('amount', perigon_amount(g.lifetime_revenue), 'currency', (select value #>> '{}' from settings where key = 'baseCurrency')),
  'openBalance', json_build_object('amount', perigon_amount(g.open_balance), 'currency', (select value #>> '{}' from settings where key = 'baseCurrency')),
  'openOpportunities', g.open_opportunities, 'lastOrderOn', to_char(g.last_order_on, 'YYYY-MM-DD'), 'openCases', g.open_cases,
  'lastContactAt', to_char(g.last_contact_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  'costToServe', json_build_object('amount', perigon_amount(g.cost_to_serve), 'currency', (select value #>> '{}' from settings where key = 'baseCurrency')),
  'grossInvoiced', json_build_object('amount', perigon_amount(g.gross_invoiced), 'currency', (select value #>> '{}' from settings where key = 'baseCurrency')), 'credits', json_build_object('amount', perigon_amount(g.credits), 'currency', (select value #>> '{}' from settings where key = 'baseCurrency')),
  'wonValue', json_build_object('amount', perigon_amount(g.won_value), 'currency', (select value #>> '{}' from settings where key = 'baseCurrency')), 'openPipeline', json_build_object('amount', perigon_amount(g.open_pipeline), 'currency', (select value #>> '{}' from settings where key = 'baseCurrency')), 'orderCount', g.order_count,
  'externalIds', (select json_agg(json_build_object('system', e.system, 'value', e.value) order by e.system, e.value) from external_ids e where e.record_id = p.id),
  'picture', case when p.picture is not null then perigon_file(p.picture) end, 'files', case when p.files is not null then (select jsonb_agg(perigon_file(h.id) order by h.n) from unnest(p.files) with ordinality h(id, n)) end,
  'version', p.version,
  'createdAt', to_char(p.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'createdBy', case when p.created_by_id is not null then json_build_object('id', p.created_by_id, 'name', (select name from users u where u.id = p.created_by_id)) end,
  'updatedAt', to_char(p.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'updatedBy', case when p.updated_by_id is not null then json_build_object('id', p.updated_by_id, 'name', (select name from users u where u.id = p.updated_by_id)) end
)
from parties p join party_figures g on g.id = p.id left join users o on o.id = p.owner_id left join parties q on q.id = p.parent_id
where p.id = n.party_id and p.deleted_at is null),
  'touches', (select json_build_object('items', coalesce(json_agg(json_build_object('object', l.object, 'id', l.id, 'at', to_char(l.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'kind', l.kind, 'channel', l.channel, 'title', l.title, 'detail', l.detail,
    'actor', case when l.actor is not null then json_build_object('id', l.actor, 'name', (select u.name from users u where u.id = l.actor)) end) order by l.at desc, l.id desc), '[]'::json)) from line l))::text as json
from next n;
