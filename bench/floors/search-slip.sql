-- Records by words near one that was typed with a slip. $1: the word.
with near as (
  select word from search_words where word % $1 order by similarity(word, $1) desc limit 8),
asked as (select string_agg(quote_literal(word), ' | ')::tsquery as query from near),
found as (
  select c.record_id, c.object, c.title, c.subtitle, c.at, case when c.object = 'party' then 1 else 0 end as rank
  from (select s.* from search s, asked where s.lexemes @@ asked.query limit 500) c order by rank desc, at desc, record_id limit 20)
select coalesce(json_agg(json_build_object('object', object, 'id', record_id, 'title', title, 'subtitle', subtitle) order by rank desc, at desc, record_id), '[]')::text as json from found;
