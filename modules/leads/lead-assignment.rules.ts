import { SYSTEM } from '#engine/access/actor.ts';
import type { Context, Rules } from '#engine/record/context.ts';
import { writeIn } from '#engine/record/write.ts';
import type { Tx } from '#engine/store/db.ts';
import { chooseOwners, type Given } from '#modules/workspace/index.ts';
import { OPEN_STATES } from './lead.object.ts';

/** Causes under which leads stay whose they are: what is brought back, and worlds that come with their owners. */
const QUIET: readonly string[] = ['undo', 'merge', 'seed', 'sample', 'setup'];

const isOpen = (status: unknown): boolean => OPEN_STATES.some((one) => one === status);

/**
 * A lead that comes without an owner goes to whom the rules give it, in the transaction that writes it. What robots may have sent
 * takes nobody's turn until somebody says that it is none.
 */
export const leadAssignmentRules: Rules = {
  object: 'lead',
  before({ items }) {
    // Who gives it to somebody themselves is the reason from then on.
    for (const item of items)
      if (item.op === 'update' && item.changes('owner') && !item.changes('assignedWhy') && item.get('assignedWhy')) {
        item.set('assignedWhy', null);
        item.set('assignedBy', null);
      }
  },
  async after({ ctx, tx, items }) {
    if (QUIET.includes(ctx.cause.kind)) return;
    const wanted = items.filter(
      (item) =>
        isOpen(item.get('status')) &&
        item.get('suspect') !== true &&
        ((item.op === 'create' && item.ownerless) ||
          (item.op === 'update' && item.changes('suspect') && (item.get('owner') ?? null) === null)),
    );
    if (wanted.length === 0) return;
    await giveOut(
      tx,
      ctx,
      wanted.map(({ id }) => id),
    );
  },
};

/** Gives leads to whom the rules say, and says why; gives who got which. */
export async function giveOut(tx: Tx, ctx: Context, ids: readonly string[]): Promise<Map<string, Given>> {
  const object = ctx.model.object('lead');
  const given = await chooseOwners(tx, ctx, object, ids, { keep: true });
  // The rules are the company's: what they give need not be what whoever wrote the lead may give.
  await writeIn(
    tx,
    { ...ctx, actor: SYSTEM },
    object,
    [...given].map(([id, { user, rule, why }]) => ({
      op: 'update',
      id,
      values: { owner: user.id, assignedBy: rule, assignedWhy: { ...why } },
    })),
    { trusted: true },
  );
  return given;
}
