-- Rows $1 to $2 of the file as parties, with cause, log, identifiers and external ids.
with rows as materialized (
  select gen_random_uuid() as id, f.* from file f where n between $1::bigint and $2::bigint),
party as (
  insert into parties (id, kind, name, emails, phones, addresses, city, country, website)
  select id, 'organisation', company, jsonb_build_array(jsonb_build_object('value', email, 'label', null, 'primary', true)), jsonb_build_array(jsonb_build_object('value', phone, 'label', null, 'primary', true, 'typed', phone)),
    jsonb_build_array(jsonb_build_object('street', street, 'extra', null, 'city', city, 'region', null, 'postalCode', null, 'country', country, 'label', null, 'primary', true)), city, country, website from rows
  returning *),
log as (
  insert into changes (cause, object, record_id, party_id, action, version, after, pending_search)
  select '00000000-0000-7000-8000-000000000000', 'party', p.id, p.id, 'create', 1,
    jsonb_build_object('kind', p.kind, 'name', p.name, 'emails', p.emails, 'phones', p.phones, 'addresses', p.addresses, 'city', p.city, 'country', p.country, 'website', p.website,
      'externalIds', jsonb_build_array(jsonb_build_object('system', 'erp', 'value', r.no))), true
  from party p join rows r on r.id = p.id),
mails as (
  insert into identifiers (kind, value, object, record_id, is_primary) select 'email', lower(email), 'party', id, true from rows),
phones as (
  insert into identifiers (kind, value, object, record_id, is_primary) select 'phone', phone, 'party', id, true from rows)
insert into external_ids (object, system, value, record_id) select 'party', 'erp', no, id from rows;
