import { scopeCondition } from '#engine/access/policy.ts';
import { instantText } from '#engine/declare/field.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context } from '#engine/record/context.ts';
import type { Queryable } from '#engine/store/db.ts';
import { titleSql } from '#engine/store/projection.ts';
import { Params } from '#engine/store/sql.ts';
import { denied } from '#kit/errors.ts';
import { isId, newId } from '#kit/ids.ts';

/**
 * What a user is told of: records given to them or shared with them, customers handed over to them, mentions, long work that ended. A notice names its record by id; title and
 * existence are read with today's rights each time, so a notice about what one may no longer see is no longer there.
 */
export type NoticeKind =
  | 'assigned'
  | 'handedOver'
  | 'mentioned'
  | 'shared'
  | 'job'
  | 'flow'
  | 'approval'
  | 'webhook'
  | 'key'
  | 'reminder'
  | 'alert'
  | 'booked'
  | 'bookingMoved'
  | 'bookingCancelled'
  | 'unassigned'
  | 'delivered';

export interface NewNotice {
  user: string;
  kind: NoticeKind;
  object: string | null;
  record: string | null;
  /** How many records of one act: a hundred given at once are one notice. */
  count: number;
  /** Who did it. */
  actor: string | null;
  cause: string | null;
  job: string | null;
  /** What a flow says. */
  text?: string;
}

export interface Notice {
  id: string;
  kind: NoticeKind;
  object: string | null;
  record: { id: string; title: string | null } | null;
  count: number;
  actor: { id: string; name: string } | null;
  job: { id: string; kind: string; state: string; label: string | null; error: string | null } | null;
  text: string | null;
  /** A file that was delivered and is still kept. */
  file: string | null;
  at: string;
  read: boolean;
}

/** Most that are kept for a user; older ones go. */
const KEPT = 500;

/** Adds notices; those of one act about one object come together. Gives whom they are for. */
export async function addNotices(q: Queryable, notices: readonly NewNotice[]): Promise<string[]> {
  if (notices.length === 0) return [];
  const rows = together(notices).map((notice) => ({ ...notice, id: newId() }));
  await q.query(
    `insert into notices (id, user_id, kind, object, record_id, count, actor_id, cause, job_id, text)
     select x.id, x."user", x.kind, x.object, x.record, x.count, x.actor, x.cause, x.job, x.text
     from json_to_recordset($1::json) as x(id uuid, "user" uuid, kind text, object text, record uuid, count integer, actor uuid, cause uuid, job uuid, text text)
     on conflict (user_id, kind, object, cause) where cause is not null and kind <> 'job'
     do update set count = notices.count + excluded.count, at = now(), read_at = null`,
    [JSON.stringify(rows)],
  );
  const users = [...new Set(notices.map((notice) => notice.user))];
  await q.query(
    `delete from notices n using (select id, row_number() over (partition by user_id order by at desc, id desc) as place from notices where user_id = any($1::uuid[])) old
     where n.id = old.id and old.place > ${KEPT}`,
    [users],
  );
  return users;
}

/** Notices of one act about one object to one user are one: a statement may not touch a row twice. */
function together(notices: readonly NewNotice[]): NewNotice[] {
  const held = new Map<string, NewNotice>();
  const apart: NewNotice[] = [];
  for (const notice of notices) {
    if (notice.cause === null || notice.kind === 'job') {
      apart.push(notice);
      continue;
    }
    const key = `${notice.user} ${notice.kind} ${notice.object} ${notice.cause}`;
    const first = held.get(key);
    held.set(key, first ? { ...first, count: first.count + notice.count } : notice);
  }
  return [...apart, ...held.values()];
}

const userOf = (ctx: Pick<Context, 'actor'>): string => {
  if (ctx.actor.userId === null) throw denied('Notices belong to users.');
  return ctx.actor.userId;
};

/** The actor's notices, newest first, and how many are unread; `only` those of one kind that are not read yet. */
export async function listNotices(
  ctx: Context,
  o: { limit?: number; only?: NoticeKind } = {},
): Promise<{ items: Notice[]; unread: number }> {
  const user = userOf(ctx);
  const rows = await ctx.db.query<{
    id: string;
    kind: NoticeKind;
    object: string | null;
    record: string | null;
    count: number;
    actor: { id: string; name: string } | null;
    job: Notice['job'];
    text: string | null;
    file: string | null;
    at: string;
    read: boolean;
  }>(
    `select n.id, n.kind, n.object, n.record_id as record, n.count, n.text, ${instantText('n.at')} as at, n.read_at is not null as read,
       case when u.id is not null then json_build_object('id', u.id, 'name', u.name) end as actor,
       case when j.id is not null then json_build_object('id', j.id, 'kind', j.kind, 'state', j.state, 'label', j.label, 'error', j.error) end as job,
       case when n.kind = 'delivered' then (select d.id from report_deliveries d where d.id = n.cause and d.user_id = n.user_id and d.expires_at > now()) end as file
     from notices n left join users u on u.id = n.actor_id left join jobs j on j.id = n.job_id
     where n.user_id = $1::uuid and ($3::text is null or (n.kind = $3::text and n.read_at is null)) order by n.at desc, n.id desc limit $2::int`,
    [user, o.limit ?? 100, o.only ?? null],
  );
  const titles = new Map<string, string | null>();
  const byObject = new Map<string, string[]>();
  for (const row of rows) if (row.object && row.record) byObject.set(row.object, [...(byObject.get(row.object) ?? []), row.record]);
  for (const [key, ids] of byObject) {
    const object = ctx.model.objects.get(key);
    if (object) for (const [id, title] of await readableTitles(ctx, object, ids)) titles.set(id, title);
  }
  const items = rows
    .filter((row) => row.record === null || titles.has(row.record))
    .map(({ record, ...row }) => ({ ...row, record: record === null ? null : { id: record, title: titles.get(record) ?? null } }));
  return { items, unread: items.filter((item) => !item.read).length };
}

/** Marks notices as read: those named, or all. */
export async function readNotices(ctx: Context, ids: readonly string[] | null): Promise<void> {
  const known = ids?.filter(isId) ?? null;
  await ctx.db.query(
    'update notices set read_at = now() where user_id = $1::uuid and read_at is null and ($2::uuid[] is null or id = any($2::uuid[]))',
    [userOf(ctx), known],
  );
}

/** Titles of those records that the actor may read. */
export async function readableTitles(
  ctx: Pick<Context, 'db' | 'model' | 'actor'>,
  object: ModelObject,
  ids: readonly string[],
): Promise<Map<string, string | null>> {
  const params = new Params();
  const list = params.add([...new Set(ids)], 'uuid[]');
  const scope = scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params);
  const rows = await ctx.db.query<{ id: string; title: string | null }>(
    `select t.id, ${titleSql(object, 't')} as title from ${object.table} t where t.id = any(${list}) and t.deleted_at is null${scope ? ` and ${scope}` : ''}`,
    params.values,
  );
  return new Map(rows.map((row) => [row.id, row.title]));
}
