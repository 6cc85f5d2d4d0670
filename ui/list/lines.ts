import type { RecordData } from '../wire.ts';
import type { Group } from './groups.ts';

/** What stands in the lines of a list, heads of groups among the rows. Pure. */
export type Line =
  | { kind: 'group'; group: Group; open: boolean }
  /** `at` is the row's place among all that were fetched, `within` among those of its group. */
  | { kind: 'row'; record: RecordData; at: number; within: number; group: string | null }
  /** A row that has not come yet. */
  | { kind: 'ghost'; group: string | null };

/** The rows of an open group as far as they have come. */
export interface Loaded {
  rows: readonly RecordData[];
  more: boolean;
  pending: boolean;
}

const ghostsBelow = 8;

const ghosts = (count: number, group: string | null): Line[] => Array.from({ length: count }, () => ({ kind: 'ghost', group }));

export function plainLines(rows: readonly RecordData[], more: boolean): Line[] {
  const lines: Line[] = rows.map((record, at) => ({ kind: 'row', record, at, within: at, group: null }));
  return more ? [...lines, ...ghosts(ghostsBelow, null)] : lines;
}

export function groupedLines(groups: readonly Group[], open: ReadonlySet<string>, loaded: ReadonlyMap<string, Loaded>): Line[] {
  const lines: Line[] = [];
  let at = 0;
  for (const group of groups) {
    const isOpen = open.has(group.key);
    lines.push({ kind: 'group', group, open: isOpen });
    if (!isOpen) continue;
    const held = loaded.get(group.key);
    for (const [within, record] of (held?.rows ?? []).entries()) lines.push({ kind: 'row', record, at: at++, within, group: group.key });
    if (!held || held.pending) lines.push(...ghosts(Math.min(group.count, ghostsBelow), group.key));
    else if (held.more) lines.push(...ghosts(ghostsBelow, group.key));
  }
  return lines;
}

/** The next or previous line that is a row, from a line on; itself where there is none. */
export function rowBeside(lines: readonly Line[], from: number, by: 1 | -1): number {
  for (let at = from + by; at >= 0 && at < lines.length; at += by) if (lines[at]?.kind === 'row') return at;
  return from;
}
