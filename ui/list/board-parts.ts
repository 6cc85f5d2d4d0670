import type { ReactNode } from 'react';
import type { RecordData } from '../wire.ts';

/** What a column of a board says beside its name, and what its cards are read with for it. */
export interface ColumnPart {
  /** Words of the button in its head, and what it opens; null where there is nothing to say. */
  note: { label: string; body: () => ReactNode } | null;
  /** Fields that cards of the column read more. */
  reads: readonly string[];
}

/** How far a record is in its column, in few words and in a sentence. */
export interface CardMark {
  text: string;
  tip: string;
}

/** What a module adds to the board of its object. Both are hooks. */
export interface BoardPart {
  /** What there is to say of each column, by the id of the record it stands for; undefined until that is known. */
  useColumns: () => ReadonlyMap<string, ColumnPart> | undefined;
  /** How far each of some records is; asked for those in sight together, never card by card. */
  useMarks: (column: string, rows: readonly RecordData[], first: number, last: number) => ReadonlyMap<string, CardMark>;
}

/** Objects whose boards say more than those of any object; modules hand it in through the app, which alone knows them all. */
const parts = new Map<string, BoardPart>();

const NO_COLUMNS: ReadonlyMap<string, ColumnPart> = new Map();
const NO_MARKS: ReadonlyMap<string, CardMark> = new Map();
const plain: BoardPart = { useColumns: () => NO_COLUMNS, useMarks: () => NO_MARKS };

export function setBoardPart(object: string, part: BoardPart): void {
  parts.set(object, part);
}

export const boardPart = (object: string): BoardPart => parts.get(object) ?? plain;
