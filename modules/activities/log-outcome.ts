import { defineAction } from '#engine/declare/action.ts';
import { dateTime, integer, longText, select } from '#engine/declare/fields/index.ts';
import { runAction } from '#engine/record/action.ts';
import type { Context } from '#engine/record/context.ts';
import { readOne } from '#engine/record/read.ts';
import { transact } from '#engine/record/transact.ts';
import { undoCause } from '#engine/record/undo.ts';
import { writeIn } from '#engine/record/write.ts';
import { within } from '#engine/store/db.ts';
import { conflict, invalid, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import type { Json } from '#kit/json.ts';
import { runLogCall } from '#modules/conversations/index.ts';
import { OUTCOMES } from './call-list.object.ts';
import { entryWriter } from './call-list-fill.ts';

/** Writes down what came of a call from a list: in the timeline, on the list, and as an objection where that was said. */
export const logCallOutcome = defineAction({
  key: 'logCallOutcome',
  object: 'callListEntry',
  verb: 'read',
  input: {
    outcome: select(
      OUTCOMES.map(({ key }) => key),
      { required: true },
    ),
    note: longText({ max: 5000 }),
    /** When to call again. */
    nextTryAt: dateTime(),
    duration: integer({ min: 0 }),
  },
});

type Outcome = (typeof OUTCOMES)[number]['key'];
/** What stands in the timeline. */
const SAID: Readonly<Record<Outcome, string>> = {
  reached: 'answered',
  interested: 'followUp',
  notInterested: 'resolved',
  noAnswer: 'noAnswer',
  busy: 'noAnswer',
  wrongNumber: 'noAnswer',
  callBack: 'followUp',
  doNotCall: 'answered',
};
/** Nobody is tried oftener. */
const MOST_TRIES = 6;
const AGAIN_MS: Partial<Record<Outcome, number>> = { noAnswer: 4 * 3_600_000, busy: 30 * 60_000 };

/** How an entry stands after an outcome. Pure. */
export function standsAfter(
  outcome: Outcome,
  o: { tries: number; nextTryAt: string | null; now: number },
): { status: string; nextTryAt: string | null } {
  const again = AGAIN_MS[outcome];
  if (outcome === 'callBack') return { status: 'later', nextTryAt: o.nextTryAt };
  if (outcome === 'doNotCall') return { status: 'excluded', nextTryAt: null };
  if (outcome === 'wrongNumber') return { status: 'unreachable', nextTryAt: null };
  if (again === undefined) return { status: 'done', nextTryAt: null };
  if (o.tries >= MOST_TRIES) return { status: 'unreachable', nextTryAt: null };
  return { status: 'later', nextTryAt: o.nextTryAt ?? new Date(o.now + again).toISOString() };
}

export const runLogCallOutcome = runAction(logCallOutcome, async (ctx, input, ids): Promise<Json> => {
  const [id] = ids;
  if (!id || ids.length > 1) throw invalid('One entry at a time.');
  const outcome = input.outcome as Outcome;
  const nextTryAt = typeof input.nextTryAt === 'string' ? input.nextTryAt : null;
  if (outcome === 'callBack' && (nextTryAt === null || Date.parse(nextTryAt) <= ctx.env.now.getTime()))
    throw invalid('When to call back?', [{ path: 'nextTryAt', code: 'required', detail: 'When to call back? Say a time ahead.' }]);
  return transact(ctx, async (tx) => {
    const own: Context = { ...ctx, db: within(ctx.db, tx), once: undefined };
    const [entry] = await tx.query<{ party: string; list: string; name: string; status: string; tries: number; taken: boolean }>(
      `select e.party_id as party, e.list_id as list, l.name, e.status, coalesce(e.tries, 0)::int as tries,
         exists (select 1 from call_holds h where h.entry = e.id and h.until > now() and h.user_id is distinct from $2::uuid) as taken
       from call_list_entries e join call_lists l on l.id = e.list_id where e.id = $1::uuid and e.deleted_at is null for update of e`,
      [id, ctx.actor.userId],
    );
    if (!entry) throw notFound();
    // Who works at the list reads it and the customer; the entry itself follows from that.
    await readOne(own, ctx.model.object('callList'), entry.list, ['id']);
    await readOne(own, ctx.model.object('party'), entry.party, ['id']);
    if (entry.taken) throw conflict('Somebody else is calling this customer now.');
    if (entry.status !== 'waiting' && entry.status !== 'later') throw conflict('This call was written down already.');
    const tries = entry.tries + 1;
    const stands = standsAfter(outcome, { tries, nextTryAt, now: ctx.env.now.getTime() });
    const logged = (await runLogCall.run(
      own,
      {
        party: entry.party,
        subject: entry.name,
        body: input.note,
        direction: 'outbound',
        outcome: SAID[outcome],
        duration: input.duration,
        at: null,
        callBackOn: null,
        callBackAt: outcome === 'callBack' ? nextTryAt : null,
      },
      [],
    )) as { interaction: string };
    const writer: Context = { ...own, actor: entryWriter(ctx) };
    await writeIn(
      tx,
      writer,
      ctx.model.object('callListEntry'),
      [
        {
          op: 'update',
          id,
          values: {
            outcome,
            ...stands,
            tries,
            note: input.note ?? null,
            lastCalledAt: ctx.env.now.toISOString(),
            reason: outcome === 'doNotCall' ? 'objected' : null,
            // Whoever promised to call back does so.
            assignedTo: outcome === 'callBack' ? ctx.actor.userId : null,
          },
        },
      ],
      { trusted: true },
    );
    if (outcome === 'doNotCall')
      await writeIn(tx, writer, ctx.model.object('consent'), [
        {
          op: 'create',
          values: {
            party: entry.party,
            decision: 'withdrawn',
            purpose: 'all',
            channel: 'phone',
            how: 'phone',
            at: ctx.env.now.toISOString(),
            source: `Call list: ${entry.name}`.slice(0, 200),
            author: ctx.actor.userId,
          },
        },
      ]);
    await tx.query('delete from call_holds where entry = $1::uuid', [id]);
    return { ...stands, interaction: logged.interaction };
  });
});

/** Takes back what the actor wrote down of a call, whole: also an objection, which they could not delete by itself. */
export async function undoOutcome(ctx: Context, entry: string, cause: string): Promise<{ undone: boolean }> {
  if (!isId(entry) || !isId(cause)) throw notFound();
  const [mine] = await ctx.db.query(
    `select 1 as ok from causes c where c.id = $1::uuid and c.actor_id = $2::uuid and c.label = $3::text and c.at > now() - interval '1 day'
       and exists (select 1 from changes g where g.cause = c.id and g.record_id = $4::uuid and g.object = 'callListEntry')`,
    [cause, ctx.actor.userId, logCallOutcome.key, entry],
  );
  if (!mine) throw notFound();
  const report = await undoCause({ ...ctx, actor: entryWriter(ctx) }, cause);
  return { undone: report.conflictCount === 0 };
}
