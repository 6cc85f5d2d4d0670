import { instantText } from '#engine/declare/field.ts';
import type { GuardedFetch } from '#engine/outbox/guarded-fetch.ts';
import type { Context } from '#engine/record/context.ts';
import { isZone, zonesOf } from '#engine/record/zones.ts';
import type { Db } from '#engine/store/db.ts';
import { conflict, invalid, notFound } from '#kit/errors.ts';
import { isId, newId } from '#kit/ids.ts';
import { instantIn } from '#kit/occurrences.ts';
import { userOf } from './calendar-feed.ts';
import { type BusyTime, readCalendar } from './calendar-text.ts';

/**
 * Calendars of others that a user follows: read again and again at an https address that is not inside the network, kept as times that
 * are taken. They are shown, and never changed here.
 */
const MOST_SOURCES = 20;
const EVERY = '15 minutes';
const AFTER_FAILURE = '1 hour';
const BACK_DAYS = 30;
const AHEAD_DAYS = 400;

export interface Source {
  id: string;
  name: string;
  url: string;
  readAt: string | null;
  /** Why it could not be read. */
  problem: string | null;
  times: number;
}

/** The calendars that the actor follows. */
export const sourcesOf = (ctx: Context): Promise<Source[]> =>
  ctx.db.query<Source>(
    `select s.id, s.name, s.url, ${instantText('s.read_at')} as "readAt", s.problem, (select count(*)::int from calendar_events e where e.source = s.id) as times
     from calendar_sources s where s.user_id = $1::uuid order by s.at, s.id`,
    [userOf(ctx)],
  );

/** Follows a calendar from now on. */
export async function addSource(ctx: Context, o: { name: string; url: string }): Promise<{ id: string }> {
  const user = userOf(ctx);
  // As calendars hand out their addresses.
  const url = o.url.trim().replace(/^webcals?:/i, 'https:');
  let target: URL | null = null;
  try {
    target = new URL(url);
  } catch {
    target = null;
  }
  if (target?.protocol !== 'https:' || target.username !== '' || target.password !== '')
    throw invalid('This is not the address of a calendar.', [
      { path: 'url', code: 'url', detail: 'Expected an https address, as calendars hand them out.' },
    ]);
  const id = newId();
  const made = await ctx.db.query(
    `insert into calendar_sources (id, user_id, name, url) select $1::uuid, $2::uuid, $3::text, $4::text
     where (select count(*) from calendar_sources where user_id = $2::uuid) < ${MOST_SOURCES} returning id`,
    [id, user, o.name.trim() || target.hostname, target.href],
  );
  if (made.length === 0) throw conflict(`At most ${MOST_SOURCES} calendars are followed.`);
  return { id };
}

/** Follows a calendar no longer; what was known of it goes. */
export async function removeSource(ctx: Context, id: string): Promise<void> {
  if (!isId(id)) throw notFound();
  const gone = await ctx.db.query(
    `with gone as (delete from calendar_sources where id = $1::uuid and user_id = $2::uuid returning id), events as (delete from calendar_events where source in (select id from gone))
     select id from gone`,
    [id, userOf(ctx)],
  );
  if (gone.length === 0) throw notFound();
}

export interface BusyEvent {
  source: string;
  calendar: string;
  title: string | null;
  start: string;
  end: string;
  allDay: boolean;
  busy: boolean;
}

/** What is in the calendars that the actor follows, between two moments. */
export const eventsBetween = (ctx: Context, from: string, until: string): Promise<BusyEvent[]> =>
  ctx.db.query<BusyEvent>(
    `select e.source, s.name as calendar, e.title, ${instantText('e.starts_at')} as start, ${instantText('e.ends_at')} as "end", e.all_day as "allDay", e.busy
     from calendar_events e join calendar_sources s on s.id = e.source
     where e.user_id = $1::uuid and e.starts_at < $3::timestamptz and e.ends_at > $2::timestamptz order by e.starts_at, e.uid limit 2000`,
    [userOf(ctx), from, until],
  );

interface Due {
  id: string;
  user: string;
  url: string;
  etag: string | null;
  modified: string | null;
}

/** Reads the calendars whose time has come; several servers share them, and one that breaks off leaves the others theirs. */
export async function readSources(ctx: Context, fetch: GuardedFetch): Promise<void> {
  for (let i = 0; i < 50; i++) {
    const [due] = await ctx.db.query<Due>(
      `update calendar_sources set next_at = now() + interval '${EVERY}' where id = (select id from calendar_sources where next_at <= now() order by next_at limit 1 for update skip locked)
       returning id, user_id as "user", url, etag, modified`,
    );
    if (!due) return;
    await readOneSource(ctx, fetch, due);
  }
}

async function readOneSource(ctx: Context, fetch: GuardedFetch, due: Due): Promise<void> {
  try {
    const answer = await fetch(due.url, {
      headers: {
        accept: 'text/calendar',
        ...(due.etag ? { 'if-none-match': due.etag } : {}),
        ...(due.modified ? { 'if-modified-since': due.modified } : {}),
      },
    });
    if (answer.status === 304) {
      await ctx.db.query('update calendar_sources set read_at = now(), problem = null where id = $1::uuid', [due.id]);
      return;
    }
    if (!answer.ok) throw new Error(`The address answers ${answer.status}.`);
    const zone = (await zonesOf(ctx.db, ctx, [due.user]))(due.user);
    const times = readCalendar(await answer.text(), {
      from: new Date(ctx.env.now.getTime() - BACK_DAYS * 86_400_000),
      until: new Date(ctx.env.now.getTime() + AHEAD_DAYS * 86_400_000),
      instantOf: (local, named) => instantIn(local, named !== null && isZone(named) ? named : zone),
    });
    await keep(ctx.db, due, times, { etag: answer.headers.get('etag'), modified: answer.headers.get('last-modified') });
  } catch (error) {
    await ctx.db.query(
      `update calendar_sources set problem = left($2::text, 300), next_at = now() + interval '${AFTER_FAILURE}' where id = $1::uuid`,
      [due.id, error instanceof Error ? error.message : 'It cannot be read.'],
    );
  }
}

async function keep(db: Db, due: Due, times: readonly BusyTime[], told: { etag: string | null; modified: string | null }): Promise<void> {
  await db.transaction(async (tx) => {
    const [held] = await tx.query<{ id: string }>('select id from calendar_sources where id = $1::uuid for update', [due.id]);
    // It was given up meanwhile.
    if (!held) return;
    await tx.query('delete from calendar_events where source = $1::uuid', [due.id]);
    await tx.query(
      `insert into calendar_events (source, user_id, uid, starts_at, ends_at, all_day, title, busy)
       select $1::uuid, $2::uuid, x.uid, x.start, x."end", x."allDay", x.title, x.busy
       from json_to_recordset($3::json) as x(uid text, start timestamptz, "end" timestamptz, "allDay" boolean, title text, busy boolean)
       on conflict (source, uid, starts_at) do nothing`,
      [due.id, due.user, JSON.stringify(times)],
    );
    await tx.query(
      'update calendar_sources set read_at = now(), problem = null, etag = left($2::text, 500), modified = left($3::text, 100) where id = $1::uuid',
      [due.id, told.etag, told.modified],
    );
  });
}
