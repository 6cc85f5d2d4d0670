import { FOLD_FROM, FOLD_TO } from '#kit/fold.ts';

const singles = [...FOLD_FROM].map((letter, i) => [letter, FOLD_TO[i] ?? letter] as const);
const short = singles.filter(([, to]) => to.length === 1);
const long = singles.filter(([, to]) => to.length > 1);

/** `perigon_fold` mirrors `#kit/fold.ts`; see there for the steps. */
const foldBody = long.reduce(
  (inner, [from, to]) => `replace(${inner}, '${from}', '${to}')`,
  `translate(lower(regexp_replace(normalize(t, NFKD), '[\\u0300-\\u036f]', '', 'g')), '${short.map(([from]) => from).join('')}', '${short.map(([, to]) => to).join('')}')`,
);

/** Functions that statements and indexes share. Replaced at every start, so they may only change in ways that keep indexes true. */
export const FUNCTIONS = `
create or replace function perigon_fold(t text) returns text language sql immutable parallel safe as $$
  select case when t ~ '^[\\x01-\\x7f]*$' then lower(t) else ${foldBody} end
$$;
create or replace function perigon_fold_values(points jsonb) returns text[] language sql immutable parallel safe as $$
  select case when points is not null then array(select perigon_fold(e->>'value') from jsonb_array_elements(points) e) end
$$;
create or replace function perigon_fold_all(list text[]) returns text[] language sql immutable parallel safe as $$
  select case when list is not null then array(select perigon_fold(e) from unnest(list) e) end
$$;
create or replace function perigon_amount(n numeric) returns text language sql immutable parallel safe as $$
  select case when scale(trim_scale(n)) < 2 then round(n, 2)::text else trim_scale(n)::text end
$$;
create or replace function perigon_address_line(a jsonb) returns text language sql immutable parallel safe as $$
  select nullif(concat_ws(', ', a->>'street', a->>'extra', a->>'postalCode', a->>'city', a->>'region', a->>'country'), '')
$$;
create or replace function perigon_sort_name(n jsonb) returns text language sql immutable parallel safe as $$
  select nullif(concat_ws(' ', n->>'family', n->>'given', n->>'middle'), '')
$$;
create or replace function perigon_duration(s bigint) returns text language sql immutable parallel safe as $$
  select case when s is null then null when s = 0 then 'PT0S' else
    'PT' || coalesce(nullif(s / 3600, 0) || 'H', '') || coalesce(nullif(s / 60 % 60, 0) || 'M', '') || coalesce(nullif(s % 60, 0) || 'S', '') end
$$;
-- What formulas reckon with (engine/declare/formula/operations.ts has the same in memory). A quotient has ten digits, cut at the
-- eleventh before it is rounded, since the scale of a numeric division hangs on its operands. No cast may fail even where its
-- outcome is not asked for: the planner reckons what is constant ahead, whatever the case around it.
create or replace function perigon_divide(a numeric, b numeric) returns numeric language sql immutable parallel safe as $$
  select round(div(a * 100000000000, nullif(b, 0)) * 0.00000000001, 10)
$$;
create or replace function perigon_same(a text, b text) returns text language sql immutable parallel safe as $$
  select case when a = b then b end
$$;
create or replace function perigon_whole(n numeric) returns bigint language sql immutable parallel safe as $$
  select case when round(abs(n)) <= 9007199254740991 then greatest(-9007199254740991, least(9007199254740991, n))::bigint end
$$;
create or replace function perigon_length(n numeric) returns bigint language sql immutable parallel safe as $$
  select case when round(n) between 0 and 9007199254740991 then greatest(0, least(9007199254740991, n))::bigint end
$$;
create or replace function perigon_days_later(d date, n numeric) returns date language sql immutable parallel safe as $$
  select case when (d - date '0001-01-01') + trunc(n) between 0 and 3652058 
    then date '0001-01-01' + greatest(0, least(3652058, (d - date '0001-01-01') + trunc(n)))::int end
$$;
create or replace function perigon_months_later(d date, n numeric) returns date language sql immutable parallel safe as $$
  select case when extract(year from d) * 12 + extract(month from d) - 1 + trunc(n) between 12 and 119999
    then (d + make_interval(months => greatest(-12 * extract(year from d), least(120000, trunc(n)))::int))::date end
$$;
create or replace function perigon_seconds_later(at timestamptz, s numeric) returns timestamptz language sql immutable parallel safe as $$
  select case when extract(epoch from (at - to_timestamp(0))) + round(s, 3) between -62135596800 and 253402300799.999
    then to_timestamp(greatest(-62135596800, least(253402300799.999, extract(epoch from (at - to_timestamp(0))) + round(s, 3)))::float8)::timestamptz(3) end
$$;
create or replace function perigon_date_in(at timestamptz, zone text) returns date language sql immutable parallel safe as $$
  select case when (at at time zone zone)::date between '0001-01-01' and '9999-12-31' then (at at time zone zone)::date end
$$;
-- A plain text as the paragraphs of a rich one.
create or replace function perigon_paragraphs(t text) returns text language sql immutable parallel safe as $$
  select '<p>' || replace(regexp_replace(replace(replace(replace(t, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), E'\\n{2,}', '</p><p>', 'g'), E'\\n', '<br />') || '</p>'
$$;
-- A file as the wire has it.
create or replace function perigon_file(file uuid) returns jsonb language sql stable parallel safe as $$
  select jsonb_strip_nulls(jsonb_build_object('id', f.id, 'name', f.name, 'type', f.type, 'size', f.bytes, 'url', '/api/v1/files/' || f.id,
    'width', f.width, 'height', f.height, 'thumbnail', case when f.width is not null then '/api/v1/files/' || f.id || '/thumbnail' end))
  from files f where f.id = file
$$;
create or replace function perigon_to_base(amount numeric, currency text, rate_on date) returns numeric language sql stable as $$
  select case
    when amount is null then null
    when currency = (select value #>> '{}' from settings where key = 'baseCurrency') then amount
    else (select round(amount * r.rate, 4) from exchange_rates r
           where r.currency = perigon_to_base.currency and r.date <= rate_on and r.deleted_at is null order by r.date desc limit 1)
  end
$$;
create or replace function perigon_rate(currency text, rate_on date) returns numeric language sql stable as $$
  select case
    when currency = (select value #>> '{}' from settings where key = 'baseCurrency') then 1
    else (select r.rate from exchange_rates r
           where r.currency = perigon_rate.currency and r.date <= rate_on and r.deleted_at is null order by r.date desc limit 1)
  end
$$;
-- An amount in another currency by the rates of a day, with the digits of a quotient; null where a rate is not known.
create or replace function perigon_convert(amount numeric, currency text, wanted text, rate_on date) returns numeric language sql stable as $$
  select case
    when amount is null or currency is null or wanted is null or rate_on is null then null
    when currency = wanted then amount
    else perigon_divide(amount * perigon_rate(currency, rate_on), perigon_rate(wanted, rate_on))
  end
$$;
-- Words of a text, folded: what search compares. Letters and digits of any script make a word.
create or replace function perigon_words(t text) returns text[] language sql immutable parallel safe as $$
  select string_to_array(trim(regexp_replace(perigon_fold(left(t, 4000)), '[^[:alnum:]]+', ' ', 'g')), ' ')
$$;
-- Lexemes of one search row: title words with their one to three letter beginnings (^s, ^sc, ^sch), other words, the
-- reversed digits of telephone numbers (~), and who may see it (o:owner, t:team). Procedural, because it is seven times as
-- quick as the same in SQL, and a million rows go through it.
create or replace function perigon_lexemes(title text, words text, phones text, rights text[]) returns tsvector language plpgsql immutable parallel safe as $$
declare
  found text[] := array_remove(rights, null);
  w text;
begin
  foreach w in array perigon_words(coalesce(title, '')) loop
    if w <> '' and length(w) <= 60 then found := found || array[w, '^' || left(w, 1), '^' || left(w, 2), '^' || left(w, 3)]; end if;
  end loop;
  foreach w in array perigon_words(coalesce(words, '')) loop
    if w <> '' and length(w) <= 60 then found := found || array[w, '^' || left(w, 2), '^' || left(w, 3)]; end if;
  end loop;
  foreach w in array string_to_array(regexp_replace(coalesce(phones, ''), '[^0-9 ]', '', 'g'), ' ') loop
    if length(w) between 3 and 20 then found := found || ('~' || reverse(w)); end if;
  end loop;
  return array_to_tsvector(found);
end
$$;
`;
