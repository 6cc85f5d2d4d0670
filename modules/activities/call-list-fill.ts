import { SYSTEM } from '#engine/access/actor.ts';
import { scopeCondition } from '#engine/access/policy.ts';
import { defineAction } from '#engine/declare/action.ts';
import { reference } from '#engine/declare/fields/index.ts';
import { runAction } from '#engine/record/action.ts';
import type { Context } from '#engine/record/context.ts';
import { conditionSql, readOne } from '#engine/record/read.ts';
import { transact } from '#engine/record/transact.ts';
import { writeIn } from '#engine/record/write.ts';
import type { Tx } from '#engine/store/db.ts';
import { Params } from '#engine/store/sql.ts';
import { conflict, denied, invalid } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';

/** Who comes onto a call list, and who may not be called. */

/**
 * SQL: why a party is not called: it has no number, or its last word about calls, advertising or everything, was a no. A customer who
 * never said anything may be called; what the law asks besides is for whoever fills the list.
 */
export const whyNotSql = (party: string): string =>
  `case when not exists (select 1 from identifiers i where i.object = 'party' and i.kind = 'phone' and i.record_id = ${party}) then 'noPhone'
     when (select c.decision from consents c where c.party_id = ${party} and c.deleted_at is null and c.channel in ('phone', 'all') and c.purpose in ('marketing', 'all')
       and c.at <= now() + interval '5 minutes' order by c.at desc, c.decision desc, c.id desc limit 1) = 'withdrawn' then 'objected' end`;

/** Most customers of one filling. */
const MOST = 20_000;
const CHUNK = 2_000;

export interface Filled {
  added: number;
  /** Were on the list already. */
  already: number;
  noPhone: number;
  objected: number;
}

/** Puts customers that the actor may read onto a list, each once; who may not be called stands there with the reason. */
export async function fillCallList(ctx: Context, list: string, where: unknown): Promise<Filled> {
  const object = ctx.model.object('callList');
  await readOne(ctx, object, list, ['id']);
  return transact(ctx, async (tx) => {
    await lockList(tx, ctx, list);
    const params = new Params();
    const id = params.add(list, 'uuid');
    const condition = conditionSql(ctx, ctx.model.object('party'), where, 'p', params);
    const rows = await tx.query<{ party: string; why: 'noPhone' | 'objected' | null; there: boolean }>(
      `select p.id as party, ${whyNotSql('p.id')} as why,
         exists (select 1 from call_list_entries e where e.list_id = ${id} and e.party_id = p.id and e.deleted_at is null) as there
       from parties p where ${condition} order by p.name, p.id limit ${MOST + 1}`,
      params.values,
    );
    if (rows.length > MOST) throw invalid(`At most ${MOST} customers at once. Narrow the filter.`);
    const fresh = rows.filter(({ there }) => !there);
    const [last] = await tx.query<{ n: number }>(
      'select coalesce(max(position), 0)::int as n from call_list_entries where list_id = $1::uuid',
      [list],
    );
    for (let i = 0; i < fresh.length; i += CHUNK)
      await writeIn(
        tx,
        { ...ctx, actor: entryWriter(ctx) },
        ctx.model.object('callListEntry'),
        fresh.slice(i, i + CHUNK).map(({ party, why }, k) => ({
          op: 'create' as const,
          id: newId(),
          values: { list, party, position: (last?.n ?? 0) + i + k + 1, ...(why ? { status: 'excluded', reason: why } : {}) },
        })),
        { trusted: true },
      );
    const count = (why: string): number => fresh.filter((row) => row.why === why).length;
    return {
      added: fresh.filter(({ why }) => why === null).length,
      already: rows.length - fresh.length,
      noPhone: count('noPhone'),
      objected: count('objected'),
    };
  });
}

/** Entries are written by Perigon, in the name of whoever works at the list. */
export const entryWriter = (ctx: Pick<Context, 'actor'>) => ({
  ...SYSTEM,
  userId: ctx.actor.userId,
  name: ctx.actor.name,
  reach: `calls ${ctx.actor.userId}`,
});

/** Only one fills a list at a time, and only who may change it, while it is open. */
async function lockList(tx: Tx, ctx: Context, list: string): Promise<void> {
  const object = ctx.model.object('callList');
  const params = new Params();
  const id = params.add(list, 'uuid');
  const mine = scopeCondition(ctx.model, ctx.actor, object, 'update', 't', params);
  const [row] = await tx.query<{ status: string; mine: boolean }>(
    `select t.status, (${mine ?? 'true'}) as mine from call_lists t where t.id = ${id} and t.deleted_at is null for update`,
    params.values,
  );
  if (!row?.mine) throw denied('Only who keeps a call list, or calls from it, puts customers onto it.');
  if (row.status !== 'open') throw conflict('This call list is closed. Open it first.');
}

/** Puts the chosen customers onto a call list. */
export const addToCallList = defineAction({
  key: 'addToCallList',
  object: 'party',
  verb: 'read',
  fills: 'callList',
  bulk: true,
  input: { list: reference({ to: 'callList', required: true }) },
});

export const runAddToCallList = runAction(addToCallList, async (ctx, { list }, ids) => ({
  ...(await fillCallList(ctx, String(list), { field: 'id', op: 'in', value: [...ids] })),
}));
