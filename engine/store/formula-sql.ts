import type { BoundField } from '#engine/declare/field.ts';
import { figuresTable } from '#engine/declare/figures.ts';
import { columnsOf, formulaOf, type Reader, saidOf } from '#engine/declare/formula/readings.ts';
import type { Step } from '#engine/declare/path.ts';
import { and, type SqlContext } from './sql.ts';

/** What a type says of the columns of a field in the row with alias `t`; of a formula, said of the expressions it stands for. */
export function valueSql(field: BoundField, t: string, ctx: SqlContext, say: (alias: string) => string): string {
  const formula = formulaOf(field);
  return formula ? saidOf(columnsOf(formula, field, asked(t, ctx)), say) : say(t);
}

/** The same over columns without an alias, as an index wants them; for steady formulas only. */
export function ownSql(field: BoundField, say: (alias: string) => string): string {
  const formula = formulaOf(field);
  const alias = '\u0002';
  const read: Reader = (path, inner) => {
    const nested = formulaOf(path.field);
    return nested ? saidOf(columnsOf(nested, path.field, read), inner) : inner(alias);
  };
  return (formula ? saidOf(columnsOf(formula, field, read), say) : say(alias)).replaceAll(`${alias}.`, '');
}

/** Reads what lies around the row `t` by a sub-select each. */
const asked =
  (t: string, ctx: SqlContext): Reader =>
  (path, say) =>
    stepsSql(path.steps, t, ctx, (end) => valueSql(path.field, end, ctx, say));

/** Reads by joins, which a statement that shows, sorts or groups by a formula shares among all its paths. */
export const joinedReader =
  (ctx: SqlContext, join: (path: Parameters<Reader>[0]) => string): Reader =>
  (path, say) => {
    const end = join(path);
    const value = valueSql(path.field, end, ctx, say);
    // Where the path breaks off there is nothing, whatever a formula makes of nothing.
    return path.steps.length > 0 && formulaOf(path.field) ? `case when ${end}.id is not null then ${value} end` : value;
  };

function stepsSql(steps: readonly Step[], t: string, ctx: SqlContext, say: (end: string) => string): string {
  if (steps.length === 0) return say(t);
  const from: string[] = [];
  const where: string[] = [];
  let current = t;
  for (const step of steps) {
    const next = ctx.alias();
    from.push(`${step.beside ? figuresTable(step.from) : step.to.table} ${next}`);
    where.push(
      step.beside
        ? `${next}.id = ${current}.id`
        : and([`${next}.id = ${current}.${step.field.column}_id`, `${next}.deleted_at is null`, ctx.visible(step.to, next)]),
    );
    current = next;
  }
  return `(select ${say(current)} from ${from.join(' cross join ')} where ${and(where)})`;
}
