import type { Context } from '#engine/record/context.ts';
import { writeIn } from '#engine/record/write.ts';
import type { Tx } from '#engine/store/db.ts';
import type { Sent } from './sender.ts';
import type { Thing } from './taking.ts';

/** For how long a receiver may answer nothing good before its webhook is switched off. */
const PATIENCE = '3 days';
/** Longest rest, in seconds, of a receiver that fails time after time. */
const LONGEST_REST_S = 600;

/** A webhook that was switched off, and who is told. */
export interface SwitchedOff {
  webhook: string;
  user: string | null;
  name: string;
}

/**
 * How receivers do: one that fails rests as a whole, longer each time, and lets others by; one that failed for days, or says that it is
 * gone (410), is switched off.
 */
export async function noteOutcomes(
  ctx: Context,
  outcomes: readonly { thing: Thing; sent: Sent }[],
  notify: (tx: Tx, off: readonly SwitchedOff[]) => Promise<void>,
): Promise<void> {
  const bySource = new Map<string, { source: string; ok: boolean; gone: boolean }>();
  for (const {
    thing: { source },
    sent,
  } of outcomes) {
    const known = bySource.get(source) ?? { source, ok: false, gone: false };
    bySource.set(source, { source, ok: known.ok || sent.ok, gone: known.gone || (!sent.ok && sent.status === 410) });
  }
  const told = JSON.stringify([...bySource.values()]);
  // Nearly always all is well, and was.
  const changed = await ctx.db.query(
    `select 1 as ok from json_to_recordset($1::json) as t(source uuid, ok boolean) join webhook_states s on s.webhook = t.source
     where not (t.ok and s.failing_since is null) limit 1`,
    [told],
  );
  if (changed.length === 0) return;
  await ctx.db.transaction(async (tx) => {
    const ended = await tx.query<SwitchedOff & { gone: boolean }>(
      `with told as (select source, ok, gone from json_to_recordset($1::json) as x(source uuid, ok boolean, gone boolean)),
         noted as (
           update webhook_states s set failures = case when t.ok then 0 else s.failures + 1 end,
             failing_since = case when t.ok then null else coalesce(s.failing_since, now()) end,
             rest_until = case when t.ok then null else now() + make_interval(secs => least(power(2, least(s.failures, 20)), ${LONGEST_REST_S})) end
           from told t where s.webhook = t.source and not (t.ok and s.failing_since is null) returning s.webhook, s.failing_since, t.gone)
       select w.id as webhook, w.name, w.acts_for_id as user, n.gone from noted n join webhooks w on w.id = n.webhook
       where w.active and w.deleted_at is null and (n.gone or n.failing_since < now() - interval '${PATIENCE}')`,
      [told],
    );
    if (ended.length === 0) return;
    await writeIn(
      tx,
      ctx,
      ctx.model.object('webhook'),
      ended.map(({ webhook, gone }) => ({
        op: 'update',
        id: webhook,
        values: {
          active: false,
          problem: gone ? 'The receiver says that it is gone (410).' : 'The receiver answered nothing good for three days.',
        },
      })),
      { trusted: true },
    );
    await notify(tx, ended);
    tx.afterCommit(ctx.wrote);
  });
}
