import { SYSTEM } from '#engine/access/actor.ts';
import { requireVerb } from '#engine/access/policy.ts';
import { instantText } from '#engine/declare/field.ts';
import type { Context } from '#engine/record/context.ts';
import { conditionSql, readOne } from '#engine/record/read.ts';
import { Params } from '#engine/store/sql.ts';
import { invalid } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { type Said, type Standing, standings, standingTo } from './consent-state.ts';

/**
 * What customers allow, asked for before they are written to. Who reads consents and the customer is told by all of the rows, also those
 * that their own scope leaves out: a yes without the later no would be worse than none. Of a customer that one may not read nothing is allowed.
 */

const CONSENT = 'consent';

async function saidBy(ctx: Context, parties: readonly string[]): Promise<Map<string, Said[]>> {
  const object = ctx.model.object(CONSENT);
  requireVerb(ctx.actor, object, 'read');
  const params = new Params();
  const party = ctx.model.object('party');
  const readable = conditionSql(ctx, party, { field: 'id', op: 'in', value: parties }, 'p', params);
  const condition = conditionSql({ ...ctx, actor: SYSTEM }, object, { field: 'party', op: 'in', value: parties }, 't', params);
  const rows = await ctx.db.query<Said & { party: string }>(
    `select t.id, t.party_id as party, t.decision, t.purpose, t.channel, ${instantText('t.at')} as at from ${object.table} t
     where ${condition} and t.party_id in (select p.id from ${party.table} p where ${readable}) and t.at <= now() + interval '5 minutes'`,
    params.values,
  );
  const by = new Map<string, Said[]>();
  for (const { party, ...said } of rows) by.set(party, [...(by.get(party) ?? []), said]);
  return by;
}

/** All that a customer spoke of, each with how it stands now. */
export async function consentsOf(ctx: Context, party: string): Promise<Standing[]> {
  await readOne(ctx, ctx.model.object('party'), party, ['id']);
  return standings((await saidBy(ctx, [party])).get(party) ?? []);
}

export interface MayContact {
  party: string;
  allowed: boolean;
  /** Since when it is so; null where nothing was ever said. */
  since: string | null;
  consent: string | null;
}

/** Whether these customers may be written to for a purpose on a channel, in the order they were named. */
export async function mayContact(ctx: Context, o: { parties: readonly string[]; purpose: string; channel: string }): Promise<MayContact[]> {
  const bad = o.parties.findIndex((id) => !isId(id));
  if (bad >= 0)
    throw invalid('A customer cannot be named so.', [{ path: `parties.${bad}`, code: 'type', detail: 'Expected the id of a customer.' }]);
  const by = await saidBy(ctx, o.parties);
  return o.parties.map((party) => {
    const now = standingTo(by.get(party) ?? [], o.purpose, o.channel);
    return { party, allowed: now?.allowed ?? false, since: now?.since ?? null, consent: now?.consent ?? null };
  });
}
