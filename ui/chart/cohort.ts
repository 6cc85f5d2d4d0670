import type { Cut, Grain } from '#engine/declare/report.ts';
import { type AnswerRow, amountOf, startOf, stretches } from './answer.ts';

export interface CohortRow {
  /** The stretch in which it began. */
  start: string;
  whole: number;
  /** How much came so many stretches later, with the cell it leads to; null in what is still to come. */
  after: { amount: number | null; share: number; cell: [string, string] }[];
}

/** What began together, by how long it took: rows by the first cut in time, columns by stretches since. Pure. */
export function cohortsOf(rows: readonly AnswerRow[], by: readonly Cut[], measure: string, until: string): CohortRow[] {
  const [began, came] = by;
  if (typeof began !== 'object' || typeof came !== 'object') return [];
  const every: Grain = began.every;
  const starts = new Map<string, Map<number, { amount: number; cell: [string, string] }>>();
  let longest = 0;
  for (const row of rows) {
    const [start, at] = row.by;
    const amount = amountOf(row.figures[measure]);
    if (typeof start !== 'string' || typeof at !== 'string' || amount === null || at < start) continue;
    const later = stretches(start, startOf(at, every), every).length - 1;
    longest = Math.max(longest, later);
    const held = starts.get(start) ?? new Map<number, { amount: number; cell: [string, string] }>();
    held.set(later, { amount: (held.get(later)?.amount ?? 0) + amount, cell: [start, at] });
    starts.set(start, held);
  }
  return [...starts.entries()]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([start, held]) => {
      const whole = [...held.values()].reduce((sum, one) => sum + one.amount, 0);
      const passed = stretches(start, until, every).length - 1;
      return {
        start,
        whole,
        after: Array.from({ length: longest + 1 }, (_, later) => {
          const one = held.get(later);
          const amount = one?.amount ?? (later <= passed ? 0 : null);
          return { amount, share: whole === 0 ? 0 : (amount ?? 0) / whole, cell: one?.cell ?? [start, start] };
        }),
      };
    });
}
