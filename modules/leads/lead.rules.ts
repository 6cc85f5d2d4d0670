import type { Cause, RuleBatch, RuleItem, Rules } from '#engine/record/context.ts';
import { OPEN_STATES } from './lead.object.ts';

/** What tells of leads that ended elsewhere need not name the deal that one became. */
const TOLD: readonly Cause['kind'][] = ['import', 'sample', 'seed', 'setup'];
const NAME_LENGTH = 120;

const isOpen = (status: unknown): boolean => OPEN_STATES.some((state) => state === status);

/** A lead knows when it came in, was qualified and ended; how it ended is said, and forgotten when it is open again. */
export const leadRules: Rules = {
  object: 'lead',
  async before(batch) {
    // What is taken back was right before.
    if (batch.ctx.cause.kind === 'undo') return;
    const items = batch.items.filter((item) => item.op === 'create' || item.op === 'update');
    const now = batch.ctx.env.now.toISOString();
    for (const item of items) if (item.op === 'create' && !item.get('receivedAt')) item.set('receivedAt', now);
    await nameThem(batch, items);
    const moved = items.filter((item) => item.changes('status'));
    await keepConverted(batch, moved);
    for (const item of moved) follow(item, now);
    await keepReasons(batch, items);
  },
};

/** What follows from the state a lead comes into. */
function follow(item: RuleItem, now: string): void {
  const status = item.get('status');
  if ((status === 'qualified' || status === 'converted') && !item.get('qualifiedAt')) item.set('qualifiedAt', now);
  if (status === 'new' || status === 'working') clear(item, 'qualifiedAt');
  if (!isOpen(status)) {
    if (!item.get('closedAt')) item.set('closedAt', now);
  } else for (const key of ['closedAt', 'opportunity']) clear(item, key);
  if (status !== 'lost') for (const key of ['lossReason', 'lossNote']) clear(item, key);
}

function clear(item: RuleItem, key: string): void {
  if (item.get(key) !== null && item.get(key) !== undefined) item.set(key, null);
}

/** Only a conversion makes a lead a deal, and while there is the deal the lead is not open beside it. */
async function keepConverted({ ctx, tx }: RuleBatch, moved: readonly RuleItem[]): Promise<void> {
  for (const item of moved)
    if (item.get('status') === 'converted' && !item.get('opportunity') && !TOLD.includes(ctx.cause.kind))
      item.refuse('status', 'convert', 'A lead becomes a deal by converting it: choose “Convert”.');
  const left = moved.filter((item) => item.before?.status === 'converted' && item.before.opportunity);
  if (left.length === 0) return;
  const rows = await tx.query<{ id: string }>('select id from opportunities where id = any($1::uuid[]) and deleted_at is null', [
    left.map((item) => item.before?.opportunity),
  ]);
  const there = new Set(rows.map(({ id }) => id));
  for (const item of left)
    if (there.has(String(item.before?.opportunity)))
      item.refuse('status', 'converted', 'The deal that it became is still there: undo the conversion, or delete the deal first.');
}

/** The reason speaks of leads, and of one that is lost. */
async function keepReasons({ tx }: RuleBatch, items: readonly RuleItem[]): Promise<void> {
  const given = items.filter((item) => item.changes('lossReason') && item.get('lossReason'));
  if (given.length === 0) return;
  const rows = await tx.query<{ id: string }>(`select id from close_reasons where id = any($1::uuid[]) and outcome = 'lead'`, [
    [...new Set(given.map((item) => item.get('lossReason')))],
  ]);
  const ofLeads = new Set(rows.map(({ id }) => id));
  for (const item of given)
    if (!ofLeads.has(String(item.get('lossReason')))) item.refuse('lossReason', 'otherOutcome', 'This reason is not one for leads.');
    else if (item.get('status') !== 'lost') item.refuse('lossReason', 'notLost', 'Only a lead that is lost has a reason for it.');
}

/** A lead without a name is called by what it asks for: the product, else the first line of the message, else by who asks. */
async function nameThem({ tx }: RuleBatch, items: readonly RuleItem[]): Promise<void> {
  const nameless = items.filter((item) => item.op === 'create' && !item.get('name'));
  if (nameless.length === 0) return;
  const rows = await tx.query<{ id: string; name: string }>(
    `select id, name from products where id = any($1::uuid[]) union all select id, name from parties where id = any($2::uuid[])`,
    [nameless.map((item) => item.get('product') ?? null), nameless.map((item) => item.get('party') ?? null)],
  );
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  for (const item of nameless) {
    const name = names.get(String(item.get('product'))) ?? firstLine(item.get('message')) ?? names.get(String(item.get('party')));
    if (name) item.set('name', name);
  }
}

function firstLine(message: unknown): string | undefined {
  const line = typeof message === 'string' ? message.trim().split('\n')[0]?.trim() : undefined;
  return line && line.length > NAME_LENGTH ? `${line.slice(0, NAME_LENGTH - 1).trim()}…` : line || undefined;
}
