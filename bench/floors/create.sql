-- A party with one address of each kind, its cause, log row, identifiers and search row. $1: id, $2: cause, $3: user, $4: name, $5: e-mail, $6: phone.
with cause as (
  insert into causes (id, kind, actor_kind, actor_id) values ($2::uuid, 'request', 'apiKey', $3::uuid)),
party as (
  insert into parties (id, created_by_id, updated_by_id, kind, name, owner_id, emails, phones, city, country)
  values ($1::uuid, $3::uuid, $3::uuid, 'organisation', $4::text, $3::uuid,
    jsonb_build_array(jsonb_build_object('value', $5::text, 'label', null, 'primary', true)), jsonb_build_array(jsonb_build_object('value', $6::text, 'label', null, 'primary', true, 'typed', $6::text)), 'Berlin', 'DE')
  returning *),
log as (
  insert into changes (cause, object, record_id, party_id, action, version, after)
  select $2::uuid, 'party', id, id, 'create', 1, jsonb_build_object('kind', kind, 'name', name, 'owner', owner_id, 'emails', emails, 'phones', phones, 'city', city, 'country', country) from party),
ids as (
  insert into identifiers (kind, value, object, record_id, is_primary) values ('email', $5::text, 'party', $1::uuid, true), ('phone', $6::text, 'party', $1::uuid, true)),
words as (
  insert into search (record_id, object, party_id, title, subtitle, lexemes, at, version)
  select id, 'party', id, name, city, perigon_lexemes(name, $5::text || ' ' || city, $6::text, array['o:' || owner_id]), updated_at, 1 from party)
select json_build_object('id', p.id, 'name', p.name, 'emails', p.emails, 'phones', p.phones, 'city', p.city, 'country', p.country, 'version', p.version,
  'owner', (select json_build_object('id', u.id, 'name', u.name) from users u where u.id = p.owner_id))::text as json from party p;
