import { queryOptions } from '@tanstack/react-query';
import { get } from '#ui/api.ts';
import { type Named, type RecordData, readNamed } from '#ui/wire.ts';

/** Calendars of colleagues as the server tells them, what is drawn of them, and what a move says to the server. Pure but for asking. */

export interface Person extends Named {
  awayUntil?: string | null;
  works: { start: string; end: string }[];
}

export interface Team {
  people: Person[];
  timeZone: string;
  meetings: RecordData[];
  tasks: RecordData[];
  busy: { person: string; start: string; end: string; allDay: boolean }[];
  events: { calendar: string; title: string | null; start: string; end: string; allDay: boolean; busy: boolean }[];
  more: boolean;
}

/** It follows what my day follows. */
export const teamQuery = (from: string, until: string) =>
  queryOptions({
    queryKey: ['my-day', 'team', from, until],
    queryFn: ({ signal }) => get<Team>('/calendar/team', { from, until }, signal),
  });

/** What the address of the calendars says. */
export interface TeamSearch {
  day?: string | undefined;
  span?: 'day' | 'week' | undefined;
}

/** One thing in the column of one person. Whole days are days, everything else lies between two instants. */
export interface Entry {
  key: string;
  kind: 'meeting' | 'task' | 'event' | 'busy';
  person: string;
  /** What it is about; null where the reader may not know. */
  title: string | null;
  /** Whom it is about, or in which calendar it stands. */
  aside: string | null;
  start: string;
  end: string;
  allDay: boolean;
  /** Days, of what lasts whole ones: the last included. */
  days: { from: string; to: string } | null;
  done: boolean;
  record: RecordData | null;
}

const HALF_HOUR = 1_800_000;
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

interface Taker extends Named {
  role?: string | null;
}
const colleaguesOf = (meeting: RecordData): Taker[] => (Array.isArray(meeting.colleagues) ? (meeting.colleagues as Taker[]) : []);

/** Who has their time taken by a meeting. */
export function takersOf(meeting: RecordData): string[] {
  const owner = readNamed(meeting.owner);
  const others = colleaguesOf(meeting).filter(({ role }) => role !== 'declined');
  return [...new Set([...(owner ? [owner.id] : []), ...others.map(({ id }) => id)])];
}

/** Everything that stands in a column, in the order of time. `me` is whose calendars are followed. */
export function entriesOf(team: Team, me: string): Entry[] {
  const shown = new Set(team.people.map(({ id }) => id));
  const meetings = team.meetings.flatMap((meeting): Entry[] =>
    takersOf(meeting)
      .filter((id) => shown.has(id))
      .map((person) => ({
        key: `${meeting.id} ${person}`,
        kind: 'meeting',
        person,
        title: text(meeting.subject),
        aside: readNamed(meeting.party)?.name ?? null,
        start: String(meeting.start),
        end: String(meeting.end),
        allDay: meeting.allDay === true,
        days: meeting.allDay === true ? { from: String(meeting.startsOn), to: String(meeting.endsOn ?? meeting.startsOn) } : null,
        done: meeting.status === 'held',
        record: meeting,
      })),
  );
  const tasks = team.tasks.flatMap((task): Entry[] => {
    const owner = readNamed(task.owner);
    const start = text(task.dueAt);
    if (!owner || !start || !shown.has(owner.id)) return [];
    const end = new Date(Date.parse(start) + HALF_HOUR).toISOString();
    return [
      {
        key: `${task.id} ${owner.id}`,
        kind: 'task',
        person: owner.id,
        title: text(task.subject),
        aside: readNamed(task.party)?.name ?? null,
        start,
        end,
        allDay: false,
        days: null,
        done: task.status === 'done',
        record: task,
      },
    ];
  });
  const closed = team.busy.map(
    (one): Entry => ({ ...EMPTY, ...one, key: `busy ${one.person} ${one.start} ${one.allDay}`, kind: 'busy', title: null, aside: null }),
  );
  const followed = team.events.map(
    (one, at): Entry => ({ ...EMPTY, ...one, person: me, key: `event ${at} ${one.start}`, kind: 'event', aside: one.calendar }),
  );
  return [...meetings, ...tasks, ...closed, ...followed].sort((one, other) =>
    one.start < other.start ? -1 : one.start > other.start ? 1 : 0,
  );
}
const EMPTY = { days: null, done: false, record: null };

/** Where something is to go: another time, another length, the column of somebody else. */
export interface Move {
  start?: string;
  end?: string;
  /** A whole day, or from one on to a time. */
  days?: { from: string; to: string };
  timed?: boolean;
  person?: string;
}

/** What a move says to the server; null where it says nothing. A task goes to another, a meeting takes another's time instead. */
export function moveBody(entry: Entry, move: Move): Record<string, unknown> | null {
  const { record } = entry;
  if (!record) return null;
  const to = move.person !== undefined && move.person !== entry.person ? move.person : null;
  if (entry.kind === 'task') {
    if (move.days || move.end !== undefined) return null;
    const body = { ...(move.start ? { dueAt: move.start } : {}), ...(to ? { owner: to } : {}) };
    return Object.keys(body).length > 0 ? body : null;
  }
  if (entry.kind !== 'meeting') return null;
  const body: Record<string, unknown> = {};
  if (move.days) Object.assign(body, { ...(entry.allDay ? {} : { allDay: true }), startsOn: move.days.from, endsOn: move.days.to });
  else if (move.timed) Object.assign(body, { allDay: false, start: move.start, end: move.end });
  else {
    if (move.start) body.start = move.start;
    if (move.end) body.end = move.end;
  }
  if (to) {
    const others = colleaguesOf(record).map(({ id, role }) => ({ id, role: role ?? 'invited' }));
    const left = others.filter(({ id }) => id !== to && id !== entry.person);
    if (readNamed(record.owner)?.id === entry.person) {
      body.owner = to;
      if (left.length < others.length) body.colleagues = left;
    } else if (!takersOf(record).includes(to)) body.colleagues = [...left, { id: to, role: 'invited' }];
    else return null;
  }
  return Object.keys(body).length > 0 ? body : null;
}

/** The calendars as they will be once the server has taken a move: shown before it answers. */
export function asMoved(team: Team, entry: Entry, body: Record<string, unknown>): Team {
  const nameOf = (id: unknown): Named => ({ id: String(id), name: team.people.find((person) => person.id === id)?.name ?? '' });
  const patch = (record: RecordData): RecordData => {
    if (record.id !== entry.record?.id) return record;
    const read: Record<string, unknown> = { ...body };
    if ('owner' in body) read.owner = nameOf(body.owner);
    if (Array.isArray(body.colleagues))
      read.colleagues = (body.colleagues as Taker[]).map(({ id, role }) => ({
        ...nameOf(id),
        ...colleaguesOf(record).find((one) => one.id === id),
        role,
      }));
    // Moved, it stays as long as it is.
    if (typeof body.start === 'string' && body.end === undefined)
      read.end = new Date(Date.parse(body.start) + Date.parse(String(record.end)) - Date.parse(String(record.start))).toISOString();
    return { ...record, ...read };
  };
  return { ...team, meetings: team.meetings.map(patch), tasks: team.tasks.map(patch) };
}

/** What lies between the hours in which somebody works, from one instant to another. */
export function offHours(works: Person['works'], from: string, until: string): { start: string; end: string }[] {
  const found: { start: string; end: string }[] = [];
  let at = from;
  for (const { start, end } of works) {
    if (start > at) found.push({ start: at, end: start });
    if (end > at) at = end;
  }
  if (at < until) found.push({ start: at, end: until });
  return found;
}
