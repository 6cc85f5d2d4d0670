import { mayReadField, requireVerb } from '#engine/access/policy.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context } from '#engine/record/context.ts';
import { readPage } from '#engine/record/read.ts';
import { addDays, dateIn } from '#kit/calendar.ts';
import { invalid, isPerigonError } from '#kit/errors.ts';
import { hoursBetween, type Span, union } from '#kit/hours.ts';
import { workingHoursOf } from '#modules/workspace/index.ts';
import { userOf } from './calendar-feed.ts';
import { eventsBetween } from './calendar-sources.ts';
import { commonTimes } from './common-times.ts';
import { type TakenTime, takenTimes, withBuffers } from './taken-times.ts';

/**
 * Calendars of colleagues side by side. Who reads a colleague and meetings at all sees when they are busy; what it is about comes
 * through the one door alone, in the rights of whoever asks. So what is told of the rest is a time: no title, customer, place or id, and
 * times that touch are one, so that not even their number is told.
 */

/** People side by side, and days of one answer. */
export const MOST_PEOPLE = 20;
export const MOST_DAYS = 42;
/** Of a team, unless somebody has chosen. */
const TEAM_AT_FIRST = 8;
const MOST_TIMES = 5000;
const MOST_RECORDS = 2000;
const DAY_MS = 86_400_000;
const LOOKS_DAYS = 28;
const SUGGESTS = 12;
const PER_DAY = 4;

const MEETING = ['version', 'subject', 'start', 'end', 'allDay', 'startsOn', 'endsOn', 'status', 'party', 'owner', 'colleagues', 'place'];
/** Without these nobody could say where a meeting stands. */
const MEETING_NEEDS = ['subject', 'start', 'end', 'owner', 'colleagues'];
const TASK = ['version', 'subject', 'kind', 'status', 'dueAt', 'party', 'owner'];

interface Person {
  id: string;
  name: string;
  awayUntil?: string | null;
}

/** Those who were asked for and may be read, in the order in which they were asked for. */
async function readable(ctx: Context, ids: readonly string[]): Promise<Person[]> {
  const object = ctx.model.object('user');
  const fields = known(ctx, object, ['name', 'awayUntil']);
  const where = { field: 'id', op: 'in', value: [...ids] };
  const { text } = await readPage(ctx, object, { where, sort: ['name'], fields, limit: MOST_PEOPLE });
  const found = new Map((JSON.parse(`[${text}]`) as Person[]).map((person) => [person.id, person]));
  return ids.flatMap((id) => found.get(id) ?? []);
}

const known = (ctx: Context, object: ModelObject, keys: readonly string[]): string[] =>
  keys.filter((key) => {
    const field = object.fields.get(key);
    return field !== undefined && mayReadField(ctx.actor, object, field);
  });

/** Whom somebody chose to see; who chose nobody sees their team, and themselves first. */
async function chosen(ctx: Context, me: string): Promise<string[]> {
  const rows = await ctx.db.query<{ id: string }>(
    `with kept as (select person, place from calendar_people where user_id = $1::uuid),
       team as (select u.id, u.name from users u join users m on m.team_id = u.team_id where m.id = $1::uuid and u.id <> m.id and u.active is not false and u.deleted_at is null
         and not exists (select 1 from kept) order by u.name, u.id limit ${TEAM_AT_FIRST - 1})
     select id from (select person as id, place, '' as name from kept union all select $1::uuid, 0, '' where not exists (select 1 from kept) union all select id, 1, name from team) x
     order by place, name, id`,
    [me],
  );
  return rows.map(({ id }) => id);
}

/** Keeps whom somebody sees side by side; nobody stands for their team. */
export async function choosePeople(ctx: Context, people: readonly string[]): Promise<void> {
  const me = userOf(ctx);
  const ids = [...new Set(people)];
  if (ids.length > MOST_PEOPLE) throw tooMany();
  const there = ids.length > 0 ? await readable(ctx, ids) : [];
  if (there.length < ids.length)
    throw invalid('Not all of them are here.', [{ path: 'people', code: 'unknown', detail: 'Choose colleagues whom you can see.' }]);
  await ctx.db.query(
    `with gone as (delete from calendar_people where user_id = $1::uuid and not person = any($2::uuid[]))
     insert into calendar_people (user_id, person, place) select $1::uuid, x.person, x.place from unnest($2::uuid[]) with ordinality x (person, place)
     on conflict (user_id, person) do update set place = excluded.place`,
    [me, ids],
  );
}

const tooMany = () =>
  invalid(`At most ${MOST_PEOPLE} people side by side.`, [{ path: 'people', code: 'tooMany', detail: `At most ${MOST_PEOPLE}.` }]);

interface Asked {
  people?: readonly string[] | undefined;
  from: number;
  until: number;
}

async function peopleOf(ctx: Context, people: readonly string[] | undefined): Promise<Person[]> {
  const me = userOf(ctx);
  requireVerb(ctx.actor, ctx.model.object('meeting'), 'read');
  const ids = people && people.length > 0 ? [...new Set(people)] : await chosen(ctx, me);
  if (ids.length > MOST_PEOPLE) throw tooMany();
  return readable(ctx, ids);
}

/** The calendars of these people between two instants, as far as the reader may know, as JSON text. */
export async function teamCalendar(ctx: Context, { people, from, until }: Asked): Promise<string> {
  if (!(from < until) || until - from > MOST_DAYS * DAY_MS)
    throw invalid('These days cannot be shown.', [{ path: 'until', code: 'range', detail: `Between one and ${MOST_DAYS} days.` }]);
  const shown = await peopleOf(ctx, people);
  const ids = shown.map(({ id }) => id);
  const me = userOf(ctx);
  const between = [new Date(from).toISOString(), new Date(until).toISOString()] as const;
  const [works, taken, tasks, events] = await Promise.all([
    workingHoursOf(ctx.db, ctx, ids),
    tellsTimes(ctx) ? takenTimes(ctx.db, ids, { from, until, most: MOST_TIMES + 1 }) : [],
    tasksOf(ctx, ids, between),
    ids.includes(me) ? eventsBetween(ctx, ...between) : [],
  ]);
  const meetings = await meetingsOf(ctx, [...new Set(taken.flatMap(({ meeting }) => meeting ?? []))]);
  const readableIds = new Set(meetings.ids);
  // What one follows oneself is told with its words.
  const closed = taken.filter((time) => (time.meeting === null ? time.user !== me : !readableIds.has(time.meeting)));
  const told = {
    timeZone: works(me).timeZone,
    people: shown.map((person) => ({ ...person, works: hoursOf(works, person, { from, until }).map(isoSpan) })),
    busy: ids.flatMap((person) => busyOf(closed.filter(({ user }) => user === person)).map((span) => ({ person, ...span }))),
    events: events.map(({ calendar, title, start, end, allDay, busy }) => ({ calendar, title, start, end, allDay, busy })),
    more: taken.length > MOST_TIMES || meetings.more || tasks.more,
  };
  const rest = JSON.stringify(told);
  return `{"meetings":[${meetings.text}],"tasks":[${tasks.text}],${rest.slice(1)}`;
}

/** The next times at which all of these people are free within their working hours. */
export async function freeTogether(
  ctx: Context,
  o: { people: readonly string[]; minutes: number; from: number },
): Promise<{ minutes: number; timeZone: string; people: Pick<Person, 'id' | 'name'>[]; items: string[] }> {
  const shown = await peopleOf(ctx, o.people);
  const ids = shown.map(({ id }) => id);
  const now = ctx.env.now.getTime();
  const span = { from: Math.max(o.from, now), until: Math.max(o.from, now) + LOOKS_DAYS * DAY_MS };
  const [works, taken] = await Promise.all([
    workingHoursOf(ctx.db, ctx, ids),
    tellsTimes(ctx) ? takenTimes(ctx.db, ids, { from: span.from - DAY_MS, until: span.until + DAY_MS }) : [],
  ]);
  const { timeZone } = works(userOf(ctx));
  const items = commonTimes(
    shown.map((person) => ({
      works: hoursOf(works, person, span),
      taken: taken.filter(({ user }) => user === person.id).map(withBuffers),
    })),
    { minutes: o.minutes, most: SUGGESTS, perDay: PER_DAY, dayOf: (at) => dateIn(new Date(at), timeZone) },
  );
  return { minutes: o.minutes, timeZone, people: shown.map(({ id, name }) => ({ id, name })), items: items.map(iso) };
}

/** When somebody works between two instants: nobody does while they are away. */
function hoursOf(works: Awaited<ReturnType<typeof workingHoursOf>>, { id, awayUntil }: Person, o: { from: number; until: number }): Span[] {
  const { hours, timeZone } = works(id);
  const back = awayUntil ? addDays(awayUntil, 1) : null;
  return hoursBetween(hours, timeZone, { ...o, ...(back ? { except: (day: string) => day < back } : {}) });
}

/** Whoever is kept from knowing when meetings are is told no times at all. */
function tellsTimes(ctx: Context): boolean {
  const meeting = ctx.model.object('meeting');
  return known(ctx, meeting, ['start', 'end']).length === 2;
}

const iso = (at: number): string => new Date(at).toISOString();
const isoSpan = ({ start, end }: Span): { start: string; end: string } => ({ start: iso(start), end: iso(end) });

/** Times that say nothing but that they are taken; whole days stand by themselves. */
function busyOf(times: readonly TakenTime[]): { start: string; end: string; allDay: boolean }[] {
  const [whole, timed] = [times.filter(({ allDay }) => allDay), times.filter(({ allDay }) => !allDay)];
  return [
    ...union(whole).map((span) => ({ ...isoSpan(span), allDay: true })),
    ...union(timed).map((span) => ({ ...isoSpan(span), allDay: false })),
  ];
}

interface Records {
  text: string;
  ids: readonly string[];
  more: boolean;
}
const NONE: Records = { text: '', ids: [], more: false };

/** Of these meetings those that the reader may read, through the one door. */
async function meetingsOf(ctx: Context, ids: readonly string[]): Promise<Records> {
  const object = ctx.model.object('meeting');
  const fields = known(ctx, object, MEETING.slice(1));
  if (ids.length === 0 || MEETING_NEEDS.some((key) => !fields.includes(key))) return NONE;
  const where = { field: 'id', op: 'in', value: ids.slice(0, MOST_TIMES) };
  const page = await readPage(
    ctx,
    object,
    { where, sort: ['start'], fields: ['version', ...fields], limit: MOST_RECORDS },
    { max: MOST_RECORDS },
  );
  return { text: page.text, ids: (JSON.parse(`[${page.text}]`) as { id: string }[]).map(({ id }) => id), more: page.next !== null };
}

/** Tasks and calls with a time, which take none of anybody's: who cannot read them is not told. */
async function tasksOf(ctx: Context, people: readonly string[], between: readonly [string, string]): Promise<Records> {
  const object = ctx.model.objects.get('task');
  if (!object || people.length === 0 || ctx.actor.rights.scope('task', 'read') === 'none') return NONE;
  const where = {
    all: [
      { field: 'owner', op: 'in', value: [...people] },
      { field: 'status', op: 'in', value: ['open', 'done'] },
      // The day is what is indexed; a day more on each side is every zone's.
      { field: 'dueOn', op: 'between', value: [addDays(between[0].slice(0, 10), -1), addDays(between[1].slice(0, 10), 1)] },
      { field: 'dueAt', op: 'gte', value: between[0] },
      { field: 'dueAt', op: 'lt', value: between[1] },
    ],
  };
  try {
    const page = await readPage(ctx, object, { where, sort: ['dueOn'], fields: TASK, limit: MOST_RECORDS }, { max: MOST_RECORDS });
    return { text: page.text, ids: [], more: page.next !== null };
  } catch (error) {
    // A role may not know a field that is asked about.
    if (isPerigonError(error, 'invalid')) return NONE;
    throw error;
  }
}
