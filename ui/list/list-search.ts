import { isObject } from '../wire.ts';
import { readWhere, type Where } from './predicate.ts';

export const layouts = ['table', 'board', 'calendar', 'timeline'] as const;
export type Layout = (typeof layouts)[number];

/** What stands under a column; `sumBase` and the like reckon money in the company's currency. */
export const figureKinds = ['count', 'sum', 'avg', 'min', 'max', 'sumBase', 'avgBase', 'minBase', 'maxBase'] as const;
export type FigureKind = (typeof figureKinds)[number];

/** What a list keeps in its address, so that a link shows another person the same rows. */
export interface ListState {
  layout?: Layout;
  where?: Where;
  sort?: string[];
  /** Field keys in their order, the title among them. */
  columns?: string[];
  /** Pixels by column; the others share what is left. */
  widths?: Record<string, number>;
  /** Field by which rows are grouped, or whose values are the columns of a board. */
  group?: string;
  /** Date by which a calendar is filled. */
  date?: string;
  /** What is reckoned under a column. */
  figures?: Record<string, FigureKind>;
}

/** A saved view by its id, and what was changed since it was opened: with `edited` the address alone counts. */
export interface ListSearch extends ListState {
  view?: string;
  edited?: boolean;
  /** The record that is peeked at beside the rows. */
  peek?: string;
}

/** Narrowest and widest a column may be, as the server keeps it. */
export const widthRange = { least: 48, most: 1200 } as const;

export function clampWidth(pixels: number): number {
  return Math.round(Math.max(widthRange.least, Math.min(widthRange.most, pixels)));
}

function readKeys(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const keys = value.filter((entry): entry is string => typeof entry === 'string' && entry !== '');
  return keys.length > 0 ? keys : undefined;
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The entries of an object that `read` understands; none at all is nothing. */
function readEntries<T>(value: unknown, read: (entry: unknown) => T | undefined): Record<string, T> | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value).flatMap(([key, entry]) => {
    const understood = read(entry);
    return understood === undefined ? [] : [[key, understood] as const];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

const among = <T extends string>(known: readonly T[], value: unknown): T | undefined => known.find((one) => one === value);

/** Reads how a list shows its rows, out of an address or a saved view; what it does not understand it leaves out. */
export function readListState(search: Record<string, unknown>): ListState {
  const read: ListState = {
    layout: among(layouts, search.layout),
    where: readWhere(search.where),
    sort: readKeys(search.sort),
    columns: readKeys(search.columns),
    widths: readEntries(search.widths, (width) => (typeof width === 'number' && Number.isFinite(width) ? clampWidth(width) : undefined)),
    group: readText(search.group),
    date: readText(search.date),
    figures: readEntries(search.figures, (kind) => among(figureKinds, kind)),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

/** Reads a list's address. */
export function readListSearch(search: Record<string, unknown>): ListSearch {
  const read: ListSearch = readListState(search);
  const view = readText(search.view);
  if (view) read.view = view;
  if (search.edited === true) read.edited = true;
  const peek = readText(search.peek);
  if (peek) read.peek = peek;
  return read;
}

/** Whether the address itself says how the rows are shown. */
export function saysAnything(state: ListState): boolean {
  return Object.values(state).some((value) => value !== undefined);
}

/** A click on a header: ascending, then descending, then as the object declares. */
export function nextSort(sort: readonly string[], field: string): string[] | undefined {
  if (sort[0] === field) return [`-${field}`];
  if (sort[0] === `-${field}`) return undefined;
  return [field];
}
