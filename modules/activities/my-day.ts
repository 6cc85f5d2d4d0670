import { listNotices, type Notice } from '#engine/notify/notices.ts';
import type { Context } from '#engine/record/context.ts';
import { readPage } from '#engine/record/read.ts';
import { zonesOf } from '#engine/record/zones.ts';
import { addDays, dateIn, startOfDate } from '#kit/calendar.ts';
import { denied, isPerigonError } from '#kit/errors.ts';

import { isNarrowed } from './calendar-feed.ts';
import { eventsBetween } from './calendar-sources.ts';

/** Days without a contact after which a customer has gone quiet, unless the reader says otherwise. */
export const QUIET_DAYS = 45;
/** Lines of a section; what is beyond is counted as more. */
const LINES = 50;

/** The lines of one section as JSON text; null where the reader has no such records, or nothing can be said yet. */
type Section = { items: string; more: boolean } | null;

const MINE = (me: string) => ({ field: 'owner', op: 'eq', value: me });
const OPEN = { field: 'status', op: 'eq', value: 'open' };

/**
 * What the day asks of one: each section is a page of records under the reader's own rights, one statement each. "Today" is that of the
 * reader's clock.
 */
export async function myDay(ctx: Context, o: { quietDays?: number } = {}): Promise<string> {
  const me = ctx.actor.userId;
  if (me === null) throw denied('A day belongs to a user.');
  const timeZone = (await zonesOf(ctx.db, ctx, [me]))(me);
  const today = dateIn(ctx.env.now, timeZone);
  const at = (day: string) => startOfDate(day, timeZone).toISOString();
  const quiet = { days: -(o.quietDays ?? QUIET_DAYS) };
  const section = async (object: string, where: unknown, sort: readonly string[], fields: readonly string[]): Promise<Section> => {
    const known = ctx.model.objects.get(object);
    if (!known || ctx.actor.rights.scope(object, 'read') === 'none') return null;
    try {
      const page = await readPage(ctx, known, { where, sort, fields, limit: LINES });
      return { items: page.text, more: page.next !== null };
    } catch (error) {
      // A role may not know a field that the section asks about, or a figure is still being reckoned.
      if (isPerigonError(error, 'invalid')) return null;
      throw error;
    }
  };
  const TASK = ['subject', 'kind', 'priority', 'dueOn', 'dueAt', 'party', 'opportunity', 'repeats', 'status'];
  const [tasks, meetings, promised, customers, deals, notices, events] = await Promise.all([
    section('task', { all: [MINE(me), OPEN, { field: 'dueOn', op: 'lte', value: today }] }, ['dueOn', 'dueAt'], TASK),
    section(
      'meeting',
      {
        all: [
          { any: [MINE(me), { field: 'colleagues', op: 'contains', value: me }] },
          { field: 'status', op: 'in', value: ['planned', 'held'] },
          { field: 'start', op: 'lt', value: at(addDays(today, 1)) },
          { field: 'start', op: 'gte', value: at(addDays(today, -31)) },
          { field: 'end', op: 'gt', value: at(today) },
        ],
      },
      ['start'],
      ['subject', 'start', 'end', 'allDay', 'place', 'link', 'party', 'status', 'colleagues'],
    ),
    section(
      'task',
      {
        all: [
          MINE(me),
          OPEN,
          { field: 'kind', op: 'eq', value: 'promise' },
          {
            any: [
              { field: 'dueOn', op: 'gt', value: today },
              { field: 'dueOn', op: 'isEmpty' },
            ],
          },
        ],
      },
      ['dueOn'],
      TASK,
    ),
    section(
      'party',
      {
        all: [
          MINE(me),
          {
            any: [
              { field: 'lastContactAt', op: 'lt', value: quiet },
              {
                all: [
                  { field: 'lastContactAt', op: 'isEmpty' },
                  { field: 'createdAt', op: 'lt', value: quiet },
                ],
              },
            ],
          },
        ],
      },
      ['-lastContactAt'],
      ['name', 'lastContactAt', 'picture', 'kind', 'city'],
    ),
    section(
      'opportunity',
      {
        all: [
          MINE(me),
          { field: 'stage.category', op: 'eq', value: 'open' },
          { field: 'nextStep', op: 'isEmpty' },
          { count: 'tasks', where: OPEN, eq: 0 },
          { count: 'meetings', where: { field: 'status', op: 'eq', value: 'planned' }, eq: 0 },
        ],
      },
      ['closeDate'],
      ['name', 'customer', 'stage', 'closeDate', 'nextStep'],
    ),
    listNotices(ctx, { only: 'mentioned' }),
    isNarrowed(ctx) ? [] : eventsBetween(ctx, at(today), at(addDays(today, 1))),
  ]);
  const mentions: readonly Notice[] = notices.items;
  const json = (one: Section): string => (one ? `{"items":[${one.items}],"more":${one.more}}` : 'null');
  return `{"today":${JSON.stringify(today)},"timeZone":${JSON.stringify(timeZone)},"tasks":${json(tasks)},"meetings":${json(meetings)},"mentioned":${JSON.stringify({ items: mentions, more: false })},"promised":${json(promised)},"customers":${json(customers)},"deals":${json(deals)},"events":${JSON.stringify(events)}}`;
}
