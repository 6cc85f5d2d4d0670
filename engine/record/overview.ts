import { mayReadField, requireVerb, scopeCondition } from '#engine/access/policy.ts';
import type { Predicate } from '#engine/declare/condition.ts';
import { instantText } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { BLOCKS, type BlockKey, type ModelObject } from '#engine/declare/object.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import { planSort } from '#engine/store/page.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { defaultFields, fieldSql, titleSql } from '#engine/store/projection.ts';
import { and, ident, Params } from '#engine/store/sql.ts';
import { notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { compiled } from './compiled.ts';
import { bindContext, type Context, sqlContext } from './context.ts';
import { instantSql, TIMELINE_ITEM, timelineCursor, timelineSql } from './timeline.ts';

/**
 * The 360° view in one statement, built from what the objects declare: an object that names its party appears here by
 * itself. What the actor may not read is not in the statement. The whole runs under a generic plan (engine-notes 4).
 */
const SECTION_ITEMS = 10;
const BLOCK_ITEMS = 5;
const TIMELINE_ITEMS = 30;
const MATTERS = 4;

export async function readOverview(ctx: Context, partyId: string): Promise<string> {
  const party = ctx.model.object('party');
  requireVerb(ctx.actor, party, 'read');
  if (!isId(partyId)) throw notFound();
  // Relative dates in the declarations move with the clock; a minute is as near as an overview needs.
  const minute = Math.floor(ctx.env.now.getTime() / 60_000);
  const statement = compiled(`overview ${minute} ${ctx.env.timeZone} ${ctx.actor.reach}`, () => ({
    ...overviewSql(ctx, partyId),
    joins: '',
  }));
  const { text } = statement;
  const values = [partyId, ...statement.values.slice(1)];
  const [row] = await ctx.db.keyed<{
    party: string;
    matters: string;
    blocks: string;
    figures: string;
    sections: string;
    relations: string;
    timeline: string;
    more_at: string | null;
    more_id: string | null;
  }>(text, values);
  if (!row) throw notFound();
  const next = row.more_id && row.more_at ? timelineCursor(row.more_at, row.more_id) : null;
  return `{"party":${row.party},"matters":${row.matters},"blocks":${row.blocks},"figures":${row.figures},"sections":${row.sections},"relations":${row.relations},"timeline":{"items":${row.timeline},"next":${JSON.stringify(next)}}}`;
}

/** The statement and its values; apart so that its plan can be looked at. */
export function overviewSql(ctx: Context, partyId: string): { text: string; values: unknown[] } {
  const party = ctx.model.object('party');
  const params = new Params();
  const id = params.add(partyId, 'uuid');
  const sql = sqlContext(ctx, params);
  const about = [...ctx.model.objects.values()].filter((object) => object.party && ctx.actor.rights.scope(object.key, 'read') !== 'none');
  // What an object knows of this party is read once and looked at by every block, figure and section from there.
  const sources = new Map<string, string>();
  const rowsOf = (object: ModelObject): string => {
    const name = `about_${object.table}`;
    if (!sources.has(name)) {
      const where = and([
        `t.${object.fields.get(object.party ?? '')?.column}_id = ${id}`,
        't.deleted_at is null',
        scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params),
      ]);
      sources.set(name, `${name} as materialized (select t.* from ${object.table} t where ${where})`);
    }
    return `${name} t`;
  };
  // Predicates of declarations look at their own fields whatever the reader may see of them; what is shown is filtered below.
  const condition = (object: ModelObject, where: Predicate | undefined): string =>
    where ? toSql(bindPredicate({ ...bindContext(ctx), readable: () => true }, object, where), 't', sql) : 'true';
  const may = (object: ModelObject, key: string | undefined): key is string => {
    const field = key ? object.fields.get(key) : undefined;
    return field !== undefined && mayReadField(ctx.actor, object, field);
  };
  const fields = defaultFields(party).filter((field) => mayReadField(ctx.actor, party, field));
  const partyJson = `(select row_to_json(x) from (select ${fields.map((field) => `${fieldSql(ctx.model, party, field, 'p', sql, 'named')} as ${ident(field.key)}`).join(', ')}) x)`;

  const blocks = BLOCKS.map((block) => `'${block}', ${blockSql(block)}`).join(', ');
  function blockSql(block: BlockKey): string {
    const parts = about.flatMap((object) => {
      const part = object.overview?.blocks?.[block];
      if (!part) return [];
      const owner =
        object.owner && may(object, object.owner) ? `coalesce(t.${object.fields.get(object.owner)?.column}_id, p.owner_id)` : 'p.owner_id';
      const amount = may(object, part.amount) ? object.fields.get(part.amount) : undefined;
      const status = may(object, part.status) ? object.fields.get(part.status) : undefined;
      const statusSql = status
        ? status.type === 'reference'
          ? `(select s.name from ${ctx.model.object(String(status.with.to)).table} s where s.id = t.${status.column}_id)`
          : `t.${status.column}::text`
        : 'null::text';
      return [
        `select '${object.key}' as object, t.id, ${titleSql(object, 't')} as title, ${instantSql(ctx, object, part.at, 't', params)} as at,
        ${amount ? `t.${amount.column}` : 'null::numeric'} as amount, ${amount ? `t.${amount.column}_currency` : 'null::text'} as currency, ${statusSql} as status, ${owner} as owner from ${rowsOf(object)} where ${condition(object, part.where)}`,
      ];
    });
    if (parts.length === 0)
      return `json_build_object('count', 0, 'oldest', null, 'age', null, 'owner', null, 'amount', '[]'::json, 'items', '[]'::json)`;
    const newestFirst = block === 'pastSales' || block === 'serviceRecord';
    return `(with b as materialized (${parts.join(' union all ')}), o as (select at, owner from b order by at nulls last limit 1)
      select json_build_object('count', (select count(*) from b), 'oldest', (select ${instantText('o.at')} from o), 'age', (select greatest(0, floor(extract(epoch from now() - o.at) / 86400))::int from o where o.at is not null),
        'owner', (select json_build_object('id', o.owner, 'name', u.name) from o join users u on u.id = o.owner),
        'amount', coalesce((select json_agg(json_build_object('currency', m.currency, 'amount', perigon_amount(m.s)) order by m.s desc) from (select currency, sum(amount) as s from b where amount is not null group by currency) m), '[]'::json),
        'items', coalesce((select json_agg(json_build_object('object', i.object, 'id', i.id, 'title', i.title, 'at', ${instantText('i.at')}, 'status', i.status,
          'amount', case when i.amount is not null then json_build_object('amount', perigon_amount(i.amount), 'currency', i.currency) end) order by i.at ${newestFirst ? 'desc nulls last' : 'asc nulls last'}) from (select * from b order by at ${newestFirst ? 'desc nulls last' : 'asc nulls last'} limit ${BLOCK_ITEMS}) i), '[]'::json)))`;
  }

  const matters = about.flatMap((object) =>
    (object.overview?.matters ?? []).map((matter) => {
      const amount = may(object, matter.amount) ? object.fields.get(matter.amount) : undefined;
      const at = instantSql(ctx, object, matter.at, 't', params);
      return `(select '${object.key}.${matter.key}' as key, '${object.key}' as object, t.id, ${titleSql(object, 't')} as title, ${at} as at, ${amount ? `t.${amount.column}` : 'null::numeric'} as amount, ${amount ? `t.${amount.column}_currency` : 'null::text'} as currency,
        ${matter.weight} as weight, count(*) over () as n from ${rowsOf(object)} where ${condition(object, matter.where)} order by t.${object.fields.get(matter.at)?.column} asc nulls last limit 1)`;
    }),
  );
  const mattersSql =
    matters.length === 0
      ? `'[]'::json`
      : `coalesce((select json_agg(json_build_object('key', m.key, 'object', m.object, 'id', m.id, 'title', m.title, 'act', 'open', 'params', json_build_object('count', m.n, 'days', floor(abs(extract(epoch from now() - m.at)) / 86400)::int, 'at', ${instantText('m.at')},
      'amount', case when m.amount is not null then json_build_object('amount', perigon_amount(m.amount), 'currency', m.currency) end)) order by m.weight desc, m.at) from (select * from (${matters.join(' union all ')}) x order by weight desc, at limit ${MATTERS}) m), '[]'::json)`;

  const figures = about
    .flatMap((object) =>
      (object.overview?.figures ?? [])
        .filter((figure) => !figure.field || may(object, figure.field))
        .map((figure) => ({ rank: figure.rank, sql: figureSql(object, figure) })),
    )
    .sort((a, b) => a.rank - b.rank)
    .map(({ sql: figure }) => figure);
  function figureSql(object: ModelObject, figure: NonNullable<NonNullable<ModelObject['overview']>['figures']>[number]): string {
    const field = figure.field ? object.fields.get(figure.field) : undefined;
    const where = condition(object, figure.where);
    if (!field)
      return `json_build_object('key', '${figure.key}', 'type', 'integer', 'value', (select count(*) from ${rowsOf(object)} where ${where}))`;
    const type = typeOf(field);
    if (field.type === 'money')
      return `json_build_object('key', '${figure.key}', 'type', 'money', 'value', coalesce((select json_agg(json_build_object('currency', s.currency, 'amount', perigon_amount(s.v)) order by s.v desc) from (select t.${field.column}_currency as currency, ${figure.op}(t.${field.column}) as v from ${rowsOf(object)} where ${where} and t.${field.column} is not null group by 1) s), '[]'::json))`;
    const value = `${figure.op}(${type.shape?.sql(field, 't')})`;
    const shown =
      type.shape?.kind === 'instant' ? instantText(value) : type.shape?.kind === 'date' ? `to_char(${value}, 'YYYY-MM-DD')` : value;
    return `json_build_object('key', '${figure.key}', 'type', '${field.type}', 'value', (select ${shown} from ${rowsOf(object)} where ${where}))`;
  }

  const sections = about.flatMap((object) => {
    const found: string[] = [];
    const section = object.overview?.section;
    if (section) {
      const columns = section.columns.filter((key) => may(object, key));
      const list = ['id', 'version', object.title, ...columns]
        .filter((key, i, all) => all.indexOf(key) === i && may(object, key))
        .flatMap((key) => {
          const field = object.fields.get(key);
          return field ? [`${fieldSql(ctx.model, object, field, 't', sql, 'named')} as ${ident(key)}`] : [];
        });
      const plan = planSort({ ...bindContext(ctx), readable: () => true }, object, section.sort, 't', sql);
      const order = [...plan.keys.map((key) => `${key.sql} ${key.descending ? 'desc' : 'asc'} nulls last`), 't.id'].join(', ');
      const where = condition(object, section.where);
      const inner = `select t.* from ${rowsOf(object)} ${plan.joins.join(' ')} where ${where} order by ${order} limit ${SECTION_ITEMS}`;
      found.push(`json_build_object('key', '${section.key}', 'object', '${object.key}', 'field', '${object.party}', 'columns', '${JSON.stringify(columns)}'::json, 'count', (select count(*) from ${rowsOf(object)} where ${where}),
        'items', coalesce((select json_agg((select row_to_json(x) from (select ${list.join(', ')}) x)) from (${inner}) t), '[]'::json))`);
    }
    const tally = object.overview?.tally;
    const by = tally && object.fields.get(tally.by);
    if (tally && by && may(object, tally.by)) {
      const at = `t.${object.fields.get(tally.at)?.column}`;
      found.push(
        `json_build_object('key', '${tally.key}', 'object', '${object.key}', 'field', '${object.party}', 'rows', coalesce((select json_agg(json_build_object('${tally.by}', y.k, 'count', y.n, 'last', ${instantText('y.l')}) order by y.n desc, y.k) from (select t.${by.column} as k, count(*) as n, max(${at}) as l from ${rowsOf(object)} where ${condition(object, undefined)} group by 1) y), '[]'::json))`,
      );
    }
    return found;
  });

  const relations = [...ctx.model.objects.values()]
    .filter((object) => object.relation && ctx.actor.rights.scope(object.key, 'read') !== 'none')
    .flatMap((object) => {
      const relation = object.relation;
      if (!relation) return [];
      const from = `r.${object.fields.get(relation.from)?.column}_id`;
      const to = `r.${object.fields.get(relation.to)?.column}_id`;
      const type = `r.${object.fields.get(relation.type)?.column}`;
      const far = (column: string, direction: string, own: string) =>
        `select r.id, ${type} as type, '${direction}' as direction, q.id as party, ${titleSql(party, 'q')} as name from ${object.table} r join parties q on q.id = ${column} and ${and(['q.deleted_at is null', scopeCondition(ctx.model, ctx.actor, party, 'read', 'q', params)])} where ${own} = ${id} and r.deleted_at is null`;
      return [far(to, 'from', from), far(from, 'to', to)];
    });
  const parent = party.fields.get('parent');
  if (parent && mayReadField(ctx.actor, party, parent)) {
    const visible = scopeCondition(ctx.model, ctx.actor, party, 'read', 'q', params);
    relations.push(
      `select q.id, 'parent' as type, 'from' as direction, q.id as party, ${titleSql(party, 'q')} as name from parties q where ${and([`q.id = p.parent_id`, 'q.deleted_at is null', visible])}`,
    );
    relations.push(
      `(select q.id, 'parent' as type, 'to' as direction, q.id as party, ${titleSql(party, 'q')} as name from parties q where ${and([`q.parent_id = ${id}`, 'q.deleted_at is null', visible])} order by q.name limit 50)`,
    );
  }
  const relationsSql =
    relations.length === 0
      ? `'[]'::json`
      : `coalesce((select json_agg(json_build_object('id', r.id, 'type', r.type, 'direction', r.direction, 'party', json_build_object('id', r.party, 'name', r.name)) order by r.type, r.direction, r.name) from (${relations.join(' union all ')}) r), '[]'::json)`;

  const limitParam = params.add(TIMELINE_ITEMS + 1, 'integer');
  const lines = timelineSql(ctx, id, params, { limitParam, before: null, rowsOf });
  const timelineFrom = lines
    ? `(select row_number() over (order by u.at desc, u.id desc) as n, u.* from (${lines}) u order by u.at desc, u.id desc limit ${limitParam})`
    : null;
  const text = `${sources.size > 0 ? `with ${[...sources.values()].join(', ')} ` : ''}select ${partyJson}::text as party, ${mattersSql}::text as matters, json_build_object(${blocks})::text as blocks,
    json_build_array(${figures.join(', ')})::text as figures, json_build_array(${sections.join(', ')})::text as sections, ${relationsSql}::text as relations,
    coalesce(tl.items, '[]'::json)::text as timeline, tl.more_at, tl.more_id
    from parties p ${
      timelineFrom
        ? `left join lateral (select json_agg(${TIMELINE_ITEM} order by l.n) filter (where l.n <= ${TIMELINE_ITEMS}) as items,
      max(case when l.n = ${TIMELINE_ITEMS} and l.total > ${TIMELINE_ITEMS} then l.at::text end) as more_at, max(case when l.n = ${TIMELINE_ITEMS} and l.total > ${TIMELINE_ITEMS} then l.id::text end) as more_id
      from (select k.*, count(*) over () as total from ${timelineFrom} k) l) tl on true`
        : 'cross join (select null::json as items, null::text as more_at, null::text as more_id) tl'
    }
    where ${and([`p.id = ${id}`, 'p.deleted_at is null', scopeCondition(ctx.model, ctx.actor, party, 'read', 'p', params)])}`;
  return { text, values: params.values };
}
