import { mayReadField } from '#engine/access/policy.ts';
import type { BoundField } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { SYSTEM_FIELDS, targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { type ResolvedPath, resolvePath } from '#engine/declare/predicate.ts';
import { bindContext, type Context } from '#engine/record/context.ts';
import { type Joined, joinPath, pathSql, titleSql } from '#engine/store/projection.ts';
import { and, type SqlContext } from '#engine/store/sql.ts';
import { invalid, type Problem } from '#kit/errors.ts';

/** One column of an exported table. */
export interface ExportColumn {
  /** Its name in the header: the path. An import finds the same field by it again. */
  name: string;
  path: ResolvedPath;
  /** Which end of a reference: its title, or its id (`owner.id`). */
  reference: 'title' | 'id' | null;
  /** How a spreadsheet keeps it. */
  kind: 'text' | 'number' | 'date' | 'instant' | 'boolean' | 'phone';
  /** From the text that the database gave to the text of the cell. */
  show: ((text: string) => string) | null;
}

/** The columns that an export has unless told: everything that can be read, and read in again without loss. */
export function defaultColumns(ctx: Context, object: ModelObject): string[] {
  const names = ['id'];
  for (const field of object.declared) {
    const type = typeOf(field);
    if (['inverse', 'figure', 'formula'].includes(type.storage) || field.retired || !mayReadField(ctx.actor, object, field)) continue;
    if (field.type === 'address' || field.type === 'personName')
      names.push(...Object.keys(type.parts ?? {}).map((part) => `${field.key}.${part}`));
    else if (targetOf(field) !== null && type.storage === 'columns') names.push(field.key, `${field.key}.id`);
    else names.push(field.key);
  }
  return [...names, 'createdAt', 'updatedAt'];
}

/** Resolves column names under the actor's rights; refuses those that are not there or may not be read. */
export function exportColumns(ctx: Context, object: ModelObject, names: readonly string[]): ExportColumn[] {
  const problems: Problem[] = [];
  if (names.length > 200) throw invalid('At most 200 columns.', [{ path: 'fields', code: 'tooLong', detail: 'At most 200 columns.' }]);
  const columns = names.flatMap((name): ExportColumn[] => {
    const byId = name.endsWith('.id');
    const path = resolvePath(bindContext(ctx), object, byId ? name.slice(0, -3) : name);
    const target = path && path.part === null && typeOf(path.field).storage === 'columns' ? targetOf(path.field) : null;
    if (!path || typeOf(path.field).storage === 'inverse' || (byId && target === null)) {
      problems.push({ path: 'fields', code: 'unknownField', detail: `${object.key} has no field “${name.slice(0, 80)}”.` });
      return [];
    }
    const reference = target === null ? null : byId ? 'id' : 'title';
    return [{ name, path, reference, kind: kindOf(path, reference), show: showOf(path, reference) }];
  });
  if (problems.length > 0) throw invalid('Some fields cannot be exported.', problems);
  return columns;
}

function kindOf({ field, part, shape }: ResolvedPath, reference: ExportColumn['reference']): ExportColumn['kind'] {
  if (reference !== null || (part === null && typeOf(field).cell === 'text')) return 'text';
  if (field.type === 'phone') return 'phone';
  if (part === null && ['money', 'tags', 'multiSelect', 'manyToMany', 'externalIds'].includes(field.type)) return 'text';
  switch (shape?.kind) {
    case 'number':
      return 'number';
    case 'date':
    case 'instant':
    case 'boolean':
      return shape.kind;
    default:
      return 'text';
  }
}

/** Types whose stored text is not yet what a person reads; their value comes as JSON and is written out by the type itself. */
function showOf({ field, part }: ResolvedPath, reference: ExportColumn['reference']): ExportColumn['show'] {
  if (reference !== null || part !== null || isPlain(field)) return null;
  const type = typeOf(field);
  return (text) => type.toText(JSON.parse(text), field);
}

const isPlain = (field: BoundField): boolean => {
  const { cell, columns: of } = typeOf(field);
  const columns = of(field);
  return cell === undefined && columns.length === 1 && !/json|\[\]/.test(columns[0]?.type ?? 'json');
};

/** SQL text of the cells of a row with alias `t`, and the joins they need. */
export function columnsSql(
  ctx: Context,
  columns: readonly ExportColumn[],
  t: string,
  sql: SqlContext,
): { cells: string[]; joins: string[] } {
  const held = new Map<string, Joined>();
  const joins: string[] = [];
  const cells = columns.map(({ path, reference }) => {
    // What is not reckoned yet is left empty.
    if (ctx.building?.has(`${path.object.key}.${path.field.key}`)) return 'null::text';
    const joined = joinPath(path, t, sql, held);
    joins.push(...joined.joins);
    const row = joined.alias;
    const { field } = path;
    if (reference === 'id') return `${row}.${field.column}_id::text`;
    if (reference === 'title') {
      const target = ctx.model.object(targetOf(field) ?? '');
      const far = sql.alias();
      return `(select ${titleSql(target, far)}::text from ${target.table} ${far} where ${and([`${far}.id = ${row}.${field.column}_id`, `${far}.deleted_at is null`, sql.visible(target, far)])})`;
    }
    if (path.part !== null) return pathSql(ctx.model, path, row, sql, 'stored');
    if (SYSTEM_FIELDS.includes(field.key) || isPlain(field)) return `${typeOf(field).read(field, row)}::text`;
    return `to_json(${pathSql(ctx.model, path, row, sql, 'stored')})::text`;
  });
  return { cells, joins };
}
