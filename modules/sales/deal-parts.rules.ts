import { SYSTEM } from '#engine/access/actor.ts';
import { scopeCondition } from '#engine/access/policy.ts';
import type { Context, RuleBatch, RuleItem, Rules } from '#engine/record/context.ts';
import { writeIn } from '#engine/record/write.ts';
import { Params } from '#engine/store/sql.ts';
import { invalid } from '#kit/errors.ts';

/** Objects whose records are parts of a deal. */
const PARTS = ['dealContact', 'dealCompetitor', 'dealCredit', 'dealLine', 'playbookCheck'] as const;
/** What parts hold as their deal does, as far as they have it. */
const HELD = ['owner', 'customer', 'closedOn'] as const;

interface Deal {
  id: string;
  pipeline: string;
  owner: string | null;
  customer: string | null;
  closedOn: string | null;
}

/** A part belongs to whom its deal belongs to, and is written by those who may change the deal. */
export async function asTheDeal({ ctx, tx, items }: RuleBatch, part: (typeof PARTS)[number]): Promise<Map<string, Deal>> {
  const written = items.filter((item) => item.op !== 'restore');
  const params = new Params();
  const ids = params.add(
    [...new Set(written.flatMap((item) => [item.get('opportunity'), item.before?.opportunity]).filter(Boolean))],
    'uuid[]',
  );
  const mine = scopeCondition(ctx.model, ctx.actor, ctx.model.object('opportunity'), 'update', 't', params);
  const rows = await tx.query<Deal & { mine: boolean }>(
    `select t.id, t.pipeline_id as pipeline, t.owner_id as owner, t.customer_id as customer, t.closed_on::text as "closedOn", ${mine ?? 'true'} as mine from opportunities t where t.id = any(${ids})`,
    params.values,
  );
  const deals = new Map(rows.map((deal) => [deal.id, deal]));
  for (const item of written) {
    const held = deals.get(String(item.get('opportunity')));
    const left = item.before ? deals.get(String(item.before.opportunity)) : held;
    if (!held?.mine || !left?.mine) item.refuse('opportunity', 'notYours', 'You cannot change this opportunity.');
    else if (item.op !== 'delete') {
      for (const key of heldBy(ctx, part)) item.set(key, held[key]);
    }
  }
  return deals;
}

const heldBy = (ctx: Pick<Context, 'model'>, part: string): (typeof HELD)[number][] =>
  HELD.filter((key) => ctx.model.object(part).fields.has(key));

/** Parts of deals that have another owner or customer now, or were closed, have that as well. */
export async function partsFollow({ ctx, tx, items }: RuleBatch): Promise<void> {
  for (const key of PARTS) {
    const held = heldBy(ctx, key);
    const other = items.filter((item) => item.op === 'update' && held.some((field) => item.changes(field)));
    if (other.length === 0) continue;
    const of = new Map(other.map((item) => [item.id, Object.fromEntries(held.map((field) => [field, item.get(field) ?? null]))]));
    const object = ctx.model.object(key);
    const rows = await tx.query<{ id: string; opportunity: string }>(
      `select p.id, p.opportunity_id as opportunity from ${object.table} p where p.opportunity_id = any($1::uuid[]) and p.deleted_at is null`,
      [[...of.keys()]],
    );
    if (rows.length === 0) continue;
    const ops = rows.map(({ id, opportunity }) => ({ op: 'update' as const, id, values: { ...of.get(opportunity) } }));
    await writeIn(tx, { ...ctx, actor: SYSTEM }, object, ops, { trusted: true });
  }
}

export const dealCompetitorRules: Rules = {
  object: 'dealCompetitor',
  async before(batch) {
    await asTheDeal(batch, 'dealCompetitor');
  },
};

/** One contact of a deal is the first to be asked: the one last called so. */
export const dealContactRules: Rules = {
  object: 'dealContact',
  async before(batch) {
    await asTheDeal(batch, 'dealContact');
  },
  async after({ ctx, tx, items }) {
    const called = new Map(
      items
        .filter((item) => item.op !== 'delete' && item.get('isPrimary') === true && (item.changes('isPrimary') || item.op === 'restore'))
        .map((item) => [String(item.get('opportunity')), item.id]),
    );
    if (called.size === 0) return;
    const rows = await tx.query<{ id: string; opportunity: string }>(
      'select c.id, c.opportunity_id as opportunity from deal_contacts c where c.opportunity_id = any($1::uuid[]) and c.is_primary and c.deleted_at is null',
      [[...called.keys()]],
    );
    const others = rows.filter(({ id, opportunity }) => called.get(opportunity) !== id);
    if (others.length > 0)
      await writeIn(
        tx,
        ctx,
        ctx.model.object('dealContact'),
        others.map(({ id }) => ({ op: 'update', id, values: { isPrimary: false } })),
      );
  },
};

/** Who is credited with a deal makes up the whole of it, or nobody is. */
export const dealCreditRules: Rules = {
  object: 'dealCredit',
  async before(batch) {
    await asTheDeal(batch, 'dealCredit');
    for (const item of batch.items)
      if (item.op === 'update' && (item.changes('share') || item.changes('user')) && !item.changes('byDefault'))
        item.set('byDefault', false);
  },
  async after({ ctx, tx, items }) {
    if (ctx.cause.kind === 'undo') return;
    const rows = await tx.query<{ sum: string }>(
      `select sum(c.share)::text as sum from deal_credits c where c.opportunity_id = any($1::uuid[]) and c.deleted_at is null
       group by c.opportunity_id having sum(c.share) <> 1 limit 1`,
      [[...new Set(items.map((item) => String(item.get('opportunity'))))]],
    );
    if (rows[0])
      throw invalid('The shares of a deal make up the whole of it.', [
        {
          path: 'share',
          code: 'notTheWhole',
          detail: `They add up to ${Math.round(Number(rows[0].sum) * 1e4) / 100} %, not 100 %. Write the shares of all together.`,
        },
      ]);
  },
};

/** A step is checked off by whoever does it, now, on a deal of its pipeline. */
export const playbookCheckRules: Rules = {
  object: 'playbookCheck',
  async before(batch) {
    const deals = await asTheDeal(batch, 'playbookCheck');
    const made = batch.items.filter((item) => item.op === 'create');
    if (made.length === 0) return;
    const steps = await batch.tx.query<{ id: string; pipeline: string }>(
      'select p.id, s.pipeline_id as pipeline from playbook_steps p join stages s on s.id = p.stage_id where p.id = any($1::uuid[])',
      [made.map((item) => item.get('step'))],
    );
    const pipelines = new Map(steps.map((step) => [step.id, step.pipeline]));
    for (const item of made) {
      if (pipelines.get(String(item.get('step'))) !== deals.get(String(item.get('opportunity')))?.pipeline)
        item.refuse('step', 'otherPipeline', 'This step belongs to the playbook of another pipeline.');
      stamp(batch, item);
    }
  },
};

function stamp({ ctx }: RuleBatch, item: RuleItem): void {
  if (!item.get('by')) item.set('by', ctx.actor.userId);
  if (!item.get('at')) item.set('at', ctx.env.now.toISOString());
}
