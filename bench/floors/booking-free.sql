-- The free times of a booking page: what the hours of its days offer, where one of its hosts has nothing. $1: its address, $2: first day, $3: days.
with page as (
  select p.id, p.title, p.length::int as length, p.step::int as step, p.hours, p.time_zone as zone, p.notice::int as notice, p.ahead_days::int as ahead
  from booking_pages p where p.slug = $1::text and p.deleted_at is null and p.active),
slots as (
  select g.at from page p cross join generate_series($2::date, $2::date + $3::int - 1, interval '1 day') d (day)
  cross join lateral jsonb_array_elements(p.hours::jsonb -> extract(isodow from d.day)::text) h (pair)
  cross join lateral generate_series((d.day::date + (h.pair->>0)::time) at time zone p.zone,
    (d.day::date + (h.pair->>1)::time) at time zone p.zone - make_interval(mins => p.length), make_interval(mins => p.step)) g (at)
  where g.at >= now() + make_interval(mins => p.notice) and d.day::date < (now() at time zone p.zone)::date + p.ahead),
taken as (
  select l.to_id as host, t.taken from page p join booking_pages_hosts l on l.from_id = p.id
  join meeting_times t on t.user_id = l.to_id and t.taken && tstzrange(($2::date)::timestamptz - interval '1 day', ($2::date + $3::int)::timestamptz + interval '1 day'))
select json_build_object('title', p.title, 'length', p.length, 'zone', p.zone, 'items', coalesce((
  select json_agg(to_char(s.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') order by s.at) from slots s
  where exists (select 1 from booking_pages_hosts l where l.from_id = p.id
    and not exists (select 1 from taken t where t.host = l.to_id and t.taken && tstzrange(s.at, s.at + make_interval(mins => p.length))))), '[]'::json))::text as json
from page p;
