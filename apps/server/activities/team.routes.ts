import { z } from 'zod';
import { systemAs } from '#engine/access/actor.ts';
import { type Route, requirePermission } from '#engine/api/route.ts';
import { signedIn } from '#engine/api/sign-in.routes.ts';
import type { Context } from '#engine/record/context.ts';
import { writeOne } from '#engine/record/write.ts';
import { conflict, invalid } from '#kit/errors.ts';
import { isWeekHours, type WeekHours } from '#kit/hours.ts';
import { choosePeople, freeTogether, MOST_DAYS, MOST_PEOPLE, teamCalendar, userOf } from '#modules/activities/index.ts';
import { companyHours, keepCompanyHours, workingHoursOf } from '#modules/workspace/index.ts';

const People = z
  .string()
  .max(MOST_PEOPLE * 40)
  .transform((text) => text.split(',').filter((id) => id !== ''))
  .pipe(z.array(z.uuid()).max(MOST_PEOPLE));
const Hours = z.strictObject({ hours: z.unknown().nullable() });
const HOURS = {
  type: 'object',
  properties: {
    own: { type: ['object', 'null'], description: 'Mine, where I have said them: stretches by weekday, Monday as "1"' },
    company: { type: ['object', 'null'] },
    hours: { type: 'object', description: 'What counts for me' },
    timeZone: { type: 'string' },
  },
};
const list = { type: 'array', items: { type: 'object' } };

/** Calendars side by side, times that suit several, and working hours. */
export const teamRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/calendar/team',
    tag: 'activities',
    summary: 'Calendars of colleagues between two moments: what I may read, and when they are busy beside it',
    query: z.object({
      from: z.iso.datetime(),
      until: z.iso.datetime().describe(`At most ${MOST_DAYS} days later`),
      people: People.optional().describe('Ids of users; those I chose before, else my team'),
    }),
    answer: {
      type: 'object',
      properties: {
        meetings: list,
        tasks: list,
        timeZone: { type: 'string' },
        people: list,
        busy: { ...list, description: 'Times that are taken by what I may not read, and nothing else of it' },
        events: { ...list, description: 'Of calendars that I follow' },
        more: { type: 'boolean', description: 'There is more than is told' },
      },
    },
    handler: async ({ ctx, query }) => {
      const { from, until, people } = query as { from: string; until: string; people?: string[] };
      return { json: await teamCalendar(ctx, { people, from: Date.parse(from), until: Date.parse(until) }) };
    },
  },
  {
    method: 'PUT',
    path: '/api/v1/calendar/team',
    tag: 'activities',
    summary: 'Keep whose calendars I see side by side; nobody stands for my team',
    body: z.strictObject({ people: z.array(z.uuid()).max(MOST_PEOPLE) }),
    status: 204,
    answer: 'none',
    handler: async ({ ctx, body }) => {
      await choosePeople(ctx, (body as { people: string[] }).people);
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/calendar/free',
    tag: 'activities',
    summary: 'The next times at which several people are free within their working hours',
    query: z.object({
      people: People,
      minutes: z.coerce.number().int().min(15).max(480).default(30),
      from: z.iso.datetime().optional().describe('Not before; now unless given'),
    }),
    answer: {
      type: 'object',
      properties: {
        minutes: { type: 'integer' },
        timeZone: { type: 'string' },
        people: list,
        items: { type: 'array', items: { type: 'string', format: 'date-time' } },
      },
    },
    handler: async ({ ctx, query }) => {
      const { people, minutes, from } = query as { people: string[]; minutes: number; from?: string };
      return { value: await freeTogether(ctx, { people, minutes, from: from ? Date.parse(from) : 0 }) };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/working-hours',
    tag: 'activities',
    summary: 'My working hours, and those of the company',
    answer: HOURS,
    handler: async ({ ctx }) => ({ value: await told(ctx) }),
  },
  {
    method: 'PUT',
    path: '/api/v1/working-hours',
    tag: 'activities',
    summary: 'Set my working hours; null takes the company’s',
    body: Hours,
    writes: true,
    answer: HOURS,
    handler: async ({ ctx, body }) => {
      const id = signedIn(ctx);
      // When somebody works is theirs to say, whatever their roles let them do to users; nothing else of the user is.
      const actor = { ...systemAs(ctx.actor.name), kind: ctx.actor.kind, userId: id };
      const values = { workingHours: hoursIn(body) };
      await writeOne({ ...ctx, actor }, ctx.model.object('user'), { op: 'update', id, values });
      return { value: await told(ctx), headers: { 'perigon-cause': ctx.cause.id } };
    },
  },
  {
    method: 'PUT',
    path: '/api/v1/working-hours/company',
    tag: 'activities',
    summary: 'Set the working hours of everybody who has none of their own; null is nine to five, Monday to Friday',
    body: Hours.extend({
      was: z.unknown().nullish().describe('What they must still be; as they were told before, where a change is taken back'),
    }),
    answer: HOURS,
    handler: async ({ ctx, body }) => {
      signedIn(ctx);
      requirePermission(ctx, 'administer');
      const { was } = body as { was?: unknown };
      if (!(await keepCompanyHours(ctx.db, hoursIn(body), was === undefined ? undefined : hoursIn({ hours: was }))))
        throw conflict('The company’s working hours were changed since, and stay as they are.');
      return { value: await told(ctx) };
    },
  },
];

function hoursIn(body: unknown): WeekHours | null {
  const { hours } = body as { hours: unknown };
  if (hours === null || isWeekHours(hours)) return hours;
  throw invalid('These are no working hours.', [
    { path: 'hours', code: 'hours', detail: 'Hours are written as 09:00-12:00, 13:00-17:00, each after the other.' },
  ]);
}

async function told(ctx: Context) {
  const id = userOf(ctx);
  const [company, works, [row]] = await Promise.all([
    companyHours(ctx.db),
    workingHoursOf(ctx.db, ctx, [id]),
    ctx.db.query<{ hours: WeekHours | null }>('select working_hours as hours from users where id = $1::uuid', [id]),
  ]);
  return { own: row?.hours ?? null, company, ...works(id) };
}
