import { requireVerb, scopeBranches } from '#engine/access/policy.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import { bindContext, type Context, sqlContext } from '#engine/record/context.ts';
import { type Cursor, cursorColumns, outerOrder, pageJoin, pageSql, planSort } from '#engine/store/page.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { Params } from '#engine/store/sql.ts';
import { notFound } from '#kit/errors.ts';
import { columnsSql, type ExportColumn } from './columns.ts';

export interface ExportQuery {
  where?: unknown;
  sort?: readonly string[];
}

const PAGE = 5000;
/** Between the cells of a row on their way from the database; no text may hold it. */
const CELL = '\u001f';

/**
 * The rows of a query in key order, page by page, so that no export holds a snapshot or a lock: what is written meanwhile
 * appears as it is when its page is read. The next page is asked for while the last one is written out.
 */
export async function* exportPages(
  ctx: Context,
  object: ModelObject,
  query: ExportQuery,
  columns: readonly ExportColumn[],
): AsyncGenerator<string[][]> {
  requireVerb(ctx.actor, object, 'read');
  let next = readPage(ctx, object, query, columns, null);
  for (;;) {
    const page = await next;
    if (page.cursor) {
      next = readPage(ctx, object, query, columns, page.cursor);
      next.catch(() => undefined);
    }
    if (page.rows.length > 0) yield page.rows;
    if (!page.cursor) return;
  }
}

async function readPage(
  ctx: Context,
  object: ModelObject,
  query: ExportQuery,
  columns: readonly ExportColumn[],
  cursor: Cursor | null,
): Promise<{ rows: string[][]; cursor: Cursor | null }> {
  const params = new Params();
  const sql = sqlContext(ctx, params);
  const sort = query.sort && query.sort.length > 0 ? query.sort : ['id'];
  const plan = planSort(bindContext(ctx), object, sort, 't', sql);
  const scopes = scopeBranches(ctx.model, ctx.actor, object, 'read', 't', params);
  if (scopes === null) throw notFound();
  const where =
    query.where === undefined || query.where === null ? 'true' : toSql(bindPredicate(bindContext(ctx), object, query.where), 't', sql);
  const page = pageSql(object, 't', plan, { where, scopes, cursor, limit: params.add(PAGE, 'integer'), ctx: sql });
  const { cells, joins } = columnsSql(ctx, columns, 'r', sql);
  const line = cells.map((cell) => `coalesce(${cell}, '')`).join(` || E'\\x1f' || `);
  const rows = await ctx.db.query<Record<string, string>>(
    `with page as materialized (${page})
     select ${line} as l, p.id${cursorColumns(plan, 'p')} from page p join ${object.table} r on ${pageJoin(object, 'r', 'p')} ${joins.join(' ')} order by ${outerOrder(plan, 'p')}`,
    params.values,
  );
  const last = rows.at(-1);
  return {
    rows: rows.map((row) => (row.l ?? '').split(CELL)),
    cursor: rows.length === PAGE && last ? { values: plan.keys.map((_, i) => last[`c${i}`] ?? null), id: last.id ?? '' } : null,
  };
}
