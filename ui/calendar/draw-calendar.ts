import '@event-calendar/core/index.css';
import { type Calendar, createCalendar, destroyCalendar } from '@event-calendar/core';
import { firstDayOfWeek, formatLocale } from '../format.ts';
import drawn from './drawn.module.css';

/** What every calendar is drawn on: its colours are roles of ours. */
export const calendarClass = drawn.calendar ?? '';
/** What stands in one from elsewhere, and is not changed there. */
export const followedClass = drawn.followed ?? '';
/** Times at which nobody is expected to work. */
export const offClass = drawn.off ?? '';

const TABLE_ROLES = ['list', 'listitem', 'table', 'cell', 'columnheader', 'row', 'rowgroup', 'rowheader'];
const TABLE_WORDS = ['role', 'aria-colindex', 'aria-rowindex', 'aria-colcount', 'aria-rowcount', 'aria-colspan', 'aria-rowspan'];

/** Draws a calendar in an element, in the user's language and week; gives it and how it is taken away. */
export function drawCalendar(
  target: HTMLElement,
  plugins: Parameters<typeof createCalendar>[1],
  options: Calendar.Options,
): { calendar: Calendar; remove: () => void } {
  const calendar = createCalendar(target, plugins, {
    height: '100%',
    headerToolbar: { start: '', center: '', end: '' },
    locale: formatLocale(),
    firstDay: firstDayOfWeek(),
    ...options,
  });
  // It calls itself a table and has no rows, which readers of screens stumble over: what stands in it says itself what and when it is.
  const plain = (): void => {
    for (const part of target.querySelectorAll(TABLE_ROLES.map((role) => `[role="${role}"]`).join()))
      for (const word of TABLE_WORDS) part.removeAttribute(word);
  };
  plain();
  const watch = new MutationObserver(plain);
  watch.observe(target, { childList: true, subtree: true });
  return {
    calendar,
    remove: () => {
      watch.disconnect();
      void destroyCalendar(calendar);
    },
  };
}
