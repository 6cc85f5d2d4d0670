import { SYSTEM } from '#engine/access/actor.ts';
import type { JobRun } from '#engine/jobs/jobs.ts';
import type { Context } from '#engine/record/context.ts';
import { CHUNK, type WriteOp, write } from '#engine/record/write.ts';
import type { Db, Queryable } from '#engine/store/db.ts';
import { addDays, dateIn, hourIn } from '#kit/calendar.ts';
import type { JsonObject } from '#kit/json.ts';
import { dealsThen } from './deals-then.ts';
import { type Experience, lessonDays, type Outlook, outlooks, spans } from './outlook.ts';
import { sightOn, wonAfter } from './sight.ts';

/**
 * Forecasts are taken by themselves: each night what experience expects, each week how all stands. A company that comes with a history
 * has the snapshots of the year behind it reckoned back from the history of its stages, so that it sees at once how good its
 * forecasts would have been.
 */

/** Snapshots that are reckoned back for a company that has none. */
const WEEKS_BACK = 53;
/** The hour from which on a day's forecast is taken: the night before anybody looks. */
const FROM_HOUR = 3;

type Values = Record<string, unknown>;

/** The Monday that a day follows, or the day itself. */
export function mondayOf(day: string): string {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return addDays(day, -weekday);
}

/** What experience expects on a day, as rows of a snapshot. */
async function expectedOn(ctx: Context, day: string): Promise<Values[]> {
  const sight = await sightOn(ctx.db, day);
  const lessons = new Map<number, Awaited<ReturnType<typeof lesson>>[]>();
  const lesson = async (then: string, days: number) => ({ sight: await sightOn(ctx.db, then), came: await wonAfter(ctx.db, then, days) });
  for (const days of spans(day)) {
    const learnt: Awaited<ReturnType<typeof lesson>>[] = [];
    for (const then of lessonDays(day, days)) learnt.push(await lesson(then, days));
    lessons.set(days, learnt);
  }
  return outlooks({ day, sight, lessons } satisfies Experience).map((one) => expectedRow(ctx, one));
}

function expectedRow(ctx: Context, { cut, group, from, every, value, low, high }: Outlook): Values {
  const money = (amount: number) => ({ amount: amount.toFixed(2), currency: ctx.env.baseCurrency });
  return {
    cut,
    kind: 'statistical',
    start: from,
    every,
    ...(group ? { [cut]: group } : {}),
    amount: money(value),
    low: money(low),
    high: money(high),
  };
}

/** How the deals stood on a day, as rows of a snapshot. */
async function stoodOn(ctx: Context, day: string): Promise<Values[]> {
  const money = (amount: string | null) => (amount === null ? null : { amount, currency: ctx.env.baseCurrency });
  return (await dealsThen(ctx.db, day, ctx.env.timeZone)).map(({ month, amount, weighted, ...rest }) => ({
    ...rest,
    start: month,
    every: 'month',
    amount: money(amount),
    weighted: money(weighted),
  }));
}

/** What was said of periods that are not over, as rows of a snapshot. */
async function saidUntil(ctx: Context, day: string): Promise<Values[]> {
  const rows = await ctx.db.query<{ start: string; every: string; owner: string | null; team: string | null; amount: string }>(
    `select to_char(c.start, 'YYYY-MM-DD') as start, c.every, c.user_id as owner, coalesce(c.team_id, u.team_id) as team, c.amount_base::text as amount
     from (select distinct on (subject, start, every) * from forecast_calls where deleted_at is null and amount_base is not null
       and start > $1::date - 366
       and said_at < (($1::date + 1)::timestamp at time zone $2::text) order by subject, start, every, kind) c left join users u on u.id = c.user_id`,
    [day, ctx.env.timeZone],
  );
  return rows.map(({ amount, ...rest }) => ({ ...rest, cut: 'owner', kind: 'call', amount: { amount, currency: ctx.env.baseCurrency } }));
}

/** By what a row of a snapshot is told from all others. */
function keyOf(takenOn: string, weekly: boolean, row: Values): string {
  const about = row.owner ?? row.product ?? row.territory ?? (row.cut === 'owner' && row.kind === 'call' ? `team-${row.team}` : 'none');
  return [weekly ? takenOn : 'now', row.cut, row.kind, row.every, row.start, about].join(' ');
}

async function keep(ctx: Context, takenOn: string, weekly: boolean, rows: readonly Values[]): Promise<void> {
  const object = ctx.model.object('forecastSnapshot');
  const held = new Map(
    (
      await ctx.db.query<{ id: string; key: string }>(
        weekly
          ? `select id, key from forecast_snapshots where weekly and taken_on = $1::date and deleted_at is null`
          : `select id, key from forecast_snapshots where not weekly and $1::date is not null and deleted_at is null`,
        [takenOn],
      )
    ).map(({ id, key }) => [key, id]),
  );
  const ops: WriteOp[] = rows.map((row) => {
    const key = keyOf(takenOn, weekly, row);
    const id = held.get(key);
    held.delete(key);
    const values = { ...row, takenOn, weekly, key };
    return id === undefined ? { op: 'create', values } : { op: 'update', id, values };
  });
  // What nobody expects anything of any more.
  for (const id of held.values()) ops.push({ op: 'delete', id });
  const system = { ...ctx, actor: SYSTEM };
  for (let at = 0; at < ops.length; at += CHUNK) await write(system, object, ops.slice(at, at + CHUNK), { trusted: true });
}

/** Takes what is due: the weeks that are missing, oldest first, and what is expected today. */
export const forecastJob = async ({ job, ctx, save, cancelled }: JobRun): Promise<JsonObject> => {
  const today = dateIn(ctx.env.now, ctx.env.timeZone);
  // This week's is taken today, however late in the week; those before it are reckoned back to their Monday.
  const days = (await weeksDue(ctx.db, today)).map((monday) => (monday === mondayOf(today) ? today : monday));
  // What a killed server was at may be there in part, which looks like the last that was taken.
  const begun = job.progress?.day;
  if (typeof begun === 'string' && !days.includes(begun)) days.unshift(begun);
  await save(null, { total: days.length + 1 });
  let done = 0;
  for (const day of days) {
    if (cancelled()) return { weeks: done, unfinished: true };
    await save(null, { progress: { day } });
    const said = await saidUntil(ctx, day);
    // What experience would have expected takes many looks at all deals: of the past once a month.
    const expected = day === today || Number(day.slice(8)) <= 7 ? await expectedOn(ctx, day) : [];
    await keep(ctx, day, true, [...(await stoodOn(ctx, day)), ...expected, ...said]);
    await save(null, { done: ++done });
  }
  await keep(ctx, today, false, await expectedOn(ctx, today));
  await save(null, { done: done + 1 });
  return { weeks: done };
};

/** The Mondays of weeks without a snapshot: all of a year where there is none, else those since the last; none before the first deal. */
async function weeksDue(q: Queryable, today: string): Promise<string[]> {
  const [held] = await q.query<{ last: string | null }>(
    `select to_char(max(taken_on), 'YYYY-MM-DD') as last from forecast_snapshots where weekly and deleted_at is null`,
  );
  const last = held?.last ? mondayOf(held.last) : '';
  const mondays: string[] = [];
  for (let monday = mondayOf(today), n = 0; n < WEEKS_BACK && monday > last; n++, monday = addDays(monday, -7)) mondays.unshift(monday);
  const [oldest] = mondays;
  // Most nights no week is missing, and nothing is asked of the deals.
  if (oldest === undefined) return [];
  // Some deal is older than what is missing, nearly always: the first that is found will do. Which was the first of all takes all of them.
  const [older] = await q.query(`select 1 as ok from opportunities where deleted_at is null and opened_on <= $1::date limit 1`, [oldest]);
  if (older) return mondays;
  const [young] = await q.query<{ first: string | null }>(
    `select to_char(min(opened_on), 'YYYY-MM-DD') as first from opportunities where deleted_at is null`,
  );
  const first = young?.first ?? null;
  return first === null ? [] : mondays.filter((monday) => monday >= first);
}

type Enqueue = (q: Queryable, o: { kind: string; label?: string | null; payload?: JsonObject; actor: Context['actor'] }) => Promise<string>;

/** Puts the taking of forecasts into the queue unless it waits there or runs; gives its job. */
export async function startTaking(q: Queryable, enqueue: Enqueue, actor = SYSTEM): Promise<string> {
  const [same] = await q.query<{ id: string }>(`select id from jobs where kind = 'forecast' and state in ('queued', 'running') limit 1`);
  return same?.id ?? enqueue(q, { kind: 'forecast', actor });
}

/** Takes forecasts once a day, at night; where there are deals and no forecast was ever taken, at once. */
export async function forecastDaily(db: Db, env: Context['env'], enqueue: Enqueue): Promise<void> {
  const [at] = await db.query<{ last: string | null; deals: boolean }>(
    `select (select to_char(max(taken_on), 'YYYY-MM-DD') from forecast_snapshots where deleted_at is null) as last,
       exists (select 1 from opportunities where deleted_at is null) as deals`,
  );
  if (!at?.deals) return;
  const due = at.last === null || (at.last < dateIn(env.now, env.timeZone) && hourIn(env.now, env.timeZone) >= FROM_HOUR);
  if (due) await startTaking(db, enqueue);
}
