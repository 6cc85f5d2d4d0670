import { Readable } from 'node:stream';
import type { Json } from '#kit/json.ts';
import type { Tx } from './db.ts';

/**
 * Rows by COPY: for PostgreSQL half the work of the same rows as one JSON parameter (measured: 14 against 26 µs a party,
 * 11 against 21 µs a log row), so bulk inserts go this way. Constraints and defaults are the same.
 */
export interface CopyColumn {
  name: string;
  /** SQL type; decides how a value is written. */
  type: string;
}

/** Inserts rows of cells in the order of `columns`. */
export async function copyRows(
  tx: Tx,
  table: string,
  columns: readonly CopyColumn[],
  rows: Iterable<readonly (Json | undefined)[]>,
): Promise<void> {
  await tx.copyIn(`copy ${table} (${columns.map(({ name }) => name).join(', ')}) from stdin`, Readable.from(pieces(columns, rows)));
}

/** Text to send at once: PostgreSQL takes in one piece while the next is written. */
const PIECE = 64 * 1024;

function* pieces(columns: readonly CopyColumn[], rows: Iterable<readonly (Json | undefined)[]>): Generator<string> {
  const write = columns.map(({ type }) => (/json/.test(type) ? jsonCell : type.endsWith('[]') ? arrayCell : plainCell));
  let text = '';
  for (const row of rows) {
    for (let i = 0; i < write.length; i++) {
      const value = row[i];
      text += (i > 0 ? '\t' : '') + (value === null || value === undefined ? '\\N' : (write[i]?.(value) ?? ''));
    }
    text += '\n';
    if (text.length >= PIECE) {
      yield text;
      text = '';
    }
  }
  if (text !== '') yield text;
}

const SPECIAL = /[\\\n\r\t]/;
const escaped = (text: string): string =>
  SPECIAL.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t') : text;

/** JSON holds none of the others as they are. */
const jsonCell = (value: Json): string => {
  const text = JSON.stringify(value);
  return text.includes('\\') ? text.replaceAll('\\', '\\\\') : text;
};
const plainCell = (value: Json): string =>
  typeof value === 'boolean' ? (value ? 't' : 'f') : typeof value === 'number' ? String(value) : escaped(String(value));
/** `{"a","b"}`: quoted throughout, so that nothing in a text is taken for syntax. */
const arrayCell = (value: Json): string =>
  escaped(
    `{${(Array.isArray(value) ? value : [value]).map((item) => (item === null ? 'null' : `"${String(item).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)).join(',')}}`,
  );
