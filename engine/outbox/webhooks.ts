import { randomBytes } from 'node:crypto';
import type { Predicate } from '#engine/declare/condition.ts';
import type { Context } from '#engine/record/context.ts';
import { queueOut } from '#engine/record/outbox.ts';
import { readOne } from '#engine/record/read.ts';
import type { Queryable, Tx } from '#engine/store/db.ts';
import { conflict, denied } from '#kit/errors.ts';

/** A webhook as it tells changes: what of, to whom, and with whose rights. */
export interface Subscription {
  id: string;
  url: string;
  objects: string[];
  actions: readonly ('create' | 'update' | 'delete')[];
  condition: Predicate | null;
  /** Whose rights it has. */
  by: string | null;
  /** Changes up to here were before it. */
  fromSeq: number;
  /** Why it last told nothing. */
  problem: string | null;
  replayAfter: number | null;
  replayTo: number | null;
}

/** The webhooks that are switched on. */
export const activeSubscriptions = (q: Queryable): Promise<Subscription[]> =>
  q.query<Subscription>(
    `select w.id, w.url, w.objects, w.actions, w.condition, w.acts_for_id as by, w.problem, s.from_seq as "fromSeq", s.replay_after as "replayAfter", s.replay_to as "replayTo"
     from webhooks w join webhook_states s on s.webhook = w.id where w.active and w.deleted_at is null order by w.id`,
  );

const newSecretText = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** Webhooks that were made or switched on tell what comes from now on, and sign it. */
export async function beginWebhooks(tx: Tx, ids: readonly string[]): Promise<void> {
  for (const id of ids)
    await tx.query(
      `insert into webhook_states (webhook, secret, from_seq) select $1::uuid, $2::text, coalesce(max(seq), 0) from changes
       on conflict (webhook) do update set from_seq = excluded.from_seq, failures = 0, failing_since = null, rest_until = null`,
      [id, newSecretText()],
    );
}

/** What webhooks that were switched off still had to tell is given up visibly; a replay brings it back. */
export async function endWebhooks(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `with gone as (delete from outbox_open where source = any($1::uuid[]) and state = 'waiting' returning id, attempts)
     update outbox o set dead_at = now(), attempts = g.attempts, error = 'The webhook was switched off.' from gone g where o.id = g.id`,
    [ids],
  );
  await tx.query('update webhook_states set replay_after = null, replay_to = null where webhook = any($1::uuid[])', [ids]);
}

async function ownWebhook(ctx: Context, id: string): Promise<{ active: boolean; url: string; name: string }> {
  if (!ctx.actor.rights.may('administer')) throw denied('Only an administrator keeps webhooks.');
  const read = await readOne(ctx, ctx.model.object('webhook'), id, ['name', 'url', 'active']);
  return JSON.parse(read.json) as { active: boolean; url: string; name: string };
}

/** A new secret to sign with, given this once; what is sent from now on is signed with it. */
export async function newWebhookSecret(ctx: Context, id: string): Promise<string> {
  await ownWebhook(ctx, id);
  const secret = newSecretText();
  await ctx.db.query('update webhook_states set secret = $2::text where webhook = $1::uuid', [id, secret]);
  return secret;
}

/** Sends something harmless, so that a receiver can be tried; gives its id. */
export async function testWebhook(ctx: Context, id: string): Promise<string> {
  const { url, name } = await ownWebhook(ctx, id);
  const [made] = await ctx.db.transaction((tx) =>
    queueOut(tx, [{ kind: 'webhook', target: url, payload: { type: 'test', webhook: { id, name } }, source: id }]),
  );
  return made ?? '';
}

/** Tells all changes behind a position of the log again, each under the id it has; those it never told as well. */
export async function replayWebhook(ctx: Context, id: string, after: number): Promise<{ to: number }> {
  const { active } = await ownWebhook(ctx, id);
  if (!active) throw conflict('Switch the webhook on first.');
  const [row] = await ctx.db.query<{ to: number }>(
    `update webhook_states set replay_after = $2::bigint, replay_to = (select cursor from consumers where name = 'webhooks') where webhook = $1::uuid
     returning replay_to as to`,
    [id, after],
  );
  return { to: row?.to ?? 0 };
}
