import { queryOptions } from '@tanstack/react-query';
import { get } from '#ui/api.ts';
import type { Notice } from '#ui/notices/notices.ts';
import type { Named, RecordData } from '#ui/wire.ts';
import { readNamed } from '#ui/wire.ts';

interface Section<T = RecordData> {
  items: T[];
  more: boolean;
}

/** The day as the server tells it; null where the reader has no such records. */
export interface MyDay {
  today: string;
  timeZone: string;
  tasks: Section | null;
  meetings: Section | null;
  mentioned: Section<Notice>;
  promised: Section | null;
  customers: Section | null;
  deals: Section | null;
  /** What calendars of others that are followed say of today. */
  events: { source: string; calendar: string; title: string | null; start: string; allDay: boolean }[];
}

export const SECTIONS = ['overdue', 'today', 'meetings', 'mentioned', 'promised', 'customers', 'deals'] as const;
export type SectionKey = (typeof SECTIONS)[number];

/** One thing that the day asks of somebody. */
export interface Line {
  key: string;
  section: SectionKey;
  object: string;
  id: string;
  title: string;
  /** Whom it is about. */
  party: Named | null;
  /** A day or an instant, as far as it has one. */
  at: string | null;
  /** Its time of day is said, too. */
  timed: boolean;
  late: boolean;
  record: RecordData | null;
}

export const myDayQuery = queryOptions({
  queryKey: ['my-day'],
  queryFn: ({ signal }) => get<MyDay>('/my-day', {}, signal),
});

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** What is due at no hour stands behind what is. */
const hourOf = (line: Line): string => (line.timed ? String(line.at) : '~');

/** The lines of a day, section by section. `now` is an instant as ISO text. Pure. */
export function linesOf(day: MyDay, now: string): Map<SectionKey, Line[]> {
  const lineOf = (section: SectionKey, object: string, record: RecordData, more: Partial<Line>): Line => ({
    key: `${section} ${record.id}`,
    section,
    object,
    id: record.id,
    title: text(record.subject) ?? text(record.name) ?? '',
    party: readNamed(record.party) ?? readNamed(record.customer) ?? null,
    at: null,
    timed: false,
    late: false,
    record,
    ...more,
  });
  const task = (section: SectionKey, record: RecordData): Line => {
    const dueAt = text(record.dueAt);
    const dueOn = text(record.dueOn);
    return lineOf(section, 'task', record, {
      at: dueAt ?? dueOn,
      timed: dueAt !== null,
      late: dueAt ? dueAt < now : dueOn !== null && dueOn < day.today,
    });
  };
  const tasks = day.tasks?.items ?? [];
  return new Map<SectionKey, Line[]>([
    ['overdue', tasks.filter((one) => String(one.dueOn) < day.today).map((one) => task('overdue', one))],
    // By the clock first, then what is due at any time of the day.
    [
      'today',
      tasks
        .filter((one) => String(one.dueOn) >= day.today)
        .map((one) => task('today', one))
        .sort((a, b) => (hourOf(a) < hourOf(b) ? -1 : hourOf(a) > hourOf(b) ? 1 : 0)),
    ],
    [
      'meetings',
      [
        ...(day.meetings?.items ?? []).map((one) =>
          lineOf('meetings', 'meeting', one, { at: text(one.start), timed: one.allDay !== true }),
        ),
        ...day.events.map(
          (one): Line => ({
            key: `event ${one.source} ${one.start} ${one.title}`,
            section: 'meetings',
            object: '',
            id: one.source,
            title: one.title ?? '',
            party: { id: '', name: one.calendar },
            at: one.start,
            timed: !one.allDay,
            late: false,
            record: null,
          }),
        ),
      ].sort((a, b) => (String(a.at) < String(b.at) ? -1 : 1)),
    ],
    [
      'mentioned',
      day.mentioned.items.flatMap((notice): Line[] =>
        notice.object && notice.record
          ? [
              {
                key: `mentioned ${notice.id}`,
                section: 'mentioned',
                object: notice.object,
                id: notice.record.id,
                title: notice.record.title ?? '',
                party: null,
                at: notice.at,
                timed: true,
                late: false,
                record: null,
              },
            ]
          : [],
      ),
    ],
    ['promised', (day.promised?.items ?? []).map((one) => task('promised', one))],
    [
      'customers',
      (day.customers?.items ?? []).map((one) =>
        lineOf('customers', 'party', one, { party: { id: one.id, name: String(one.name ?? '') }, at: text(one.lastContactAt) }),
      ),
    ],
    ['deals', (day.deals?.items ?? []).map((one) => lineOf('deals', 'opportunity', one, { at: text(one.closeDate) }))],
  ]);
}

/** The notice behind a line that tells of a mention. */
export const noticeOf = (line: Line): string => line.key.slice('mentioned '.length);
