import { DayGrid, type Calendar as Drawn, Interaction, List, TimeGrid } from '@event-calendar/core';
import { useMediaQuery } from '@mantine/hooks';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { post } from '../api.ts';
import { CalendarBar } from '../calendar/calendar-bar.tsx';
import { calendarClass, drawCalendar } from '../calendar/draw-calendar.ts';
import { dayText, midnight, plusDays } from '../calendar/wall-days.ts';
import { companyToday, formatDay, formatMonth, formatNumber, formatTime, instantOf, wallClock } from '../format.ts';
import { ButtonLink } from '../links.tsx';
import { recordPath, useMeta } from '../meta.ts';
import { takeVisit, useOpenFromList } from '../record/trail.ts';
import { isEditable } from '../record/use-field-edit.ts';
import type { Peeked } from '../record/use-peek-address.ts';
import { useOfferWalk } from '../record/walk.ts';
import type { FieldMeta, ObjectMeta, Page, RecordData } from '../wire.ts';
import { useWords, words } from '../words.ts';
import classes from './calendar.module.css';
import { followedContent, useBeside } from './calendar-beside.ts';
import { cardPlan, lateBy } from './cards.ts';
import { moveRecord } from './move-record.ts';
import { both, type Where } from './predicate.ts';
import { titleText } from './record-title.tsx';

interface Props {
  object: ObjectMeta;
  field: FieldMeta;
  where: Where | undefined;
  peek: Peeked;
}

/** So many records are fetched for what is in sight, page by page. */
const most = 1500;
const pageSize = 500;
const halfHour = 30 * 60_000;
/** Whose calendars are also shown side by side with those of colleagues. */
const withTeam: ReadonlySet<string> = new Set(['meeting', 'task']);
const quarter = 15 * 60_000;

/** Of days in sight the one that is looked at: today where it is among them. */
function shownDay(range: { start: string; end: string; first: string }, view: string): string {
  const today = dayText(wallClock(Date.now()));
  return view !== 'day' && today >= range.start && today < range.end ? today : range.first;
}

async function fetchRange(
  object: ObjectMeta,
  where: Where | undefined,
  field: FieldMeta,
  fields: string[],
  signal: AbortSignal,
): Promise<{ items: RecordData[]; cut: boolean }> {
  const items: RecordData[] = [];
  let cursor: string | null = null;
  do {
    const page: Page = await post<Page>(
      `/${object.plural}/query`,
      { where, sort: [field.key], fields, limit: pageSize, ...(cursor === null ? {} : { cursor }) },
      signal,
    );
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && items.length < most);
  return { items, cut: cursor !== null };
}

/** Records on their days; dragged to another day, or moved there by Alt and an arrow key. What has an end is drawn as long as it is, pulled longer, or made so by Alt, Shift and an arrow key. */
export function Calendar({ object, field, where, peek }: Props): ReactNode {
  const look = useWords();
  const { t } = look;
  const meta = useMeta();
  const client = useQueryClient();
  const openFromList = useOpenFromList(object);
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false }) === true;
  // Seven columns on a phone leave four letters to each: there a week is a list, and what one begins with.
  const [view, setView] = useState<'month' | 'week' | 'day'>(phone ? 'week' : 'month');
  const [range, setRange] = useState<{ start: string; end: string; first: string } | null>(null);
  const timed = field.type === 'dateTime';
  const weekView = phone ? 'listWeek' : timed ? 'timeGridWeek' : 'dayGridWeek';
  const dayView = phone ? 'listDay' : timed ? 'timeGridDay' : 'dayGridDay';
  const movable = isEditable(object, field);
  // What begins and ends is as long as it is, and can be made longer.
  const endField = timed && field.key === 'start' ? object.fields.find(({ key, type }) => key === 'end' && type === 'dateTime') : undefined;
  const lasting = endField !== undefined && isEditable(object, endField);
  const plan = useMemo(() => cardPlan(meta, object, field), [meta, object, field]);

  const span = range && {
    all: timed
      ? [
          { field: field.key, op: 'gte', value: instantOf(midnight(range.start)) },
          { field: field.key, op: 'lt', value: instantOf(midnight(range.end)) },
        ]
      : [{ field: field.key, op: 'between', value: [range.start, dayText(plusDays(midnight(range.end), -1))] }],
  };
  const asked = span ? both(where, span) : undefined;
  const query = useQuery({
    queryKey: ['figures', object.plural, 'calendar', field.key, asked],
    queryFn: ({ signal }) =>
      fetchRange(object, asked, field, [...new Set([...plan.fields, field.key, ...(endField ? [endField.key] : [])])], signal),
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
  });
  const { data } = query;
  const besides = useBeside(object.key, field.key, range);

  /** The value a day gives: its date, or the same time on it. What is drawn are the clocks of the user's zone, not of the browser's. */
  const valueAt = (at: Date): string => (timed ? instantOf(at) : dayText(at));
  const startOf = (record: RecordData): Date => {
    const value = String(record[field.key]);
    return timed ? wallClock(value) : midnight(value.slice(0, 10));
  };
  const endOf = (record: RecordData): Date => {
    const start = startOf(record);
    if (!timed) return plusDays(start, 1);
    const end = endField && record[endField.key] ? wallClock(String(record[endField.key])) : null;
    return end && end > start ? end : new Date(start.getTime() + halfHour);
  };
  const resize = (record: RecordData, to: Date): Promise<boolean> => {
    if (!endField || to <= startOf(record)) return Promise.resolve(false);
    const name = titleText(object, record) || t('record.unnamed');
    const value = instantOf(to);
    client.setQueryData<typeof data>(
      ['figures', object.plural, 'calendar', field.key, asked],
      (held) => held && { ...held, items: held.items.map((row) => (row.id === record.id ? { ...row, [endField.key]: value } : row)) },
    );
    return moveRecord(client, { object, record, field: endField, value, said: t('calendar.resized', { name, time: formatTime(value) }) });
  };
  const move = (record: RecordData, to: Date): Promise<boolean> => {
    const name = titleText(object, record) || t('record.unnamed');
    const { queryKey } = { queryKey: ['figures', object.plural, 'calendar', field.key, asked] };
    client.setQueryData<typeof data>(queryKey, (held) => {
      // It stays as long as it is.
      const end = endField && { [endField.key]: instantOf(new Date(to.getTime() + endOf(record).getTime() - startOf(record).getTime())) };
      return (
        held && {
          ...held,
          items: held.items.map((row) => (row.id === record.id ? { ...row, [field.key]: valueAt(to), ...end } : row)),
        }
      );
    });
    return moveRecord(client, {
      object,
      record,
      field,
      value: valueAt(to),
      said: t('calendar.moved', { name, day: formatDay(dayText(to)) }),
    });
  };
  const rows = data?.items ?? [];
  const open = (id: string): void =>
    openFromList(
      id,
      rows.map((row) => row.id),
    );
  const peekOrClose = (id: string): void => (peek.id === id ? peek.close() : peek.open(id));
  const onFocus = (id: string): void => {
    if (peek.id !== undefined) peek.open(id);
  };
  const at = rows.findIndex((row) => row.id === peek.id);
  const beside = (by: 1 | -1): (() => void) | null => {
    const other = at < 0 ? undefined : rows[at + by];
    return other ? () => peek.open(other.id) : null;
  };
  useOfferWalk(
    peek.id === undefined
      ? null
      : {
          at: at < 0 ? null : at + 1,
          of: { value: rows.length, exact: data?.cut !== true },
          previous: beside(-1),
          next: beside(1),
          open: () => open(peek.id ?? ''),
        },
  );
  /** What the calendar calls: it is made once and must not keep yesterday's records. */
  const acts = useRef({ move, resize, open, startOf, endOf, peek: peekOrClose, onFocus });
  acts.current = { move, resize, open, startOf, endOf, peek: peekOrClose, onFocus };
  const [visit] = useState(() => takeVisit(object.plural));
  const focusOn = useRef<string | null>(visit);

  useEffect(() => {
    const target = box.current;
    if (!target) return;
    const { calendar, remove } = drawCalendar(target, [DayGrid, TimeGrid, List, Interaction], {
      view: 'dayGridMonth',
      dayMaxEvents: true,
      eventStartEditable: movable,
      eventDurationEditable: lasting,
      eventResize: ({ event, revert }) => {
        const record = event.extendedProps.record as RecordData;
        void acts.current.resize(record, event.end).then((done) => !done && revert());
      },
      noEventsContent: () => words().t('calendar.nothing'),
      moreLinkContent: ({ num }) => words().t('calendar.more', { n: formatNumber(num) }),
      datesSet: ({ start, end, view: shown }) => setRange({ start: dayText(start), end: dayText(end), first: dayText(shown.currentStart) }),
      eventDrop: ({ event, revert }) => {
        const record = event.extendedProps.record as RecordData;
        void acts.current.move(record, event.start).then((done) => !done && revert());
      },
      eventContent: ({ event }) => {
        const followed = followedContent(event);
        if (followed || event.display === 'background') return followed ?? '';
        const record = event.extendedProps.record as RecordData;
        const link = document.createElement('a');
        link.href = recordPath(object, record.id);
        link.draggable = false;
        link.dataset.event = record.id;
        link.textContent = titleText(object, record) || words().t('record.unnamed');
        link.title = link.textContent;
        link.addEventListener('click', (press) => {
          if (press.ctrlKey || press.metaKey || press.shiftKey) return;
          press.preventDefault();
          if (press.altKey) acts.current.peek(record.id);
          else acts.current.open(record.id);
        });
        link.addEventListener('focus', () => acts.current.onFocus(record.id));
        link.addEventListener('keydown', (key) => {
          if (key.key === ' ') {
            key.preventDefault();
            acts.current.peek(record.id);
            return;
          }
          const longer = lasting && key.altKey && key.shiftKey ? { ArrowDown: 1, ArrowUp: -1 }[key.key] : undefined;
          if (longer !== undefined) {
            key.preventDefault();
            focusOn.current = record.id;
            void acts.current.resize(record, new Date(acts.current.endOf(record).getTime() + longer * quarter));
            return;
          }
          const days = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 7, ArrowUp: -7 }[key.key];
          if (!movable || !key.altKey || days === undefined) return;
          key.preventDefault();
          focusOn.current = record.id;
          void acts.current.move(record, plusDays(acts.current.startOf(record), days));
        });
        return { domNodes: [link] };
      },
    });
    drawn.current = calendar;
    return () => {
      drawn.current = null;
      remove();
    };
  }, [object, movable, lasting]);

  useEffect(() => {
    drawn.current?.setOption('view', { month: 'dayGridMonth', week: weekView, day: dayView }[view]);
  }, [view, weekView, dayView]);

  useEffect(() => {
    const today = companyToday();
    const focused = document.activeElement;
    const id = focusOn.current ?? (focused instanceof HTMLElement && box.current?.contains(focused) ? focused.dataset.event : undefined);
    focusOn.current = null;
    drawn.current?.setOption('events', [
      ...besides.filter((one) => one.display !== 'background' || view !== 'month'),
      ...(data?.items ?? []).map((record) => {
        const start = acts.current.startOf(record);
        return {
          id: record.id,
          allDay: !timed,
          start,
          end: acts.current.endOf(record),
          classNames: lateBy(plan, record, today) === null ? [] : [classes.late ?? ''],
          extendedProps: { record },
        };
      }),
    ]);
    // The calendar draws its events anew: the focus goes with the one that had it.
    if (id === undefined) return;
    let waits = true;
    const timer = setTimeout(() => {
      waits = false;
      box.current?.querySelector<HTMLElement>(`[data-event="${id}"]`)?.focus();
    }, 50);
    return () => {
      clearTimeout(timer);
      if (waits) focusOn.current = id;
    };
  }, [data, timed, plan, besides, view]);

  // The calendar draws its events itself: which one is peeked at is written on the drawn ones, also on those drawn later.
  const peekedId = peek.id;
  useEffect(() => {
    const target = box.current;
    if (!target || peekedId === undefined) return;
    const mark = (): void => {
      for (const link of target.querySelectorAll<HTMLElement>('[data-event]'))
        if (link.dataset.event === peekedId) link.setAttribute('aria-current', 'true');
        else link.removeAttribute('aria-current');
    };
    mark();
    const watch = new MutationObserver(mark);
    watch.observe(target, { childList: true, subtree: true });
    return () => {
      watch.disconnect();
      for (const link of target.querySelectorAll('[aria-current]')) link.removeAttribute('aria-current');
    };
  }, [peekedId]);

  return (
    <section className={classes.screen} aria-label={t('calendar.of', { objects: look.inSentence(look.plural(object.key)) })}>
      <CalendarBar
        title={range && (view === 'day' ? formatDay(range.start) : formatMonth(range.first))}
        onPrevious={() => drawn.current?.prev()}
        onNext={() => drawn.current?.next()}
        onToday={() => drawn.current?.setOption('date', wallClock(Date.now()))}
        views={['month', 'week', 'day']}
        view={view}
        onView={setView}
        note={data?.cut && t('calendar.cut', { n: formatNumber(most) })}
      >
        {withTeam.has(object.key) && meta.object('meeting') && (
          <ButtonLink size="compact" variant="subtle" color="gray" to="/calendar" search={range ? { day: shownDay(range, view) } : {}}>
            {t('calendar.team')}
          </ButtonLink>
        )}
      </CalendarBar>
      <div ref={box} className={`${calendarClass} ${classes.calendar}`} title={movable ? undefined : t('cell.readOnly')} />
    </section>
  );
}
