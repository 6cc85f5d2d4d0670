import { type Calendar as Drawn, Interaction, ResourceTimeGrid, ResourceTimeline } from '@event-calendar/core';
import { VisuallyHidden } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { calendarClass, drawCalendar, followedClass, offClass } from '#ui/calendar/draw-calendar.ts';
import { dayText, midnight, plusDays } from '#ui/calendar/wall-days.ts';
import { dayOf, formatDay, formatTime, instantOf, wallClock } from '#ui/format.ts';
import { recordPath, useMeta } from '#ui/meta.ts';
import { useWords, words } from '#ui/words.ts';
import classes from './team.module.css';
import { type Entry, type Move, offHours, type Person, type Team } from './team.ts';

const MINUTE = 60_000;
const SLOT = 30;
const QUARTER = 15 * MINUTE;

interface Props {
  span: 'day' | 'week';
  /** The first day shown, and the instants between which. */
  day: string;
  range: { from: string; until: string; days: string[] };
  team: Team;
  entries: Entry[];
  onMove: (entry: Entry, move: Move) => Promise<boolean>;
  onOpen: (entry: Entry) => void;
  /** A free place was chosen: that of a person, at an instant or on a day. */
  onPlace: ((person: Person, at: { start: string } | { day: string }) => void) | null;
}

/** Where the keys are in the grid: a person, and a half hour of the day or a day of the week. */
interface Place {
  person: number;
  at: number;
}

/** Calendars side by side: of a day a column a person, of a week a row. What is drawn are the clocks of whoever looks. */
export function TeamGrid({ span, day, range, team, entries, onMove, onOpen, onPlace }: Props): ReactNode {
  const { t } = useWords();
  const meta = useMeta();
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const focusOn = useRef<string | null>(null);
  const hint = useId();
  const [place, setPlace] = useState<Place | null>(null);
  const { people } = team;
  const week = span === 'week';

  const neighbour = (person: string, by: 1 | -1): string | undefined => people[people.findIndex(({ id }) => id === person) + by]?.id;
  const moved = (entry: Entry, move: Move): void => {
    focusOn.current = move.person === undefined || !entry.record ? entry.key : `${entry.record.id} ${move.person}`;
    void onMove(entry, move);
  };
  const later = (entry: Entry, by: { days?: number; minutes?: number }): Move => {
    if (entry.days)
      return {
        days: {
          from: dayText(plusDays(midnight(entry.days.from), by.days ?? 0)),
          to: dayText(plusDays(midnight(entry.days.to), by.days ?? 0)),
        },
      };
    const start = wallClock(entry.start);
    return { start: instantOf(new Date(plusDays(start, by.days ?? 0).getTime() + (by.minutes ?? 0) * MINUTE)) };
  };
  /** Of a day the arrows go to people and through hours, of a week through days and to people, as they lie on screen. */
  const onKeys = (pressed: Entry, key: globalThis.KeyboardEvent): void => {
    // The link may be an older drawing of it.
    const entry = entries.find((one) => one.key === pressed.key) ?? pressed;
    if (!key.altKey || !key.key.startsWith('Arrow') || !entry.record) return;
    const by = key.key === 'ArrowRight' || key.key === 'ArrowDown' ? 1 : -1;
    const across = key.key === 'ArrowRight' || key.key === 'ArrowLeft';
    key.preventDefault();
    if (key.shiftKey) {
      if (across || week || entry.allDay || entry.kind !== 'meeting') return;
      const end = Date.parse(entry.end) + by * QUARTER;
      if (end > Date.parse(entry.start)) moved(entry, { end: new Date(end).toISOString() });
      return;
    }
    if (across !== week) {
      const person = neighbour(entry.person, by);
      if (person) moved(entry, { person });
    } else if (week) moved(entry, later(entry, { days: by }));
    else if (!entry.days) moved(entry, later(entry, { minutes: by * 15 }));
  };
  const dropped = (entry: Entry, to: { start: Date; allDay: boolean; person?: string | undefined }): Promise<boolean> => {
    const person = to.person !== undefined && to.person !== entry.person ? { person: to.person } : {};
    if (entry.days) {
      if (!week && !to.allDay)
        return onMove(entry, {
          timed: true,
          start: instantOf(to.start),
          end: instantOf(new Date(to.start.getTime() + 60 * MINUTE)),
          ...person,
        });
      const length = (midnight(entry.days.to).getTime() - midnight(entry.days.from).getTime()) / 86_400_000;
      const from = dayText(to.start);
      const days = { from, to: dayText(plusDays(midnight(from), Math.round(length))) };
      return onMove(entry, { ...(from === entry.days.from ? {} : { days }), ...person });
    }
    if (to.allDay && !week) return onMove(entry, { days: { from: dayText(to.start), to: dayText(to.start) }, ...person });
    // Of a week days alone are dragged: the time of day stays.
    const was = wallClock(entry.start);
    const at = week
      ? new Date(to.start.getFullYear(), to.start.getMonth(), to.start.getDate(), was.getHours(), was.getMinutes())
      : to.start;
    const start = instantOf(at);
    return onMove(entry, { ...(start === entry.start ? {} : { start }), ...person });
  };
  const chosen = (person: string, at: Date, allDay: boolean): void => {
    const whose = people.find(({ id }) => id === person);
    if (whose) onPlace?.(whose, week || allDay ? { day: dayText(at) } : { start: instantOf(at) });
  };
  const pathOf = (entry: Entry): string | null => {
    const object = meta.object(entry.kind);
    return object && entry.record ? recordPath(object, entry.record.id) : null;
  };
  /** What the grid calls: it is made once and must not keep what was. */
  const acts = useRef({ onOpen, onKeys, dropped, chosen, onMove, pathOf });
  acts.current = { onOpen, onKeys, dropped, chosen, onMove, pathOf };

  useEffect(() => {
    const target = box.current;
    if (!target) return;
    const { calendar, remove } = drawCalendar(target, [ResourceTimeGrid, ResourceTimeline, Interaction], {
      view: week ? 'resourceTimelineMonth' : 'resourceTimeGridDay',
      views: {
        resourceTimelineMonth: { duration: { days: 7 }, slotDuration: { days: 1 }, slotWidth: 128 },
        resourceTimeGridDay: { slotDuration: { minutes: SLOT }, slotHeight: 28, columnWidth: 'minmax(136px, 1fr)' },
      },
      scrollTime: '07:30:00',
      snapDuration: { minutes: 15 },
      dayHeaderFormat: { weekday: 'short', day: 'numeric', month: 'numeric' },
      eventStartEditable: true,
      eventDurationEditable: !week,
      nowIndicator: true,
      allDayContent: () => words().t('myDay.allDay'),
      eventDrop: ({ event, newResource, revert }) => {
        const entry = event.extendedProps.entry as Entry;
        void acts.current
          .dropped(entry, {
            start: event.start,
            allDay: event.allDay,
            person: newResource === undefined ? undefined : String(newResource.id),
          })
          .then((done) => !done && revert());
      },
      eventResize: ({ event, revert }) => {
        const entry = event.extendedProps.entry as Entry;
        void acts.current.onMove(entry, { end: instantOf(event.end) }).then((done) => !done && revert());
      },
      dateClick: ({ date, allDay, resource }) => {
        // What is pressed is the half hour, however exactly.
        const slot = new Date(date.getTime() - (date.getMinutes() % SLOT) * MINUTE);
        if (resource) acts.current.chosen(String(resource.id), slot, allDay);
      },
      eventContent: ({ event }) => {
        const entry = event.extendedProps.entry as Entry | undefined;
        if (!entry) return '';
        return {
          domNodes: contentOf(entry, acts.current.pathOf, { open: acts.current.onOpen, key: (key) => acts.current.onKeys(entry, key) }),
        };
      },
    });
    drawn.current = calendar;
    return () => {
      drawn.current = null;
      remove();
    };
  }, [week]);

  useEffect(() => {
    drawn.current?.setOption('date', midnight(day));
  }, [day]);
  useEffect(() => {
    drawn.current?.setOption(
      'resources',
      people.map(({ id, name }) => ({ id, title: name })),
    );
  }, [people]);

  const at = place && people[place.person] ? place : null;
  const cursorStart = at && (week ? midnight(range.days[at.at] ?? day) : new Date(midnight(day).getTime() + at.at * SLOT * MINUTE));
  const cursorKey = cursorStart && at ? `${at.person} ${cursorStart.getTime()}` : '';
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place of the keys is the same as long as its key is
  useEffect(() => {
    const focused = document.activeElement;
    const key = focusOn.current ?? (focused instanceof HTMLElement && box.current?.contains(focused) ? focused.dataset.event : undefined);
    focusOn.current = null;
    const off = people.flatMap((person) =>
      (week
        ? range.days
            .filter((one) => !person.works.some(({ start }) => dayOf(start) === one))
            .map((one) => [midnight(one), plusDays(midnight(one), 1)] as const)
        : offHours(person.works, range.from, range.until).map(({ start, end }) => [wallClock(start), wallClock(end)] as const)
      ).map(([start, end], i) => ({
        id: `off ${person.id} ${i}`,
        // Of days whole ones alone are drawn behind what stands in them.
        allDay: week,
        start,
        end,
        resourceIds: [person.id],
        display: 'background' as const,
        classNames: [offClass],
      })),
    );
    const cursor =
      cursorStart && at
        ? [
            {
              id: 'place',
              allDay: week,
              start: cursorStart,
              end: week ? plusDays(cursorStart, 1) : new Date(cursorStart.getTime() + SLOT * MINUTE),
              resourceIds: [people[at.person]?.id ?? ''],
              display: 'background' as const,
              classNames: [classes.place ?? ''],
            },
          ]
        : [];
    drawn.current?.setOption('events', [...off, ...cursor, ...entries.map((entry) => drawnEntry(entry, week))]);
    if (key === undefined) return;
    // It draws anew in a moment: the focus goes with what had it, so soon that no key is lost.
    let left = 10;
    const timer = setInterval(() => {
      const link = box.current?.querySelector<HTMLElement>(`[data-event="${CSS.escape(key)}"]`);
      link?.focus();
      left = link ? 0 : left - 1;
      if (left <= 0) clearInterval(timer);
    }, 5);
    return () => {
      clearInterval(timer);
      if (left > 0) focusOn.current = key;
    };
  }, [entries, people, week, range, cursorKey]);

  const walk = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey || !onPlace || people.length === 0) return;
    const from = at ?? { person: 0, at: week ? Math.max(0, range.days.indexOf(day)) : 18 };
    if (event.key === 'Enter' && at && cursorStart) chosen(people[at.person]?.id ?? '', cursorStart, false);
    else if (event.key === 'Escape' && at) setPlace(null);
    else if (event.key.startsWith('Arrow')) {
      const by = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : -1;
      const across = event.key === 'ArrowRight' || event.key === 'ArrowLeft';
      const last = week ? range.days.length - 1 : (24 * 60) / SLOT - 1;
      const step = (value: number, most: number): number => Math.max(0, Math.min(most, value + by));
      if (!at) setPlace(from);
      else if (across === week) setPlace({ ...from, at: step(from.at, last) });
      else setPlace({ ...from, person: step(from.person, people.length - 1) });
    } else return;
    event.preventDefault();
  };
  const said =
    at && cursorStart
      ? `${people[at.person]?.name}, ${formatDay(dayText(cursorStart))}${week ? '' : `, ${formatTime(instantOf(cursorStart))}`}`
      : '';
  return (
    // biome-ignore lint/a11y/useSemanticElements: a set of fields it is not
    <div
      className={classes.grid}
      role="group"
      aria-label={t('team.grid')}
      aria-describedby={hint}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows go through its places
      tabIndex={0}
      onKeyDown={walk}
      onBlur={({ currentTarget, target }) => target === currentTarget && setPlace(null)}
    >
      <div ref={box} className={`${calendarClass} ${classes.calendar}`} />
      <VisuallyHidden id={hint}>{onPlace ? t('team.keys') : ''}</VisuallyHidden>
      <VisuallyHidden aria-live="polite">{said}</VisuallyHidden>
    </div>
  );
}

function drawnEntry(entry: Entry, week: boolean) {
  const whole = entry.allDay;
  const start = entry.days ? midnight(entry.days.from) : wallClock(entry.start);
  const end = entry.days ? plusDays(midnight(entry.days.to), 1) : wallClock(entry.end);
  return {
    id: entry.key,
    allDay: whole && !week,
    start,
    // What lasts no time cannot be seen.
    end: end > start ? end : new Date(start.getTime() + SLOT * MINUTE),
    resourceIds: [entry.person],
    startEditable: entry.record !== null,
    durationEditable: entry.kind === 'meeting' && !whole,
    classNames: [entry.kind === 'event' ? followedClass : (classes[entry.kind] ?? ''), entry.done ? (classes.done ?? '') : ''],
    extendedProps: { entry },
  };
}

/** A link for what can be opened, words for the rest. */
function contentOf(
  entry: Entry,
  pathOf: (entry: Entry) => string | null,
  on: { open: (entry: Entry) => void; key: (key: globalThis.KeyboardEvent) => void },
): Node[] {
  const { t } = words();
  const path = pathOf(entry);
  const part = document.createElement(path || entry.kind === 'event' ? 'a' : 'span');
  const name = entry.kind === 'busy' ? t('team.busy') : (entry.title ?? t('record.unnamed'));
  const time = entry.allDay ? t('myDay.allDay') : formatTime(entry.start);
  const line = document.createElement('span');
  part.dataset.entry = entry.kind;
  line.className = classes.name ?? '';
  line.textContent = name;
  const below = document.createElement('span');
  below.className = classes.time ?? '';
  below.textContent = [time, entry.aside].filter(Boolean).join(' · ');
  part.append(line, ' ', below);
  part.title = [name, entry.allDay ? time : `${formatTime(entry.start)}–${formatTime(entry.end)}`, entry.aside].filter(Boolean).join(' · ');
  if (!(part instanceof HTMLAnchorElement)) return [part];
  part.draggable = false;
  part.href = path ?? '/settings/calendars';
  part.dataset.event = entry.key;
  if (path) {
    part.addEventListener('click', (press) => {
      if (press.ctrlKey || press.metaKey || press.shiftKey) return;
      press.preventDefault();
      on.open(entry);
    });
    part.addEventListener('keydown', on.key);
  }
  return [part];
}
