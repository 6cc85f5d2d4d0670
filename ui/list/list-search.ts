import { readWhere, type Where } from './predicate.ts';

/** What a list keeps in its address, so that a link shows another person the same rows. */
export interface ListSearch {
  where?: Where;
  sort?: string[];
  columns?: string[];
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
  return read;
}

/** A click on a header: ascending, then descending, then as the object declares. */
export function nextSort(sort: readonly string[], field: string): string[] | undefined {
  if (sort[0] === field) return [`-${field}`];
  if (sort[0] === `-${field}`) return undefined;
  return [field];
}
