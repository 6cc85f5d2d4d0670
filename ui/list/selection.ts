import type { RecordData } from '../wire.ts';
import type { Where } from './predicate.ts';

/**
 * What is selected in a list: some rows by their ids, or every record that meets the list's condition, those not yet
 * fetched included. Pure; the list holds it as state.
 */
export type Selection = { kind: 'some'; ids: ReadonlySet<string> } | { kind: 'all' };

export const nothing: Selection = { kind: 'some', ids: new Set() };

export function isSelected(selection: Selection, id: string): boolean {
  return selection.kind === 'all' || selection.ids.has(id);
}

/** Nothing at all is selected: no bar, and rows open on a click. */
export function isBare(selection: Selection): boolean {
  return selection.kind === 'some' && selection.ids.size === 0;
}

/** Selects a row or takes it out. Out of all becomes: the rows that were fetched, but this one. */
export function toggled(selection: Selection, id: string, rows: readonly RecordData[]): Selection {
  const ids = new Set(selection.kind === 'all' ? rows.map((row) => row.id) : selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { kind: 'some', ids };
}

/** Adds the rows between two places, both included. */
export function ranged(selection: Selection, rows: readonly RecordData[], from: number, to: number): Selection {
  if (selection.kind === 'all') return selection;
  const between = rows.slice(Math.max(0, Math.min(from, to)), Math.max(from, to) + 1).map((row) => row.id);
  return { kind: 'some', ids: new Set([...selection.ids, ...between]) };
}

/** The condition that says what is selected. `where` is the list's own. */
export function selectedWhere(selection: Selection, where: Where | undefined): unknown {
  if (selection.kind === 'all') return where ?? { all: [] };
  return { field: 'id', op: 'in', value: [...selection.ids] };
}
