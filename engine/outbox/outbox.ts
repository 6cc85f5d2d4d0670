import { instantText } from '#engine/declare/field.ts';
import type { Context } from '#engine/record/context.ts';
import { OUT_STATE } from '#engine/record/outbox.ts';
import { and, Params } from '#engine/store/sql.ts';
import { denied, invalid, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';

export const OUTBOX_STATES = ['waiting', 'sending', 'inDoubt', 'sent', 'dead'] as const;

/** Something that leaves, as administrators see it; not what is in it, and of its address only where it goes. */
export interface OutLine {
  id: string;
  kind: string;
  host: string | null;
  source: string | null;
  object: string | null;
  record: string | null;
  state: (typeof OUTBOX_STATES)[number];
  attempts: number;
  status: number | null;
  error: string | null;
  at: string;
  nextAt: string | null;
  sentAt: string | null;
}

const administers = (ctx: Context): void => {
  if (!ctx.actor.rights.may('administer')) throw denied('Only an administrator looks into the outbox.');
};

/** A page of what left and what is about to, newest first. */
export async function listOutbox(
  ctx: Context,
  o: { source?: string; state?: string; cursor?: string; limit?: number },
): Promise<{ items: OutLine[]; next: string | null }> {
  administers(ctx);
  for (const id of [o.source, o.cursor]) if (id !== undefined && !isId(id)) throw invalid('The list cannot be read.');
  const limit = o.limit ?? 60;
  const params = new Params();
  const where = and([
    o.source === undefined ? null : `o.source = ${params.add(o.source, 'uuid')}`,
    o.state === 'sent' || o.state === 'dead' ? `o.${o.state}_at is not null` : null,
    o.state === undefined || o.state === 'sent' || o.state === 'dead' ? null : `q.state = ${params.add(o.state, 'text')}`,
    o.cursor === undefined ? null : `o.id < ${params.add(o.cursor, 'uuid')}`,
  ]);
  const rows = await ctx.db.lists<OutLine>(
    `select o.id, o.kind, substring(o.target from '^[a-z]+://(?:[^/@]*@)?([^/?#]+)') as host, o.source, o.object, o.record_id as record, ${OUT_STATE} as state,
       coalesce(q.attempts, o.attempts) as attempts, o.status, o.error, ${instantText('o.at')} as at, ${instantText('coalesce(q.until, q.next_at)')} as "nextAt", ${instantText('o.sent_at')} as "sentAt"
     from outbox o left join outbox_open q on q.id = o.id where ${where} order by o.id desc limit ${params.add(limit + 1, 'int')}`,
    params.values,
  );
  return { items: rows.slice(0, limit), next: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null };
}

/** Sends a dead letter again, from the start, and what a webhook told also when it was sent. */
export async function resend(ctx: Context, id: string): Promise<void> {
  administers(ctx);
  if (!isId(id)) throw notFound();
  const rows = await ctx.db.query(
    `with again as (
       update outbox set attempts = 0, error = null, sent_at = null, dead_at = null
       where id = $1::uuid and (dead_at is not null or (sent_at is not null and source in (select webhook from webhook_states))) returning id, kind, source, record_id, place)
     insert into outbox_open (id, kind, source, record_id, place) select id, kind, coalesce(source, id), record_id, place from again returning 1 as ok`,
    [id],
  );
  if (rows.length === 0) throw notFound('There is no such dead letter.');
}
