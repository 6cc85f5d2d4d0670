import { addDays, daysBetween } from '#kit/calendar.ts';
import { lastDay, type Period, periodAt, periodsOn } from './period.ts';
import type { Sights } from './sight.ts';
import { CUTS, type Cut } from './snapshot.object.ts';
import { type Expected, forecast, type Lesson } from './statistical.ts';

/** What experience expects of a group in a period, besides what is won already. */
export interface Outlook extends Period {
  cut: Cut;
  /** Id of the owner, product or territory; null for the whole, empty for what has none. */
  group: string | null;
  value: number;
  low: number;
  high: number;
}

/** The periods that are looked forward to from a day: this month and quarter and those behind them. */
export function periodsAhead(day: string): Period[] {
  return (['month', 'quarter'] as const).flatMap((every) => {
    const now = periodAt(day, every);
    return [now, periodsOn(now, 1)];
  });
}

/** How many days back the lessons of a forecast over so many days lie: each of them is over, and has another month behind it. */
export const lessonDays = (day: string, days: number): string[] => [0, 30, 60].map((more) => addDays(day, -days - more));

/** How far one looks from a day: the ends of the periods ahead, in days. A period that ends today has nothing left to come. */
export const spans = (day: string): number[] => [
  ...new Set(periodsAhead(day).flatMap((period) => Math.max(0, daysBetween(day, lastDay(period))) || [])),
];

/** What was known on the day and on the days of the lessons, and what came behind those. */
export interface Experience {
  day: string;
  sight: Sights;
  lessons: ReadonlyMap<number, readonly { sight: Sights; came: Record<Cut, Lesson['came']> }[]>;
}

/** What each period ahead will still bring, as a whole and by each cut. Pure. */
export function outlooks({ day, sight, lessons }: Experience): Outlook[] {
  return CUTS.flatMap((cut) => {
    const reach = new Map<number, Expected[]>();
    for (const days of spans(day))
      reach.set(
        days,
        forecast(
          sight[cut],
          days,
          (lessons.get(days) ?? []).map((lesson) => ({ sight: lesson.sight[cut], days, came: lesson.came[cut] })),
        ),
      );
    return periodsAhead(day).flatMap((period) => {
      const until = reach.get(daysBetween(day, lastDay(period))) ?? [];
      // What comes in a later period comes until its end, less what comes until its beginning.
      const before = new Map((reach.get(daysBetween(day, period.from) - 1) ?? []).map((one) => [one.group, one.value]));
      return until
        .filter(({ group }) => (group === null) === (cut === 'whole'))
        .map(({ group, value, low, high }) => {
          const rest = Math.max(0, value - (before.get(group) ?? 0));
          const part = value > 0 ? rest / value : 0;
          return { ...period, cut, group, value: rest, low: low * part, high: high * part };
        });
    });
  });
}
