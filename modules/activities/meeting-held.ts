import { SYSTEM } from '#engine/access/actor.ts';
import type { RuleBatch, RuleItem, Values } from '#engine/record/context.ts';
import { type WriteOp, writeIn } from '#engine/record/write.ts';
import { newId } from '#kit/ids.ts';

/** What of a meeting stands in the timeline. */
const TOLD = ['subject', 'start', 'end', 'party', 'guests', 'owner', 'notes', 'outcome', 'place', 'link'] as const;

/** A meeting that was held is an interaction with its customer, kept the same; one that was not held after all is none. */
export async function keepInteractions({ ctx, tx, items }: RuleBatch): Promise<void> {
  const ops: WriteOp[] = [];
  const links: { id: string; interaction: string | null }[] = [];
  for (const item of items) {
    const held = item.op !== 'delete' && item.get('status') === 'held' ? told(item) : null;
    const there = item.get('interaction');
    if (held && !there) {
      const id = newId();
      ops.push({ op: 'create', id, values: held });
      links.push({ id: item.id, interaction: id });
    } else if (held && typeof there === 'string' && item.op === 'update' && TOLD.some((key) => item.changes(key)))
      ops.push({ op: 'update', id: there, values: held });
    else if (
      !held &&
      typeof there === 'string' &&
      (item.op === 'delete' || item.changes('status') || TOLD.some((key) => item.changes(key)))
    ) {
      ops.push({ op: 'delete', id: there });
      if (item.op !== 'delete') links.push({ id: item.id, interaction: null });
    } else if (held && typeof there === 'string' && item.op === 'restore') ops.push({ op: 'restore', id: there });
  }
  // It is Perigon that keeps the timeline: who may say that a meeting was held need not be who may write interactions.
  const own = { ...ctx, actor: SYSTEM };
  for (const op of ['create', 'update', 'delete', 'restore'] as const) {
    const some = ops.filter((one) => one.op === op);
    if (some.length > 0) await writeIn(tx, own, ctx.model.object('interaction'), some);
  }
  if (links.length > 0)
    await writeIn(
      tx,
      own,
      ctx.model.object('meeting'),
      links.map(({ id, interaction }) => ({ op: 'update', id, values: { interaction } })),
      { trusted: true },
    );
}

/** What stands in the timeline of whom it was with: of the customer, else of the first guest. Null where it was with nobody we know. */
function told(item: RuleItem): Values | null {
  const [guest] = (item.get('guests') as { id: string }[] | null) ?? [];
  const party = item.get('party') ?? guest?.id;
  const [start, end] = [String(item.get('start')), item.get('end')];
  if (!party) return null;
  return {
    party,
    at: start,
    kind: 'meeting',
    channel: item.get('link') && !item.get('place') ? 'web' : 'visit',
    direction: 'outbound',
    purpose: item.get('opportunity') ? 'sales' : null,
    subject: item.get('subject'),
    body: item.get('notes') ?? null,
    agent: item.get('owner') ?? null,
    outcome: item.get('outcome') ?? null,
    duration: typeof end === 'string' ? Math.max(0, Math.round((Date.parse(end) - Date.parse(start)) / 1000)) : null,
  };
}
