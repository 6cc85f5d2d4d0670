/**
 * The statistical forecast: what will be won in the days to come, reckoned from how deals went so far and from nobody's opinion.
 * Pure: it works on counts that a database gives in a few hundred rows however many deals there are, and knows no clock.
 *
 * Two views are mixed:
 * - **Pipeline.** How likely a deal of some age is to be won within so many days comes from all deals seen so far, open ones included
 *   up to today (cumulative incidence of competing risks, Aalen & Johansen 1978; deals that were open when the records begin enter at
 *   the age they had then). Deals to come arrive as they did lately. Since a sales force can only close so much, the whole is
 *   corrected by what the same reckoning on earlier days would have promised and what came.
 * - **Run rate.** What each group won lately, a day.
 *
 * How much of each is believed is what would have served best on those earlier days.
 */

/** What was known on one day. Ages and spans are in days, values in one currency. */
export interface Sight {
  /** Deals by age: how many came under observation at it, were won, were lost, or stand open at it on that day. */
  lives: readonly { age: number; entered: number; won: number; lost: number; open: number }[];
  /** What stands open, by group and age: the value it would have, were all of it won. */
  open: readonly { group: string; age: number; value: number }[];
  /** What was opened in the last `arrivalDays`, by group, likewise. */
  arrived: readonly { group: string; value: number }[];
  arrivalDays: number;
  /** What was won in the last `wonDays`, by group. */
  won: readonly { group: string; value: number }[];
  wonDays: number;
}

/** An earlier day with what came in the days behind it, as far as that is known. */
export interface Lesson {
  sight: Sight;
  days: number;
  came: readonly { group: string; value: number }[];
}

export interface Expected {
  /** Null for the whole. */
  group: string | null;
  value: number;
  /** Between these lies what comes in eight of ten cases. */
  low: number;
  high: number;
}

/** Chances of a deal: by age, how much of what begins is won by then and how much is still open. */
interface Chances {
  won: readonly number[];
  open: readonly number[];
}

/** Below so many deals at risk a day's rate says nothing; that age is taken as the end of what is known. */
const LEAST_AT_RISK = 5;
/** How finely the mix of the two views is looked for. */
const STEPS = 20;
/** The quantile of Student's distribution that leaves a tenth on each side, by degrees of freedom; of the normal one beyond. */
const TENTH = [3.078, 1.886, 1.638, 1.533, 1.476, 1.44, 1.415, 1.397, 1.383, 1.372];
const TENTH_OF_MANY = 1.2816;
/** How far off a whole is taken to be where nothing was learnt. */
const UNTAUGHT = 0.4;

/** Cumulative incidence of being won, and survival, by age in days. */
export function chancesOf(lives: Sight['lives']): Chances {
  const byAge = new Map(lives.map((life) => [life.age, life]));
  const oldest = lives.reduce((most, { age }) => Math.max(most, age), 0);
  const won = [0];
  const open = [1];
  let atRisk = 0;
  for (let age = 0; age <= oldest; age++) {
    const life = byAge.get(age);
    atRisk += life?.entered ?? 0;
    const [before, left] = [won[age] ?? 0, open[age] ?? 0];
    const known = atRisk >= LEAST_AT_RISK;
    const [wins, losses] = known ? [(life?.won ?? 0) / atRisk, (life?.lost ?? 0) / atRisk] : [0, 0];
    won.push(before + left * wins);
    open.push(left * (1 - wins - losses));
    atRisk -= (life?.won ?? 0) + (life?.lost ?? 0) + (life?.open ?? 0);
  }
  return { won, open };
}

/** The chance that a deal which is open at an age is won within so many days. */
export function chanceWithin({ won, open }: Chances, age: number, days: number): number {
  const last = won.length - 1;
  const from = Math.min(age + 1, last);
  const left = open[from] ?? 0;
  if (left <= 1e-9) return 0;
  return ((won[Math.min(from + days, last)] ?? 0) - (won[from] ?? 0)) / left;
}

/** What the pipeline and the deals to come give, by group, uncorrected. */
function promised(sight: Sight, days: number): Map<string, number> {
  const chances = chancesOf(sight.lives);
  const sums = new Map<string, number>();
  const add = (group: string, value: number) => sums.set(group, (sums.get(group) ?? 0) + value);
  for (const { group, age, value } of sight.open) add(group, value * chanceWithin(chances, age, days));
  // Who comes on the n-th of those days has the days behind it to be won.
  let share = 0;
  for (let left = 1; left <= days; left++) share += chances.won[Math.min(left, chances.won.length - 1)] ?? 0;
  for (const { group, value } of sight.arrived) add(group, (value / sight.arrivalDays) * share);
  return sums;
}

const runRate = (sight: Sight, days: number): Map<string, number> =>
  new Map(sight.won.map(({ group, value }) => [group, (value / sight.wonDays) * days]));

const sum = (values: Iterable<number>): number => [...values].reduce((all, one) => all + one, 0);

/** How far off a forecast was: the sum of the misses over the sum of what came (weighted absolute percentage error). */
export function wape(forecast: ReadonlyMap<string, number>, came: ReadonlyMap<string, number>): number {
  const groups = new Set([...forecast.keys(), ...came.keys()]);
  const missed = sum([...groups].map((group) => Math.abs((forecast.get(group) ?? 0) - (came.get(group) ?? 0))));
  return missed / sum(came.values());
}

/** Both views by group, the pipeline corrected. */
function views(sight: Sight, days: number, correction: number): { pipeline: Map<string, number>; rate: Map<string, number> } {
  const pipeline = new Map([...promised(sight, days)].map(([group, value]) => [group, value * correction]));
  return { pipeline, rate: runRate(sight, days) };
}

function mixed({ pipeline, rate }: ReturnType<typeof views>, share: number): Map<string, number> {
  const groups = new Set([...pipeline.keys(), ...rate.keys()]);
  return new Map([...groups].map((group) => [group, share * (pipeline.get(group) ?? 0) + (1 - share) * (rate.get(group) ?? 0)]));
}

/**
 * What the earlier days teach: the correction of the pipeline, how much of it to believe, and how far off the next one may be (a
 * prediction interval over the misses, wide while the lessons are few).
 */
function learnt(lessons: readonly Lesson[]): { correction: number; share: number; off: number } {
  const usable = lessons.filter(
    ({ came, sight, days }) => sum(came.map(({ value }) => value)) > 0 && sum(promised(sight, days).values()) > 0,
  );
  if (usable.length === 0) return { correction: 1, share: 0.5, off: UNTAUGHT };
  const whole = ({ came }: Lesson): number => sum(came.map(({ value }) => value));
  const factors = usable.map((lesson) => whole(lesson) / sum(promised(lesson.sight, lesson.days).values()));
  const correction = sum(factors) / factors.length;
  const missed = (share: number): number =>
    sum(
      usable.map((lesson) =>
        wape(mixed(views(lesson.sight, lesson.days, correction), share), new Map(lesson.came.map(({ group, value }) => [group, value]))),
      ),
    );
  const shares = Array.from({ length: STEPS + 1 }, (_, n) => n / STEPS);
  const share = shares.reduce((best, one) => (missed(one) < missed(best) ? one : best), 0);
  const misses = usable.map((lesson) => sum(mixed(views(lesson.sight, lesson.days, correction), share).values()) / whole(lesson) - 1);
  const [n, free] = [misses.length, misses.length - 1];
  if (free < 1) return { correction, share, off: UNTAUGHT };
  const deviation = Math.sqrt(sum(misses.map((one) => one * one)) / free);
  return { correction, share, off: (TENTH[free - 1] ?? TENTH_OF_MANY) * deviation * Math.sqrt(1 + 1 / n) };
}

/** What will be won within so many days, as a whole and by group, the largest first. */
export function forecast(sight: Sight, days: number, lessons: readonly Lesson[]): Expected[] {
  const { correction, share, off } = learnt(lessons);
  const byGroup = mixed(views(sight, days, correction), share);
  const told = (group: string | null, value: number, by: number): Expected => ({
    group,
    value,
    low: Math.max(0, value * (1 - by)),
    high: value * (1 + by),
  });
  const total = sum(byGroup.values());
  // A part of the whole is less certain than the whole: misses of independent parts add up by their squares.
  const parts = [...byGroup].filter(([, value]) => value > 0).sort(([, a], [, b]) => b - a);
  return [told(null, total, off), ...parts.map(([group, value]) => told(group, value, off * Math.sqrt(total / value)))];
}
