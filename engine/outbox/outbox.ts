import { instantText } from '#engine/declare/field.ts';
import type { Context } from '#engine/record/context.ts';
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
    o.source === undefined ? null : `b.source = ${params.add(o.source, 'uuid')}`,
    o.state === undefined ? null : `b.state = ${params.add(o.state, 'text')}`,
    o.cursor === undefined ? null : `b.id < ${params.add(o.cursor, 'uuid')}`,
  ]);
  const rows = await ctx.db.lists<OutLine>(
    `select b.id, b.kind, substring(b.target from '^[a-z]+://(?:[^/@]*@)?([^/?#]+)') as host, b.source, b.object, b.record_id as record, b.state, b.attempts, b.status, b.error,
       ${instantText('b.at')} as at, ${instantText('b.next_at')} as "nextAt", ${instantText('b.sent_at')} as "sentAt"
     from outbox b where ${where} order by b.id desc limit ${params.add(limit + 1, 'int')}`,
    params.values,
  );
  return { items: rows.slice(0, limit), next: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null };
}

/** Sends a dead letter again, from the start, and what a webhook told also when it was sent. */
export async function resend(ctx: Context, id: string): Promise<void> {
  administers(ctx);
  if (!isId(id)) throw notFound();
  const rows = await ctx.db.query(
    `update outbox set state = 'waiting', next_at = now(), attempts = 0, error = null where id = $1::uuid and (state = 'dead' or (state = 'sent' and source in (select webhook from webhook_states))) returning 1 as ok`,
    [id],
  );
  if (rows.length === 0) throw notFound('There is no such dead letter.');
}
