import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { instantText } from '#engine/declare/field.ts';
import type { Context } from '#engine/record/context.ts';
import { readOne } from '#engine/record/read.ts';
import type { Db } from '#engine/store/db.ts';
import { notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { FILE_TYPES, type FileType } from './report-file.ts';

/** What was delivered: to whom, with what outcome, and the files, each for the one it was made for and nobody else. */

/** Why somebody got nothing; words of the screen say it. */
export type Reason = 'gone' | 'mayNot' | 'notThere' | 'ownerGone' | 'fault';

export interface Delivered {
  name: string;
  type: FileType;
  bytes: number;
}

const SHOWN = 100;
/** How long it is told who got what; the files go before. */
const TOLD = '180 days';

/** Where a delivered file lies: under an id that was made here. */
export const deliveryPath = (dataFolder: string, id: string, type: FileType): string => join(dataFolder, 'deliveries', `${id}.${type}`);

/** What lies ready for the actor, newest first. */
export const listDelivered = (ctx: Context): Promise<unknown[]> =>
  ctx.db.query(
    `select id, name, type, bytes::int as bytes, ${instantText('moment')} as moment, ${instantText('expires_at')} as "expiresAt", ${instantText('fetched_at')} as "fetchedAt"
     from report_deliveries where user_id = $1::uuid and state = 'done' and expires_at > now() order by moment desc, id desc limit ${SHOWN}`,
    [ctx.actor.userId],
  );

/** A file that was made for the actor; any other is not there. That it was taken is noted. */
export async function deliveredFile(
  ctx: Context,
  dataFolder: string,
  id: string,
): Promise<{ type: string; body: Readable; filename: string }> {
  const gone = 'There is no such file, or it is no longer kept.';
  if (!isId(id) || ctx.actor.userId === null) throw notFound(gone);
  const [row] = await ctx.db.query<{ name: string; type: FileType }>(
    `update report_deliveries set fetched_at = now() where id = $1::uuid and user_id = $2::uuid and state = 'done' and expires_at > now() returning name, type`,
    [id, ctx.actor.userId],
  );
  const path = row ? deliveryPath(dataFolder, id, row.type) : '';
  if (!row || !(await stat(path).catch(() => null))) throw notFound(gone);
  return { type: FILE_TYPES[row.type], body: createReadStream(path), filename: row.name };
}

/** Who got what of a plan that the actor may read, latest first. */
export async function outcomesOf(ctx: Context, schedule: string): Promise<unknown[]> {
  await readOne(ctx, ctx.model.object('reportSchedule'), schedule, ['id']);
  return ctx.db.query(
    `select d.id, ${instantText('d.moment')} as moment, d.state, d.reason, ${instantText('d.fetched_at')} as "fetchedAt", json_build_object('id', u.id, 'name', u.name) as user
     from report_deliveries d join users u on u.id = d.user_id where d.schedule = $1::uuid order by d.moment desc, u.name limit ${SHOWN}`,
    [schedule],
  );
}

/** Removes files that ended, and those that nothing tells of any more. */
export async function sweepDeliveries(db: Db, dataFolder: string): Promise<void> {
  await db.query(`delete from report_deliveries where at < now() - interval '${TOLD}'`);
  const folder = join(dataFolder, 'deliveries');
  const names = await readdir(folder).catch(() => [] as string[]);
  const ids = names.map((name) => name.slice(0, 36)).filter(isId);
  const kept = await db.query<{ id: string }>(
    `select id from report_deliveries where id = any($1::uuid[]) and (state = 'waiting' or (state = 'done' and expires_at > now()))`,
    [ids],
  );
  const held = new Set(kept.map(({ id }) => id));
  for (const name of names) if (!held.has(name.slice(0, 36))) await rm(join(folder, name), { force: true });
}
