import Big from 'big.js';
import { isObject, type Json } from '#kit/json.ts';
import type { BoundField, ValueEnv } from '../field.ts';
import { isoDuration } from '../fields/duration/duration.ts';
import { typeOf } from '../fields/index.ts';
import { baseSql, currencySql, wireAmount } from '../fields/money/money.ts';
import { idOf } from '../fields/reference/reference.ts';
import { optionsOf } from '../fields/select/select.ts';
import { follow, type RecordGraph, type ResolvedPath } from '../path.ts';
import { plain } from './operations.ts';
import type { Term } from './terms.ts';
import { type Amount, type Kind, type MoneySql, quoted, type Sql, type Value } from './values.ts';

/**
 * The two readings of a formula, which must agree: `evaluate` over one record in memory, `sqlOf` over the rows of a table. A
 * property test holds them together (`tests/laws/formulas.test.ts`).
 */

/** A formula of the model: what it is and what its value becomes. */
export interface Formula {
  expression: string;
  term: Term;
  outcome: Outcome;
  /** An index can keep it: it looks at columns of its own record only and moves with nothing else. */
  steady: boolean;
}

/** How the value that an expression gives becomes that of a field: as on the wire, and as the columns that its type reads. */
export interface Outcome {
  type: string;
  with: BoundField['with'];
  value(value: Value): Json;
  /** In the order of the type's columns. */
  sql(sql: Sql): string[];
}

const held = new WeakMap<BoundField, Formula>();
/** The formula of a field of the model; undefined for any other field. */
export const formulaOf = (field: BoundField): Formula | undefined => held.get(field);
export const holdFormula = (field: BoundField, formula: Formula): void => {
  held.set(field, formula);
};

const TEXT = 500;
const WHOLE = '9007199254740991';
const rounded = (places: number) => (value: Value) => (value === null ? null : plain((value as Big).round(places, 1)));
const whole = (value: Value): number | null => {
  const n = value === null ? null : (value as Big).round(0, 1);
  return n === null || n.abs().gt(WHOLE) ? null : n.toNumber() || 0;
};
const one = (sql: (value: string) => string) => (value: Sql) => [sql(String(value))];
const asIs = (value: Value): Json => value as Json;

const INTEGER: Outcome = { type: 'integer', with: {}, value: whole, sql: one((n) => `perigon_whole(${n})`) };
const DECIMAL: Outcome = { type: 'decimal', with: {}, value: rounded(6), sql: one((n) => `round(${n}, 6)`) };
const PERCENT: Outcome = {
  type: 'percent',
  with: {},
  value: (value) => (value === null ? null : (value as Big).round(6, 1).toNumber() || 0),
  sql: one((n) => `round(${n}, 6)`),
};
const TEXTUAL: Outcome = {
  type: 'text',
  with: {},
  value: (value) => (typeof value === 'string' && value !== '' ? Array.from(value).slice(0, TEXT).join('') : null),
  sql: one((text) => `nullif(left(${text}, ${TEXT}), '')`),
};

/** What each kind becomes. Options by themselves lose their names and colours, so they are texts; see `optionOutcome`. */
const OUTCOMES: { readonly [kind in Kind]?: Outcome } = {
  whole: INTEGER,
  number: DECIMAL,
  money: {
    type: 'money',
    with: {},
    value: (value) => {
      const money = value as Amount | null;
      return money && { amount: wireAmount(plain(money.amount.round(4, 1))), currency: money.currency };
    },
    sql: (sql) => {
      const { amount, currency, base } = sql as MoneySql;
      return [`round(${amount}, 4)`, `case when ${amount} is not null then ${currency} end`, `round(${base}, 4)`];
    },
  },
  text: TEXTUAL,
  key: TEXTUAL,
  boolean: { type: 'boolean', with: {}, value: (value) => value === true, sql: one((yes) => yes) },
  date: { type: 'date', with: {}, value: asIs, sql: one((day) => day) },
  instant: { type: 'dateTime', with: {}, value: asIs, sql: one((at) => at) },
  duration: {
    type: 'duration',
    with: {},
    value: (value) => {
      const seconds = whole(value);
      return seconds === null || seconds < 0 ? null : isoDuration(seconds);
    },
    // A length of time is never less than none.
    sql: one((seconds) => `perigon_length(${seconds})`),
  },
};

/** What an expression becomes, where asked as another type; null where nothing, or not that. */
export function outcomeOf(kind: Kind, asked?: string): Outcome | null {
  const own = OUTCOMES[kind] ?? null;
  if (asked === undefined || asked === own?.type) return own;
  if (kind !== 'whole' && kind !== 'number') return null;
  return asked === 'percent' ? PERCENT : asked === 'integer' ? INTEGER : asked === 'decimal' ? DECIMAL : null;
}

/** One of the options of a select field, shown as it shows them; any other text is none. */
export function optionOutcome(kind: Kind, source: BoundField): Outcome | null {
  if (kind !== 'text' && kind !== 'key') return null;
  const keys = optionsOf(source).map(({ key }) => key);
  const list = `array[${keys.map((key) => `'${key}'`).join(', ')}]::text[]`;
  return {
    type: 'select',
    with: { options: source.with.options, optionsOf: source.key },
    value: (value) => (typeof value === 'string' && keys.includes(value) ? value : null),
    sql: one((text) => `(${list})[array_position(${list}, ${text})]`),
  };
}

/** Whether a formula looks at nothing beyond its own record. */
export const isAlone = ({ term }: Formula): boolean => alone(term);
function alone(term: Term): boolean {
  if (term.op === 'value') return true;
  if (term.op !== 'read') return !(term.op === 'apply' && term.operation.beyond) && term.of.every(alone);
  const inner = formulaOf(term.path.field);
  return term.path.steps.length === 0 && (inner === undefined || isAlone(inner));
}

/** What a formula gives for a record (wire or stored values), as on the wire. */
export const evaluate = (formula: Formula, record: Record<string, unknown>, graph: RecordGraph, env: ValueEnv): Json =>
  formula.outcome.value(reckoned(formula.term, record, graph, env));

function reckoned(term: Term, record: Record<string, unknown>, graph: RecordGraph, env: ValueEnv): Value {
  const of = (one: Term) => reckoned(one, record, graph, env);
  switch (term.op) {
    case 'value':
      return term.value;
    case 'read':
      return readValue(term.kind, term.path, record, graph, env);
    case 'apply': {
      const values = term.of.map(of);
      return !term.operation.lenient && values.includes(null) ? null : term.operation.of(env, ...values);
    }
    case 'choose':
      return of(term.of[0]) === true ? of(term.of[1]) : of(term.of[2]);
    case 'first':
      return term.of.map(of).find((value) => value !== null) ?? null;
    case 'has':
      return of(term.of[0]) !== null;
    case 'least':
    case 'greatest':
      return extreme(term.kind, term.of.map(of), term.op === 'least' ? -1 : 1);
  }
}

function extreme(kind: Kind, values: Value[], sign: 1 | -1): Value {
  if (values.includes(null)) return null;
  if (kind === 'money') {
    const amounts = values as Amount[];
    if (amounts.some(({ currency }) => currency !== amounts[0]?.currency)) return null;
    return amounts.reduce((best, one) => (one.amount.cmp(best.amount) * sign > 0 ? one : best));
  }
  const compare = (a: Value, b: Value) => (typeof a === 'string' ? (a < String(b) ? -1 : a > String(b) ? 1 : 0) : (a as Big).cmp(b as Big));
  return values.reduce((best, one) => (compare(one, best) * sign > 0 ? one : best));
}

function readValue(kind: Kind, path: ResolvedPath, record: Record<string, unknown>, graph: RecordGraph, env: ValueEnv): Value {
  const holder = follow(path.steps, record, graph);
  const formula = formulaOf(path.field);
  const whole = holder && (formula ? evaluate(formula, holder, graph, env) : holder[path.field.key]);
  const value = path.part === null ? whole : isObject(whole) ? whole[path.part] : null;
  if (kind === 'boolean') return value === true;
  if (value === null || value === undefined) return null;
  switch (kind) {
    case 'whole':
    case 'number':
      return new Big(String(value));
    case 'money':
      return isObject(value) ? { amount: new Big(String(value.amount)), currency: String(value.currency) } : null;
    case 'duration':
      return new Big(Number(typeOf(path.field).shape?.of(value, path.field) ?? 0));
    case 'id':
      return idOf(value);
    default:
      return String(value);
  }
}

/** Gives what is said of the row at the end of a path, for the row that an expression is about. */
export type Reader = (path: ResolvedPath, say: (alias: string) => string) => string;

/** The SQL of each column that the type of a formula's outcome reads. */
export const columnsOf = (formula: Formula, field: BoundField, read: Reader): Map<string, string> => {
  const sql = formula.outcome.sql(sqlOf(formula.term, read));
  return new Map(
    typeOf(field)
      .columns(field)
      .map(({ suffix }, i) => [field.column + suffix, sql[i] ?? 'null']),
  );
};

/** An alias that no statement has: what a type says of its columns is said of expressions in their place. */
const PLACE = '\u0001';
const PLACES = new RegExp(`${PLACE}\\.([a-z0-9_]+)`, 'g');

/** What a type says of columns, said of expressions in their place. */
export const saidOf = (columns: ReadonlyMap<string, string>, say: (alias: string) => string): string =>
  say(PLACE).replace(PLACES, (_, name: string) => `(${columns.get(name) ?? 'null'})`);

function sqlOf(term: Term, read: Reader): Sql {
  const of = (one: Term) => sqlOf(one, read);
  switch (term.op) {
    case 'value':
      return constant(term.kind, term.value);
    case 'read':
      return readSql(term.kind, term.path, read);
    case 'apply':
      return term.operation.sql(...term.of.map(of));
    case 'choose': {
      const [condition, yes, no] = term.of.map(of);
      return parts(term.kind, [yes ?? '', no ?? ''], ([a, b]) => `case when ${String(condition)} then ${a} else ${b} end`);
    }
    case 'first': {
      const values = term.of.map(of);
      if (term.kind === 'boolean') return String(values[0]);
      if (term.kind !== 'money') return `coalesce(${values.join(', ')})`;
      const moneys = values as MoneySql[];
      // Amount, currency and base amount are those of one and the same.
      return parts(
        'money',
        values,
        (list) => `case ${list.map((value, i) => `when ${moneys[i]?.amount} is not null then ${value}`).join(' ')} end`,
      );
    }
    case 'has': {
      const [value] = term.of;
      if (value.kind === 'boolean') return 'true';
      const sql = of(value);
      return `(${typeof sql === 'string' ? sql : sql.amount} is not null)`;
    }
    case 'least':
    case 'greatest': {
      const values = term.of.map(of);
      if (term.kind !== 'money') return `case when num_nulls(${values.join(', ')}) = 0 then ${term.op}(${values.join(', ')}) end`;
      const moneys = values as MoneySql[];
      const currency = moneys.map((money) => money.currency).reduce((a, b) => `perigon_same(${a}, ${b})`);
      const all = `num_nulls(${moneys.map((money) => money.amount).join(', ')}) = 0 and ${currency} is not null`;
      const best = (list: string[]) => `case when ${all} then ${term.op}(${list.join(', ')}) end`;
      return { amount: best(moneys.map((money) => money.amount)), currency, base: best(moneys.map((money) => money.base)) };
    }
  }
}

/** The same said of each part of a money, or of the one value that anything else is. */
function parts(kind: Kind, values: readonly Sql[], say: (values: string[]) => string): Sql {
  if (kind !== 'money') return say(values.map(String));
  const each = (part: keyof MoneySql) => say((values as MoneySql[]).map((value) => value[part]));
  return { amount: each('amount'), currency: each('currency'), base: each('base') };
}

const CASTS: { readonly [kind in Kind]?: string } = {
  whole: 'numeric',
  number: 'numeric',
  duration: 'numeric',
  date: 'date',
  instant: 'timestamptz',
  id: 'uuid',
};

function constant(kind: Kind, value: Value): Sql {
  if (kind === 'money') return { amount: 'null::numeric', currency: 'null::text', base: 'null::numeric' };
  const cast = CASTS[kind] ?? 'text';
  if (kind === 'boolean') return String(value === true);
  if (value === null) return `null::${cast}`;
  return cast === 'numeric'
    ? `${plain(value as Big)}::numeric`
    : cast === 'text'
      ? quoted(String(value))
      : `${quoted(String(value))}::${cast}`;
}

function readSql(kind: Kind, path: ResolvedPath, read: Reader): Sql {
  const { field } = path;
  const said = (say: (t: string) => string) => read(path, say);
  const shape = path.shape;
  if (kind === 'money')
    return {
      amount: said((t) => `${t}.${field.column}`),
      currency: said((t) => currencySql(field, t)),
      base: said((t) => baseSql(field, t)),
    };
  if (path.part !== null) {
    const part = typeOf(field).parts?.[path.part];
    return kind === 'text' ? said((t) => part?.read(field, t) ?? 'null') : said((t) => part?.sql(field, t) ?? 'null');
  }
  if (kind === 'text') return said((t) => typeOf(field).read(field, t));
  const scalar = said((t) => shape?.sql(field, t) ?? 'null');
  if (kind === 'boolean') return `coalesce(${scalar}, false)`;
  return CASTS[kind] === 'numeric' ? `(${scalar})::numeric` : scalar;
}
