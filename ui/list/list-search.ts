import { readWhere, type Where } from './predicate.ts';

/** What a list keeps in its address, so that a link shows another person the same rows. */
export interface ListState {
  where?: Where;
  sort?: string[];
  columns?: string[];
}

/** A saved view by its id, and what was changed since it was opened: with `edited` the address alone counts. */
export interface ListSearch extends ListState {
  view?: string;
  edited?: boolean;
}

function readKeys(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const keys = value.filter((entry): entry is string => typeof entry === 'string' && entry !== '');
  return keys.length > 0 ? keys : undefined;
}

/** Reads a list's address; what it does not understand it leaves out. */
export function readListSearch(search: Record<string, unknown>): ListSearch {
  const read: ListSearch = {};
  const where = readWhere(search.where);
  const sort = readKeys(search.sort);
  const columns = readKeys(search.columns);
  if (where) read.where = where;
  if (sort) read.sort = sort;
  if (columns) read.columns = columns;
  if (typeof search.view === 'string' && search.view !== '') read.view = search.view;
  if (search.edited === true) read.edited = true;
  return read;
}

/** A click on a header: ascending, then descending, then as the object declares. */
export function nextSort(sort: readonly string[], field: string): string[] | undefined {
  if (sort[0] === field) return [`-${field}`];
  if (sort[0] === `-${field}`) return undefined;
  return [field];
}
