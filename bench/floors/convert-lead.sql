-- A lead becomes a deal in the first open stage, with the history of stages, log rows and search rows. $1: the lead, $2: user.
with lead as (select * from leads where id = $1::uuid and deleted_at is null and status in ('new', 'working', 'qualified') for no key update),
stage as (
  select s.id, s.pipeline_id, s.probability, s.forecast_category from stages s join pipelines p on p.id = s.pipeline_id and p.deleted_at is null
  where s.deleted_at is null and s.category = 'open' order by p.is_default desc nulls last, p.id, s.position limit 1),
cause as (
  insert into causes (id, kind, label, actor_kind, actor_id) values (gen_random_uuid(), 'action', 'convertLead', 'apiKey', $2::uuid) returning id),
deal as (
  insert into opportunities (id, created_by_id, updated_by_id, name, customer_id, pipeline_id, stage_id, amount, amount_currency, amount_base, probability, forecast_category, owner_id,
    product_id, stage_since, source, description)
  select gen_random_uuid(), $2::uuid, $2::uuid, l.name, l.party_id, s.pipeline_id, s.id, l.budget, l.budget_currency, l.budget_base, s.probability, s.forecast_category, l.owner_id,
    l.product_id, now(), initcap(l.source), l.need from lead l, stage s returning *),
entered as (
  insert into stage_changes (id, created_by_id, updated_by_id, opportunity_id, customer_id, to_id, at, direction, by_id, amount, amount_currency, amount_base)
  select gen_random_uuid(), $2::uuid, $2::uuid, id, customer_id, stage_id, now(), 'entered', $2::uuid, amount, amount_currency, amount_base from deal returning *),
ended as (
  update leads l set status = 'converted', opportunity_id = d.id, closed_at = now(), qualified_at = coalesce(l.qualified_at, now()), version = l.version + 1, updated_at = now(), updated_by_id = $2::uuid
  from deal d where l.id = $1::uuid returning l.*),
log as (
  insert into changes (cause, object, record_id, party_id, action, version, before, after)
  select c.id, x.* from cause c, (
    select 'opportunity', d.id, d.customer_id, 'create', 1, null::jsonb, jsonb_build_object('name', d.name, 'customer', d.customer_id, 'pipeline', d.pipeline_id, 'stage', d.stage_id,
      'amount', jsonb_build_object('amount', d.amount::text, 'currency', d.amount_currency), 'probability', d.probability, 'owner', d.owner_id, 'product', d.product_id, 'source', d.source, 'description', d.description) from deal d
    union all select 'stageChange', e.id, e.customer_id, 'create', 1, null, jsonb_build_object('opportunity', e.opportunity_id, 'to', e.to_id, 'direction', e.direction) from entered e
    union all select 'lead', e.id, e.party_id, 'update', e.version, jsonb_build_object('status', l.status, 'opportunity', null), jsonb_build_object('status', e.status, 'opportunity', e.opportunity_id, 'closedAt', e.closed_at) from ended e, lead l) x),
words as (
  insert into search (record_id, object, party_id, title, lexemes, at, version)
  select x.id, x.object, x.party, x.name, perigon_lexemes(x.name, x.more, null, array['o:' || x.owner]), now(), x.version from (
    select d.id, 'opportunity' as object, d.customer_id as party, d.name, d.description as more, d.owner_id as owner, 1 as version from deal d
    union all select e.id, 'lead', e.party_id, e.name, e.message, e.owner_id, e.version from ended e) x
  on conflict (record_id) do update set lexemes = excluded.lexemes, at = excluded.at, version = excluded.version)
select json_build_object('changed', (select count(*) from ended), 'opportunities', (select json_agg(id) from deal))::text as json;
