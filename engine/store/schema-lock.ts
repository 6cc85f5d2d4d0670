import { typeOf } from '#engine/declare/fields/index.ts';
import { linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import { membershipColumns } from '#engine/declare/fields/many-to-many/membership.ts';
import type { Model } from '#engine/declare/model.ts';
import { MIGRATIONS } from './engine-tables.sql.ts';
import { columnsOfFigures, columnsOfObject, indexesOf } from './schema.ts';

/**
 * What the declarations make of the database, as one readable file: `schema.lock.json` is committed, so that every change of a
 * table is seen in review, and a column that disappears from it is noticed before it is forgotten in somebody's base.
 */
export function schemaLock(model: Model): string {
  const tables: Record<string, unknown> = {};
  for (const object of [...model.objects.values()].sort((a, b) => (a.table < b.table ? -1 : 1))) {
    tables[object.table] = {
      columns: Object.fromEntries(columnsOfObject(object).map(({ name, type }) => [name, type])),
      links: object.declared
        .filter((field) => typeOf(field).storage === 'link')
        .map((field) => [linkTable(field), ...membershipColumns(field).map(({ name, type }) => `${name} ${type}`)].join(', ')),
      ...(columnsOfFigures(object).length > 0
        ? { figures: Object.fromEntries(columnsOfFigures(object).map(({ name, type }) => [name, type])) }
        : {}),
      indexes: indexesOf(object).map((index) => index.sql.replace('%s ', '')),
      ...(object.partitionBy ? { partitionBy: object.partitionBy } : {}),
    };
  }
  return `${JSON.stringify({ migrations: MIGRATIONS.map(({ number, title }) => `${number} ${title}`), tables }, null, 2)}\n`;
}
