import { useEffect, useRef } from 'react';
import { takeVisit } from '../record/trail.ts';
import type { Peeked } from '../record/use-peek-address.ts';
import { useOfferWalk } from '../record/walk.ts';
import type { ObjectMeta } from '../wire.ts';
import type { Group } from './groups.ts';
import { type Line, rowBeside } from './lines.ts';
import type { Records } from './use-records.ts';

/** The peek follows a cursor that has come to rest, not every row that it passes. */
const restMs = 90;

interface Table {
  object: ObjectMeta;
  lines: readonly Line[];
  active: number;
  peek: Peeked;
  count: Records['count'];
  groups: readonly Group[] | undefined;
  /** Moves the cursor as a key does, and scrolls there. */
  move: (index: number) => void;
  /** Opens the page of the record that is peeked at, be it among the rows or not. */
  openPeeked: (id: string) => void;
}

/**
 * What joins a table's cursor and the peek beside it. They go together: a moved cursor takes the peek along, a peek that
 * goes on or was there first takes the cursor. Gives what to call when the cursor was moved.
 */
export function useTablePeek({ object, lines, active, peek, count, groups, move, openPeeked }: Table): (index: number) => void {
  const { id } = peek;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  // Closed while the cursor was moving, it stays closed.
  useEffect(() => {
    if (id !== undefined) return;
    clearTimeout(timer.current);
    timer.current = undefined;
  }, [id]);
  const follow = (index: number): void => {
    const line = lines[index];
    if (id === undefined || line?.kind !== 'row') return;
    clearTimeout(timer.current);
    const next = line.record.id;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      peek.open(next);
    }, restMs);
  };

  const indexOf = (record: string): number => lines.findIndex((line) => line.kind === 'row' && line.record.id === record);
  // Rows come and go: the cursor stays on the record that is peeked at, not on its place.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the rows or the record change; a cursor that moves is followed
  useEffect(() => {
    if (id === undefined || timer.current !== undefined) return;
    const line = lines[active];
    if (line?.kind === 'row' && line.record.id === id) return;
    const index = indexOf(id);
    if (index >= 0) move(index);
  }, [lines, id]);
  // Whoever comes back from a record's page is at its row, whichever they walked on to.
  const visit = useRef<string | null | undefined>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once the rows are there
  useEffect(() => {
    if (visit.current === undefined) visit.current = takeVisit(object.plural);
    if (visit.current === null || lines.length === 0) return;
    const index = indexOf(visit.current);
    visit.current = null;
    if (index < 0) return;
    // Once the rows have their height and the list its offset of then.
    requestAnimationFrame(() => move(index));
  }, [lines]);

  const line = lines[active];
  const row = line?.kind === 'row' && line.record.id === id ? line : undefined;
  const group = row?.group == null ? undefined : groups?.find(({ key }) => key === row.group);
  const beside = (by: 1 | -1): (() => void) | null => {
    if (!row) return null;
    const to = rowBeside(lines, active, by);
    return to === active ? null : () => move(to);
  };
  useOfferWalk(
    id === undefined
      ? null
      : {
          at: row ? row.within + 1 : null,
          of: row?.group == null ? (count ?? null) : group ? { value: group.count, exact: true } : null,
          previous: beside(-1),
          next: beside(1),
          open: () => openPeeked(id),
        },
  );
  return follow;
}
