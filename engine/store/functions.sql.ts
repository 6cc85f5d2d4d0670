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
create or replace function perigon_to_base(amount numeric, currency text, rate_on date) returns numeric language sql stable as $$
  select case
    when amount is null then null
    when currency = (select value #>> '{}' from settings where key = 'baseCurrency') then amount
    else (select round(amount * r.rate, 4) from exchange_rates r
           where r.currency = perigon_to_base.currency and r.date <= rate_on and r.deleted_at is null order by r.date desc limit 1)
  end
$$;
-- Words of a text, folded: what search compares. Letters and digits of any script make a word.
create or replace function perigon_words(t text) returns text[] language sql immutable parallel safe as $$
  select array(select distinct w from regexp_split_to_table(perigon_fold(left(t, 4000)), '[^[:alnum:]]+') w where w <> '' and length(w) <= 60)
$$;
-- Lexemes of one search row: title words with their one to three letter beginnings (^s, ^sc, ^sch), other words, the
-- reversed digits of telephone numbers (~), and who may see it (o:owner, t:team).
create or replace function perigon_lexemes(title text, words text, phones text, rights text[]) returns tsvector language sql immutable parallel safe as $$
  select array_to_tsvector(array(
    select w from unnest(perigon_words(title)) w
    union select '^' || left(w, n) from unnest(perigon_words(title)) w, generate_series(1, 3) n where length(w) >= n
    union select w from unnest(perigon_words(words)) w
    union select '^' || left(w, n) from unnest(perigon_words(words)) w, generate_series(2, 3) n where length(w) >= n
    union select '~' || reverse(d) from regexp_split_to_table(regexp_replace(phones, '[^0-9 ]', '', 'g'), ' +') d where length(d) between 3 and 20
    union select r from unnest(rights) r where r is not null
  ))
$$;
`;
