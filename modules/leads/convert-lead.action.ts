import { mayReadField, mayWriteField } from '#engine/access/policy.ts';
import { defineAction } from '#engine/declare/action.ts';
import { reference } from '#engine/declare/fields/index.ts';
import { runAction } from '#engine/record/action.ts';
import type { Context, Values } from '#engine/record/context.ts';
import { meeting } from '#engine/record/meeting.ts';
import { loadStored } from '#engine/record/rows.ts';
import { loadSettings } from '#engine/record/settings.ts';
import { transact } from '#engine/record/transact.ts';
import { type WriteOp, writeIn } from '#engine/record/write.ts';
import type { Tx } from '#engine/store/db.ts';
import { denied, invalid, isPerigonError, notFound, type PerigonError, type Problem } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { sourceName } from './spoken.ts';

/** Makes leads deals of the same customer, or adds them to a deal that is there. */
export const convertLead = defineAction({
  key: 'convertLead',
  object: 'lead',
  verb: 'update',
  bulk: true,
  input: {
    pipeline: reference({ to: 'pipeline' }),
    stage: reference({ to: 'stage' }),
    opportunity: reference({ to: 'opportunity' }),
  },
});

/** What a deal takes over, by the field of the lead; who it is about is the same party, so nothing of that is copied. */
const CARRIED = { budget: 'amount', product: 'product', need: 'description' } as const;
/** Where a fault of the new deal is to be mended. */
const MENDED_AT: Record<string, string> = { pipeline: 'pipeline', customer: 'party' };

export const runConvertLead = runAction(convertLead, async (ctx, input, ids) => {
  const lead = ctx.model.object('lead');
  const status = lead.fields.get('status');
  if (status && !mayWriteField(ctx.actor, lead, status)) throw denied('Your roles do not let you change the status of leads.');
  if (input.opportunity && (input.pipeline || input.stage))
    throw invalid('The lead goes to a deal that is there, or to a new one.', [
      { path: 'opportunity', code: 'unexpected', detail: 'Choose a deal, or the pipeline and stage of a new one.' },
    ]);
  if ((await meeting(ctx, lead, ids, undefined)).size < new Set(ids).size) throw notFound();
  return transact(ctx, async (tx) => {
    // Two who convert the same lead at once meet here: the second finds it converted.
    const stored = await loadStored(tx, ctx, lead, ids, { lock: true });
    const rows = ids.map((id) => stored.get(id) ?? gone());
    refuseEnded(rows);
    const deals = input.opportunity ? await attach(tx, ctx, rows, input.opportunity) : await makeDeals(tx, ctx, rows, input);
    await writeIn(
      tx,
      ctx,
      lead,
      ids.map((id, i) => ({ op: 'update', id, values: { status: 'converted', opportunity: deals[i] } })),
      { trusted: true },
    );
    return { changed: ids.length, opportunities: deals };
  });
});

function gone(): never {
  throw notFound();
}

const at = (i: number, of: number, path: string): string => (of > 1 ? `${i}.${path}` : path);

function refuseEnded(rows: readonly Values[]): void {
  const problems = rows.flatMap((row, i): Problem[] => {
    if (row.status === 'converted')
      return [{ path: at(i, rows.length, 'status'), code: 'converted', detail: `“${row.name}” has been converted already.` }];
    if (row.status === 'lost')
      return [{ path: at(i, rows.length, 'status'), code: 'lost', detail: `“${row.name}” is lost: reopen it to convert it.` }];
    return [];
  });
  if (problems.length > 0) throw invalid(problems[0]?.detail ?? '', problems);
}

/** All the leads become part of one open deal of their party. */
async function attach(tx: Tx, ctx: Context, rows: readonly Values[], id: string): Promise<string[]> {
  const opportunity = ctx.model.object('opportunity');
  const readable = await meeting(ctx, opportunity, [id], undefined);
  const [deal] = readable.has(id)
    ? await tx.query<{ customer: string | null; category: string }>(
        'select t.customer_id as customer, s.category from opportunities t join stages s on s.id = t.stage_id where t.id = $1::uuid and t.deleted_at is null for share of t',
        [id],
      )
    : [];
  const refuse = (code: string, detail: string): never => {
    throw invalid(detail, [{ path: 'opportunity', code, detail }]);
  };
  if (!deal) return refuse('reference', 'There is no such opportunity.');
  if (rows.some((row) => row.party !== deal.customer)) return refuse('otherParty', 'This deal is with another customer.');
  if (deal.category !== 'open') return refuse('closed', 'This deal is closed: choose an open one, or make a new one.');
  return rows.map(() => id);
}

async function makeDeals(
  tx: Tx,
  ctx: Context,
  rows: readonly Values[],
  input: { pipeline?: string | null; stage?: string | null },
): Promise<string[]> {
  const [lead, opportunity] = [ctx.model.object('lead'), ctx.model.object('opportunity')];
  const known = (key: string): boolean => {
    const field = lead.fields.get(key);
    return field !== undefined && mayReadField(ctx.actor, lead, field);
  };
  // What whoever converts it may not say of a deal stays with the lead.
  const sayable = (key: string): boolean => {
    const field = opportunity.fields.get(key);
    return field !== undefined && mayWriteField(ctx.actor, opportunity, field) && mayReadField(ctx.actor, opportunity, field);
  };
  const language = (await loadSettings(tx))?.language ?? 'en';
  const ops = rows.map((row): WriteOp & { op: 'create'; id: string } => {
    const values: Record<string, unknown> = {
      name: row.name,
      customer: row.party,
      ...(input.pipeline ? { pipeline: input.pipeline } : {}),
      ...(input.stage ? { stage: input.stage } : {}),
      ...(row.owner && known('owner') && sayable('owner') ? { owner: row.owner } : {}),
      ...(row.source && known('source') && sayable('source') ? { source: sourceName(String(row.source), language) } : {}),
    };
    for (const [from, to] of Object.entries(CARRIED))
      if (row[from] !== null && row[from] !== undefined && known(from) && sayable(to)) values[to] = row[from];
    return { op: 'create', id: newId(), values };
  });
  try {
    await writeIn(tx, ctx, opportunity, ops);
  } catch (error) {
    throw isPerigonError(error, 'invalid') ? mended(error) : error;
  }
  return ops.map(({ id }) => id);
}

/** The faults of a new deal at what can be given here: at the fields of the lead that fill it, else at the stage that asks for more. */
function mended(error: PerigonError): PerigonError {
  return invalid(
    error.message,
    error.errors.map((problem) => {
      const path = problem.path.replace(/^\d+\./, '');
      const key = path.split('.')[0] ?? '';
      return { ...problem, path: MENDED_AT[key] ?? 'stage', detail: key === 'stage' ? problem.detail : `${key}: ${problem.detail}` };
    }),
  );
}
