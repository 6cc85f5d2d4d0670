import { instantText } from '#engine/declare/field.ts';
import type { SignInKind, SignInLine } from '#engine/declare/sign-in.ts';
import type { Queryable } from '#engine/store/db.ts';
import { and, Params } from '#engine/store/sql.ts';
import { invalid } from '#kit/errors.ts';
import { isId, newId } from '#kit/ids.ts';

/**
 * What was done about signing in: who came in, from where and with what, who was refused, whose session was ended by whom. An
 * e-mail that belongs to nobody is not kept: what was typed there may be somebody's password.
 */

/** Where a request comes from. */
export interface From {
  address: string;
  agent: string | null;
}

/** As long as a year's books are looked into, and a month beyond. */
const KEPT_DAYS = 400;

/** Writes one line of it; `userId` is null where no account was meant. */
export async function noteSignIn(
  q: Queryable,
  kind: SignInKind,
  o: { userId: string | null; byId?: string | null; from: From; way?: string | null },
): Promise<void> {
  await q.query(
    'insert into sign_ins (id, kind, user_id, by_id, address, agent, way) values ($1::uuid, $2::text, $3::uuid, $4::uuid, $5::text, $6::text, $7::text)',
    [newId(), kind, o.userId, o.byId ?? null, o.from.address, o.from.agent?.slice(0, 200) ?? null, o.way ?? null],
  );
}

/** A page of the log, newest first: of one user, or of everybody. */
export async function listSignIns(
  q: Queryable,
  o: { userId: string | null; cursor?: string; limit?: number },
): Promise<{ items: SignInLine[]; next: string | null }> {
  if (o.cursor !== undefined && !isId(o.cursor))
    throw invalid('The cursor does not belong to this list; begin again without it.', [
      { path: 'cursor', code: 'cursor', detail: 'Not a cursor of this list.' },
    ]);
  const limit = o.limit ?? 30;
  const params = new Params();
  const conditions = [
    o.userId === null ? null : `s.user_id = ${params.add(o.userId, 'uuid')}`,
    o.cursor === undefined ? null : `s.id < ${params.add(o.cursor, 'uuid')}`,
  ];
  const person = (alias: string) =>
    `case when ${alias}.id is not null then json_build_object('id', ${alias}.id, 'name', ${alias}.name) end`;
  const rows = await q.query<SignInLine>(
    `select s.id, ${instantText('s.at')} as at, s.kind, s.address, s.agent, s.way, ${person('u')} as "user", ${person('b')} as by
     from sign_ins s left join users u on u.id = s.user_id left join users b on b.id = s.by_id and s.by_id is distinct from s.user_id
     where ${and(conditions)} order by s.id desc limit ${params.add(limit + 1, 'int')}`,
    params.values,
  );
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** Removes what is older than it is kept. */
export async function forgetOldSignIns(q: Queryable): Promise<void> {
  await q.query('delete from sign_ins where at < now() - make_interval(days => $1::int)', [KEPT_DAYS]);
}
