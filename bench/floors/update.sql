-- One field of one party, its cause, log row and search row. $1: id, $2: cause, $3: user, $4: job title.
with old as (select * from parties where id = $1::uuid and deleted_at is null for no key update),
cause as (
  insert into causes (id, kind, actor_kind, actor_id) values ($2::uuid, 'request', 'apiKey', $3::uuid)),
party as (
  update parties p set job_title = $4::text, version = p.version + 1, updated_at = now(), updated_by_id = $3::uuid from old where p.id = old.id returning p.*),
log as (
  insert into changes (cause, object, record_id, party_id, action, version, before, after)
  select $2::uuid, 'party', p.id, p.id, 'update', p.version, jsonb_build_object('jobTitle', o.job_title), jsonb_build_object('jobTitle', p.job_title) from party p join old o on o.id = p.id),
words as (
  update search s set lexemes = perigon_lexemes(p.name, concat_ws(' ', (select string_agg(e->>'value', ' ') from jsonb_array_elements(p.emails) e), p.city, p.website, p.job_title),
    (select string_agg(e->>'value', ' ') from jsonb_array_elements(p.phones) e), array['o:' || p.owner_id, 't:' || (select u.team_id from users u where u.id = p.owner_id)]), at = p.updated_at, version = p.version from party p where s.record_id = p.id)
select json_build_object('id', p.id, 'name', p.name, 'jobTitle', p.job_title, 'version', p.version)::text as json from party p;
