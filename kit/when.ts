/**
 * Times as people type them, in English and German: "tomorrow 10:00", "fri", "+2w", "in 3 Tagen", "12.3. 14 Uhr", "next week". Pure: what
 * the clock shows is handed in.
 */

/** A day, and a time of day where one was said. */
export interface When {
  /** `YYYY-MM-DD` */
  day: string;
  /** `HH:MM` */
  time: string | null;
}

const WEEKDAYS: readonly RegExp[] = [
  /^(?:mon(?:day)?|mo|montags?)$/,
  /^(?:tue(?:s|sday)?|di|dienstags?)$/,
  /^(?:wed(?:nesday)?|mi|mittwochs?)$/,
  /^(?:thu(?:r|rs|rsday)?|do|donnerstags?)$/,
  /^(?:fri(?:day)?|fr|freitags?)$/,
  /^(?:sat(?:urday)?|sa|samstags?|sonnabends?)$/,
  /^(?:sun(?:day)?|so|sonntags?)$/,
];
const MONTHS: readonly RegExp[] = [
  /^jan(?:uary|uar)?$/,
  /^feb(?:ruary|ruar)?$/,
  /^(?:mar(?:ch)?|mär(?:z)?|maerz)$/,
  /^apr(?:il)?$/,
  /^(?:may|mai)$/,
  /^jun[ei]?$/,
  /^jul[yi]?$/,
  /^aug(?:ust)?$/,
  /^sep(?:t|tember)?$/,
  /^(?:o[ck]t(?:ober)?)$/,
  /^nov(?:ember)?$/,
  /^de[cz](?:ember)?$/,
];
const UNITS: readonly [RegExp, 'minutes' | 'hours' | 'days' | 'weeks' | 'months' | 'years'][] = [
  [/^(?:min|mins|minutes?|minuten?)$/, 'minutes'],
  [/^(?:h|hrs?|hours?|std|stunden?)$/, 'hours'],
  [/^(?:d|days?|t|tage?n?)$/, 'days'],
  [/^(?:w|wk|weeks?|wochen?)$/, 'weeks'],
  [/^(?:m|mo|months?|monate?n?)$/, 'months'],
  [/^(?:y|years?|j|jahre?n?)$/, 'years'],
];
const NUMBERS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  ein: 1,
  eine: 1,
  einem: 1,
  einer: 1,
  zwei: 2,
  drei: 3,
};
const FILLERS = /^(?:at|on|um|am|the|den|der|dem|of|uhr|o'clock)$/;
const NEXT = /^(?:next|nächste[nrsm]?|naechste[nrsm]?|kommende[nrsm]?|coming)$/;

const two = (value: number): string => String(value).padStart(2, '0');
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
const utc = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const plusDays = (day: string, days: number): string => dayOf(utc(day) + days * 86_400_000);
/** 0 for Monday. */
const weekdayOf = (day: string): number => (new Date(utc(day)).getUTCDay() + 6) % 7;

/** A day of a month; null where there is none. */
function dateOf(year: number, month: number, date: number): string | null {
  const at = new Date(Date.UTC(year, month - 1, date));
  return at.getUTCMonth() === month - 1 && date > 0 ? dayOf(at.getTime()) : null;
}

/** So many months on, on the last day of the month where it is shorter. */
function plusMonths(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const first = Date.UTC(year, month - 1 + months, 1);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return dayOf(first + (Math.min(date, last) - 1) * 86_400_000);
}

/** Without a year the next one of its name. */
const coming = (year: string | undefined, month: number, date: number, today: string): string | null => {
  if (year !== undefined) return dateOf(Number(year.length === 2 ? `20${year}` : year), month, date);
  const here = dateOf(Number(today.slice(0, 4)), month, date);
  return here !== null && here < today ? dateOf(Number(today.slice(0, 4)) + 1, month, date) : here;
};

const placeIn = (list: readonly RegExp[], word: string | undefined): number =>
  word === undefined ? -1 : list.findIndex((name) => name.test(word.replace(/\.$/, '')));

/** Reads a day at the beginning of words: the day and how many words it took. */
function readDay(words: readonly string[], today: string): { day: string; took: number } | null {
  const [first = '', second = '', third = ''] = words;
  const found = (day: string | null, took: number) => (day === null ? null : { day, took });
  if (/^(?:today|heute|tod|tonight)$/.test(first)) return found(today, 1);
  if (/^(?:tomorrow|tmr|tom|morgen)$/.test(first)) return found(plusDays(today, 1), 1);
  if (/^(?:übermorgen|uebermorgen)$/.test(first)) return found(plusDays(today, 2), 1);
  if (first === 'day' && second === 'after' && /^tomorrow$/.test(third)) return found(plusDays(today, 2), 3);
  const next = NEXT.test(first);
  const named = next ? second : first;
  const took = next ? 2 : 1;
  if (next && /^(?:week|woche)$/.test(named)) return found(plusDays(today, 7 - weekdayOf(today)), took);
  if (next && /^(?:month|monat)$/.test(named)) return found(plusMonths(`${today.slice(0, 8)}01`, 1), took);
  if (next && /^(?:year|jahr)$/.test(named)) return found(`${Number(today.slice(0, 4)) + 1}-01-01`, took);
  const weekday = placeIn(WEEKDAYS, named);
  if (weekday >= 0) return found(plusDays(today, ((weekday - weekdayOf(today) + 6) % 7) + 1), took);
  if (next) return null;
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(first);
  if (iso) return found(dateOf(Number(iso[1]), Number(iso[2]), Number(iso[3])), 1);
  const dotted = /^(\d{1,2})\.(\d{1,2})\.?(\d{4}|\d{2})?$/.exec(first);
  if (dotted) return found(coming(dotted[3], Number(dotted[2]), Number(dotted[1]), today), 1);
  const number = /^(\d{1,2})(?:\.|st|nd|rd|th)?$/;
  const month = placeIn(MONTHS, second);
  const year = /^(?:19|20)\d{2}$/.test(third) ? third : undefined;
  if (number.test(first) && month >= 0) return found(coming(year, month + 1, Number.parseInt(first, 10), today), year ? 3 : 2);
  const before = placeIn(MONTHS, first);
  if (before >= 0 && number.test(second)) return found(coming(year, before + 1, Number.parseInt(second, 10), today), year ? 3 : 2);
  return null;
}

/** Reads a time of day at the beginning of words. */
function readTime(words: readonly string[], marked: boolean): { time: string; took: number } | null {
  const [first = '', second = ''] = words;
  if (/^(?:noon|mittags?)$/.test(first)) return { time: '12:00', took: 1 };
  const match = /^(\d{1,2})(?:[:.](\d{2}))?(am|pm|h|uhr)?$/.exec(first);
  if (!match) return null;
  const said = match[3] ?? (/^(?:am|pm|uhr|h)$/.test(second) ? second : undefined);
  // A number alone is a time only where something says so.
  if (match[2] === undefined && said === undefined && !marked) return null;
  const hour = Number(match[1]);
  const minute = Number(match[2] ?? 0);
  const half = said === 'am' || said === 'pm';
  if (minute > 59 || hour > (half ? 12 : 23) || (half && hour === 0)) return null;
  const shown = half ? (hour % 12) + (said === 'pm' ? 12 : 0) : hour;
  return { time: `${two(shown)}:${two(minute)}`, took: match[3] === undefined && said !== undefined ? 2 : 1 };
}

/**
 * What is meant by what was typed; null where it is no time. `now` is what the clock of whoever types shows: `YYYY-MM-DDTHH:MM`. A time
 * that has passed today means tomorrow's.
 */
export function parseWhen(text: string, now: string): When | null {
  const today = now.slice(0, 10);
  const clean = text
    .toLowerCase()
    .replace(/[\s,]+/g, ' ')
    .trim();
  if (clean === '') return null;
  const span = /^(?:\+ ?|in )(\d{1,3}|[a-zäöü]+) ?([a-zäöü]+)\.?(?: (.+))?$/.exec(clean);
  if (span) {
    const many = NUMBERS[span[1] ?? ''] ?? Number(span[1]);
    const unit = UNITS.find(([name]) => name.test(span[2] ?? ''))?.[1];
    if (!Number.isInteger(many) || many < 0 || !unit) return null;
    if (unit === 'hours' || unit === 'minutes') {
      if (span[3]) return null;
      const at = new Date(Date.parse(`${now}:00Z`) + many * (unit === 'hours' ? 3_600_000 : 60_000)).toISOString();
      return { day: at.slice(0, 10), time: at.slice(11, 16) };
    }
    const day =
      unit === 'days' || unit === 'weeks'
        ? plusDays(today, many * (unit === 'weeks' ? 7 : 1))
        : plusMonths(today, many * (unit === 'years' ? 12 : 1));
    if (!span[3]) return { day, time: null };
    const rest = parseWhen(span[3], now);
    return rest?.time && readDay([span[3]], today) === null ? { day, time: rest.time } : null;
  }
  let words = clean.split(' ');
  let day: string | null = null;
  let time: string | null = null;
  while (words.length > 0) {
    const [first = ''] = words;
    if (FILLERS.test(first) && words.length > 1) {
      const at: { time: string; took: number } | null = /^(?:at|um)$/.test(first) && time === null ? readTime(words.slice(1), true) : null;
      if (at) time = at.time;
      words = words.slice(1 + (at?.took ?? 0));
      continue;
    }
    if (first === 'uhr') {
      words = words.slice(1);
      continue;
    }
    const date: { day: string; took: number } | null = day === null ? readDay(words, today) : null;
    // "14.30" is a time, "14.3." a day; a clock with a colon is never a day.
    const clock = time === null ? readTime(words, day !== null && words.length === 1) : null;
    if (clock && (!date || /:|\d\.\d\d$/.test(first))) {
      time = clock.time;
      words = words.slice(clock.took);
    } else if (date) {
      day = date.day;
      words = words.slice(date.took);
      if (/^tonight$/.test(first)) time ??= '19:00';
    } else return null;
  }
  if (day === null && time === null) return null;
  if (day === null) day = time !== null && time <= now.slice(11, 16) ? plusDays(today, 1) : today;
  return { day, time };
}
