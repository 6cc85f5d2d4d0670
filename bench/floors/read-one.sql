-- One party with the names of what it points to. $1: its id.
select json_build_object(
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
)::text as json
from parties p join party_figures g on g.id = p.id left join users o on o.id = p.owner_id left join parties q on q.id = p.parent_id
where p.id = $1::uuid and p.deleted_at is null;
