import { requireVerb, scopeCondition } from '#engine/access/policy.ts';
import type { Context } from '#engine/record/context.ts';
import { conditionSql, readOne } from '#engine/record/read.ts';
import { readTimeline } from '#engine/record/timeline.ts';
import { transact } from '#engine/record/transact.ts';
import { writeIn } from '#engine/record/write.ts';
import { and, Params } from '#engine/store/sql.ts';
import { conflict, denied, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { entryWriter, whyNotSql } from './call-list-fill.ts';

/**
 * Working at a call list: the next customer who may be called now, for one alone. A hold ends by itself, so that nobody who goes home
 * keeps a customer; whether they may be called is asked again each time, for they may have said no since.
 */

const HOLD = '10 minutes';
/** How many who may not be called any more are passed by at once. */
const PASSES = 500;

const me = (ctx: Context): string => {
  if (ctx.actor.userId === null) throw denied('A call list is worked at by a user.');
  return ctx.actor.userId;
};

async function openList(ctx: Context, list: string): Promise<string> {
  if (!isId(list)) throw notFound();
  const { json } = await readOne(ctx, ctx.model.object('callList'), list, ['name', 'status', 'script']);
  if ((JSON.parse(json) as { status: string }).status !== 'open') throw conflict('This call list is closed. Open it first.');
  return json;
}

/** Hands out the next customer as JSON text, or what is left; `after` is one that was passed by just now. */
export async function nextCall(ctx: Context, list: string, after: string | null): Promise<string> {
  const user = me(ctx);
  const listJson = await openList(ctx, list);
  // Whoever could not write the call down is not given one.
  requireVerb(ctx.actor, ctx.model.object('interaction'), 'create');
  const entry = await transact(ctx, async (tx) => {
    // Whoever asks for another lets go of the one they had.
    if (after) await tx.query('delete from call_holds where entry = $1::uuid and user_id = $2::uuid', [after, user]);
    for (let i = 0; i < PASSES; i++) {
      const params = new Params();
      const [id, mine, passed] = [params.add(list, 'uuid'), params.add(user, 'uuid'), params.add(after, 'uuid')];
      const readable = conditionSql(ctx, ctx.model.object('party'), null, 'p', params);
      const [found] = await tx.query<{ id: string; why: string | null }>(
        `select e.id, ${whyNotSql('e.party_id')} as why from call_list_entries e join parties p on p.id = e.party_id
         left join call_holds h on h.entry = e.id and h.until > now()
         where e.list_id = ${id} and e.deleted_at is null and e.status in ('waiting', 'later') and (e.next_try_at is null or e.next_try_at <= now())
           and (e.assigned_to_id is null or e.assigned_to_id = ${mine}) and (h.user_id is null or h.user_id = ${mine}) and ${readable}
         order by (h.user_id = ${mine}) desc nulls last, (e.id = ${passed}) nulls first, (e.next_try_at is null), e.next_try_at,
           e.position <= coalesce((select position from call_list_entries where id = ${passed}), 0), e.position, e.id
         limit 1 for update of e skip locked`,
        params.values,
      );
      if (!found) return null;
      if (found.why) {
        await writeIn(
          tx,
          { ...ctx, actor: entryWriter(ctx) },
          ctx.model.object('callListEntry'),
          [{ op: 'update', id: found.id, values: { status: 'excluded', reason: found.why } }],
          { trusted: true },
        );
        continue;
      }
      // The lock may have gone to another between looking and locking: what counts is who wrote the hold.
      const held = await tx.query(
        `insert into call_holds (entry, user_id, until) values ($1::uuid, $2::uuid, now() + interval '${HOLD}')
         on conflict (entry) do update set user_id = excluded.user_id, until = excluded.until where call_holds.until <= now() or call_holds.user_id = excluded.user_id
         returning entry`,
        [found.id, user],
      );
      if (held.length === 0) continue;
      await tx.query('delete from call_holds where user_id = $1::uuid and not entry = $2::uuid', [user, found.id]);
      return found.id;
    }
    return null;
  });
  if (entry === null) return `{"list":${listJson},"entry":null}`;
  const told = await readOne({ ...ctx, actor: entryWriter(ctx) }, ctx.model.object('callListEntry'), entry, [
    'party',
    'status',
    'outcome',
    'tries',
    'note',
    'nextTryAt',
    'lastCalledAt',
  ]);
  const party = (JSON.parse(told.json) as { party: { id: string } }).party.id;
  const [customer, touches] = await Promise.all([readOne(ctx, ctx.model.object('party'), party), readTimeline(ctx, party, { limit: 6 })]);
  return `{"list":${listJson},"entry":${told.json},"party":${customer.json},"touches":${touches}}`;
}

/** Lets go of whom the actor has in hand of a list. */
export async function releaseCalls(ctx: Context, list: string): Promise<void> {
  await readOne(ctx, ctx.model.object('callList'), list, ['id']);
  await ctx.db.query(
    'delete from call_holds h using call_list_entries e where e.id = h.entry and e.list_id = $1::uuid and h.user_id = $2::uuid',
    [list, me(ctx)],
  );
}

export interface CallListFigures {
  id: string;
  name: string;
  status: string;
  owner: { id: string; name: string } | null;
  total: number;
  /** To be called now, or later. */
  waiting: number;
  done: number;
  unreachable: number;
  excluded: number;
  outcomes: Record<string, number>;
}

/** The call lists that the actor may see, with how far each has come; one alone where it is named. */
export async function callLists(ctx: Context, only?: string): Promise<CallListFigures[]> {
  if (only !== undefined && !isId(only)) throw notFound();
  const params = new Params();
  const object = ctx.model.object('callList');
  const where = and([
    't.deleted_at is null',
    scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params),
    only === undefined ? null : `t.id = ${params.add(only, 'uuid')}`,
  ]);
  const n = (condition: string): string => `count(*) filter (where ${condition})::int`;
  const rows = await ctx.db.query<CallListFigures>(
    `select t.id, t.name, t.status, case when u.id is not null then json_build_object('id', u.id, 'name', u.name) end as owner, f.*
     from (select t.* from call_lists t where ${where} order by t.status desc, t.created_at desc limit 200) t left join users u on u.id = t.owner_id
     cross join lateral (select count(*)::int as total, ${n(`e.status in ('waiting', 'later')`)} as waiting, ${n(`e.status = 'done'`)} as done,
       ${n(`e.status = 'unreachable'`)} as unreachable, ${n(`e.status = 'excluded'`)} as excluded,
       (select coalesce(json_object_agg(o.outcome, o.n), '{}') from (select x.outcome, count(*)::int as n from call_list_entries x
         where x.list_id = t.id and x.deleted_at is null and x.outcome is not null group by 1) o) as outcomes
       from call_list_entries e where e.list_id = t.id and e.deleted_at is null) f
     order by t.status desc, t.created_at desc`,
    params.values,
  );
  if (only !== undefined && rows.length === 0) throw notFound();
  return rows;
}
