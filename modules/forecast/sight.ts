import type { Queryable } from '#engine/store/db.ts';
import type { Cut } from './snapshot.object.ts';
import type { Sight } from './statistical.ts';

/** What was known on a day, cut in each way: how deals live is the same for all of them. */
export type Sights = Readonly<Record<Cut, Sight>>;

/** Deals older than this say nothing of those of today. */
const REMEMBERED_DAYS = 1095;
/** The run rate is that of half a year, arrivals those of a quarter. */
const WON_DAYS = 183;
const ARRIVAL_DAYS = 90;
/** Up to this age each day counts; the older stand ten days together. */
const FINE_AGES = 120;

interface Row {
  cut: 0 | 1 | 2 | 3;
  group: string;
  value: number;
}

/**
 * What could be known of all deals on a day, in the base currency, reckoned by the database in one pass: some thousand rows however
 * many deals there are. A deal without an amount is worth what deals of its product brought until then. Deals that were closed later
 * stand open.
 */
export async function sightOn(q: Queryable, day: string): Promise<Sights> {
  const [row] = await q.query<{
    lives: Sight['lives'][number][] | null;
    open: (Row & { age: number })[] | null;
    arrived: Row[] | null;
    won: Row[] | null;
    known: number;
  }>(
    `with known as materialized (
       select t.opened_on, t.owner_id, t.product_id, p.territory_id, nullif(t.amount_base, 0) as amount,
         case when s.category <> 'open' and t.closed_on <= $1::date then t.closed_on end as closed,
         s.category = 'won' and t.closed_on <= $1::date as won
       from opportunities t join stages s on s.id = t.stage_id left join parties p on p.id = t.customer_id
       where t.deleted_at is null and t.opened_on <= $1::date and t.opened_on > $1::date - ${REMEMBERED_DAYS}
     ), worth as (select product_id, avg(amount) as mean from known where won group by 1),
     whole as (select avg(amount) filter (where won) as mean, min(closed) as begins from known),
     valued as materialized (
       select k.*, coalesce(k.amount, w.mean, v.mean, 0)::float8 as value,
         case when $1::date - k.opened_on <= ${FINE_AGES} then $1::date - k.opened_on else ($1::date - k.opened_on) / 10 * 10 end as age
       from known k cross join whole v left join worth w on w.product_id = k.product_id
     ),
     ends as (select coalesce(closed, $1::date) - opened_on as age, count(*) filter (where won) as won,
       count(*) filter (where closed is not null and won is not true) as lost, count(*) filter (where closed is null) as open from known group by 1),
     entries as (select greatest(0, v.begins - k.opened_on) as age, count(*) as entered from known k cross join whole v where v.begins is not null group by 1)
     select
       (select json_agg(json_build_object('age', age, 'entered', coalesce(entered, 0), 'won', coalesce(won, 0), 'lost', coalesce(lost, 0), 'open', coalesce(open, 0)))
          from ends full join entries using (age)) as lives,
       (select json_agg(x) from (select ${cutOf} as cut, ${groupOf} as "group", age, sum(value) as value from valued
          where closed is null group by grouping sets ((age), (owner_id, age), (product_id, age), (territory_id, age))) x) as open,
       (select json_agg(x) from (select ${cutOf} as cut, ${groupOf} as "group", sum(value) as value from valued
          where opened_on > $1::date - ${ARRIVAL_DAYS} group by ${sets}) x) as arrived,
       (select json_agg(x) from (select ${cutOf} as cut, ${groupOf} as "group", sum(value) as value from valued
          where won and closed > $1::date - ${WON_DAYS} group by ${sets}) x) as won,
       (select least(${WON_DAYS}, $1::date - begins + 1) from whole) as known`,
    [day],
  );
  const cut = <T extends Row>(rows: T[] | null | undefined, n: number) => (rows ?? []).filter((one) => one.cut === n);
  const of = (n: number): Sight => ({
    lives: row?.lives ?? [],
    open: cut(row?.open, n),
    arrived: cut(row?.arrived, n),
    arrivalDays: ARRIVAL_DAYS,
    won: cut(row?.won, n),
    wonDays: row?.known ?? WON_DAYS,
  });
  return { whole: of(0), owner: of(1), product: of(2), territory: of(3) };
}

const sets = 'grouping sets ((), (owner_id), (product_id), (territory_id))';
const cutOf =
  'case when grouping(owner_id) = 0 then 1 when grouping(product_id) = 0 then 2 when grouping(territory_id) = 0 then 3 else 0 end';
/** What has no owner, product or territory is a group, too. */
const groupOf = `coalesce(case when grouping(owner_id) = 0 then owner_id when grouping(product_id) = 0 then product_id when grouping(territory_id) = 0 then territory_id end::text, '')`;

/** What was won behind a day, so many days long, cut in each way. */
export async function wonAfter(q: Queryable, day: string, days: number): Promise<Record<Cut, { group: string; value: number }[]>> {
  const rows = await q.query<Row>(
    `select ${cutOf} as cut, ${groupOf} as "group", sum(value)::float8 as value from (
       select t.owner_id, t.product_id, p.territory_id, t.amount_base as value
       from opportunities t join stages s on s.id = t.stage_id and s.category = 'won' left join parties p on p.id = t.customer_id
       where t.deleted_at is null and t.closed_on > $1::date and t.closed_on <= $1::date + $2::int) won
     group by ${sets} having sum(value) is not null`,
    [day, days],
  );
  const of = (n: number) => rows.filter(({ cut }) => cut === n);
  return { whole: of(0), owner: of(1), product: of(2), territory: of(3) };
}
