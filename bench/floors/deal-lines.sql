-- Ten product lines with their totals, what the deal is worth by them, and log rows. $1: the deal, $2: user, $3: the lines as JSON.
with held as (select * from opportunities where id = $1::uuid and deleted_at is null for no key update),
cause as (
  insert into causes (id, kind, label, actor_kind, actor_id) values (gen_random_uuid(), 'request', null, 'apiKey', $2::uuid) returning id),
lines as (
  insert into deal_lines (id, created_by_id, updated_by_id, opportunity_id, product_id, name, quantity, unit_price, unit_price_currency, unit_price_base, discount,
    total, total_currency, total_base, position, closed_on, customer_id, owner_id)
  select gen_random_uuid(), $2::uuid, $2::uuid, h.id, x.product, x.name, x.quantity, (x."unitPrice" ->> 'amount')::numeric, x."unitPrice" ->> 'currency', (x."unitPrice" ->> 'amount')::numeric,
    x.discount, t.total, x."unitPrice" ->> 'currency', t.total, x.position, h.closed_on, h.customer_id, h.owner_id
  from held h, json_to_recordset($3::json) as x (product uuid, name text, quantity numeric, "unitPrice" json, discount numeric, position int)
  cross join lateral (select round((x."unitPrice" ->> 'amount')::numeric * x.quantity * (1 - x.discount), 2) as total) t
  returning *),
worth as (select sum(total) as sum, min(total_currency) as currency, (array_agg(product_id order by total desc))[1] as product from lines),
deal as (
  update opportunities o set amount = w.sum, amount_currency = w.currency, amount_base = w.sum, product_id = w.product, version = o.version + 1, updated_at = now(), updated_by_id = $2::uuid
  from worth w where o.id = $1::uuid returning o.*),
log as (
  insert into changes (cause, object, record_id, party_id, action, version, before, after)
  select c.id, x.* from cause c, (
    select 'dealLine', l.id, l.customer_id, 'create', 1, null::jsonb, jsonb_build_object('opportunity', l.opportunity_id, 'product', l.product_id, 'name', l.name,
      'quantity', l.quantity, 'unitPrice', l.unit_price, 'discount', l.discount, 'total', l.total, 'position', l.position) from lines l
    union all select 'opportunity', d.id, d.customer_id, 'update', d.version, jsonb_build_object('amount', h.amount), jsonb_build_object('amount', d.amount, 'product', d.product_id) from deal d, held h) x)
select json_build_object('created', (select count(*) from lines))::text as json;
