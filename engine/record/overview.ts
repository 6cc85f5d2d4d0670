import { mayReadField, readsAllBehind, requireVerb, scopeCondition } from '#engine/access/policy.ts';
import { type BoundField, instantText } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { BASE_CURRENCY, FOREIGN } from '#engine/declare/fields/money/money.ts';
import type { RollUpOptions } from '#engine/declare/fields/roll-up/roll-up.ts';
import { figuresTable } from '#engine/declare/figures.ts';
import { BLOCKS, type BlockKey, type ModelObject, type OverviewFigure } from '#engine/declare/object.ts';
import { planSort } from '#engine/store/page.ts';
import { defaultFields, fieldSql, titleSql } from '#engine/store/projection.ts';
import { and, ident, Params } from '#engine/store/sql.ts';
import { notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { aboutParty, relationRows } from './about-party.ts';
import { compiled } from './compiled.ts';
import { bindContext, buildingKey, type Context, sqlContext } from './context.ts';
import { TIMELINE_ITEM, timelineCursor, timelineSql } from './timeline.ts';

/**
 * The 360° view in one statement, built from what the objects declare: an object that names its party appears here by
 * itself. What the actor may not read is not in the statement. The whole runs under a generic plan (engine-notes 4), so
 * what it costs is mostly the start of its plan's nodes: each table is read once, each condition judged once per row, and
 * what is counted and summed is so in one pass per object, one for all the money, one for all four blocks. Figures that the party
 * has as roll-ups are read from the row beside it (`f`), unless the reader may see less than stands behind them.
 */
const SECTION_ITEMS = 10;
const BLOCK_ITEMS = 5;
const TIMELINE_ITEMS = 30;
const MATTERS = 4;
/** Blocks that show the newest first; the others begin with what has waited longest. */
const NEWEST_FIRST: readonly BlockKey[] = ['pastSales', 'serviceRecord'];

export async function readOverview(ctx: Context, partyId: string): Promise<string> {
  const party = ctx.model.object('party');
  requireVerb(ctx.actor, party, 'read');
  if (!isId(partyId)) throw notFound();
  // Relative dates in the declarations move with the clock; a minute is as near as an overview needs.
  const minute = Math.floor(ctx.env.now.getTime() / 60_000);
  const statement = compiled(ctx.model, `overview ${minute} ${ctx.env.timeZone} ${buildingKey(ctx)} ${ctx.actor.reach}`, () => ({
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
  const { objects: about, sources, sourceOf, condition, instant, may, money } = aboutParty(ctx, id, params, sql, true);
  // Of what grows without bound somebody may have very many: only what some part shows or counts is read, the rest from its index.
  const endless = (object: ModelObject) => object.partitionBy !== undefined;
  const fields = defaultFields(party).filter(
    (field) => mayReadField(ctx.actor, party, field) && !bindContext(ctx).building?.(party, field),
  );
  const partyList = fields
    .map((field) => {
      const type = typeOf(field);
      const value = type.storage === 'figure' ? type.read(field, 'f') : fieldSql(ctx.model, party, field, 'p', sql, 'named');
      return `${value} as ${ident(field.key)}`;
    })
    .join(', ');

  // Money by currency: amounts under a key, summed in one pass and laid out as one row with a column per key.
  const amounts: string[] = [];
  const figureAmounts = new Map<string, { from: string; list: { row: string; unless: string }[] }>();
  const sums: string[] = [];
  const ops = new Set<string>();
  const sumOf = (key: string, op: string, some = false): string => {
    ops.add(op);
    const value = `g.${op}`;
    const which = `g.key = '${key}'${some ? ` and ${value} <> 0` : ''}`;
    sums.push(
      `json_agg(json_build_object('currency', g.currency, 'amount', perigon_amount(${value})) order by ${value} desc, g.currency) filter (where ${which}) as ${ident(key)}`,
    );
    return `coalesce(money.${ident(key)}, '[]'::json)`;
  };

  const inBlocks: string[] = [];
  const tops: string[] = [];
  const blocks = BLOCKS.map((block) => `'${block}', ${blockSql(block)}`).join(', ');
  function blockSql(block: BlockKey): string {
    const parts = about.flatMap((object) => {
      const part = object.overview?.blocks?.[block];
      if (!part) return [];
      const owner = object.owner && may(object, object.owner) ? `t.${object.fields.get(object.owner)?.column}_id` : 'null::uuid';
      const { amount, currency } = money(object, part.amount);
      const status = may(object, part.status) ? object.fields.get(part.status) : undefined;
      const statusSql = status
        ? status.type === 'reference'
          ? `(select s.name from ${ctx.model.object(String(status.with.to)).table} s where s.id = t.${status.column}_id)`
          : `t.${status.column}::text`
        : 'null::text';
      return [
        `select '${block}' as block, '${object.key}' as object, t.id, ${titleSql(object, 't')} as title, ${instant(object, part.at)} as at, ${amount} as amount, ${currency} as currency, ${statusSql} as status, ${owner} as owner from ${sourceOf(object).rows} where ${condition(object, part.where)}`,
      ];
    });
    if (parts.length === 0)
      return `json_build_object('count', 0, 'oldest', null, 'age', null, 'owner', null, 'amount', '[]'::json, 'items', '[]'::json)`;
    inBlocks.push(...parts);
    const of = (sql: string, name: string, more = '') => {
      tops.push(`${sql} filter (where k.block = '${block}'${more}) as ${ident(`${block}_${name}`)}`);
      return `tops.${ident(`${block}_${name}`)}`;
    };
    const count = of('count(*)', 'count');
    const oldest = of('min(k.at)', 'oldest');
    const owner = of('max(k.owner::text)', 'owner', ' and k.n = 1');
    const items = of(
      `json_agg(json_build_object('object', k.object, 'id', k.id, 'title', k.title, 'at', ${instantText('k.at')}, 'status', k.status, 'amount', case when k.amount is not null then json_build_object('amount', perigon_amount(k.amount), 'currency', k.currency) end) order by k.place)`,
      'items',
      ` and k.place <= ${BLOCK_ITEMS}`,
    );
    return `json_build_object('count', ${count}, 'oldest', ${instantText(oldest)}, 'age', case when ${oldest} is not null then greatest(0, floor(extract(epoch from now() - ${oldest}) / 86400))::int end,
      'owner', case when ${count} > 0 then (select json_build_object('id', u.id, 'name', u.name) from users u where u.id = coalesce(${owner}::uuid, p.owner_id)) end,
      'amount', ${sumOf(block, 'sum')}, 'items', coalesce(${items}, '[]'::json))`;
  }

  const matters = about.flatMap((object) =>
    (object.overview?.matters ?? []).map((matter) => {
      const { amount, currency } = money(object, matter.amount);
      return `select '${object.key}.${matter.key}' as key, '${object.key}' as object, t.id, ${titleSql(object, 't')} as title, ${instant(object, matter.at)} as at, ${amount} as amount, ${currency} as currency, ${matter.weight} as weight from ${sourceOf(object).rows} where ${condition(object, matter.where)}`;
    }),
  );
  const mattersSql =
    matters.length === 0
      ? `'[]'::json`
      : `coalesce((select json_agg(json_build_object('key', m.key, 'object', m.object, 'id', m.id, 'title', m.title, 'act', 'open', 'params', json_build_object('count', m.n, 'days', floor(abs(extract(epoch from now() - m.at)) / 86400)::int, 'at', ${instantText('m.at')},
      'amount', case when m.amount is not null then json_build_object('amount', perigon_amount(m.amount), 'currency', m.currency) end)) order by m.weight desc, m.at, m.key)
      from (select * from (select x.*, row_number() over (partition by key order by at nulls last, id) as first, count(*) over (partition by key) as n from (${matters.join(' union all ')}) x) y where first = 1 order by weight desc, at, key limit ${MATTERS}) m), '[]'::json)`;

  const figures = about
    .flatMap((object) =>
      (object.overview?.figures ?? [])
        .map((figure) => ({ ...figure, ...reckonedAs(party, figure) }))
        .filter((figure) => !figure.field || may(object, figure.field))
        .map((figure) => ({ rank: figure.rank, sql: figureSql(object, figure) })),
    )
    .sort((a, b) => a.rank - b.rank)
    .map(({ sql: figure }) => figure);
  function figureSql(object: ModelObject, figure: Reckoned): string {
    const field = figure.field ? object.fields.get(figure.field) : undefined;
    const kept = figure.kept && isKept(ctx, party, figure.kept) ? figure.kept : null;
    const told = (type: string, value: string) => `json_build_object('key', '${figure.key}', 'type', '${type}', 'value', ${value})`;
    if (field?.type === 'money') {
      const key = `${object.key}.${figure.key}`;
      const { amount, currency } = money(object, figure.field);
      const own = kept?.with.foreign === true ? `f.${kept.column}${FOREIGN} = 0` : null;
      // All of them, and only where the sum beside the party will not do.
      const itself = endless(object) && !figure.where && own !== null;
      const row = `('${key}', ${amount}, ${currency}, ${itself ? 'true' : condition(object, figure.where)})`;
      const from = itself ? sourceOf(object).own : sourceOf(object).rows;
      const list = figureAmounts.get(from)?.list ?? [];
      figureAmounts.set(from, { from, list: [...list, { row, unless: own ?? 'false' }] });
      const counted = sumOf(key, figure.op, true);
      if (!own || !kept) return told('money', counted);
      // In one currency, and that the base: the sum is the sum of the amounts.
      const sum = `case when f.${kept.column} <> 0 then json_build_array(json_build_object('currency', ${BASE_CURRENCY}, 'amount', perigon_amount(f.${kept.column}))) else '[]'::json end`;
      return told('money', `case when ${own} then ${sum} else ${counted} end`);
    }
    const shape = kept ? typeOf(kept).shape : field && typeOf(field).shape;
    const value =
      kept && shape
        ? shape.sql(kept, 'f')
        : sourceOf(object).total(
            `${field && shape ? `${figure.op}(${shape.sql(field, 't')})` : 'count(*)'} filter (where ${condition(object, figure.where)})`,
          );
    if (!field) return told('integer', value);
    const shown = shape?.kind === 'instant' ? instantText(value) : shape?.kind === 'date' ? `to_char(${value}, 'YYYY-MM-DD')` : value;
    return told(field.type, shown);
  }

  const sections = about.flatMap((object) => {
    const found: string[] = [];
    const section = object.overview?.section;
    if (section) {
      const source = sourceOf(object);
      const columns = section.columns.filter((key) => may(object, key));
      const list = ['id', 'version', object.title, ...columns]
        .filter((key, i, all) => all.indexOf(key) === i && may(object, key))
        .flatMap((key) => {
          const field = object.fields.get(key);
          return field ? [`${fieldSql(ctx.model, object, field, 't', sql, 'named')} as ${ident(key)}`] : [];
        });
      const plan = planSort({ ...bindContext(ctx), readable: () => true }, object, section.sort, 't', sql);
      // Only what is shown is made into JSON, however many there are.
      const order = [...plan.keys.map((key) => `${key.sql} ${key.descending ? 'desc' : 'asc'} nulls last`), 't.id'].join(', ');
      const where = condition(object, section.where);
      found.push(`json_build_object('key', '${section.key}', 'object', '${object.key}', 'field', '${object.party}', 'columns', '${JSON.stringify(columns)}'::json, 'count', ${source.total(`count(*) filter (where ${where})`)},
        'items', coalesce((select json_agg(row_to_json(x)) from (select ${list.join(', ')} from (select t.* from ${source.rows} ${plan.joins.join(' ')} where ${where} order by ${order} limit ${SECTION_ITEMS}) t) x), '[]'::json))`);
    }
    const tally = object.overview?.tally;
    const by = tally && object.fields.get(tally.by);
    if (tally && by && may(object, tally.by)) {
      const at = `t.${object.fields.get(tally.at)?.column}`;
      found.push(
        `json_build_object('key', '${tally.key}', 'object', '${object.key}', 'field', '${object.party}', 'rows', coalesce((select json_agg(json_build_object('${tally.by}', y.k, 'count', y.n, 'last', ${instantText('y.l')}) order by y.n desc, y.k) from (select t.${by.column} as k, count(*) as n, max(${at}) as l from ${endless(object) ? sourceOf(object).own : sourceOf(object).rows} group by 1) y), '[]'::json))`,
      );
    }
    return found;
  });

  const relations = relationRows(ctx, id, params);
  const relationsSql =
    relations.length === 0
      ? `'[]'::json`
      : `coalesce((select json_agg(json_build_object('id', r.id, 'type', r.type, 'direction', r.direction, 'party', json_build_object('id', r.party, 'name', r.name)) order by r.type, r.direction, r.name) from (${relations.join(' union all ')}) r), '[]'::json)`;

  // Not a value of the statement: who may read nothing that has a timeline has no place for it.
  const limitParam = String(TIMELINE_ITEMS + 1);
  const lines = timelineSql(ctx, id, params, {
    limitParam,
    before: null,
    rowsOf: (object) => (endless(object) ? null : sourceOf(object).rows),
    instant,
  });
  const timeline = lines
    ? `(select json_agg(${TIMELINE_ITEM} order by l.n) filter (where l.n <= ${TIMELINE_ITEMS}) as items, count(*) > ${TIMELINE_ITEMS} as more,
      max(l.at) filter (where l.n = ${TIMELINE_ITEMS}) as at, max(l.id::text) filter (where l.n = ${TIMELINE_ITEMS}) as id
      from (select row_number() over (order by u.at desc, u.id desc) as n, u.* from (${lines}) u order by u.at desc, u.id desc limit ${limitParam}) l)`
    : '(select null::json as items, false as more, null::timestamptz as at, null::text as id)';

  if (inBlocks.length > 0) amounts.push('select b.block as key, b.amount, b.currency from b where b.amount is not null');
  // Whose sums all lie beside the party is not looked at.
  for (const { from, list } of figureAmounts.values()) {
    const kept = list.every(({ unless }) => unless !== 'false')
      ? list.map(({ unless }) => `coalesce(${unless}, false)`).join(' and ')
      : null;
    amounts.push(
      `select v.key, v.amount, v.currency from ${from} cross join lateral (values ${list.map(({ row }) => row).join(', ')}) v(key, amount, currency, met) where ${and([kept && `not (${kept})`, 'v.met', 'v.amount is not null'])}`,
    );
  }
  const joins = [
    partyList ? `cross join lateral (select ${partyList}) x` : '',
    inBlocks.length > 0
      ? `cross join (select ${tops.join(', ')} from (select w.*, case when w.at is not null and w.block in (${NEWEST_FIRST.map((block) => `'${block}'`).join(', ')}) then w.timed - w.n + 1 else w.n end as place
      from (select b.*, row_number() over (partition by b.block order by b.at nulls last, b.id) as n, count(b.at) over (partition by b.block) as timed from b) w) k) tops`
      : '',
    sums.length > 0
      ? `cross join lateral (select ${sums.join(', ')} from (select s.key, s.currency, ${[...ops].map((op) => `${op}(s.amount) as ${op}`).join(', ')} from (${amounts.join(' union all ')}) s group by s.key, s.currency) g) money`
      : '',
    ...[...sources.values()].map((source) => source.join),
    `cross join ${timeline} tl`,
  ];
  const read = [
    ...[...sources.values()].map((source) => source.expression),
    ...(inBlocks.length > 0 ? [`b as materialized (${inBlocks.join(' union all ')})`] : []),
  ];
  const text = `${read.length > 0 ? `with ${read.join(', ')} ` : ''}select row_to_json(x)::text as party, ${mattersSql}::text as matters, json_build_object(${blocks})::text as blocks,
    json_build_array(${figures.join(', ')})::text as figures, json_build_array(${sections.join(', ')})::text as sections, ${relationsSql}::text as relations,
    coalesce(tl.items, '[]'::json)::text as timeline, case when tl.more then tl.at::text end as more_at, case when tl.more then tl.id end as more_id
    from parties p left join ${figuresTable(party)} f on f.id = p.id ${joins.join(' ')}
    where ${and([`p.id = ${id}`, 'p.deleted_at is null', scopeCondition(ctx.model, ctx.actor, party, 'read', 'p', params)])}`;
  return { text, values: params.values };
}

/** What a figure is reckoned of; `kept` is the roll-up that it is. */
interface Reckoned {
  key: string;
  rank: number;
  op: RollUpOptions['op'];
  field?: string;
  where?: RollUpOptions['where'];
  kept: BoundField | null;
}

/** A figure that names a roll-up of the party is reckoned as that is declared. */
function reckonedAs(party: ModelObject, figure: OverviewFigure): Pick<Reckoned, 'op' | 'field' | 'where' | 'kept'> {
  if (!('rollUp' in figure)) return { op: figure.op, field: figure.field, where: figure.where, kept: null };
  const kept = party.fields.get(figure.rollUp) ?? null;
  const { op, field, where } = (kept?.derived?.with ?? {}) as unknown as RollUpOptions;
  return { op, field, where, kept };
}

/** Whether the figure beside the party is what this reader would count: all that stands behind it is theirs to read, and it is reckoned. */
const isKept = (ctx: Context, party: ModelObject, figure: BoundField): boolean =>
  figure.derived?.kind === 'rollUp' &&
  mayReadField(ctx.actor, party, figure) &&
  readsAllBehind(ctx.actor, party, figure.derived) &&
  !bindContext(ctx).building?.(party, figure);
