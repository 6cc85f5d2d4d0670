import { mayReadField, requireVerb, scopeCondition } from '#engine/access/policy.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import type { Brief, ModelObject } from '#engine/declare/object.ts';
import { planSort } from '#engine/store/page.ts';
import { defaultFields, fieldSql, titleSql } from '#engine/store/projection.ts';
import { and, ident, Params } from '#engine/store/sql.ts';
import { notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { aboutParty, relationRows } from './about-party.ts';
import { compiled } from './compiled.ts';
import { bindContext, buildingKey, type Context, sqlContext } from './context.ts';

/**
 * The brief of a party in one statement (requirement A5): everything that whoever takes over must know, from what the objects
 * declare under `brief`. It is the 360° view told to a reader who was not there: lists stand whole, what has expired stands apart,
 * the story is told by year. Read under the actor's rights like everything else.
 */
const LIST_ITEMS = 100;
const NAMED = 3;

export async function readBrief(ctx: Context, partyId: string): Promise<string> {
  const party = ctx.model.object('party');
  requireVerb(ctx.actor, party, 'read');
  if (!isId(partyId)) throw notFound();
  // Relative dates in the declarations move with the clock; a minute is as near as a brief needs.
  const minute = Math.floor(ctx.env.now.getTime() / 60_000);
  const statement = compiled(ctx.model, `brief ${minute} ${ctx.env.timeZone} ${buildingKey(ctx)} ${ctx.actor.reach}`, () => ({
    ...briefSql(ctx, partyId),
    joins: '',
  }));
  const [row] = await ctx.db.keyed<{ j: string }>(statement.text, [partyId, ...statement.values.slice(1)]);
  if (!row) throw notFound();
  return row.j;
}

/** The statement and its values; apart so that its plan can be looked at. */
export function briefSql(ctx: Context, partyId: string): { text: string; values: unknown[] } {
  const party = ctx.model.object('party');
  const params = new Params();
  const id = params.add(partyId, 'uuid');
  const sql = sqlContext(ctx, params);
  const { objects, sources, sourceOf, condition, instant, may, money } = aboutParty(ctx, id, params, sql);
  const fields = defaultFields(party).filter(
    (field) => mayReadField(ctx.actor, party, field) && !bindContext(ctx).building?.(party, field),
  );
  const partyList = fields.map((field) => `${fieldSql(ctx.model, party, field, 'p', sql, 'named')} as ${ident(field.key)}`).join(', ');

  const listSql = (object: ModelObject, list: NonNullable<Brief['lists']>[number]): string => {
    const source = sourceOf(object);
    const where = condition(object, list.where);
    const columns = list.columns.filter((key) => may(object, key));
    const selected = ['id', ...columns].flatMap((key) => {
      const field = object.fields.get(key);
      return field ? [`${fieldSql(ctx.model, object, field, 't', sql, 'named')} as ${ident(key)}`] : [];
    });
    const plan = planSort({ ...bindContext(ctx), readable: () => true }, object, list.sort, 't', sql);
    const order = [...plan.keys.map((key) => `${key.sql} ${key.descending ? 'desc' : 'asc'} nulls last`), 't.id'].join(', ');
    const { amount, currency } = money(object, list.total);
    const total = may(object, list.total)
      ? `(select json_agg(json_build_object('currency', s.currency, 'amount', perigon_amount(s.amount)) order by s.amount desc, s.currency) from (select ${currency} as currency, sum(${amount}) as amount from ${source.rows} where ${where} and ${amount} is not null group by 1) s)`
      : 'null::json';
    return `json_build_object('key', '${list.key}', 'object', '${object.key}', 'columns', '${JSON.stringify(columns)}'::json, 'count', ${source.total(`count(*) filter (where ${where})`)}, 'total', ${total},
      'items', coalesce((select json_agg(row_to_json(x)) from (select ${selected.join(', ')} from ${source.rows} ${plan.joins.join(' ')} where ${where} order by ${order} limit ${list.limit ?? LIST_ITEMS}) x), '[]'::json))`;
  };

  // One pass an entry: sums by currency and places by amount are windows over the rows of a year.
  const yearSql = (object: ModelObject, entry: NonNullable<Brief['years']>[number]): string => {
    const { amount, currency } = money(object, entry.amount);
    const named = entry.named === true && may(object, object.title);
    const year = `extract(year from ${instant(object, entry.at)} at time zone ${params.add(ctx.env.timeZone, 'text')})::int`;
    const rows = `select ${year} as year, t.id, ${named ? titleSql(object, 't') : 'null::text'} as title, ${amount} as amount, ${currency} as currency from ${sourceOf(object).rows} where ${condition(object, entry.where)} and ${instant(object, entry.at)} is not null`;
    return `select w.year, ${entry.rank} as rank, json_build_object('key', '${entry.key}', 'object', '${object.key}', 'count', count(*),
        'amount', coalesce(json_agg(json_build_object('currency', w.currency, 'amount', perigon_amount(w.total)) order by w.total desc, w.currency) filter (where w.first = 1 and w.currency is not null), '[]'::json),
        'names', ${named ? `json_agg(json_build_object('id', w.id, 'title', w.title) order by w.place) filter (where w.place <= ${NAMED})` : `'[]'::json`}) as entry
      from (select r.*, sum(r.amount) over (partition by r.year, r.currency) as total, row_number() over (partition by r.year, r.currency order by r.id) as first,
        row_number() over (partition by r.year order by r.amount desc nulls last, r.id) as place from (${rows}) r) w group by w.year`;
  };

  const meanSql = (object: ModelObject, mean: NonNullable<Brief['means']>[number]): string[] => {
    const field = may(object, mean.field) ? object.fields.get(mean.field) : undefined;
    const value = field && typeOf(field).shape?.sql(field, 't');
    if (!value) return [];
    const source = sourceOf(object);
    return [
      `json_build_object('key', '${mean.key}', 'object', '${object.key}', 'count', ${source.total(`count(${value})`)}, 'mean', ${source.total(`round(avg(${value}), 1)`)})`,
    ];
  };

  const lists = objects.flatMap((object) => (object.brief?.lists ?? []).map((list) => listSql(object, list)));
  const years = objects.flatMap((object) =>
    (object.brief?.years ?? []).filter((entry) => may(object, entry.at)).map((entry) => yearSql(object, entry)),
  );
  const means = objects.flatMap((object) => (object.brief?.means ?? []).flatMap((mean) => meanSql(object, mean)));
  const yearsSql =
    years.length === 0
      ? `'[]'::json`
      : `coalesce((select json_agg(json_build_object('year', y.year, 'entries', y.entries) order by y.year desc) from (select e.year, json_agg(e.entry order by e.rank) as entries from (${years.join(' union all ')}) e group by e.year) y), '[]'::json)`;

  const contact = (party.brief?.contact ?? []).flatMap((key) => {
    const field = may(party, key) ? party.fields.get(key) : undefined;
    return field ? [field] : [];
  });
  const relations = relationRows(ctx, id, params, (q, tie) => {
    const reached = contact.map((field) => `'${field.key}', ${fieldSql(ctx.model, party, field, q, sql, 'named')}`).join(', ');
    if (!tie) return `json_build_object(${reached})`;
    const { from, to, type } = tie.object.relation ?? { from: '', to: '', type: '' };
    const own = tie.object.declared.filter((field) => ![from, to, type].includes(field.key) && may(tie.object, field.key));
    const told = own.map((field) => `'${field.key}', ${fieldSql(ctx.model, tie.object, field, tie.r, sql, 'named')}`);
    return `json_build_object(${[reached, ...told].filter(Boolean).join(', ')})`;
  });
  const relationsSql =
    relations.length === 0
      ? `'[]'::json`
      : `coalesce((select json_agg(json_build_object('id', r.id, 'type', r.type, 'direction', r.direction, 'party', json_build_object('id', r.party, 'name', r.name), 'facts', r.more) order by r.type, r.direction, r.name) from (${relations.join(' union all ')}) r), '[]'::json)`;

  const read = [...sources.values()].map((source) => source.expression);
  const joins = [partyList ? `cross join lateral (select ${partyList}) x` : '', ...[...sources.values()].map((source) => source.join)];
  const text = `${read.length > 0 ? `with ${read.join(', ')} ` : ''}select json_build_object('party', row_to_json(x), 'relations', ${relationsSql}, 'lists', json_build_array(${lists.join(', ')}),
    'means', json_build_array(${means.join(', ')}), 'years', ${yearsSql})::text as j
    from parties p ${joins.join(' ')}
    where ${and([`p.id = ${id}`, 'p.deleted_at is null', scopeCondition(ctx.model, ctx.actor, party, 'read', 'p', params)])}`;
  return { text, values: params.values };
}
