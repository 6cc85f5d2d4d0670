import { z } from 'zod';
import { HONEYPOT, judgeStamp, pacePublic, stampOf } from '#engine/access/public-guard.ts';
import type { Vault } from '#engine/access/vault.ts';
import { publicPage, readPosted } from '#engine/api/public-page.ts';
import type { Answer, Call, Route } from '#engine/api/route.ts';
import type { Context } from '#engine/record/context.ts';
import { isZone } from '#engine/record/zones.ts';
import { addDays, dateIn, startOfDate } from '#kit/calendar.ts';
import { invalid, isPerigonError, notFound, type PerigonError } from '#kit/errors.ts';
import {
  type Booking,
  type BookingPage,
  book,
  bookingCalendar,
  bookingOf,
  cancelBooking,
  freeSlots,
  isOpen,
  moveBooking,
  pageBy,
} from '#modules/activities/index.ts';
import { linkOf, meetingOf } from './booking-link.ts';
import { bookedPage, type Choice, choosePage, formPage, movePage, noteHtml, type Told, ZONE_SCRIPT } from './booking-page.ts';
import de from './words/de.json';
import en from './words/en.json';

/** Pages asked for, and forms sent, a minute from one address. */
const READS = 300;
const WRITES = 30;
const DAY_MS = 86_400_000;
/** How far one page looks for times, and how many days with times it shows. */
const LOOKS_DAYS = 31;
const SHOWS_DAYS = 7;

const Asked = z.looseObject({
  zone: z.string().max(60).optional(),
  from: z.iso.date().optional(),
  start: z.iso.datetime().optional(),
  move: z.string().max(5).optional(),
  done: z.string().max(10).optional(),
});
const TEXT = { type: 'string', description: 'HTML' };
const WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = { en, de };

export interface BookingDoors {
  vault: Vault;
}

/** Booking pages for everybody who has their address, and what a guest may do with their own booking. */
export function bookingRoutes({ vault }: BookingDoors): Route[] {
  const told = (call: Call, zone: unknown, fallback: string): Told => {
    const asked = (call.request.headers['accept-language'] ?? '').split(',').map((one) => one.split(';')[0]?.trim() ?? '');
    const locale = asked.find((one) => /^[a-z]{2}(-[a-z0-9]{2,8}){0,2}$/i.test(one) && one.slice(0, 2).toLowerCase() in WORDS) ?? 'en';
    const language = locale.slice(0, 2).toLowerCase();
    const words: Readonly<Record<string, string>> = WORDS[language] ?? en;
    return {
      language,
      locale,
      zone: typeof zone === 'string' && zone.length <= 60 && isZone(zone) ? zone : fallback,
      say: (key, values = {}) =>
        Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{{${name}}}`, value), words[key] ?? key),
    };
  };
  const pace = ({ ctx, request }: Call, what: 'read' | 'write') =>
    pacePublic(ctx.db, ['booking', what, request.ip], { most: what === 'read' ? READS : WRITES });
  const page = (call: Call, said: Told, title: string, body: string, status = 200): Answer =>
    publicPage(call.reply, { title, language: said.language, body, script: ZONE_SCRIPT, status });
  /** What goes wrong, as a page: what is not there, never was and takes no bookings looks the same. */
  const shown = (handler: (call: Call) => Promise<Answer>) => async (call: Call) => {
    try {
      return await handler(call);
    } catch (error) {
      if (!isPerigonError(error) || isJson(call)) throw error;
      const said = told(call, undefined, 'UTC');
      const [key, status] = FAULTS[error.code] ?? FAULTS.invalid ?? ['', 422];
      const answer = page(call, said, said.say(key), `<h1>${said.say(key)}</h1>`, status);
      return error.code === 'limited'
        ? { ...answer, headers: { ...answer.headers, 'retry-after': String(error.more.retryAfter ?? 60) } }
        : answer;
    }
  };
  /** Whether a form that came back was handed out by this page, to a person. */
  const isHonest = ({ ctx }: Call, about: string, values: ReadonlyMap<string, string>): boolean =>
    !values.get(HONEYPOT) && judgeStamp(vault, about, values.get('token') ?? '', ctx.env.now) === 'good';
  const managePath = (booking: Pick<Booking, 'meeting' | 'end'>) => `/b/booking/${linkOf(vault, booking)}`;
  const own = (call: Call): string => {
    const id = meetingOf(vault, call.params.link ?? '', call.ctx.env.now);
    if (id === null) throw notFound();
    return id;
  };

  return [
    {
      method: 'GET',
      path: '/b/{slug}',
      tag: 'activities',
      summary: 'A booking page: its free times, or the form for one of them',
      open: true,
      query: Asked,
      answer: TEXT,
      answerType: 'text/html',
      handler: shown(async (call) => {
        await pace(call, 'read');
        const { ctx, query, params } = call;
        const shownPage = await pageBy(ctx.db, { slug: params.slug ?? '' });
        const said = told(call, query.zone, shownPage.timeZone);
        const start = typeof query.start === 'string' ? Date.parse(query.start) : null;
        if (start !== null && (await isFree(ctx, shownPage, start)))
          return page(
            call,
            said,
            shownPage.title,
            formPage(said, shownPage, {
              start,
              token: stampOf(vault, shownPage.id, ctx.env.now),
              filled: { values: new Map(), errors: new Map() },
            }),
          );
        const note = start === null ? '' : noteHtml(said.say('taken'), true);
        const choice = await choiceOf(ctx, shownPage, said, `/b/${shownPage.slug}`, {}, query.from);
        return page(call, said, shownPage.title, choosePage(said, shownPage, choice, note));
      }),
    },
    {
      method: 'GET',
      path: '/b/{slug}/slots',
      tag: 'activities',
      summary: 'Free times of a booking page',
      open: true,
      query: z.looseObject({
        from: z.iso.date().optional().describe('First day, by the clocks of the zone; today unless given'),
        days: z.coerce.number().int().min(1).max(LOOKS_DAYS).default(14),
        zone: z.string().max(60).optional(),
      }),
      answer: {
        type: 'object',
        properties: {
          title: { type: 'string' },
          length: { type: 'integer', description: 'Minutes' },
          zone: { type: 'string' },
          items: { type: 'array', items: { type: 'string', format: 'date-time' } },
        },
      },
      handler: async (call) => {
        await pace(call, 'read');
        const { ctx, query, params } = call;
        const shownPage = await pageBy(ctx.db, { slug: params.slug ?? '' });
        const { zone } = told(call, query.zone, shownPage.timeZone);
        const from = typeof query.from === 'string' ? query.from : dateIn(ctx.env.now, zone);
        const slots = await freeSlots(ctx.db, shownPage, {
          from: startOfDate(from, zone).getTime(),
          until: startOfDate(addDays(from, Number(query.days)), zone).getTime(),
          now: ctx.env.now.getTime(),
        });
        return {
          value: { title: shownPage.title, length: shownPage.length, zone, items: slots.map(({ at }) => new Date(at).toISOString()) },
          headers: { 'cache-control': 'no-store', 'access-control-allow-origin': '*' },
        };
      },
    },
    {
      method: 'POST',
      path: '/b/{slug}',
      tag: 'activities',
      summary: 'Book a time, by the form of the page or as JSON with its token',
      open: true,
      raw: true,
      answer: TEXT,
      answerType: 'text/html',
      handler: shown(async (call) => {
        await pace(call, 'write');
        const { ctx, params } = call;
        const values = await readPosted(call.request.headers['content-type'], call.body);
        const shownPage = await pageBy(ctx.db, { slug: params.slug ?? '' });
        const said = told(call, values.get('zone'), shownPage.timeZone);
        const start = startIn(values);
        const again = (note: string, errors: ReadonlyMap<string, string>, status: number) =>
          page(
            call,
            said,
            shownPage.title,
            formPage(said, shownPage, {
              start,
              token: stampOf(vault, shownPage.id, ctx.env.now),
              filled: { values, errors },
              note: noteHtml(note, true),
            }),
            status,
          );
        if (!isHonest(call, shownPage.id, values)) {
          if (isJson(call))
            throw invalid('This form cannot be taken. Load the page anew.', [
              { path: 'token', code: 'stale', detail: 'Not a form of this page.' },
            ]);
          return again(said.say('stale'), new Map(), 422);
        }
        try {
          const booking = await book(ctx, shownPage, start, {
            name: values.get('name') ?? '',
            email: values.get('email') ?? '',
            answers: shownPage.questions.map((_, i) => values.get(`answer${i}`) ?? ''),
          });
          const path = managePath(booking);
          if (isJson(call))
            return { status: 201, value: { start: booking.start, end: booking.end, host: booking.host, manage: path }, headers: NO_STORE };
          return { status: 303, headers: { location: `${path}?${new URLSearchParams({ zone: said.zone, done: 'booked' })}`, ...NO_STORE } };
        } catch (error) {
          if (isJson(call) || !isPerigonError(error)) throw error;
          if (error.code === 'invalid') return again(said.say('mend'), errorsOf(error, said), 422);
          if (error.code !== 'conflict') throw error;
          const next = ((error.more.next as string[] | undefined) ?? []).map((at) => Date.parse(at));
          const choice: Choice = {
            path: `/b/${shownPage.slug}`,
            more: {},
            slots: next,
            earlier: null,
            later: dateIn(new Date(start), said.zone),
          };
          return page(call, said, shownPage.title, choosePage(said, shownPage, choice, noteHtml(said.say('taken'), true)), 409);
        }
      }),
    },
    {
      method: 'GET',
      path: '/b/booking/{link}',
      tag: 'activities',
      summary: 'A booking by its secret link: what it is, or times to move it to',
      open: true,
      query: Asked,
      answer: TEXT,
      answerType: 'text/html',
      handler: shown(async (call) => {
        await pace(call, 'read');
        const { ctx, query } = call;
        const id = own(call);
        const booking = await bookingOf(ctx, id);
        const open = isOpen(booking, ctx.env.now);
        const path = `/b/booking/${call.params.link}`;
        const token = stampOf(vault, id, ctx.env.now);
        if (query.move && open) {
          const shownPage = await pageBy(ctx.db, { id: booking.page });
          const said = told(call, query.zone, shownPage.timeZone);
          const start = typeof query.start === 'string' ? Date.parse(query.start) : null;
          if (start !== null && (await isFree(ctx, shownPage, start, id)))
            return page(call, said, booking.title, movePage(said, shownPage, { path, start, token }));
          const note = start === null ? '' : noteHtml(said.say('taken'), true);
          const choice = await choiceOf(ctx, shownPage, said, path, { move: '1' }, query.from, id);
          return page(call, said, booking.title, choosePage(said, shownPage, choice, note));
        }
        const said = told(call, query.zone, ctx.env.timeZone);
        const key =
          DONE.find((one) => one === query.done && booking.status === 'planned') ?? (booking.status === 'cancelled' ? 'cancelled' : null);
        const note = key ? noteHtml(said.say(`${key}`)) : open ? '' : noteHtml(said.say('over'));
        return page(call, said, booking.title, bookedPage(said, booking, { path, token, open, note }));
      }),
    },
    {
      method: 'GET',
      path: '/b/booking/{link}/calendar',
      tag: 'activities',
      summary: 'A booking as a calendar file',
      open: true,
      answer: { type: 'string', description: 'iCalendar, RFC 5545' },
      answerType: 'text/calendar',
      handler: shown(async (call) => {
        await pace(call, 'read');
        const booking = await bookingOf(call.ctx, own(call));
        const { request } = call;
        const body = bookingCalendar(booking, `${request.protocol}://${request.host}${managePath(booking)}`);
        return {
          text: { type: 'text/calendar; charset=utf-8', body },
          headers: { ...NO_STORE, 'content-disposition': 'attachment; filename="booking.ics"', 'x-content-type-options': 'nosniff' },
        };
      }),
    },
    {
      method: 'POST',
      path: '/b/booking/{link}',
      tag: 'activities',
      summary: 'Move a booking or call it off',
      open: true,
      raw: true,
      answer: TEXT,
      answerType: 'text/html',
      handler: shown(async (call) => {
        await pace(call, 'write');
        const { ctx } = call;
        const values = await readPosted(call.request.headers['content-type'], call.body);
        const id = own(call);
        if (!isHonest(call, id, values)) throw invalid('This form cannot be taken. Load the page anew.');
        const act = values.get('act');
        if (act !== 'cancel' && act !== 'move') throw invalid('Expected act: move or cancel.');
        const booking = act === 'cancel' ? await cancelBooking(ctx, id) : await moveBooking(ctx, id, startIn(values));
        const path = managePath(booking);
        if (isJson(call))
          return { value: { status: booking.status, start: booking.start, end: booking.end, manage: path }, headers: NO_STORE };
        const zone = values.get('zone');
        const query = new URLSearchParams({ ...(zone && isZone(zone) ? { zone } : {}), done: 'moved' });
        return { status: 303, headers: { location: `${path}?${query}`, ...NO_STORE } };
      }),
    },
  ];
}

const NO_STORE = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
const DONE = ['booked', 'moved'] as const;
const FAULTS: Record<string, readonly [string, number]> = {
  notFound: ['gone', 404],
  limited: ['slower', 429],
  conflict: ['changed', 409],
  invalid: ['stale', 422],
};

const isJson = ({ request }: Call): boolean => /^application\/json\b/i.test(request.headers['content-type'] ?? '');

function startIn(values: ReadonlyMap<string, string>): number {
  const given = values.get('start') ?? '';
  const start = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(start)) throw invalid('Which time?', [{ path: 'start', code: 'required', detail: 'A time is needed.' }]);
  return start;
}

const errorsOf = (error: PerigonError, said: Told): Map<string, string> =>
  new Map(error.errors.map(({ path, code }) => [path, said.say(`wrong.${code}`)]));

async function isFree(ctx: Context, page: BookingPage, start: number, except?: string): Promise<boolean> {
  const slots = await freeSlots(ctx.db, page, { from: start, until: start + 1, now: ctx.env.now.getTime(), ...(except ? { except } : {}) });
  return slots.length > 0;
}

/** The times of some days from one on, and where it goes on. */
async function choiceOf(
  ctx: Context,
  page: BookingPage,
  told: Told,
  path: string,
  more: Record<string, string>,
  from: unknown,
  except?: string,
): Promise<Choice> {
  const now = ctx.env.now.getTime();
  const today = dateIn(ctx.env.now, told.zone);
  const first = typeof from === 'string' && from > today ? from : today;
  const begin = startOfDate(first, told.zone).getTime();
  const until = begin + LOOKS_DAYS * DAY_MS;
  const slots = await freeSlots(ctx.db, page, { from: begin, until, now, ...(except ? { except } : {}) });
  const days = [...new Set(slots.map(({ at }) => dateIn(new Date(at), told.zone)))];
  const beyond = days[SHOWS_DAYS];
  const last = beyond ? startOfDate(beyond, told.zone).getTime() : until;
  const goesOn = beyond ?? (until < now + page.ahead * DAY_MS ? dateIn(new Date(until), told.zone) : null);
  return {
    path,
    more,
    slots: slots.map(({ at }) => at).filter((at) => at < last),
    earlier: first > today ? (addDays(first, -SHOWS_DAYS) > today ? addDays(first, -SHOWS_DAYS) : today) : null,
    later: goesOn,
  };
}
