import { SYSTEM } from '#engine/access/actor.ts';
import { momentSql, setReminders } from '#engine/notify/reminders.ts';
import type { RuleBatch, RuleItem, Rules, Values } from '#engine/record/context.ts';
import { writeIn } from '#engine/record/write.ts';
import { zonesOf } from '#engine/record/zones.ts';
import { dateIn } from '#kit/calendar.ts';
import { nextDay, onDay } from '#kit/occurrences.ts';

/** What a task is about besides its customer, and where that says whose it is. */
const ABOUT = [
  { field: 'opportunity', table: 'opportunities', customer: 'customer_id' },
  { field: 'case', table: 'cases', customer: 'customer_id' },
] as const;

/** What decides when somebody is reminded. */
const REMINDED_BY = ['dueOn', 'dueAt', 'reminder', 'owner', 'status'] as const;

/**
 * A task that is done remembers when. What is due at a time is due on the day that its owner's clock shows then, and moved to another
 * day it keeps its time. Of what repeats the next one comes when this one is done.
 */
export const taskRules: Rules = {
  object: 'task',
  async before(batch) {
    const { ctx, tx, items } = batch;
    const undoing = ctx.cause.kind === 'undo';
    const written = items.filter((item) => item.op === 'create' || item.op === 'update');
    for (const item of written)
      if (item.changes('status') && !item.changes('doneAt'))
        item.set('doneAt', item.get('status') === 'done' ? ctx.env.now.toISOString() : null);
    // What is taken back was right before.
    if (undoing) return;
    await placeAbout(batch, written);
    const dated = written.filter((item) => item.changes('dueAt') || item.changes('dueOn') || item.changes('repeats'));
    const zone = dated.some((item) => item.get('dueAt'))
      ? await zonesOf(
          tx,
          ctx,
          dated.map((item) => item.get('owner')),
        )
      : null;
    for (const item of dated) placeInTime(item, zone?.(item.get('owner')) ?? ctx.env.timeZone);
  },
  async after(batch) {
    await renewReminders(batch);
    await bringNext(batch);
  },
};

/** A task about a deal or a case is about its customer. */
async function placeAbout({ tx }: RuleBatch, items: readonly RuleItem[]): Promise<void> {
  for (const { field, table, customer } of ABOUT) {
    const open = items.filter((item) => item.changes(field) && item.get(field) && !item.get('party'));
    if (open.length === 0) continue;
    const rows = await tx.query<{ id: string; party: string | null }>(
      `select id, ${customer} as party from ${table} where id = any($1::uuid[])`,
      [open.map((item) => item.get(field))],
    );
    const of = new Map(rows.map((row) => [row.id, row.party]));
    for (const item of open) item.set('party', of.get(String(item.get(field))) ?? null);
  }
}

function placeInTime(item: RuleItem, zone: string): void {
  const at = item.get('dueAt');
  if (item.changes('dueAt') && typeof at === 'string') item.set('dueOn', dateIn(new Date(at), zone));
  else if (item.changes('dueOn') && typeof at === 'string')
    item.set('dueAt', typeof item.get('dueOn') === 'string' ? onDay(at, String(item.get('dueOn')), zone) : null);
  if (!item.changes('repeats') || item.changes('series') || !item.get('repeats')) return;
  const on = item.get('dueOn');
  if (typeof on !== 'string') {
    item.refuse('dueOn', 'required', 'What repeats begins on a day. Choose one.');
    return;
  }
  // Whoever changes how it repeats begins a new row with this one.
  item.set('series', item.id);
  item.set('seriesSince', on);
  item.set('seriesOn', on);
}

async function renewReminders({ ctx, tx, items }: RuleBatch): Promise<void> {
  const moved = items.filter(
    (item) =>
      item.op === 'delete' ||
      item.op === 'restore' ||
      (item.op === 'create'
        ? item.get('reminder')
        : REMINDED_BY.some((key) => item.changes(key)) && (item.get('reminder') || item.changes('reminder'))),
  );
  await remindOfTasks(
    tx,
    ctx,
    moved.map((item) => item.id),
  );
}

/** Sets the reminders of these tasks by what they say now. */
async function remindOfTasks(tx: RuleBatch['tx'], ctx: RuleBatch['ctx'], ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const owned = await tx.query<{ id: string; owner: string | null }>('select id, owner_id as owner from tasks where id = any($1::uuid[])', [
    ids,
  ]);
  const zone = await zonesOf(
    tx,
    ctx,
    owned.map(({ owner }) => owner),
  );
  await setReminders(tx, 'task', ids, {
    sql: `select t.id, t.owner_id, ${momentSql("coalesce(t.due_at at time zone z.zone, t.due_on + time '09:00')", 'z.zone', 't.reminder')}
      from unnest($3::uuid[], $4::text[]) z (id, zone) join tasks t on t.id = z.id
      where t.id = any($2::uuid[]) and t.deleted_at is null and t.status = 'open' and t.reminder is not null and t.due_on is not null`,
    values: [owned.map(({ id }) => id), owned.map(({ owner }) => zone(owner))],
  });
}

/** Who moves to another zone is reminded by the clocks there. */
export const taskZoneRules: Rules = {
  object: 'user',
  async after({ ctx, tx, items }) {
    const moved = items.filter((item) => item.op === 'update' && item.changes('timeZone')).map((item) => item.id);
    if (moved.length === 0) return;
    const rows = await tx.query<{ id: string }>(
      `select id from tasks where owner_id = any($1::uuid[]) and status = 'open' and reminder is not null and due_on >= current_date - 1 and deleted_at is null`,
      [moved],
    );
    await remindOfTasks(
      tx,
      ctx,
      rows.map(({ id }) => id),
    );
  },
};

/** The next of what repeats, once this one is done. */
async function bringNext({ ctx, tx, items }: RuleBatch): Promise<void> {
  if (ctx.cause.kind === 'undo') return;
  const done = items.filter(
    (item) => item.op === 'update' && item.changes('status') && item.get('status') === 'done' && item.get('repeats'),
  );
  if (done.length === 0) return;
  const zone = await zonesOf(
    tx,
    ctx,
    done.map((item) => item.get('owner')),
  );
  const task = ctx.model.object('task');
  const next = done.flatMap((item): Values[] => {
    const here = zone(item.get('owner'));
    const on = nextInRow((key) => item.get(key), dateIn(ctx.env.now, here));
    if (on === null) return [];
    const copied = task.declared.filter(
      (field) => !OWN.has(field.key) && !field.derived && field.type !== 'file' && field.type !== 'image',
    );
    const values: Values = Object.fromEntries(copied.flatMap(({ key }) => (item.get(key) == null ? [] : [[key, item.get(key)]])));
    const at = item.get('dueAt');
    return [{ ...values, dueOn: on, seriesOn: on, ...(typeof at === 'string' ? { dueAt: onDay(at, on, here) } : {}) }];
  });
  // Done, opened again and done once more brings one.
  const held = await tx.query<{ series: string; on: string }>(
    `select series_id as series, to_char(series_on, 'YYYY-MM-DD') as "on" from tasks where series_id = any($1::uuid[]) and deleted_at is null`,
    [next.map((values) => values.series)],
  );
  const there = new Set(held.map(({ series, on }) => `${series} ${on}`));
  const fresh = next.filter((values) => !there.has(`${values.series} ${values.seriesOn}`));
  if (fresh.length > 0)
    await writeIn(
      tx,
      { ...ctx, actor: SYSTEM },
      task,
      fresh.map((values) => ({ op: 'create', values })),
      { trusted: true },
    );
}

/** What each of a row has of its own. */
const OWN = new Set(['status', 'doneAt', 'dueOn', 'dueAt', 'seriesOn']);

/** The next day in the row of a task: behind its own, and not in the past. Null when the row is over. */
export function nextInRow(get: (key: string) => unknown, today: string): string | null {
  const [repeats, since, on] = [get('repeats'), get('seriesSince') ?? get('dueOn'), get('seriesOn') ?? get('dueOn')];
  if (typeof repeats !== 'string' || typeof since !== 'string' || typeof on !== 'string') return null;
  return nextDay(repeats, since, on > today ? on : today);
}
