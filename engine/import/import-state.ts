import type { ImportMode, Mapping } from '#engine/declare/import-mapping.ts';
import type { RowProblem } from './rows.ts';
import type { StagedFile } from './stage.ts';

/** What was asked for, kept in `imports.options`. */
export interface ImportOptions {
  object: string;
  preset: string | null;
  mapping: Mapping;
  mode: ImportMode;
  dryRun: boolean;
  /** Rows that are likely a record already there are left out instead of created. */
  leaveOutLikely?: boolean;
  /** The prepared file; its path is relative to the data folder. */
  staged: StagedFile;
  /** Names of its columns, in order. */
  columns: string[];
  rows: number;
}

/** How far an import is: kept in `imports.state`, in the transaction of what it counts. */
export interface ImportState {
  phase: 'rows' | 'references' | 'done';
  /** Behind the last row done. */
  byte: number;
  row: number;
  done: number;
  created: number;
  updated: number;
  skipped: number;
  failed: number;
  /** Rows with a problem, whether they were written or not. */
  problemRows: number;
  /** The first hundred. */
  problems: RowProblem[];
  errorBytes: number;
  deferredBytes: number;
  /** How much of the open references is filled in. */
  deferredAt: number;
  /** New rows that were compared with the records already there, and how many are likely one of them. */
  compared: number;
  likely: number;
  /** The first of these. */
  likes: LikelyRow[];
  /** New rows by which somebody would be known again who was erased, and the first of these. */
  erased: number;
  erasedRows: number[];
}

/** A row that is likely a record already there. */
export interface LikelyRow {
  row: number;
  likelihood: number;
  record: { id: string; name: string | null };
}

/** Likely rows an answer holds. */
export const SHOWN_LIKES = 50;

/** Problems an answer holds; the error file has them all. */
export const SHOWN_PROBLEMS = 100;

export const newState = (staged: StagedFile): ImportState => ({
  phase: 'rows',
  byte: staged.start.byte,
  row: staged.start.row,
  done: 0,
  created: 0,
  updated: 0,
  skipped: 0,
  failed: 0,
  problemRows: 0,
  problems: [],
  errorBytes: 0,
  deferredBytes: 0,
  deferredAt: 0,
  compared: 0,
  likely: 0,
  likes: [],
  erased: 0,
  erasedRows: [],
});
