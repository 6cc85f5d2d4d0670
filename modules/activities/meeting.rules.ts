import { momentSql, setReminders } from '#engine/notify/reminders.ts';
import type { RuleBatch, RuleItem, Rules } from '#engine/record/context.ts';
import { isZone, zonesOf } from '#engine/record/zones.ts';
import { addDays, dateIn, startOfDate } from '#kit/calendar.ts';
import { awaitBookings, keepHolds } from './booking-holds.ts';
import { keepInteractions } from './meeting-held.ts';
import { layOutSeries } from './meeting-series.ts';
import { keepTimes } from './taken-times.ts';

const WHEN = ['start', 'end', 'allDay', 'startsOn', 'endsOn', 'timeZone', 'repeats'] as const;
const REMINDED_BY = ['start', 'reminder', 'owner', 'status', 'colleagues'] as const;
const HOUR = 3_600_000;
const ADDRESS = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,190}\.[^\s@<>".]{2,}$/;

/** When a meeting is, whom it concerns, and what follows: reminders, the others of its row, what stands in the timeline. */
export const meetingRules: Rules = {
  object: 'meeting',
  async before(batch) {
    const { ctx, tx, items } = batch;
    await awaitBookings(batch);
    // What is taken back was right before.
    if (ctx.cause.kind === 'undo') return;
    const written = items.filter((item) => item.op === 'create' || item.op === 'update');
    const deals = written.filter((item) => item.changes('opportunity') && item.get('opportunity') && !item.get('party'));
    if (deals.length > 0) {
      const rows = await tx.query<{ id: string; party: string | null }>(
        'select id, customer_id as party from opportunities where id = any($1::uuid[])',
        [deals.map((item) => item.get('opportunity'))],
      );
      const of = new Map(rows.map((row) => [row.id, row.party]));
      for (const item of deals) item.set('party', of.get(String(item.get('opportunity'))) ?? null);
    }
    for (const item of written) {
      const wrong = item.changes('others') ? ((item.get('others') as string[] | null) ?? []).find((one) => !ADDRESS.test(one)) : undefined;
      if (wrong !== undefined) item.refuse('others', 'email', `“${wrong.slice(0, 80)}” is not an e-mail address.`);
    }
    const timed = written.filter((item) => WHEN.some((key) => item.changes(key)));
    const zone =
      timed.length > 0
        ? await zonesOf(
            tx,
            ctx,
            timed.map((item) => item.get('owner')),
          )
        : null;
    for (const item of timed) place(item, zone?.(item.get('owner')) ?? ctx.env.timeZone);
  },
  async after(batch) {
    await renewReminders(batch);
    await keepTimes(batch);
    await keepHolds(batch);
    // An undo brings back the others of a row and the timeline as they were.
    if (batch.ctx.cause.kind === 'undo') return;
    await layOutSeries(batch);
    await keepInteractions(batch);
  },
};

function place(item: RuleItem, own: string): void {
  const given = item.get('timeZone');
  if (item.changes('timeZone') && typeof given === 'string' && !isZone(given)) {
    item.refuse('timeZone', 'timeZone', `“${given.slice(0, 60)}” is not a time zone such as Europe/Berlin.`);
    return;
  }
  const zone = typeof given === 'string' && isZone(given) ? given : own;
  if (given !== zone) item.set('timeZone', zone);
  if (item.get('allDay') === true) {
    const start = item.get('start');
    const moved = item.changes('start') && !item.changes('startsOn') && typeof start === 'string';
    const from = moved ? dateIn(new Date(start), zone) : item.get('startsOn');
    if (typeof from !== 'string') {
      item.refuse('startsOn', 'required', 'On which day? Choose one.');
      return;
    }
    const last = item.get('endsOn');
    const to = typeof last === 'string' && last >= from ? last : from;
    item.set('startsOn', from);
    item.set('endsOn', to);
    item.set('start', startOfDate(from, zone).toISOString());
    item.set('end', startOfDate(addDays(to, 1), zone).toISOString());
  } else {
    const start = item.get('start');
    if (typeof start !== 'string') return;
    const [was, ended] = [item.before?.start, item.before?.end];
    // Moved, it stays as long as it was; without an end it takes an hour.
    if (!item.changes('end') && (item.changes('start') || !item.get('end'))) {
      const length = typeof was === 'string' && typeof ended === 'string' ? Date.parse(ended) - Date.parse(was) : HOUR;
      item.set('end', new Date(Date.parse(start) + length).toISOString());
    }
    const end = String(item.get('end'));
    if (Date.parse(end) <= Date.parse(start)) item.refuse('end', 'range', 'The end is not after the beginning. Choose a later one.');
    item.set('startsOn', dateIn(new Date(start), zone));
    item.set('endsOn', dateIn(new Date(Date.parse(end) - 1), zone));
  }
  if (!item.changes('repeats') || item.changes('series') || !item.get('repeats')) return;
  // Another rule goes on in the same row: from here on.
  item.set('series', item.get('series') ?? item.id);
  item.set('seriesSince', item.get('start'));
  item.set('seriesAt', item.get('start'));
}

async function renewReminders({ ctx, tx, items }: RuleBatch): Promise<void> {
  const moved = items.filter((item) => item.op === 'delete' || item.op === 'restore' || REMINDED_BY.some((key) => item.changes(key)));
  const rows = moved.map((item) => ({ id: item.id, owner: item.get('owner') }));
  const zone = await zonesOf(
    tx,
    ctx,
    rows.map(({ owner }) => owner),
  );
  // Whoever declined is left in peace.
  await setReminders(
    tx,
    'meeting',
    rows.map(({ id }) => id),
    {
      sql: `select t.id, w.user_id, ${momentSql('(t.start at time zone z.zone)', 'z.zone', 't.reminder')}
      from unnest($3::uuid[], $4::text[]) z (id, zone) join meetings t on t.id = z.id
      cross join lateral (select t.owner_id union select l.to_id from meetings_colleagues l where l.from_id = t.id and l.role is distinct from 'declined') w (user_id)
      where t.id = any($2::uuid[]) and t.deleted_at is null and t.status = 'planned' and t.reminder is not null and t.start > now()`,
      values: [rows.map(({ id }) => id), rows.map(({ owner }) => zone(owner))],
    },
  );
}
