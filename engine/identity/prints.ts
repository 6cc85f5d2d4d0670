import type { Model } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { copyRows } from '#engine/store/copy-text.ts';
import type { Queryable, Tx } from '#engine/store/db.ts';
import { fieldSql } from '#engine/store/projection.ts';
import { aliases, ident, Params } from '#engine/store/sql.ts';
import type { JsonObject } from '#kit/json.ts';
import { keyNumber } from './keys.ts';
import { matchingOf, type Print } from './matching.ts';

/** A print as it lies beside its record. */
export interface PrintRow {
  id: string;
  variant: string;
  print: Print;
  keys: readonly number[];
}

/** SQL giving the compared values of the rows of `t`, as rules see them. Everybody's: prints are the product's own. */
export function comparedSql(model: Model, object: ModelObject, t: string): string {
  const ctx = { params: new Params(), alias: aliases('m'), visible: () => null };
  const keys = [...Object.keys(object.duplicates?.compare ?? {}), ...(object.variants ? [object.variants.field] : [])];
  const fields = keys.flatMap((key) => object.fields.get(key) ?? []);
  return fields.map((field) => `${fieldSql(model, object, field, t, ctx, 'stored')} as ${ident(field.key)}`).join(', ');
}

/** The print of a record from its values; null where it says nothing that could be compared. */
export function printOf(object: ModelObject, id: string, values: Readonly<Record<string, unknown>>): PrintRow | null {
  const variant = object.variants ? String(values[object.variants.field] ?? '') : '';
  const matching = matchingOf(object, variant);
  if (!matching) return null;
  const print = matching.print(values);
  const keys = matching.keys(print).map(keyNumber);
  return keys.length > 0 ? { id, variant, print, keys } : null;
}

/** The prints of some records as they stand; none of a deleted one. */
export async function readPrints(q: Queryable, model: Model, object: ModelObject, ids: readonly string[]): Promise<PrintRow[]> {
  const rows = await q.query<{ id: string; j: Record<string, unknown> }>(
    `select t.id, (select row_to_json(x) from (select ${comparedSql(model, object, 't')}) x) as j from ${object.table} t where t.id = any($1::uuid[]) and t.deleted_at is null`,
    [ids],
  );
  return rows.flatMap(({ id, j }) => printOf(object, id, j) ?? []);
}

const COLUMNS = [
  { name: 'record_id', type: 'uuid' },
  { name: 'object', type: 'text' },
  { name: 'variant', type: 'text' },
  { name: 'keys', type: 'bigint[]' },
  { name: 'print', type: 'jsonb' },
];

/** Puts prints in the place of those that were there for `ids`. */
export async function writePrints(tx: Tx, object: ModelObject, ids: readonly string[], prints: readonly PrintRow[]): Promise<void> {
  await tx.query('delete from match_prints where record_id = any($1::uuid[])', [ids]);
  if (prints.length === 0) return;
  await copyRows(
    tx,
    'match_prints',
    COLUMNS,
    prints.map(({ id, variant, keys, print }) => [id, object.key, variant, keys as number[], print as unknown as JsonObject]),
  );
}
