/**
 * Which partitions a table by time must have: without I/O, so that it can be tried over decades. A plan is one step at a time; after each
 * the table is looked at anew, so that what another server did meanwhile is seen.
 */

/** From the first moment to the one behind the last, in milliseconds. */
export interface Span {
  from: number;
  to: number;
}

export interface Partition extends Span {
  name: string;
  /** As the planner's statistics have it. */
  rows: number;
  /** Known to hold nothing. */
  empty: boolean;
  /** Was seen with rows once: what is empty then was emptied, not made for what is still to come. */
  used: boolean;
}

export interface PartitionState {
  table: string;
  /** All but the default one. */
  partitions: readonly Partition[];
  /** Rows in the default partition by the year they are of. */
  strays: ReadonlyMap<number, number>;
  /** What steps were about that turned out to be too large for a moment, or came upon somebody at long work. */
  refused: ReadonlySet<string>;
}

export type PartitionStep =
  | { do: 'make'; parts: readonly (Span & { name: string })[] }
  | { do: 'retire'; name: string }
  | { do: 'merge'; keep: string; gone: string; span: Span; name: string }
  | { do: 'mark'; name: string };

/** What a step is known by where it cannot be done now. */
export const aboutOf = (step: PartitionStep): string =>
  step.do === 'make' ? (step.parts[0]?.name ?? '') : step.do === 'merge' ? step.gone : step.name;

/** With the default one; more make every plan over the table slow (engine-notes 4, measured). */
export const MOST_PARTITIONS = 40;
/** Years that are there before they begin. */
const AHEAD = 2;
/** Years back that a new table has from the start: what a company brings along. */
const BACK = 10;
/** A year in the default partition gets its own from so many rows on. */
export const STRAYS_FROM = 1_000;
/** Rows that are moved at most while nobody may write. */
export const MOVED_AT_ONCE = 20_000;
/** Kept free when it is about years that strayed: room for those to come. */
const SPARE = AHEAD + 1;

const yearOf = (at: number): number => new Date(at).getUTCFullYear();
const startOf = (year: number): number => Date.UTC(year, 0);
const yearSpan = (year: number): Span => ({ from: startOf(year), to: startOf(year + 1) });

/** The partitions of a table that is made now. */
export function firstPartitions(table: string, now: Date): (Span & { name: string })[] {
  const year = now.getUTCFullYear();
  return Array.from({ length: BACK + AHEAD + 1 }, (_, i) => yearSpan(year - BACK + i)).map((span) => ({
    ...span,
    name: nameOf(table, span, new Set()),
  }));
}

/** What to do next; null where all is as it must be, or as near as it can be. */
export function nextStep(state: PartitionState, now: Date): PartitionStep | null {
  const { table, partitions, strays, refused } = state;
  const year = now.getUTCFullYear();
  const taken = new Set(partitions.map(({ name }) => name));
  const count = partitions.length + 1;
  const over = (p: Partition) => p.to <= startOf(year);
  const make = (spans: readonly Span[]): PartitionStep => {
    const names = new Set(taken);
    const parts = spans.map((span) => {
      const name = nameOf(table, span, names);
      names.add(name);
      return { ...span, name };
    });
    return { do: 'make', parts };
  };

  const seen = partitions.find((p) => over(p) && !p.empty && !p.used && !refused.has(p.name));
  if (seen) return { do: 'mark', name: seen.name };

  const idle = partitions.find(
    (p) =>
      p.empty && !refused.has(p.name) && ((over(p) && (p.used || p.to <= startOf(year - BACK))) || p.from >= startOf(year + AHEAD + 1)),
  );
  if (idle) return { do: 'retire', name: idle.name };

  for (let next = year; next <= year + AHEAD; next++) {
    const missing = gapsIn(yearSpan(next), partitions);
    if (missing.length === 0) continue;
    const step = make(missing);
    if (refused.has(aboutOf(step))) continue;
    return count + missing.length <= MOST_PARTITIONS ? step : makeRoom(state, over);
  }
  if (count > MOST_PARTITIONS) return makeRoom(state, over);

  const strayed = [...strays]
    .filter(([of, n]) => of >= 1000 && of < 9999 && n >= STRAYS_FROM && n <= MOVED_AT_ONCE)
    .sort((a, b) => b[1] - a[1]);
  for (const [of] of strayed) {
    const missing = gapsIn(yearSpan(of), partitions);
    if (missing.length === 0 || count + missing.length + SPARE > MOST_PARTITIONS) continue;
    const step = make(missing);
    if (!refused.has(aboutOf(step))) return step;
  }
  return null;
}

/** One less: the oldest empty one, or else two old neighbours become one, those of which the smaller is smallest. */
function makeRoom({ table, partitions, refused }: PartitionState, over: (p: Partition) => boolean): PartitionStep | null {
  const old = partitions.filter((p) => over(p) && !refused.has(p.name)).sort((a, b) => a.from - b.from);
  const empty = old.find((p) => p.empty);
  if (empty) return { do: 'retire', name: empty.name };
  let best: { keep: Partition; gone: Partition } | null = null;
  for (const [i, one] of old.entries()) {
    const other = old[i + 1];
    if (!other || one.to !== other.from) continue;
    const [gone, keep] = one.rows <= other.rows ? [one, other] : [other, one];
    if (gone.rows <= MOVED_AT_ONCE && (best === null || gone.rows < best.gone.rows)) best = { keep, gone };
  }
  if (!best) return null;
  const { keep, gone } = best;
  const span = { from: Math.min(keep.from, gone.from), to: Math.max(keep.to, gone.to) };
  const taken = new Set(partitions.map(({ name }) => name));
  return { do: 'merge', keep: keep.name, gone: gone.name, span, name: nameOf(table, span, taken) };
}

/** What of a span no partition covers. */
export function gapsIn(span: Span, partitions: readonly Span[]): Span[] {
  const gaps: Span[] = [];
  let { from } = span;
  for (const one of [...partitions].sort((a, b) => a.from - b.from)) {
    if (one.to <= from || one.from >= span.to) continue;
    if (one.from > from) gaps.push({ from, to: one.from });
    from = Math.max(from, one.to);
  }
  if (from < span.to) gaps.push({ from, to: span.to });
  return gaps;
}

/** `interactions_2027`, `interactions_2015_to_2017`, by its first day where it is no whole years; another where that is taken. */
function nameOf(table: string, span: Span, taken: ReadonlySet<string>): string {
  const [first, last] = [yearOf(span.from), yearOf(span.to - 1)];
  const day = new Date(span.from).toISOString().slice(0, 10).replaceAll('-', '_');
  const whole = span.from === startOf(first) && span.to === startOf(last + 1);
  const name = `${table}_${whole ? (first === last ? first : `${first}_to_${last}`) : day}`;
  if (!taken.has(name)) return name;
  for (let i = 2; ; i++) if (!taken.has(`${name}_${i}`)) return `${name}_${i}`;
}

/** The bounds of a partition as SQL. */
export const boundsSql = ({ from, to }: Span): string => `from (${momentSql(from)}) to (${momentSql(to)})`;

/** A moment as SQL; what is outside the calendar is without an end. */
export const momentSql = (at: number): string =>
  Number.isFinite(at) ? `'${new Date(at).toISOString().replace('T', ' ').replace('Z', '+00')}'` : at < 0 ? 'minvalue' : 'maxvalue';

/** Reads bounds as PostgreSQL says them under `TimeZone = UTC`; null where they are of another kind. */
export function readBounds(text: string): Span | null {
  const match = /^FOR VALUES FROM \((?:'([^']+)'|(MINVALUE))\) TO \((?:'([^']+)'|(MAXVALUE))\)$/.exec(text);
  if (!match) return null;
  const moment = (at: string) => Date.parse(at.replace(' ', 'T').replace(/\+00$/, 'Z'));
  const from = match[1] === undefined ? Number.NEGATIVE_INFINITY : moment(match[1]);
  const to = match[3] === undefined ? Number.POSITIVE_INFINITY : moment(match[3]);
  return Number.isNaN(from) || Number.isNaN(to) ? null : { from, to };
}
