import type { Money } from './wire.ts';

/**
 * How values look, by Intl in the user's language. Formatters are costly to make and cheap to use,
 * so each is kept by what made it.
 */
const kept = new Map<string, unknown>();

function keep<T>(key: string, make: () => T): T {
  const found = kept.get(key);
  if (found !== undefined) return found as T;
  const made = make();
  kept.set(key, made);
  return made;
}

let language = 'en';
let timeZone: string | undefined;

/** Sets language and time zone of every figure and date from here on. */
export function setLocale(to: { language?: string | null; timeZone?: string | null }): void {
  // The browser's own variant of the language decides formats: a British reader of English expects 21 November.
  const browser = typeof navigator === 'undefined' ? '' : navigator.language;
  const wanted = to.language || language;
  language = browser.split('-')[0] === wanted.split('-')[0] ? browser : wanted;
  timeZone = to.timeZone || timeZone;
  kept.clear();
}

/** How far the server's clock is ahead of this one, and the zone in which the company says `today`. */
let ahead = 0;
let companyZone: string | undefined;

/** Takes over the server's clock, as an answer told it just now. */
export function setClock(to: { now?: string | undefined; timeZone: string }): void {
  const told = Date.parse(to.now ?? '');
  if (!Number.isNaN(told)) ahead = told - Date.now();
  companyZone = to.timeZone;
}

/** Now, by the server's clock. */
export const companyNow = (): number => Date.now() + ahead;

/** The day that conditions mean by `today`: the server's, in the company's zone, whatever clock and zone the browser has. */
export function companyToday(): string {
  return dayIn(new Date(Date.now() + ahead), companyZone ?? timeZone);
}

/** The language tag that formats follow, such as `de` or `en-GB`. */
export function formatLocale(): string {
  return language;
}

/** The day a week begins with in the user's language and region, 0 for Sunday to 6 for Saturday. */
export function firstDayOfWeek(): 0 | 1 | 2 | 3 | 4 | 5 | 6 {
  // Young in the standard: a method in some browsers, a property in others, absent in the rest (then Monday, ISO 8601).
  const locale = new Intl.Locale(language) as Intl.Locale & { getWeekInfo?(): { firstDay: number }; weekInfo?: { firstDay: number } };
  const { firstDay } = locale.getWeekInfo?.() ?? locale.weekInfo ?? { firstDay: 1 };
  return (firstDay % 7) as 0 | 1 | 2 | 3 | 4 | 5 | 6;
}

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return keep(`n${language}${JSON.stringify(options)}`, () => new Intl.NumberFormat(language, options));
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return keep(`d${language}${timeZone}${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(language, options));
}

/** A number with as many decimals as it has, up to `digits`. */
export function formatNumber(value: number | string, digits = 6): string {
  return numbers({ maximumFractionDigits: digits }).format(typeof value === 'number' ? value : Number(value));
}

/** A whole number; four digits stay together, so that a year reads as one. */
export function formatInteger(value: number): string {
  return numbers({ maximumFractionDigits: 0, useGrouping: 'min2' }).format(value);
}

/** A share from 0 to 1 as a percentage. */
export function formatPercent(value: number): string {
  return numbers({ style: 'percent', maximumFractionDigits: 2 }).format(value);
}

/** Money in its own currency; the decimal string goes to Intl as it is, so no digit is lost. */
export function formatMoney(value: Money, options: { whole?: boolean } = {}): string {
  const amount = value.amount as `${number}`;
  const style: Intl.NumberFormatOptions = { style: 'currency', currency: value.currency, currencyDisplay: 'narrowSymbol' };
  if (options.whole) style.maximumFractionDigits = 0;
  try {
    return numbers(style).format(amount as unknown as number);
  } catch {
    return `${value.amount} ${value.currency}`;
  }
}

/** A plain date `YYYY-MM-DD` as a local midday instant that no time zone moves to another day. */
function plainDate(value: string): Date | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(value);
  return match ? new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]), 12)) : null;
}

/** A plain date, without the year when it is this one and `short` is asked for. */
export function formatDate(value: string, short = false): string {
  const date = plainDate(value);
  if (!date) return value;
  const sameYear = short && date.getUTCFullYear() === new Date().getFullYear();
  return dates({ day: 'numeric', month: 'short', year: sameYear ? undefined : 'numeric', timeZone: 'UTC' }).format(date);
}

/** An instant in the user's time zone, to the minute. */
export function formatDateTime(value: string): string {
  const at = new Date(value);
  return Number.isNaN(at.getTime())
    ? value
    : dates({ day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit', timeZone }).format(at);
}

/** The time of day of an instant. */
export function formatTime(value: string): string {
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? value : dates({ hour: 'numeric', minute: '2-digit', timeZone }).format(at);
}

/** Whether an instant is the very beginning of a day in the user's time zone, as plain dates travel in mixed lists. */
export function isMidnight(value: string): boolean {
  const at = new Date(value);
  if (Number.isNaN(at.getTime()) || at.getUTCSeconds() !== 0 || at.getUTCMilliseconds() !== 0) return false;
  const clock = keep(`clock${timeZone}`, () => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone }));
  return clock.format(at) === '00:00';
}

/** The day an instant falls on in the user's time zone, `YYYY-MM-DD`. */
export function dayOf(value: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return value;
  return dayIn(new Date(value), timeZone);
}

function dayIn(at: Date, zone: string | undefined): string {
  return keep(
    `day${zone}`,
    () => new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: zone }),
  ).format(at);
}

/** Milliseconds by which the clocks of the user's zone are ahead of UTC at an instant. */
function offsetAt(at: number): number {
  const parts = keep(
    `clock parts ${timeZone}`,
    () => new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23', timeZone }),
  ).formatToParts(at);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - Math.floor(at / 1000) * 1000;
}

/** What the clocks of the user's zone show at an instant, as a date whose local fields say so: for what can only draw the browser's own zone. */
export function wallClock(value: string | number): Date {
  const at = new Date(value).getTime();
  const shown = new Date(at + offsetAt(at));
  return new Date(
    shown.getUTCFullYear(),
    shown.getUTCMonth(),
    shown.getUTCDate(),
    shown.getUTCHours(),
    shown.getUTCMinutes(),
    shown.getUTCSeconds(),
  );
}

/** The instant at which the clocks of the user's zone show what the local fields of a date say. */
export function instantOf(wall: Date): string {
  const shown = Date.UTC(wall.getFullYear(), wall.getMonth(), wall.getDate(), wall.getHours(), wall.getMinutes(), wall.getSeconds());
  // The offset is that of the instant sought: a second look settles it on the days on which clocks are changed.
  const first = shown - offsetAt(shown);
  return new Date(shown - offsetAt(first)).toISOString();
}

/** A day as a heading: weekday and date. */
export function formatDay(day: string): string {
  const date = plainDate(day);
  if (!date) return day;
  const sameYear = date.getUTCFullYear() === new Date().getFullYear();
  return dates({ weekday: 'long', day: 'numeric', month: 'long', year: sameYear ? undefined : 'numeric', timeZone: 'UTC' }).format(date);
}

/** The name of a day of the week, 0 for Monday to 6 for Sunday. */
export function weekdayName(day: number): string {
  // 1 January 2024 was a Monday.
  return dates({ weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + day, 12));
}

/** The month that a day lies in, as a heading: "March 2024". */
export function formatMonth(day: string): string {
  const date = plainDate(day);
  return date ? dates({ month: 'long', year: 'numeric', timeZone: 'UTC' }).format(date) : day;
}

const dayLength = 86_400_000;

/** Things named one after another: "3 parties changed and 1 note created". */
export function formatList(items: readonly string[]): string {
  return keep('list', () => new Intl.ListFormat(formatLocale(), { style: 'long', type: 'conjunction' })).format(items);
}

/** Within a week: "3 hours ago", "in 2 days"; beyond: the date. `now` is for tests. */
export function formatRelative(value: string, now: Date = new Date()): string {
  const plain = /^\d{4}-\d{2}-\d{2}$/.test(value);
  if (plain) {
    const days = Math.round((Date.parse(`${value}T12:00:00Z`) - Date.parse(`${dayOf(now.toISOString())}T12:00:00Z`)) / dayLength);
    return Math.abs(days) <= 7 ? relative().format(days, 'day') : formatDate(value, true);
  }
  const difference = Date.parse(value) - now.getTime();
  if (Number.isNaN(difference)) return value;
  const size = Math.abs(difference);
  if (size < 60_000) return relative().format(0, 'minute');
  if (size < 3_600_000) return relative().format(Math.trunc(difference / 60_000), 'minute');
  if (size < dayLength) return relative().format(Math.trunc(difference / 3_600_000), 'hour');
  if (size < 7 * dayLength) return relative().format(Math.trunc(difference / dayLength), 'day');
  return formatDate(dayOf(value), true);
}

function relative(): Intl.RelativeTimeFormat {
  return keep(`r${language}`, () => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }));
}

/** A number of days as words: "23 days", "4 months", "2 years". */
export function formatAge(days: number): string {
  const [value, unit] = days < 60 ? [days, 'day'] : days < 730 ? [Math.floor(days / 30.44), 'month'] : [Math.floor(days / 365.25), 'year'];
  return numbers({ style: 'unit', unit: unit as string, unitDisplay: 'long' }).format(value as number);
}

/** Seconds as words of at most two units: "1 h 30 min", "45 sec", "2 days 4 hr" beyond two days. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  const units: [Intl.NumberFormatOptions['unit'], number][] =
    whole >= 2 * 86_400
      ? [
          ['day', Math.floor(whole / 86_400)],
          ['hour', Math.floor(whole / 3600) % 24],
        ]
      : whole >= 3600
        ? [
            ['hour', Math.floor(whole / 3600)],
            ['minute', Math.floor(whole / 60) % 60],
          ]
        : [
            ['minute', Math.floor(whole / 60)],
            ['second', whole % 60],
          ];
  const shown = units.filter(([, value]) => value > 0);
  return (shown.length > 0 ? shown : units.slice(-1))
    .map(([unit, value]) => numbers({ style: 'unit', unit, unitDisplay: 'short' }).format(value))
    .join(' ');
}

/** The name of a country, currency or language by its code; the code itself where none is known. */
export function displayName(type: 'region' | 'currency' | 'language', code: string): string {
  const names = keep(`names${language}${type}`, () => new Intl.DisplayNames(language, { type, fallback: 'code' }));
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

/** Up to where the server counts exactly; beyond it only estimates. */
const countedTo = 10_000;

/** A count as the server knows it: "10,000+" where it stopped counting. */
export function formatCount(count: { value: number; exact: boolean }): string {
  return count.exact ? formatNumber(count.value) : `${formatNumber(Math.min(count.value, countedTo))}+`;
}

/** The calendar day so many days from the user's today, as dates are written on the wire. */
export function dayFromToday(days: number, now = new Date()): string {
  return new Date(Date.parse(`${dayOf(now.toISOString())}T12:00:00Z`) + days * dayLength).toISOString().slice(0, 10);
}

/** How many days ago a day was in the user's time zone; negative for days to come. */
export function daysSince(day: string, now = new Date()): number {
  return Math.round((Date.parse(`${dayOf(now.toISOString())}T12:00:00Z`) - Date.parse(`${day}T12:00:00Z`)) / dayLength);
}

/** A file size in the nearest unit. */
export function formatSize(bytes: number): string {
  const [value, unit] =
    bytes < 1000
      ? [bytes, 'byte']
      : bytes < 1_000_000
        ? [bytes / 1000, 'kilobyte']
        : bytes < 1_000_000_000
          ? [bytes / 1_000_000, 'megabyte']
          : [bytes / 1_000_000_000, 'gigabyte'];
  return numbers({ style: 'unit', unit: unit as string, unitDisplay: unit === 'byte' ? 'long' : 'short', maximumFractionDigits: 1 }).format(
    value as number,
  );
}

/** A number in few signs, for axes: "1.2M". */
export function formatCompact(value: number): string {
  return numbers({ notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

/** A number of days with one decimal: "47.3 days". */
export function formatDays(value: number): string {
  return numbers({ style: 'unit', unit: 'day', unitDisplay: 'long', maximumFractionDigits: 1 }).format(value);
}

/** How much more or less, with its sign: "+12.4%". */
export function formatChange(share: number): string {
  return numbers({ style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' }).format(share);
}

/** A number with its sign and at most one decimal. */
export function formatSigned(value: number): string {
  return numbers({ maximumFractionDigits: 1, signDisplay: 'exceptZero' }).format(value);
}

/** A month by its short name, with its year where that is wanted. */
export function formatMonthShort(day: string, withYear: boolean): string {
  const date = plainDate(day);
  return date ? dates({ month: 'short', ...(withYear ? { year: 'numeric' } : {}), timeZone: 'UTC' }).format(date) : day;
}

/** The stretch of time that begins on a day: a day, its week, "Oct 2017", "Q4 2017", "2017". */
export function formatStretch(day: string, every: 'day' | 'week' | 'month' | 'quarter' | 'year'): string {
  const date = plainDate(day);
  if (!date) return day;
  if (every === 'day' || every === 'week') return formatDate(day, true);
  if (every === 'month') return dates({ month: 'short', year: 'numeric', timeZone: 'UTC' }).format(date);
  const year = dates({ year: 'numeric', timeZone: 'UTC' }).format(date);
  return every === 'year' ? year : `Q${Math.floor(date.getUTCMonth() / 3) + 1} ${year}`;
}
