import { mayReadField, requireVerb, scopeCondition } from '#engine/access/policy.ts';
import { instantText } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { titleSql } from '#engine/store/projection.ts';
import { and, Params } from '#engine/store/sql.ts';
import { invalid, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import type { Context } from './context.ts';

/** Filters of a timeline; each narrows to records whose declared channel or kind field has the value. */
export interface TimelineQuery {
  channel?: string;
  kind?: string;
  object?: string;
  cursor?: string | null;
  limit?: number;
}

/** SQL of an instant from a date or date-time field of the row `t`; a date counts as the start of its day in the company's zone. */
export function instantSql(ctx: Context, object: ModelObject, key: string, t: string, params: Params): string {
  const field = object.fields.get(key);
  const column = `${t}.${field?.column}`;
  return field && typeOf(field).shape?.kind === 'date'
    ? `(${column}::timestamp at time zone ${params.add(ctx.env.timeZone, 'text')})`
    : column;
}

const textSql = (object: ModelObject, key: string | undefined, t: string): string => {
  const field = key ? object.fields.get(key) : undefined;
  if (!field) return 'null::text';
  const type = typeOf(field);
  return type.words?.(field, t) ?? (targetOf(field) === null ? `${t}.${field.column}::text` : 'null::text');
};

/** One branch per object with a timeline, ordered and limited where it reads the table itself; the caller unites them. */
export function timelineSql(
  ctx: Context,
  party: string,
  params: Params,
  query: TimelineQuery & {
    limitParam: string;
    before: { at: string; id: string } | null;
    /** For a caller that has read the party's records already: what to take them from, and their times; null where it has not read those. */
    rowsOf?: (object: ModelObject) => string | null;
    instant?: (object: ModelObject, key: string) => string;
  },
): string | null {
  const branches: string[] = [];
  for (const object of ctx.model.objects.values()) {
    const line = object.timeline;
    if (!line || !object.party || ctx.actor.rights.scope(object.key, 'read') === 'none') continue;
    if (query.object && query.object !== object.key) continue;
    if ((query.channel && !line.channel) || (query.kind && !line.kind && query.kind !== object.key)) continue;
    const shown = (key: string | undefined) => {
      const field = key ? object.fields.get(key) : undefined;
      return field && mayReadField(ctx.actor, object, field) ? key : undefined;
    };
    const read = query.rowsOf?.(object) ?? null;
    const at = (read && query.instant?.(object, line.at)) ?? instantSql(ctx, object, line.at, 't', params);
    const column = `t.${object.fields.get(line.at)?.column}`;
    const actor = shown(line.actor ?? object.owner);
    const actorColumn = actor ? `t.${object.fields.get(actor)?.column}_id` : 'null::uuid';
    const where = and([
      ...(read
        ? []
        : [
            `t.${object.fields.get(object.party)?.column}_id = ${party}`,
            't.deleted_at is null',
            scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params),
          ]),
      `${column} is not null`,
      query.channel ? `t.${object.fields.get(line.channel ?? '')?.column} = ${params.add(query.channel, 'text')}` : null,
      query.kind && line.kind ? `t.${object.fields.get(line.kind)?.column} = ${params.add(query.kind, 'text')}` : null,
      query.before ? `(${at}, t.id) < (${params.add(query.before.at, 'timestamptz')}, ${params.add(query.before.id, 'uuid')})` : null,
    ]);
    branches.push(`(select '${object.key}' as object, t.id, ${at} as at, ${textSql(object, shown(line.kind), 't')} as kind, ${textSql(object, shown(line.channel), 't')} as channel,
      ${titleSql(object, 't')} as title, left(${textSql(object, shown(line.detail), 't')}, 300) as detail, ${actorColumn} as actor
      from ${read ? `${read} where ${where}` : `${object.table} t where ${where} order by ${column} desc, t.id desc limit ${query.limitParam}`})`);
  }
  return branches.length > 0 ? branches.join(' union all ') : null;
}

/** SQL turning a timeline row of alias `l` into its wire form. */
export const TIMELINE_ITEM = `json_build_object('object', l.object, 'id', l.id, 'at', ${instantText('l.at')}, 'kind', l.kind, 'channel', l.channel, 'title', l.title, 'detail', l.detail,
  'actor', case when l.actor is not null then json_build_object('id', l.actor, 'name', (select u.name from users u where u.id = l.actor)) end)`;

/** A page of a party's timeline across all objects and channels, newest first, as JSON text. */
export async function readTimeline(ctx: Context, partyId: string, query: TimelineQuery): Promise<string> {
  const party = ctx.model.object('party');
  requireVerb(ctx.actor, party, 'read');
  if (!isId(partyId)) throw notFound();
  const limit = Math.min(Math.max(query.limit ?? 50, 1), 200);
  const params = new Params();
  const id = params.add(partyId, 'uuid');
  const limitParam = params.add(limit + 1, 'integer');
  const visible = and([`p.id = ${id}`, 'p.deleted_at is null', scopeCondition(ctx.model, ctx.actor, party, 'read', 'p', params)]);
  const lines = timelineSql(ctx, id, params, { ...query, limitParam, before: query.cursor ? readCursor(query.cursor) : null });
  const rows = await ctx.db.keyed<{ j: string | null; at: string; id: string }>(
    `select ${TIMELINE_ITEM}::text as j, l.at::text as at, l.id from parties p left join lateral (select * from (${lines ?? `select null::text as object, null::uuid as id, null::timestamptz as at, null::text as kind, null::text as channel, null::text as title, null::text as detail, null::uuid as actor where false`}) u order by at desc, id desc limit ${limitParam}) l on true where ${visible} order by l.at desc, l.id desc`,
    params.values,
  );
  if (rows.length === 0) throw notFound();
  const items = rows.filter((row) => row.id !== null);
  const last = items.length > limit ? items[limit - 1] : undefined;
  return `{"items":[${items
    .slice(0, limit)
    .map((row) => row.j)
    .join(',')}],"next":${JSON.stringify(last ? timelineCursor(last.at, last.id) : null)}}`;
}

/** Where a timeline goes on. */
export const timelineCursor = (at: string, id: string): string => Buffer.from(JSON.stringify([at, id])).toString('base64url');

function readCursor(text: string): { at: string; id: string } {
  try {
    const [at, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [unknown, unknown];
    if (typeof at === 'string' && isId(id) && !Number.isNaN(Date.parse(at))) return { at, id };
  } catch {
    // refused below
  }
  throw invalid('The cursor does not belong to this timeline.', [
    { path: 'cursor', code: 'cursor', detail: 'Not a cursor of a timeline.' },
  ]);
}
