import { createHash, randomBytes } from 'node:crypto';
import { loadActor } from '#engine/access/sign-in.ts';
import { instantText } from '#engine/declare/field.ts';
import type { Context } from '#engine/record/context.ts';
import { readOne, readPage } from '#engine/record/read.ts';
import { denied, limited, notFound } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { type CalendarEntry, calendarText } from './calendar-text.ts';

/**
 * The calendar of a user under an address that only they know: 256 random bits, of which the digest alone is kept. Whoever has it reads
 * what its owner may read at that moment, and nothing once it is taken back or the owner has left.
 */
const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();
/** Between two readings of one address. */
const PAUSE_SECONDS = 2;
const BACK_DAYS = 60;
const AHEAD_DAYS = 400;
const MOST = 1000;

/** Whether a key is narrowed to less than all that its owner may: no scope names what is private to somebody. */
export const isNarrowed = ({ actor }: Pick<Context, 'actor'>): boolean => Boolean(actor.scopes);

/** Who asks, as a user of their own. */
export function userOf(ctx: Pick<Context, 'actor'>): string {
  if (ctx.actor.userId === null) throw denied('A calendar belongs to a user.');
  if (isNarrowed(ctx)) throw denied('This key is not for calendars.');
  return ctx.actor.userId;
}

/** Whether there is an address, since when, and when it was last read. */
export async function feedOf(ctx: Context): Promise<{ since: string; readAt: string | null } | null> {
  const [row] = await ctx.db.query<{ since: string; readAt: string | null }>(
    `select ${instantText('at')} as since, ${instantText('read_at')} as "readAt" from calendar_feeds where user_id = $1::uuid`,
    [userOf(ctx)],
  );
  return row ?? null;
}

/** Makes an address; one that was there opens nothing any more. The secret is given once. */
export async function makeFeed(ctx: Context): Promise<{ path: string }> {
  const secret = randomBytes(32).toString('base64url');
  await ctx.db.query(
    `insert into calendar_feeds (id, user_id, secret_hash) values ($1::uuid, $2::uuid, $3::bytea)
     on conflict (user_id) do update set id = excluded.id, secret_hash = excluded.secret_hash, at = now(), read_at = null`,
    [newId(), userOf(ctx), digest(secret)],
  );
  return { path: `/api/v1/calendar/feed/${secret}.ics` };
}

/** Takes the address back. */
export async function dropFeed(ctx: Context): Promise<void> {
  await ctx.db.query('delete from calendar_feeds where user_id = $1::uuid', [userOf(ctx)]);
}

const gone = () => notFound('There is no such calendar.');

/** The calendar behind an address, as text. */
export async function readFeed(ctx: Context, name: string): Promise<string> {
  const secret = /^([\w-]{43})(?:\.ics)?$/.exec(name)?.[1];
  if (!secret) throw gone();
  const [feed] = await ctx.db.query<{ user: string; free: boolean }>(
    `with held as (select id, user_id, read_at from calendar_feeds where secret_hash = $1::bytea),
       marked as (update calendar_feeds f set read_at = now() from held where f.id = held.id and (held.read_at is null or held.read_at < now() - make_interval(secs => $2::int)) returning f.id)
     select user_id as "user", exists (select 1 from marked) as free from held`,
    [digest(secret), PAUSE_SECONDS],
  );
  if (!feed) throw gone();
  const actor = await loadActor(ctx.db, feed.user);
  if (!actor) throw gone();
  if (!feed.free) throw limited('This calendar was read a moment ago.', PAUSE_SECONDS);
  return calendarText({ name: 'Perigon', entries: await entriesOf({ ...ctx, actor }, feed.user) });
}

/** One meeting as a calendar of its own, to be taken along. */
export async function meetingAsCalendar(ctx: Context, id: string): Promise<string> {
  const read = JSON.parse((await readOne(ctx, ctx.model.object('meeting'), id, MEETING)).json) as Meeting;
  return calendarText({ name: 'Perigon', entries: [ofMeeting(read)] });
}

interface Meeting {
  id: string;
  version: number;
  updatedAt: string;
  subject: string;
  status: string;
  allDay: boolean | null;
  startsOn: string;
  endsOn: string;
  start: string;
  end: string;
  place: string | null;
  link: string | null;
  description: string | null;
  others: string[] | null;
}
interface Task {
  id: string;
  version: number;
  updatedAt: string;
  subject: string;
  dueOn: string;
  dueAt: string | null;
  description: string | null;
  'party.name'?: string | null;
}

const MEETING = [
  'version',
  'updatedAt',
  'subject',
  'status',
  'allDay',
  'startsOn',
  'endsOn',
  'start',
  'end',
  'place',
  'link',
  'description',
  'others',
];
const HALF_HOUR = 1_800_000;

const ofMeeting = (meeting: Meeting): CalendarEntry => ({
  uid: `${meeting.id}@perigon`,
  version: meeting.version,
  changedAt: meeting.updatedAt,
  title: meeting.subject,
  description: meeting.description,
  place: meeting.place,
  url: meeting.link,
  status: meeting.status === 'cancelled' ? 'CANCELLED' : 'CONFIRMED',
  people: (meeting.others ?? []).map((email) => ({ email })),
  when: meeting.allDay ? { from: meeting.startsOn, to: meeting.endsOn } : { start: meeting.start, end: meeting.end },
});

const ofTask = (task: Task): CalendarEntry => ({
  uid: `${task.id}@perigon`,
  version: task.version,
  changedAt: task.updatedAt,
  title: task['party.name'] ? `${task.subject} · ${task['party.name']}` : task.subject,
  description: task.description,
  when: task.dueAt
    ? { start: task.dueAt, end: new Date(Date.parse(task.dueAt) + HALF_HOUR).toISOString() }
    : { from: task.dueOn, to: task.dueOn },
});

/** The meetings and open tasks of a user, under their own rights. */
async function entriesOf(ctx: Context, me: string): Promise<CalendarEntry[]> {
  const near = (field: string) => ({ field, op: 'between', value: [{ days: -BACK_DAYS }, { days: AHEAD_DAYS }] });
  const page = async <T>(key: string, where: unknown, sort: string, fields: readonly string[]): Promise<T[]> => {
    const object = ctx.model.objects.get(key);
    if (!object || ctx.actor.rights.scope(key, 'read') === 'none') return [];
    return JSON.parse(`[${(await readPage(ctx, object, { where, sort: [sort], fields, limit: MOST }, { max: MOST })).text}]`) as T[];
  };
  const [meetings, tasks] = await Promise.all([
    page<Meeting>(
      'meeting',
      {
        all: [
          {
            any: [
              { field: 'owner', op: 'eq', value: me },
              { field: 'colleagues', op: 'contains', value: me },
            ],
          },
          { field: 'status', op: 'ne', value: 'missed' },
          near('start'),
        ],
      },
      'start',
      MEETING,
    ),
    page<Task>(
      'task',
      { all: [{ field: 'owner', op: 'eq', value: me }, { field: 'status', op: 'eq', value: 'open' }, near('dueOn')] },
      'dueOn',
      ['version', 'updatedAt', 'subject', 'dueOn', 'dueAt', 'description', 'party.name'],
    ),
  ]);
  return [...meetings.map(ofMeeting), ...tasks.map(ofTask)];
}
