import type { Actor } from '#engine/access/actor.ts';
import { instantText } from '#engine/declare/field.ts';
import type { Context } from '#engine/record/context.ts';
import type { Queryable } from '#engine/store/db.ts';
import { denied, notFound } from '#kit/errors.ts';
import { isId, newId } from '#kit/ids.ts';
import type { JsonObject } from '#kit/json.ts';

/** What was done with all that is held about a person, and by whom: the register that an authority or the person may ask for. */
export interface PersonalAct {
  id: string;
  kind: 'export' | 'erasure';
  /** The party it was about. */
  party: string;
  at: string;
  actor: { kind: string; id: string | null; name: string };
  reason: string;
  job: string | null;
  details: JsonObject;
}

/** Why it was done: a choice and no free text, since nothing about the person may stand in what remains of an erasure. */
export const REASONS = ['request', 'retention', 'mistake', 'other'] as const;
export type Reason = (typeof REASONS)[number];

/** All that is held about a person is for administrators alone: it goes beyond what any other right lets somebody see at once. */
export function mayHandlePersonalData(ctx: Pick<Context, 'actor'>): void {
  if (!ctx.actor.rights.may('administer')) throw denied('Only an administrator handles all that is held about a person.');
}

/** Writes into the register. */
export async function keepAct(
  q: Queryable,
  o: { kind: PersonalAct['kind']; party: string; actor: Actor; reason: Reason; job: string | null; details: JsonObject },
): Promise<string> {
  const id = newId();
  await q.query(
    `insert into personal_acts (id, kind, party_id, actor_kind, actor_id, actor_name, reason, job_id, details)
     values ($1::uuid, $2::text, $3::uuid, $4::text, $5::uuid, $6::text, $7::text, $8::uuid, $9::jsonb)`,
    [id, o.kind, o.party, o.actor.kind, o.actor.userId, o.actor.name, o.reason, o.job, JSON.stringify(o.details)],
  );
  return id;
}

/** The register, latest first; of one party where it is given. */
export async function listActs(
  ctx: Context,
  o: { party?: string; before?: string; limit?: number },
): Promise<{ items: PersonalAct[]; next: string | null }> {
  mayHandlePersonalData(ctx);
  if ((o.party !== undefined && !isId(o.party)) || (o.before !== undefined && !isId(o.before))) throw notFound();
  const limit = o.limit ?? 50;
  // Ids rise with time.
  const rows = await ctx.db.keyed<PersonalAct>(
    `select id, kind, party_id as party, ${instantText('at')} as at, json_build_object('kind', actor_kind, 'id', actor_id, 'name', actor_name) as actor,
       reason, job_id as job, details
     from personal_acts where ($1::uuid is null or party_id = $1::uuid) and ($2::uuid is null or id < $2::uuid) order by id desc limit $3::int`,
    [o.party ?? null, o.before ?? null, limit + 1],
  );
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
