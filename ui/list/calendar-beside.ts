import type { Calendar } from '@event-calendar/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get } from '../api.ts';
import { followedClass, offClass } from '../calendar/draw-calendar.ts';
import { midnight, plusDays } from '../calendar/wall-days.ts';
import { formatTime, instantOf, wallClock } from '../format.ts';
import { words } from '../words.ts';

/** What stands in a calendar of meetings beside its records: calendars that the reader follows, and when they do not work. */

interface Followed {
  calendar: string;
  title: string | null;
  start: string;
  end: string;
  allDay: boolean;
}
type Hours = Record<string, [from: string, to: string][]>;

/** Objects whose days are those of somebody at work, by the field that says when. */
const AT_WORK: Readonly<Record<string, string>> = { meeting: 'start', task: 'dueAt' };

export interface Range {
  /** Days, the last outside. */
  start: string;
  end: string;
}

/** What is drawn beside the records between two days; nothing where the calendar is not one of somebody's time. */
export function useBeside(object: string, field: string, range: Range | null): Calendar.EventInput[] {
  const works = AT_WORK[object] === field;
  const hours = useQuery({
    queryKey: ['working-hours'],
    queryFn: ({ signal }) => get<{ hours: Hours }>('/working-hours', {}, signal),
    staleTime: 60_000,
    enabled: works,
  }).data?.hours;
  const from = range && instantOf(midnight(range.start));
  const until = range && instantOf(midnight(range.end));
  const followed = useQuery({
    queryKey: ['calendar', 'events', from, until],
    queryFn: async ({ signal }) => (await get<{ items: Followed[] }>('/calendar/events', { from, until }, signal)).items,
    enabled: works && object === 'meeting' && range !== null,
  }).data;
  return useMemo(
    () => [...(range && hours ? offHours(hours, range) : []), ...(followed ?? []).map(drawnFollowed)],
    [range, hours, followed],
  );
}

function drawnFollowed(one: Followed, at: number): Calendar.EventInput {
  return {
    id: `followed ${at} ${one.start}`,
    allDay: one.allDay,
    start: wallClock(one.start),
    end: wallClock(one.end),
    editable: false,
    startEditable: false,
    durationEditable: false,
    classNames: [followedClass],
    extendedProps: { followed: one },
  };
}

/** The times of these days at which nobody is expected to work; only hours are shaded, so a month stays plain. */
function offHours(hours: Hours, range: Range): Calendar.EventInput[] {
  const found: Calendar.EventInput[] = [];
  const end = midnight(range.end);
  for (let day = midnight(range.start); day < end; ) {
    const next = plusDays(day, 1);
    const at = (time: string): Date => {
      const [hour = 0, minute = 0] = time.split(':').map(Number);
      return new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour, minute);
    };
    let off = day;
    for (const [from, to] of [...(hours[String(day.getDay() || 7)] ?? []), ['24:00', '24:00'] as const]) {
      if (at(from) > off)
        found.push({ id: `off ${off.getTime()}`, start: off, end: at(from), display: 'background', classNames: [offClass] });
      off = at(to);
    }
    day = next;
  }
  return found;
}

/** What is drawn of a time in a calendar that is followed; null for anything else. */
export function followedContent(event: { extendedProps: Record<string, unknown> }): { domNodes: Node[] } | null {
  const one = event.extendedProps.followed as Followed | undefined;
  if (!one) return null;
  const { t } = words();
  const link = document.createElement('a');
  link.href = '/settings/calendars';
  link.draggable = false;
  link.textContent = `${one.title ?? t('record.unnamed')} · ${one.calendar}`;
  link.title = [
    one.title,
    one.allDay ? null : `${formatTime(one.start)}–${formatTime(one.end)}`,
    t('calendar.followed', { calendar: one.calendar }),
  ]
    .filter(Boolean)
    .join(' · ');
  return { domNodes: [link] };
}
