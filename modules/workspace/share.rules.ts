import { ownRightCondition, scopeCondition } from '#engine/access/policy.ts';
import { isShareable } from '#engine/access/shares.ts';
import { loadActor } from '#engine/access/sign-in.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context, RuleItem, Rules } from '#engine/record/context.ts';
import { indexBehind } from '#engine/record/search-rows.ts';
import type { Tx } from '#engine/store/db.ts';
import { and, Params } from '#engine/store/sql.ts';

/** Causes that put a share where it belongs without anybody giving anything: the record was merged, or an act is played back. */
const QUIET = ['merge', 'undo', 'sample'];
const FIXED = ['object', 'record', 'user', 'team'] as const;

/**
 * Who may change a record of their own right may share it, and nobody gives more than that; who was given a record cannot give
 * it on. A share names one record and one colleague or team for good: another one is another share. The search knows of
 * it in the same transaction; what follows the record is made anew behind it.
 */
export const shareRules: Rules = {
  object: 'share',
  async before({ ctx, tx, items }) {
    const quiet = ctx.actor.kind === 'system' || QUIET.includes(ctx.cause.kind);
    for (const item of items) {
      if (item.op === 'update' && !quiet)
        for (const key of FIXED) if (item.changes(key)) item.refuse(key, 'fixed', 'Take this share back and make another one.');
      if (item.op !== 'create') continue;
      checkForm(ctx, item);
    }
    for (const item of items)
      if ((item.op === 'create' || item.op === 'update') && item.changes('until') && !quiet) {
        const until = item.get('until');
        if (typeof until === 'string' && Date.parse(until) <= Date.now()) item.refuse('until', 'past', 'This moment has passed.');
      }
    const made = items.filter((item) => item.op === 'create');
    for (const [object, own] of byObject(ctx, made)) {
      await checkReach(tx, ctx, object, own);
      if (!quiet) await checkTaken(tx, object, own);
    }
    if (!quiet)
      await checkRoles(
        tx,
        items.filter((item) => item.op === 'create' || (item.op === 'update' && item.changes('level'))),
      );
  },
  async after({ ctx, tx, items }) {
    for (const [object, own] of byObject(ctx, items)) {
      const ids = [...new Set(own.flatMap((item) => [item.get('record'), item.before?.record]).filter((id) => typeof id === 'string'))];
      await indexBehind(tx, ctx.model, object, ids);
    }
  },
};

function checkForm(ctx: Context, item: RuleItem): void {
  const object = ctx.model.objects.get(String(item.get('object') ?? ''));
  if (!object || !isShareable(object) || ctx.actor.rights.scope(object.key, 'read') === 'none')
    item.refuse('object', 'unknownObject', 'Records of this kind cannot be shared one by one.');
  const [user, team] = [item.get('user') ?? null, item.get('team') ?? null];
  if ((user === null) === (team === null)) item.refuse('user', 'grantee', 'Name one colleague or one team.');
}

/** Items by the object they are about; what names none is left out. */
function byObject(ctx: Context, items: readonly RuleItem[]): Map<ModelObject, RuleItem[]> {
  const found = new Map<ModelObject, RuleItem[]>();
  for (const item of items) {
    const object = ctx.model.objects.get(String(item.get('object') ?? ''));
    if (object && isShareable(object)) found.set(object, [...(found.get(object) ?? []), item]);
  }
  return found;
}

const recordsOf = (items: readonly RuleItem[]): string[] =>
  [...new Set(items.map((item) => String(item.get('record') ?? '')))].filter(Boolean);

/** The record must be one that its giver reads, and may change of their own right. */
async function checkReach(tx: Tx, ctx: Context, object: ModelObject, items: readonly RuleItem[]): Promise<void> {
  const params = new Params();
  const list = params.add(recordsOf(items), 'uuid[]');
  const readable = scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params);
  const own = ownRightCondition(ctx.model, ctx.actor, object, 'update', 't', params) ?? 'true';
  const rows = await tx.query<{ id: string; own: boolean | null }>(
    `select t.id, ${own} as own from ${object.table} t where ${and([`t.id = any(${list})`, 't.deleted_at is null', readable])}`,
    params.values,
  );
  const found = new Map(rows.map((row) => [row.id, row.own === true]));
  for (const item of items) {
    const may = found.get(String(item.get('record') ?? ''));
    if (may === undefined) item.refuse('record', 'reference', `There is no such ${object.key}.`);
    else if (!may) item.refuse('record', 'scope', 'Only who may change a record themselves can share it.');
  }
}

/** Nobody is given a record twice: the level and the end of the share that is there can be others. */
async function checkTaken(tx: Tx, object: ModelObject, items: readonly RuleItem[]): Promise<void> {
  const rows = await tx.query<{ record: string; grantee: string }>(
    'select record, coalesce(user_id, team_id) as grantee from shares where object = $1::text and record = any($2::uuid[]) and deleted_at is null',
    [object.key, recordsOf(items)],
  );
  const held = new Set(rows.map((row) => `${row.record} ${row.grantee}`));
  for (const item of items) {
    const key = `${item.get('record')} ${item.get('user') ?? item.get('team')}`;
    if (held.has(key)) item.refuse(item.get('user') ? 'user' : 'team', 'taken', 'It is shared with them already. Change that share.');
    held.add(key);
  }
}

/** A share opens nothing to somebody whose roles do not reach such records at all: that is said now, not found out later. */
async function checkRoles(tx: Tx, items: readonly RuleItem[]): Promise<void> {
  for (const user of new Set(items.map((item) => item.get('user')).filter((id) => typeof id === 'string'))) {
    const grantee = await loadActor(tx, user);
    for (const item of items) {
      if (item.get('user') !== user) continue;
      const verbs = item.get('level') === 'write' ? (['read', 'update'] as const) : (['read'] as const);
      if (!grantee) item.refuse('user', 'reference', 'There is no such user.');
      else if (verbs.some((verb) => grantee.rights.scope(String(item.get('object')), verb) === 'none'))
        item.refuse('user', 'roles', 'Their roles do not let them do this with any record of this kind.');
    }
  }
}
