import { partsOfRule } from '#engine/declare/fields/recurrence/recurrence.ts';
import { formatDate, formatList, formatNumber, weekdayName } from '../../format.ts';
import type { useWords } from '../../words.ts';

type T = ReturnType<typeof useWords>['t'];

/** The rules that are offered by name; any other can be imported or written by a program. */
export const OFFERED = [
  'FREQ=DAILY',
  'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
  'FREQ=WEEKLY',
  'FREQ=WEEKLY;INTERVAL=2',
  'FREQ=MONTHLY',
  'FREQ=MONTHLY;INTERVAL=3',
  'FREQ=YEARLY',
] as const;

const WEEK = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const WORKING = 'MO,TU,WE,TH,FR';
const UNIT: Record<string, string> = { DAILY: 'day', WEEKLY: 'week', MONTHLY: 'month', YEARLY: 'year' };

/** A rule in words: "every 2 weeks on Monday and Friday, until 1 March 2027"; one that words cannot say as it is written. Pure but for the language. */
export function describeRule(rule: string, t: T): string {
  const parts = partsOfRule(rule);
  const unit = UNIT[parts?.FREQ ?? ''];
  if (!parts || !unit || parts.BYSETPOS || parts.BYMONTH) return rule;
  const every = Number(parts.INTERVAL ?? 1);
  const days = parts.BYDAY?.split(',') ?? [];
  const months = parts.BYMONTHDAY?.split(',') ?? [];
  const plain = days.every((day) => WEEK.includes(day));
  if ((days.length > 0 && !plain) || (months.length > 0 && (months.length > 1 || Number(months[0]) < 1))) return rule;
  const said = [
    parts.FREQ === 'WEEKLY' && parts.BYDAY === WORKING && every === 1
      ? t('recurrence.workdays')
      : every === 1
        ? t(`recurrence.${unit}`)
        : t(`recurrence.every.${unit}`, { n: formatNumber(every) }),
  ];
  if (days.length > 0 && parts.BYDAY !== WORKING)
    said.push(t('recurrence.on', { days: formatList(days.map((day) => weekdayName(WEEK.indexOf(day)))) }));
  if (months[0]) said.push(t('recurrence.onDay', { n: formatNumber(months[0]) }));
  if (parts.COUNT) said.push(t('recurrence.times', { n: formatNumber(parts.COUNT) }));
  if (parts.UNTIL) said.push(t('recurrence.until', { date: formatDate(parts.UNTIL.replace(/^(\d{4})(\d{2})(\d{2}).*$/, '$1-$2-$3')) }));
  return said.join(' ');
}
