import { mayReadField } from '#engine/access/policy.ts';
import type { BoundField } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { formulaOf } from '#engine/declare/formula/readings.ts';
import { resolvedFormula } from '#engine/declare/formula/resolve.ts';
import { FormulaProblem } from '#engine/declare/formula/terms.ts';
import { bindContext, type Context, isBuilding, sqlContext } from '#engine/record/context.ts';
import { conditionSql } from '#engine/record/read.ts';
import { valueSql } from '#engine/store/formula-sql.ts';
import { titleSql } from '#engine/store/projection.ts';
import { Params } from '#engine/store/sql.ts';
import { denied, notFound } from '#kit/errors.ts';
import type { Json, JsonObject } from '#kit/json.ts';

/** How many records a formula is tried on. */
const TRIED = 3;

/**
 * What an expression would give, before there is a field of it: its type, what is wrong with it and where, and its value for
 * the records that came last. Somebody sees no more by it than they may read.
 */
export async function tryFormula(
  ctx: Context,
  key: string,
  asked: { expression: string; type?: string; optionsOf?: string },
): Promise<JsonObject> {
  if (!ctx.actor.rights.may('administer')) throw denied();
  const object = ctx.model.objects.get(key);
  if (!object || ctx.actor.rights.scope(key, 'read') === 'none') throw notFound('There is no such object.');
  const declared: BoundField = { type: 'formula', with: { ...asked }, key: 'tried', column: 'tried', table: object.table };
  let field: BoundField;
  try {
    field = resolvedFormula(ctx.model, object, declared);
    if (!mayReadField(ctx.actor, object, field))
      throw new FormulaProblem('unknownField', 'It reads what you may not know.', 0, 0, { path: asked.expression, object: key });
  } catch (error) {
    if (!(error instanceof FormulaProblem)) throw error;
    const { code, message, start, end, values } = error;
    return { type: null, steady: false, samples: [], problem: { code, detail: message, start, end, values: { ...values } } };
  }
  const steady = formulaOf(field)?.steady === true && !object.partitionBy;
  const told = { type: field.type, steady, problem: null };
  if (isBuilding(ctx, object, field)) return { ...told, samples: [] };
  const params = new Params();
  const sql = sqlContext(ctx, params);
  const title = object.fields.get(object.title);
  const name = title && bindContext(ctx).readable(object, title) ? titleSql(object, 't') : 'null::text';
  const value = valueSql(field, 't', sql, (t) => typeOf(field).read(field, t));
  const rows = await ctx.db.lists<{ id: string; name: string | null; value: Json }>(
    `select t.id, ${name} as name, to_json(${value}) as value from (select t.* from ${object.table} t where ${conditionSql(ctx, object, null, 't', params)} order by t.id desc limit ${TRIED}) t order by t.id desc`,
    params.values,
  );
  return { ...told, samples: rows.map((row) => ({ id: row.id, name: row.name, value: row.value })) };
}
