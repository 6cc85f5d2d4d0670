import { SYSTEM } from '#engine/access/actor.ts';
import { instantText } from '#engine/declare/field.ts';
import { type Context, newCause } from '#engine/record/context.ts';
import { writeIn } from '#engine/record/write.ts';
import type { Tx } from '#engine/store/db.ts';

/** Touches by which somebody turns to a customer themselves. What Perigon sends or records by itself names no colleague. */
const ANSWERS = ['message', 'call', 'meeting', 'visit'];

/**
 * When somebody first turned to the customer of a lead: the first touch going out, by a colleague, since it came in and before it was
 * decided. Written where it is another now, so a touch that is dated anew or taken back moves it.
 */
export async function fillFirstResponses(tx: Tx, ctx: Context, leads: readonly string[]): Promise<void> {
  if (leads.length === 0) return;
  const rows = await tx.query<{ id: string; at: string | null }>(
    `select t.id, ${instantText('f.at')} as at from leads t left join lateral (
       select i.at from interactions i where i.party_id = t.party_id and i.deleted_at is null and i.direction = 'outbound'
         and i.kind = any($2::text[]) and i.agent_id is not null and i.at >= t.received_at and i.at <= coalesce(t.closed_at, 'infinity')
       order by i.at limit 1) f on true
     where t.id = any($1::uuid[]) and t.deleted_at is null and t.first_response_at is distinct from f.at`,
    [[...leads], ANSWERS],
  );
  if (rows.length === 0) return;
  await writeIn(
    tx,
    { ...ctx, actor: SYSTEM, cause: newCause('job', 'leadResponse') },
    ctx.model.object('lead'),
    rows.map(({ id, at }) => ({ op: 'update', id, values: { firstResponseAt: at } })),
    { trusted: true },
  );
}
