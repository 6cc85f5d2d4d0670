-- Up to 20 records whose words begin as typed, titles first, checked against the records. $1: query lexemes, $2: the folded text, $3: the title query.
with found as (
  select c.record_id, c.object, c.title, c.subtitle, c.at,
    (case when perigon_fold(c.title) = $2 then 8 else 0 end + case when perigon_fold(c.title) like $2 || '%' then 4 else 0 end
     + case when perigon_lexemes(c.title, '', '', '{}') @@ $3::tsquery then 2 else 0 end + case when c.object = 'party' then 1 else 0 end) as rank
  from (select * from search where lexemes @@ $1::tsquery limit 500) c order by rank desc, at desc, record_id limit 20)
select coalesce(json_agg(json_build_object('object', object, 'id', record_id, 'title', title, 'subtitle', subtitle) order by rank desc, at desc, record_id), '[]')::text as json from found;
