export const OPERATORS = [
  'eq',
  'ne',
  'in',
  'notIn',
  'gt',
  'gte',
  'lt',
  'lte',
  'between',
  'contains',
  'startsWith',
  'isEmpty',
  'isNotEmpty',
] as const;
export type Operator = (typeof OPERATORS)[number];

/**
 * The one predicate language. As written it is JSON; bound to the model it has two readings that must agree: `toSql` over
 * a set (`engine/store/predicate-sql.ts`) and `matches` over one record (below). A property test holds them together.
 *
 * Meaning of the empty: a comparison with an empty value is not met; `ne`, `notIn` and `isEmpty` are, also where a path
 * breaks off on the way. `ne`, `notIn` and `isEmpty` are exactly the negations of `eq`, `in` and `isNotEmpty`.
 */
export type Predicate =
  | { all: readonly Predicate[] }
  | { any: readonly Predicate[] }
  | { none: readonly Predicate[] }
  | { field: string; op: Operator; value?: unknown }
  | ({ count: string; where?: Predicate } & { [op in Operator]?: number | readonly number[] });
