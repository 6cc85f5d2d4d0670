-- The 360° view of one party, as a person would write it by hand for an administrator. $1: the party.
with
inv as materialized (
  select t.id, t.number, t.kind, t.version, t.date, t.due_date, t.status, t.total, t.total_currency as cur, t.balance, t.balance_currency as bcur,
    (t.date::timestamp at time zone 'Europe/Berlin') as at, (t.due_date::timestamp at time zone 'Europe/Berlin') as due_at,
    t.status in ('issued', 'paid') as booked, t.status = 'issued' and t.balance > 0 as open, t.status = 'issued' and t.balance > 0 and t.due_date < $2::date as overdue
  from invoices t where t.customer_id = $1::uuid and t.deleted_at is null),
opp as materialized (
  select t.id, t.name, t.version, t.amount, t.amount_currency as cur, t.close_date, t.created_at, t.owner_id, s.category, s.name as stage, s.id as stage_id,
    (t.closed_on::timestamp at time zone 'Europe/Berlin') as closed_at, (t.opened_on::timestamp at time zone 'Europe/Berlin') as opened_at, (t.close_date::timestamp at time zone 'Europe/Berlin') as close_at, t.lost_reason
  from opportunities t join stages s on s.id = t.stage_id where t.customer_id = $1::uuid and t.deleted_at is null),
ord as materialized (
  select t.id, t.number, t.version, t.date, t.status, t.total, t.total_currency as cur, t.owner_id, (t.date::timestamp at time zone 'Europe/Berlin') as at from orders t where t.customer_id = $1::uuid and t.deleted_at is null),
cas as materialized (
  select t.id, t.subject, t.version, t.status, t.priority, t.opened_at, t.owner_id, t.channel, t.description, t.status not in ('solved', 'closed') as open from cases t where t.customer_id = $1::uuid and t.deleted_at is null),
tas as materialized (
  select t.id, t.subject, t.version, t.kind, t.status, t.due_on, (t.due_on::timestamp at time zone 'Europe/Berlin') as due_at, t.done_at, t.owner_id, t.description from tasks t where t.party_id = $1::uuid and t.deleted_at is null),
itx as materialized (
  select t.id, t.at, t.channel, t.kind, t.subject, t.outcome, t.agent_id, t.body, t.cost, t.cost_currency as cur from interactions t where t.party_id = $1::uuid and t.deleted_at is null),
line as (
  select * from (
    (select 'note' as object, t.id, t.created_at as at, null::text as kind, null::text as channel, t.subject as title, left(t.body, 300) as detail, t.author_id as actor from notes t where t.party_id = $1::uuid and t.deleted_at is null)
    union all (select 'fact', t.id, t.created_at, t.kind, null, t.text, left(t.source, 300), t.author_id from facts t where t.party_id = $1::uuid and t.deleted_at is null)
    union all select 'task', id, done_at, kind, null, subject, left(description, 300), owner_id from tas where done_at is not null
    union all select 'interaction', id, at, kind, channel, subject, left(body, 300), agent_id from itx
    union all select 'opportunity', id, closed_at, null, null, name, left(lost_reason, 300), owner_id from opp where closed_at is not null
    union all select 'order', id, at, status, null, number, null, owner_id from ord
    union all select 'invoice', id, at, kind, null, number, null, null from inv
    union all (select 'payment', t.id, (t.date::timestamp at time zone 'Europe/Berlin'), t.method, null, t.number, null, null from payments t where t.customer_id = $1::uuid and t.deleted_at is null)
    union all (select 'subscription', t.id, (t.starts_on::timestamp at time zone 'Europe/Berlin'), t.status, null, t.name, null, null from subscriptions t where t.party_id = $1::uuid and t.deleted_at is null)
    union all (select 'asset', t.id, (t.installed_on::timestamp at time zone 'Europe/Berlin'), t.status, null, t.serial, null, null from assets t where t.party_id = $1::uuid and t.deleted_at is null)
    union all select 'case', id, opened_at, status, channel, subject, left(description, 300), owner_id from cas) u
  order by at desc, id desc limit 31),
b as materialized (
  select 'pastSales' as block, 'invoice' as object, id, number as title, at, total as amount, cur, kind as status, null::uuid as owner from inv where booked
  union all select 'pastSales', 'opportunity', id, name, closed_at, amount, cur, stage, owner_id from opp where category = 'won' and not exists (select 1 from orders o where o.opportunity_id = opp.id and o.deleted_at is null)
  union all select 'pastSales', 'order', id, number, at, total, cur, status, owner_id from ord where status = 'fulfilled' and not exists (select 1 from invoices i where i.order_id = ord.id and i.deleted_at is null)
  union all select 'serviceRecord', 'case', id, subject, opened_at, null, null, status, owner_id from cas
  union all select 'outstanding', 'invoice', id, number, due_at, balance, bcur, status, null from inv where overdue
  union all select 'outstanding', 'opportunity', id, name, opened_at, amount, cur, stage, owner_id from opp where category = 'open'
  union all select 'outstanding', 'order', id, number, at, total, cur, status, owner_id from ord where status in ('open', 'returning')
  union all select 'outstanding', 'case', id, subject, opened_at, null, null, status, owner_id from cas where open
  union all select 'outstanding', 'task', id, subject, due_at, null, null, kind, owner_id from tas where status = 'open'
  union all select 'unresolvedCalls', 'interaction', id, subject, at, null, null, outcome, agent_id from itx where channel = 'phone' and outcome = 'unresolved'),
blocks as (
  select k.block, json_build_object(
    'count', (select count(*) from b where b.block = k.block),
    'oldest', to_char(o.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'age', case when o.at is not null then greatest(0, floor(extract(epoch from now() - o.at) / 86400))::int end,
    'owner', case when o.block is not null then json_build_object('id', coalesce(o.owner, p.owner_id), 'name', (select name from users u where u.id = coalesce(o.owner, p.owner_id))) end,
    'amount', coalesce((select json_agg(json_build_object('currency', m.cur, 'amount', perigon_amount(m.s)) order by m.s desc) from (select cur, sum(amount) as s from b where b.block = k.block and amount is not null group by cur) m), '[]'::json),
    'items', coalesce((select json_agg(json_build_object('object', i.object, 'id', i.id, 'title', i.title, 'at', to_char(i.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'status', i.status,
        'amount', case when i.amount is not null then json_build_object('amount', perigon_amount(i.amount), 'currency', i.cur) end) order by i.k)
      from (select b.*, row_number() over (order by case when k.newest then b.at end desc nulls last, case when k.newest and b.at is not null then b.id end desc, case when not k.newest then b.at end asc nulls last, b.id) as k from b where b.block = k.block order by k limit 5) i), '[]'::json)) as json
  from (values ('pastSales', true), ('serviceRecord', true), ('outstanding', false), ('unresolvedCalls', false)) k(block, newest)
  cross join (select owner_id from parties where id = $1::uuid) p
  left join lateral (select * from b where b.block = k.block order by at nulls last, id limit 1) o on true),
matters as (
  select * from (
    (select 'task.overdue' as key, 'task' as object, id, subject as title, due_at as at, null::numeric as amount, null::text as cur, 60 as weight, count(*) over () as n from tas where status = 'open' and due_on < $2::date order by due_on, id limit 1)
    union all (select 'interaction.unresolvedCall', 'interaction', id, subject, at, null, null, 80, count(*) over () from itx where channel = 'phone' and outcome = 'unresolved' and at >= now() - interval '90 days' order by at, id limit 1)
    union all (select 'opportunity.closeDatePassed', 'opportunity', id, name, close_at, amount, cur, 50, count(*) over () from opp where category = 'open' and close_date < $2::date order by close_date, id limit 1)
    union all (select 'invoice.overdue', 'invoice', id, number, due_at, balance, bcur, 90, count(*) over () from inv where overdue order by due_date, id limit 1)
    union all (select 'subscription.renewsSoon', 'subscription', id, name, (renews_on::timestamp at time zone 'Europe/Berlin'), amount, amount_currency, 40, count(*) over () from subscriptions t where t.party_id = $1::uuid and t.deleted_at is null and status in ('active', 'trial') and renews_on between $2::date and $2::date + 60 order by renews_on, id limit 1)
    union all (select 'case.urgent', 'case', id, subject, opened_at, null, null, 100, count(*) over () from cas where open and priority in ('high', 'urgent') order by opened_at, id limit 1)
    union all (select 'case.old', 'case', id, subject, opened_at, null, null, 70, count(*) over () from cas where open and priority in ('low', 'normal') and opened_at < now() - interval '14 days' order by opened_at, id limit 1)) x
  order by weight desc, at limit 4),
sums as (
  select 'lifetimeRevenue' as key, cur, sum(total) as v from inv where booked and total is not null group by cur
  union all select 'wonValue', cur, sum(amount) from opp where category = 'won' and amount is not null group by cur
  union all select 'openPipeline', cur, sum(amount) from opp where category = 'open' and amount is not null group by cur
  union all select 'openBalance', bcur, sum(balance) from inv where open group by bcur
  union all select 'costToServe', cur, sum(cost) from itx where cost is not null group by cur
  union all select 'gross', cur, sum(total) from inv where booked and kind = 'invoice' and total is not null group by cur
  union all select 'credits', cur, sum(total) from inv where booked and kind = 'creditNote' and total is not null group by cur),
money as (
  select k.key, json_build_object('key', k.key, 'type', 'money', 'value', coalesce((select json_agg(json_build_object('currency', s.cur, 'amount', perigon_amount(s.v)) order by s.v desc) from sums s where s.key = k.key and s.v <> 0), '[]'::json)) as json
  from (values ('lifetimeRevenue'), ('wonValue'), ('openPipeline'), ('openBalance'), ('costToServe'), ('gross'), ('credits')) k(key))
select json_build_object(
  'matters', coalesce((select json_agg(json_build_object('key', m.key, 'object', m.object, 'id', m.id, 'title', m.title, 'act', 'open', 'params', json_build_object('count', m.n, 'days', floor(abs(extract(epoch from now() - m.at)) / 86400)::int,
      'at', to_char(m.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'amount', case when m.amount is not null then json_build_object('amount', perigon_amount(m.amount), 'currency', m.cur) end)) order by m.weight desc, m.at) from matters m), '[]'::json),
  'blocks', (select json_object_agg(block, json) from blocks),
  'figures', json_build_array((select json from money where key = 'lifetimeRevenue'), (select json from money where key = 'wonValue'), (select json from money where key = 'openPipeline'), (select json from money where key = 'openBalance'),
    json_build_object('key', 'lastContactAt', 'type', 'dateTime', 'value', (select to_char(max(at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') from itx)),
    json_build_object('key', 'openCases', 'type', 'integer', 'value', (select count(*) from cas where open)),
    json_build_object('key', 'orders', 'type', 'integer', 'value', (select count(*) from ord where status <> 'cancelled')),
    (select json from money where key = 'costToServe'), (select json from money where key = 'gross'), (select json from money where key = 'credits')),
  'timeline', json_build_object('items', (select coalesce(json_agg(json_build_object('object', l.object, 'id', l.id, 'at', to_char(l.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'kind', l.kind, 'channel', l.channel, 'title', l.title, 'detail', l.detail,
      'actor', case when l.actor is not null then json_build_object('id', l.actor, 'name', (select u.name from users u where u.id = l.actor)) end) order by l.at desc, l.id desc), '[]'::json) from (select * from line limit 30) l)),
  'sections', json_build_array(
    (select json_build_object('key', 'openTasks', 'count', (select count(*) from tas where status = 'open'), 'items', coalesce((select json_agg(json_build_object('id', t.id, 'version', t.version, 'subject', t.subject, 'kind', t.kind, 'dueOn', to_char(t.due_on, 'YYYY-MM-DD'), 'owner', json_build_object('id', t.owner_id, 'name', (select name from users u where u.id = t.owner_id))) order by t.due_on nulls last, t.id) from (select * from tas where status = 'open' order by due_on nulls last, id limit 10) t), '[]'::json))),
    (select json_build_object('key', 'facts', 'count', (select count(*) from facts where party_id = $1::uuid and deleted_at is null and (expires_on is null or expires_on >= $2::date)), 'items', coalesce((select json_agg(json_build_object('id', t.id, 'version', t.version, 'text', t.text, 'kind', t.kind, 'source', t.source, 'expiresOn', to_char(t.expires_on, 'YYYY-MM-DD')) order by t.kind, t.text, t.id) from (select * from facts where party_id = $1::uuid and deleted_at is null and (expires_on is null or expires_on >= $2::date) order by kind, text, id limit 10) t), '[]'::json))),
    (select json_build_object('key', 'interactionsByChannel', 'rows', coalesce((select json_agg(json_build_object('channel', y.channel, 'count', y.n, 'last', to_char(y.l at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by y.n desc, y.channel) from (select channel, count(*) as n, max(at) as l from itx group by 1) y), '[]'::json))),
    (select json_build_object('key', 'opportunities', 'count', (select count(*) from opp), 'items', coalesce((select json_agg(json_build_object('id', t.id, 'version', t.version, 'name', t.name, 'stage', json_build_object('id', t.stage_id, 'name', t.stage), 'amount', case when t.amount is not null then json_build_object('amount', perigon_amount(t.amount), 'currency', t.cur) end, 'closeDate', to_char(t.close_date, 'YYYY-MM-DD'), 'owner', json_build_object('id', t.owner_id, 'name', (select name from users u where u.id = t.owner_id))) order by t.created_at desc nulls last, t.id) from (select * from opp order by created_at desc nulls last, id limit 10) t), '[]'::json))),
    (select json_build_object('key', 'orders', 'count', (select count(*) from ord), 'items', coalesce((select json_agg(json_build_object('id', t.id, 'version', t.version, 'number', t.number, 'date', to_char(t.date, 'YYYY-MM-DD'), 'status', t.status, 'total', case when t.total is not null then json_build_object('amount', perigon_amount(t.total), 'currency', t.cur) end) order by t.date desc nulls last, t.id) from (select * from ord order by date desc nulls last, id limit 10) t), '[]'::json))),
    (select json_build_object('key', 'invoices', 'count', (select count(*) from inv), 'items', coalesce((select json_agg(json_build_object('id', t.id, 'version', t.version, 'number', t.number, 'kind', t.kind, 'date', to_char(t.date, 'YYYY-MM-DD'), 'dueDate', to_char(t.due_date, 'YYYY-MM-DD'), 'total', case when t.total is not null then json_build_object('amount', perigon_amount(t.total), 'currency', t.cur) end, 'balance', case when t.balance is not null then json_build_object('amount', perigon_amount(t.balance), 'currency', t.bcur) end, 'status', t.status) order by t.date desc nulls last, t.id) from (select * from inv order by date desc nulls last, id limit 10) t), '[]'::json))),
    (select json_build_object('key', 'payments', 'count', (select count(*) from payments where customer_id = $1::uuid and deleted_at is null), 'items', coalesce((select json_agg(json_build_object('id', t.id, 'version', t.version, 'number', t.number, 'date', to_char(t.date, 'YYYY-MM-DD'), 'amount', json_build_object('amount', perigon_amount(t.amount), 'currency', t.amount_currency), 'method', t.method, 'invoice', (select json_build_object('id', i.id, 'name', i.number) from invoices i where i.id = t.invoice_id)) order by t.date desc nulls last, t.id) from (select * from payments where customer_id = $1::uuid and deleted_at is null order by date desc nulls last, id limit 10) t), '[]'::json))),
    (select json_build_object('key', 'subscriptions', 'count', (select count(*) from subscriptions where party_id = $1::uuid and deleted_at is null), 'items', coalesce((select json_agg(json_build_object('id', t.id, 'version', t.version, 'name', t.name, 'product', (select json_build_object('id', d.id, 'name', d.name) from products d where d.id = t.product_id), 'status', t.status, 'renewsOn', to_char(t.renews_on, 'YYYY-MM-DD'), 'amount', json_build_object('amount', perigon_amount(t.amount), 'currency', t.amount_currency), 'period', t.period) order by t.starts_on desc nulls last, t.id) from (select * from subscriptions where party_id = $1::uuid and deleted_at is null order by starts_on desc nulls last, id limit 10) t), '[]'::json))),
    (select json_build_object('key', 'productsInUse', 'count', (select count(*) from assets where party_id = $1::uuid and deleted_at is null and status <> 'retired'), 'items', coalesce((select json_agg(json_build_object('id', t.id, 'version', t.version, 'serial', t.serial, 'product', (select json_build_object('id', d.id, 'name', d.name) from products d where d.id = t.product_id), 'status', t.status, 'warrantyUntil', to_char(t.warranty_until, 'YYYY-MM-DD')) order by t.installed_on desc nulls last, t.id) from (select * from assets where party_id = $1::uuid and deleted_at is null and status <> 'retired' order by installed_on desc nulls last, id limit 10) t), '[]'::json))),
    (select json_build_object('key', 'cases', 'count', (select count(*) from cas), 'items', coalesce((select json_agg(json_build_object('id', t.id, 'version', t.version, 'subject', t.subject, 'status', t.status, 'priority', t.priority, 'openedAt', to_char(t.opened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'owner', json_build_object('id', t.owner_id, 'name', (select name from users u where u.id = t.owner_id))) order by t.opened_at desc nulls last, t.id) from (select * from cas order by opened_at desc nulls last, id limit 10) t), '[]'::json)))),
  'relations', coalesce((select json_agg(json_build_object('id', r.id, 'type', r.type, 'direction', r.direction, 'party', json_build_object('id', r.party, 'name', r.name)) order by r.type, r.direction, r.name) from (
    select r.id, r.type, 'from' as direction, q.id as party, q.name from relationships r join parties q on q.id = r.to_id and q.deleted_at is null where r.from_id = $1::uuid and r.deleted_at is null
    union all select r.id, r.type, 'to', q.id, q.name from relationships r join parties q on q.id = r.from_id and q.deleted_at is null where r.to_id = $1::uuid and r.deleted_at is null
    union all select q.id, 'parent', 'from', q.id, q.name from parties p join parties q on q.id = p.parent_id and q.deleted_at is null where p.id = $1::uuid
    union all (select q.id, 'parent', 'to', q.id, q.name from parties q where q.parent_id = $1::uuid and q.deleted_at is null order by q.name limit 50)) r), '[]'::json),
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
      'grossInvoiced', json_build_object('amount', perigon_amount(g.gross_invoiced), 'currency', (select value #>> '{}' from settings where key = 'baseCurrency')),
      'credits', json_build_object('amount', perigon_amount(g.credits), 'currency', (select value #>> '{}' from settings where key = 'baseCurrency')),
      'wonValue', json_build_object('amount', perigon_amount(g.won_value), 'currency', (select value #>> '{}' from settings where key = 'baseCurrency')),
      'openPipeline', json_build_object('amount', perigon_amount(g.open_pipeline), 'currency', (select value #>> '{}' from settings where key = 'baseCurrency')),
      'orderCount', g.order_count,
      'openOpportunities', g.open_opportunities, 'lastOrderOn', to_char(g.last_order_on, 'YYYY-MM-DD'), 'openCases', g.open_cases,
      'lastContactAt', to_char(g.last_contact_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'costToServe', json_build_object('amount', perigon_amount(g.cost_to_serve), 'currency', (select value #>> '{}' from settings where key = 'baseCurrency')),
      'externalIds', (select json_agg(json_build_object('system', e.system, 'value', e.value) order by e.system, e.value) from external_ids e where e.record_id = p.id),
      'picture', case when p.picture is not null then perigon_file(p.picture) end, 'files', case when p.files is not null then (select jsonb_agg(perigon_file(h.id) order by h.n) from unnest(p.files) with ordinality h(id, n)) end,
      'version', p.version,
      'createdAt', to_char(p.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'createdBy', case when p.created_by_id is not null then json_build_object('id', p.created_by_id, 'name', (select name from users u where u.id = p.created_by_id)) end,
      'updatedAt', to_char(p.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'updatedBy', case when p.updated_by_id is not null then json_build_object('id', p.updated_by_id, 'name', (select name from users u where u.id = p.updated_by_id)) end
    )
    from parties p join party_figures g on g.id = p.id left join users o on o.id = p.owner_id left join parties q on q.id = p.parent_id
    where p.id = $1::uuid and p.deleted_at is null))::text as json;
