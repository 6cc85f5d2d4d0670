import { mayReadField, scopeCondition } from '#engine/access/policy.ts';
import type { Predicate } from '#engine/declare/condition.ts';
import { currencySql } from '#engine/declare/fields/money/money.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { titleSql } from '#engine/store/projection.ts';
import { and, type Params, type SqlContext } from '#engine/store/sql.ts';
import { bindContext, type Context } from './context.ts';
import { instantSql } from './timeline.ts';

/**
 * What statements about one party share (the 360° view, the brief): every object that names its party, read once under the
 * actor's rights, and the ties between parties. What the actor may not read is not in the statement.
 */

/** What one object knows of the party: read once, with everything reckoned from a row that several parts of the answer ask for. */
export class Source {
  private readonly columns = new Map<string, string>();
  private readonly totals = new Map<string, string>();
  /** Conditions of what is asked; null once somebody asks for every row. */
  private asked: Set<string> | null;
  readonly name: string;
  /** `narrow`: of an object that grows without bound only the rows are read that some part of the answer asks for. */
  constructor(
    readonly object: ModelObject,
    private readonly where: string,
    narrow: boolean,
  ) {
    this.name = `about_${object.table}`;
    this.asked = narrow && object.partitionBy ? new Set() : null;
  }
  /** All rows, read from the table itself as far as they are asked for; alias `t`. */
  get own(): string {
    return `(select t.* from ${this.object.table} t where ${this.where}) t`;
  }
  /** Has the rows read that meet a condition over the row `t` of the table; all without one. */
  wants(condition: string | null): void {
    if (condition === null) this.asked = null;
    else this.asked?.add(condition);
  }
  /** What to select from; the rows have the alias `t`. */
  get rows(): string {
    return `${this.name} t`;
  }
  /** An expression over the row `t`, reckoned with the reading of the row. */
  column(key: string, make: () => string): string {
    if (!this.columns.has(key)) this.columns.set(key, make());
    return `t.x${[...this.columns.keys()].indexOf(key)}`;
  }
  /** An aggregate over all rows, reckoned in the one pass for all of them. */
  total(sql: string): string {
    if (!this.totals.has(sql)) this.totals.set(sql, `n${this.totals.size}`);
    return `${this.name}_n.${this.totals.get(sql)}`;
  }
  get expression(): string {
    const made = [...this.columns.values()].map((sql, i) => `, ${sql} as x${i}`).join('');
    const some =
      this.asked === null ? null : this.asked.size === 0 ? 'false' : `(${[...this.asked].map((one) => `(${one})`).join(' or ')})`;
    return `${this.name} as materialized (select t.*${made} from ${this.object.table} t where ${and([this.where, some])})`;
  }
  get join(): string {
    const list = [...this.totals].map(([sql, name]) => `${sql} as ${name}`).join(', ');
    return list ? ` cross join (select ${list} from ${this.rows}) ${this.name}_n` : '';
  }
}

export interface AboutParty {
  /** Objects about a party that the actor may read. */
  objects: readonly ModelObject[];
  /** Those that were asked for so far. */
  sources: ReadonlyMap<string, Source>;
  sourceOf(object: ModelObject): Source;
  /** A declared condition over the row `t`, judged once for each row. */
  condition(object: ModelObject, where: Predicate | undefined): string;
  /** The instant in a date or date-time field of the row `t`. */
  instant(object: ModelObject, key: string): string;
  may(object: ModelObject, key: string | undefined): key is string;
  /** Amount and currency of a money field as two expressions; empty where the reader may not see it. */
  money(object: ModelObject, key: string | undefined): { amount: string; currency: string };
}

/** What is known about the party whose id stands at the placeholder `id`; `narrow` for who takes all rows of what grows without bound from `own`. */
export function aboutParty(ctx: Context, id: string, params: Params, sql: SqlContext, narrow = false): AboutParty {
  const sources = new Map<string, Source>();
  const sourceOf = (object: ModelObject): Source => {
    const known = sources.get(object.key);
    if (known) return known;
    const where = and([
      `t.${object.fields.get(object.party ?? '')?.column}_id = ${id}`,
      't.deleted_at is null',
      scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params),
    ]);
    const made = new Source(object, where, narrow);
    sources.set(object.key, made);
    return made;
  };
  const may = (object: ModelObject, key: string | undefined): key is string => {
    const field = key ? object.fields.get(key) : undefined;
    return field !== undefined && mayReadField(ctx.actor, object, field);
  };
  return {
    objects: [...ctx.model.objects.values()].filter((object) => object.party && ctx.actor.rights.scope(object.key, 'read') !== 'none'),
    sources,
    sourceOf,
    // Predicates of declarations look at their own fields whatever the reader may see of them; what is shown is filtered apart.
    condition: (object, where) => {
      const source = sourceOf(object);
      if (!where) {
        source.wants(null);
        return 'true';
      }
      return source.column(JSON.stringify(where), () => {
        const made = toSql(bindPredicate({ ...bindContext(ctx), readable: () => true }, object, where), 't', sql);
        source.wants(made);
        return made;
      });
    },
    instant: (object, key) => sourceOf(object).column(`at ${key}`, () => instantSql(ctx, object, key, 't', params)),
    may,
    money: (object, key) => {
      const field = may(object, key) ? object.fields.get(key) : undefined;
      return field
        ? { amount: `t.${field.column}`, currency: currencySql(field, 't') }
        : { amount: 'null::numeric', currency: 'null::text' };
    },
  };
}

/**
 * Selects of the parties tied to the one at the placeholder `id`, which stands in the statement as `p`: both ends of every
 * relation, what stands above it and below. Each gives id, type, direction, party and name, and as `more` what is asked besides
 * of the tie (of alias `r`; null for a parent) and the far party (alias `q`).
 */
export function relationRows(
  ctx: Context,
  id: string,
  params: Params,
  more?: (q: string, tie: { object: ModelObject; r: string } | null) => string,
): string[] {
  const party = ctx.model.object('party');
  const besides = (tie: { object: ModelObject; r: string } | null) => (more ? `, ${more('q', tie)} as more` : '');
  const visible = () => scopeCondition(ctx.model, ctx.actor, party, 'read', 'q', params);
  const rows = [...ctx.model.objects.values()].flatMap((object) => {
    const { relation } = object;
    if (!relation || ctx.actor.rights.scope(object.key, 'read') === 'none') return [];
    const from = `r.${object.fields.get(relation.from)?.column}_id`;
    const to = `r.${object.fields.get(relation.to)?.column}_id`;
    const type = `r.${object.fields.get(relation.type)?.column}`;
    const far = (column: string, direction: string, own: string) =>
      `select r.id, ${type} as type, '${direction}' as direction, q.id as party, ${titleSql(party, 'q')} as name${besides({ object, r: 'r' })} from ${object.table} r join parties q on q.id = ${column} and ${and(['q.deleted_at is null', visible()])} where ${and([`${own} = ${id}`, 'r.deleted_at is null', scopeCondition(ctx.model, ctx.actor, object, 'read', 'r', params)])}`;
    return [far(to, 'from', from), far(from, 'to', to)];
  });
  const parent = party.fields.get('parent');
  if (parent && mayReadField(ctx.actor, party, parent)) {
    rows.push(
      `select q.id, 'parent' as type, 'from' as direction, q.id as party, ${titleSql(party, 'q')} as name${besides(null)} from parties q where ${and([`q.id = p.parent_id`, 'q.deleted_at is null', visible()])}`,
    );
    rows.push(
      `(select q.id, 'parent' as type, 'to' as direction, q.id as party, ${titleSql(party, 'q')} as name${besides(null)} from parties q where ${and([`q.parent_id = ${id}`, 'q.deleted_at is null', visible()])} order by q.name limit 50)`,
    );
  }
  return rows;
}
