import { requireVerb, scopeCondition } from '#engine/access/policy.ts';
import type { Context } from '#engine/record/context.ts';
import { conditionSql, readOne } from '#engine/record/read.ts';
import { readTimeline } from '#engine/record/timeline.ts';
import { transact } from '#engine/record/transact.ts';
import { writeIn } from '#engine/record/write.ts';
import type { Tx } from '#engine/store/db.ts';
import { and, Params } from '#engine/store/sql.ts';
import { conflict, denied, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { entryWriter, whyNotSql } from './call-list-fill.ts';

/**
 * Working at a call list: the next customer who may be called now, for one alone. A hold ends by itself, so that nobody who goes home
 * keeps a customer; whether they may be called is asked again each time, for they may have said no since.
 */

const HOLD = '10 minutes';
/** How many who may not be called any more are written down at once, and how often that is done for one who asks. */
const PASSES = 100;
const MOST_PASSES = 20;

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

type Way = 'mine' | 'due' | 'onward' | 'again' | 'passed';

/**
 * In which order customers are called: whom one has in hand, those who are to be called again and for whom it is time, then along the
 * list from where one is, from its beginning, and last the one that was passed by. Each way is a walk along an index that ends at the
 * first who may be called, so that a long list costs no more than a short one.
 */
const WAYS: readonly Way[] = ['mine', 'due', 'onward', 'again', 'passed'];
const BEFORE = `coalesce((select position from call_list_entries where id = $3::uuid), 0)`;
const ALONG: Readonly<Record<Way, { from: string; where: string; order: string }>> = {
  mine: {
    from: `call_holds h join call_list_entries e on e.id = h.entry and h.user_id = $2::uuid and h.until > now()`,
    where: `e.status in ('waiting', 'later') and e.id is distinct from $3::uuid`,
    order: 'e.next_try_at nulls last, e.position, e.id',
  },
  due: {
    from: 'call_list_entries e',
    where: `e.status = 'later' and e.next_try_at <= now() and e.id is distinct from $3::uuid`,
    order: 'e.next_try_at, e.id',
  },
  onward: {
    from: 'call_list_entries e',
    where: `e.status = 'waiting' and e.id is distinct from $3::uuid and e.position > ${BEFORE}`,
    order: 'e.position, e.id',
  },
  again: {
    from: 'call_list_entries e',
    where: `e.status = 'waiting' and e.id is distinct from $3::uuid and e.position <= ${BEFORE}`,
    order: 'e.position, e.id',
  },
  passed: { from: 'call_list_entries e', where: `e.status in ('waiting', 'later') and e.id = $3::uuid`, order: 'e.id' },
};

/** SQL of those of a list who come next on a way, locked: list, caller and who was passed by are the first three values. */
function nextSql(way: Way, readable: string, most: number): string {
  const { from, where, order } = ALONG[way];
  return `select e.id, ${whyNotSql('e.party_id')} as why from ${from} join parties p on p.id = e.party_id
     where e.list_id = $1::uuid and e.deleted_at is null and ${where} and (e.next_try_at is null or e.next_try_at <= now())
       and (e.assigned_to_id is null or e.assigned_to_id = $2::uuid)
       and not exists (select 1 from call_holds o where o.entry = e.id and o.until > now() and o.user_id <> $2::uuid) and ${readable}
     order by ${order} limit ${most} for update of e skip locked`;
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
    for (const way of WAYS) {
      const found = way === 'passed' && after === null ? null : await heldOn(tx, ctx, way, { list, user, after });
      if (found === null) continue;
      await tx.query('delete from call_holds where user_id = $1::uuid and not entry = $2::uuid', [user, found]);
      return found;
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

/** The first on a way who may be called, held for the caller; who may not be any more is written down on the way there. */
async function heldOn(tx: Tx, ctx: Context, way: Way, o: { list: string; user: string; after: string | null }): Promise<string | null> {
  let most = 1;
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const params = new Params();
    for (const id of [o.list, o.user, o.after]) params.add(id, 'uuid');
    const readable = conditionSql(ctx, ctx.model.object('party'), null, 'p', params);
    const rows = await tx.query<{ id: string; why: string | null }>(nextSql(way, readable, most), params.values);
    const barred = rows.filter(({ why }) => why !== null);
    if (barred.length > 0)
      await writeIn(
        tx,
        { ...ctx, actor: entryWriter(ctx) },
        ctx.model.object('callListEntry'),
        barred.map(({ id, why }) => ({ op: 'update', id, values: { status: 'excluded', reason: why } })),
        { trusted: true },
      );
    const next = rows.find(({ why }) => why === null);
    if (next) {
      // The lock may have gone to another between looking and locking: what counts is who wrote the hold.
      const held = await tx.query(
        `insert into call_holds (entry, user_id, until) values ($1::uuid, $2::uuid, now() + interval '${HOLD}')
         on conflict (entry) do update set user_id = excluded.user_id, until = excluded.until where call_holds.until <= now() or call_holds.user_id = excluded.user_id
         returning entry`,
        [next.id, o.user],
      );
      if (held.length > 0) return next.id;
    } else if (rows.length < most) return null;
    // Where one may not be called any more others may not be, either: as after a file of objections.
    else most = PASSES;
  }
  return null;
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
