-- A booking: the host who has least, the guest by their address, meeting, hold, touch, log rows, search row, reminder, notice.
-- $1: page, $2: beginning, $3: name, $4: e-mail address.
with page as (select * from booking_pages where id = $1::uuid and deleted_at is null and active),
slot as (select tstzrange($2::timestamptz, $2::timestamptz + make_interval(mins => p.length::int)) as taken from page p),
host as (
  select l.to_id as id from booking_pages_hosts l cross join slot s
  where l.from_id = $1::uuid and not exists (select 1 from meeting_times t where t.user_id = l.to_id and t.taken && s.taken)
  order by (select count(*) from meetings m where m.owner_id = l.to_id and m.start > now() - interval '30 days' and m.booking_page_id = $1::uuid and m.status <> 'cancelled' and m.deleted_at is null), l.to_id limit 1),
guest as (
  select i.record_id as id from identifiers i join parties p on p.id = i.record_id and p.deleted_at is null
  where i.object = 'party' and i.kind = 'email' and i.value = perigon_fold($4::text) order by i.is_primary desc limit 1),
cause as (insert into causes (id, kind, label, actor_kind) select gen_random_uuid(), 'booking', title, 'system' from page returning id),
meeting as (
  insert into meetings (id, subject, status, all_day, starts_on, ends_on, start, end_, time_zone, place, link, party_id, owner_id, others, reminder, description, booking_page_id)
  select gen_random_uuid(), p.title || ': ' || $3::text, 'planned', false, (lower(s.taken) at time zone p.time_zone)::date, (upper(s.taken) at time zone p.time_zone)::date, lower(s.taken), upper(s.taken),
    p.time_zone, p.place, p.link, g.id, h.id, array[$4::text], 'minutes10', $3::text || ', ' || $4::text, p.id from page p, slot s, host h, guest g returning *),
comes as (insert into meetings_guests (from_id, to_id, role) select id, party_id, 'accepted' from meeting),
hold as (insert into booking_holds (meeting, host, taken) select id, owner_id, tstzrange(start, end_) from meeting),
times as (insert into meeting_times (meeting, user_id, taken) select id, owner_id, tstzrange(start, end_) from meeting),
reminded as (insert into reminders (object, record_id, user_id, at) select 'meeting', id, owner_id, start - interval '10 minutes' from meeting),
touch as (
  insert into interactions (id, party_id, at, channel, direction, kind, subject, agent_id)
  select gen_random_uuid(), m.party_id, date_trunc('milliseconds', now()), 'web', 'inbound', 'event', p.title, m.owner_id from meeting m, page p returning *),
log as (
  insert into changes (cause, object, record_id, party_id, action, version, after)
  select c.id, x.* from cause c, (
    select 'meeting', m.id, m.party_id, 'create', 1, jsonb_build_object('subject', m.subject, 'start', m.start, 'end', m.end_, 'party', m.party_id, 'owner', m.owner_id, 'bookingPage', m.booking_page_id, 'description', m.description) from meeting m
    union all select 'interaction', t.id, t.party_id, 'create', 1, jsonb_build_object('party', t.party_id, 'at', t.at, 'channel', t.channel, 'subject', t.subject, 'agent', t.agent_id) from touch t) x),
words as (
  insert into search (record_id, object, party_id, title, lexemes, at, version)
  select id, 'meeting', party_id, subject, perigon_lexemes(subject, null, null, array['o:' || owner_id]), now(), 1 from meeting),
told as (
  insert into notices (id, user_id, kind, object, record_id, cause) select gen_random_uuid(), m.owner_id, 'booked', 'meeting', m.id, c.id from meeting m, cause c)
select json_build_object('start', to_char(m.start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'end', to_char(m.end_ at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  'host', (select u.name from users u where u.id = m.owner_id))::text as json from meeting m;
