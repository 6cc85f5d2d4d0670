import { SYSTEM } from '#engine/access/actor.ts';
import type { RuleBatch, RuleItem } from '#engine/record/context.ts';
import { type WriteOp, writeIn } from '#engine/record/write.ts';
import type { Stage } from './stages.ts';

/** A deal that is won and of which nobody has said who is credited with it is its owner's; what was so assumed goes when it is reopened. */
export async function creditTheOwner(
  { ctx, tx }: RuleBatch,
  moved: readonly RuleItem[],
  stages: ReadonlyMap<string, Stage>,
): Promise<void> {
  const isWon = (stage: unknown) => stages.get(String(stage ?? ''))?.category === 'won';
  const won = moved.filter((item) => isWon(item.get('stage')) && item.get('owner'));
  const reopened = moved.filter((item) => isWon(item.before?.stage) && !isWon(item.get('stage')));
  if (won.length + reopened.length === 0) return;
  const held = await tx.query<{ id: string; opportunity: string; byDefault: boolean | null }>(
    `select c.id, c.opportunity_id as opportunity, c.by_default as "byDefault" from deal_credits c where c.opportunity_id = any($1::uuid[]) and c.deleted_at is null`,
    [[...won, ...reopened].map(({ id }) => id)],
  );
  const credited = new Set(held.map(({ opportunity }) => opportunity));
  const over = new Set(reopened.map(({ id }) => id));
  const ops: WriteOp[] = [
    ...won
      .filter(({ id }) => !credited.has(id))
      .map((item): WriteOp => ({ op: 'create', values: { opportunity: item.id, user: item.get('owner'), share: 1, byDefault: true } })),
    ...held.filter(({ opportunity, byDefault }) => byDefault && over.has(opportunity)).map(({ id }): WriteOp => ({ op: 'delete', id })),
  ];
  if (ops.length > 0) await writeIn(tx, { ...ctx, actor: SYSTEM }, ctx.model.object('dealCredit'), ops, { trusted: true });
}
