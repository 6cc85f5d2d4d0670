import Big from 'big.js';
import { Temporal } from 'temporal-polyfill';
import { dateIn, daysBetween } from '#kit/calendar.ts';
import { compareFolded, fold } from '#kit/fold.ts';
import { folded, type ValueEnv } from '../field.ts';
import type { Amount, Held, Kind, MoneySql, Sql, SqlOf, Value } from './values.ts';

/**
 * What formulas can do, each thing once with both its readings: over values in memory and as SQL. They must agree to the last
 * digit, so division gives ten digits after the point, halves go away from zero, and what leaves the calendar is empty.
 *
 * Meaning of the empty: what is reckoned with something empty is empty; a comparison with something empty is not met, `!=` is
 * exactly the negation of `==`; a yes/no that is empty is a no; texts are joined as if the empty were not there.
 */
export interface Operation {
  takes: readonly Kind[];
  gives: Kind;
  /** Over values; of an operation that is not `lenient` none of them is empty. */
  of(env: ValueEnv, ...values: Value[]): Value;
  sql(...values: Sql[]): Sql;
  /** It has an outcome for empty values, too. */
  lenient?: boolean;
  /** Its outcome depends on more than the values: on the clock, on rates or on settings of the company. No index can keep it. */
  moving?: boolean;
  /** It looks at records of its own accord (exchange rates): who holds but one record cannot reckon it. */
  beyond?: boolean;
}

type Values<T extends readonly Kind[]> = { [I in keyof T]: Held[T[I]] };
type Maybe<T extends readonly Kind[]> = { [I in keyof T]: Held[T[I]] | null };
type Sqls<T extends readonly Kind[]> = { [I in keyof T]: SqlOf<T[I]> };

/** An operation that is empty as soon as one of its values is. */
const strict = <const T extends readonly Kind[], G extends Kind>(
  takes: T,
  gives: G,
  of: (...values: Values<T>) => Held[G] | null,
  sql: (...values: Sqls<T>) => SqlOf<G>,
  more: Pick<Operation, 'moving'> = {},
): Operation => ({
  takes,
  gives,
  of: (_env, ...values) => (of as unknown as (...values: Value[]) => Value)(...values),
  sql: sql as unknown as Operation['sql'],
  ...more,
});

const lenient = <const T extends readonly Kind[], G extends Kind>(
  takes: T,
  gives: G,
  of: (...values: Maybe<T>) => Held[G] | null,
  sql: (...values: Sqls<T>) => SqlOf<G>,
): Operation => ({ ...strict(takes, gives, of as never, sql), lenient: true });

/** Exact to ten digits after the point, halves away from zero: as `perigon_divide` has it. */
const Exact = Big();
Exact.DP = 10;
Exact.RM = 1;
const divided = (a: Big, b: Big): Big | null => (b.eq(0) ? null : new Exact(a).div(b));
const dividedSql = (a: string, b: string) => `perigon_divide(${a}, ${b})`;

const infix = (operator: string) => (a: string, b: string) => `(${a} ${operator} ${b})`;
const numbers = (operator: string, of: (a: Big, b: Big) => Big | null, sql: (a: string, b: string) => string = infix(operator)) => [
  strict(['whole', 'whole'], 'whole', of, sql),
  strict(['number', 'number'], 'number', of, sql),
];
const durations = (operator: string, of: (a: Big, b: Big) => Big) => strict(['duration', 'duration'], 'duration', of, infix(operator));

const same = (a: Amount, b: Amount): boolean => a.currency === b.currency;
const sameSql = (a: MoneySql, b: MoneySql) => `perigon_same(${a.currency}, ${b.currency})`;
/** Amounts of two currencies have no sum, no order and no relation. */
const together = (a: MoneySql, b: MoneySql, sql: (a: string, b: string) => string): MoneySql => ({
  amount: `case when ${sameSql(a, b)} is not null then ${sql(a.amount, b.amount)} end`,
  currency: sameSql(a, b),
  base: `case when ${sameSql(a, b)} is not null then ${sql(a.base, b.base)} end`,
});
const moneys = (operator: string, of: (a: Big, b: Big) => Big) =>
  strict(
    ['money', 'money'],
    'money',
    (a, b) => (same(a, b) ? { amount: of(a.amount, b.amount), currency: a.currency } : null),
    (a, b) => together(a, b, infix(operator)),
  );
const each = (money: MoneySql, sql: (amount: string) => string): MoneySql => ({
  amount: sql(money.amount),
  currency: money.currency,
  base: sql(money.base),
});
const times = (money: Amount, by: Big): Amount => ({ amount: money.amount.times(by), currency: money.currency });

/** The first day of the calendar that dates and instants are kept to, and the last. */
const FIRST = '0001-01-01';
const DAYS = 3_652_058;
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799.999;

function daysLater(date: string, days: Big): string | null {
  const from = new Big(daysBetween(FIRST, date)).plus(days.round(0, 0));
  return from.lt(0) || from.gt(DAYS) ? null : Temporal.PlainDate.from(FIRST).add({ days: from.toNumber() }).toString();
}

function monthsLater(date: string, months: Big): string | null {
  const from = Temporal.PlainDate.from(date);
  const index = new Big(from.year * 12 + from.month - 1).plus(months.round(0, 0));
  return index.lt(12) || index.gt(119_999) ? null : from.add({ months: months.round(0, 0).toNumber() }).toString();
}

function secondsLater(instant: string, seconds: Big): string | null {
  const at = new Big(Date.parse(instant)).plus(seconds.times(1000).round(0, 1));
  return at.lt(FIRST_SECOND * 1000) || at.gt(LAST_SECOND * 1000) ? null : new Date(at.toNumber()).toISOString();
}

const order = (a: Big | string, b: Big | string): number =>
  typeof a === 'string' ? compareFolded(a, String(b)) : a.cmp(typeof b === 'string' ? new Big(b) : b);

/** How two values of a kind compare, in both readings; null where they cannot be held against each other. */
interface Comparable {
  kind: Kind;
  ordered: boolean;
  compare(a: Value, b: Value): number | null;
  sql(a: Sql, b: Sql, operator: string): string;
}
const plainly = (a: Sql, b: Sql, operator: string) => `${String(a)} ${operator} ${String(b)}`;
const COMPARABLE: readonly Comparable[] = [
  ...(['number', 'duration'] as const).map((kind) => ({
    kind,
    ordered: true,
    compare: (a: Value, b: Value) => order(a as Big, b as Big),
    sql: plainly,
  })),
  ...(['date', 'instant'] as const).map((kind) => ({
    kind,
    ordered: true,
    compare: (a: Value, b: Value) => compareFolded(String(a), String(b)),
    sql: plainly,
  })),
  ...(['key', 'id'] as const).map((kind) => ({
    kind,
    ordered: false,
    compare: (a: Value, b: Value) => (a === b ? 0 : 1),
    sql: plainly,
  })),
  {
    kind: 'boolean',
    ordered: false,
    compare: (a, b) => (a === b ? 0 : 1),
    sql: (a, b, operator) => plainly(`(${String(a)})`, `(${String(b)})`, operator),
  },
  {
    kind: 'text',
    ordered: true,
    compare: (a, b) => compareFolded(fold(String(a)), fold(String(b))),
    sql: (a, b, operator) => plainly(folded(String(a)), folded(String(b)), operator),
  },
  {
    kind: 'money',
    ordered: true,
    compare: (a, b) => (same(a as Amount, b as Amount) ? (a as Amount).amount.cmp((b as Amount).amount) : null),
    sql: (a, b, operator) =>
      `${(a as MoneySql).currency} = ${(b as MoneySql).currency} and ${(a as MoneySql).amount} ${operator} ${(b as MoneySql).amount}`,
  },
];

const comparison = (sqlOperator: string, met: (order: number) => boolean, o: { negated?: boolean } = {}): Operation[] =>
  COMPARABLE.filter((one) => one.ordered || sqlOperator === '=').map((one) => ({
    takes: [one.kind, one.kind],
    gives: 'boolean' as const,
    lenient: true,
    of: (_env: ValueEnv, a: Value, b: Value) => {
      const compared = a === null || b === null ? null : one.compare(a, b);
      return (compared !== null && met(compared)) !== (o.negated === true);
    },
    sql: (a: Sql, b: Sql) => `${o.negated ? 'not ' : ''}coalesce(${one.sql(a, b, sqlOperator)}, false)`,
  }));

const words = (
  key: string,
  of: (text: string, part: string) => boolean,
  sql: (text: string, part: string) => string,
): Record<string, Operation[]> => ({
  [key]: [
    lenient(
      ['text', 'text'],
      'boolean',
      (a, b) => a !== null && b !== null && of(fold(a), fold(b)),
      (a, b) => `coalesce(${sql(folded(a), folded(b))}, false)`,
    ),
  ],
});

const down = (n: Big): Big => {
  const cut = n.round(0, 0);
  return cut.gt(n) ? cut.minus(1) : cut;
};
const span = (seconds: number): Operation[] => [
  strict(
    ['duration'],
    'number',
    (a) => divided(a, new Big(seconds)),
    (a) => dividedSql(a, `${seconds}::numeric`),
  ),
];
const part = (name: 'year' | 'month' | 'day'): Operation[] => [
  strict(
    ['date'],
    'whole',
    (a) => new Big(Temporal.PlainDate.from(a)[name]),
    (a) => `extract(${name} from ${a})::numeric`,
  ),
];

/** What a unit of a currency is in base currency on a day. */
const rateOf = (env: ValueEnv, currency: string, day: string): Big | null => {
  if (currency === env.baseCurrency) return new Big(1);
  const rate = env.rate?.(currency, day) ?? null;
  return rate === null ? null : new Big(rate);
};

/** An amount in another currency, by the rates of a day; empty where one is not known. */
export const CONVERT: readonly Operation[] = [
  {
    takes: ['money', 'key', 'date'],
    gives: 'money',
    moving: true,
    beyond: true,
    of(env, money, currency, day) {
      const from = money as Amount;
      const to = String(currency);
      if (from.currency === to) return from;
      const [one, other] = [rateOf(env, from.currency, String(day)), rateOf(env, to, String(day))];
      const amount = one && other && divided(from.amount.times(one), other);
      return amount && { amount, currency: to };
    },
    sql(money, currency, day) {
      const from = money as MoneySql;
      const base = `(select value #>> '{}' from settings where key = 'baseCurrency')`;
      const into = (to: string) => `perigon_convert(${from.amount}, ${from.currency}, ${to}, ${String(day)})`;
      return { amount: into(String(currency)), currency: String(currency), base: into(base) };
    },
  },
];

/** The day by which a moment counts as the day of a rate: everywhere the same. */
export const RATE_DAY: readonly Operation[] = [
  strict(
    ['instant'],
    'date',
    (at) => at.slice(0, 10),
    (at) => `(${at} at time zone 'UTC')::date`,
  ),
];

/** SQL: the time zone of the company. */
const ZONE = `(select value #>> '{}' from settings where key = 'timeZone')`;
const inZone = (instant: string) => `perigon_date_in(${instant}, coalesce(${ZONE}, 'UTC'))`;

/** Operators, by their sign; `-_` and `!_` have one side only. */
export const OPERATIONS: Readonly<Record<string, readonly Operation[]>> = {
  '+': [
    ...numbers('+', (a, b) => a.plus(b)),
    moneys('+', (a, b) => a.plus(b)),
    durations('+', (a, b) => a.plus(b)),
    strict(['date', 'whole'], 'date', daysLater, (a, b) => `perigon_days_later(${a}, ${b})`),
    strict(['instant', 'duration'], 'instant', secondsLater, (a, b) => `perigon_seconds_later(${a}, ${b})`),
    lenient(
      ['text', 'text'],
      'text',
      (a, b) => (a ?? '') + (b ?? ''),
      (a, b) => `(coalesce(${a}, '') || coalesce(${b}, ''))`,
    ),
  ],
  '-': [
    ...numbers('-', (a, b) => a.minus(b)),
    moneys('-', (a, b) => a.minus(b)),
    durations('-', (a, b) => a.minus(b)),
    strict(
      ['date', 'date'],
      'whole',
      (a, b) => new Big(daysBetween(b, a)),
      (a, b) => `(${a} - ${b})::numeric`,
    ),
    strict(
      ['date', 'whole'],
      'date',
      (a, b) => daysLater(a, b.neg()),
      (a, b) => `perigon_days_later(${a}, -${b})`,
    ),
    strict(
      ['instant', 'instant'],
      'duration',
      (a, b) => new Big(Date.parse(a)).minus(Date.parse(b)).div(1000),
      (a, b) => `extract(epoch from (${a} - ${b}))::numeric`,
    ),
    strict(
      ['instant', 'duration'],
      'instant',
      (a, b) => secondsLater(a, b.neg()),
      (a, b) => `perigon_seconds_later(${a}, -${b})`,
    ),
  ],
  '*': [
    ...numbers('*', (a, b) => a.times(b)),
    strict(['money', 'number'], 'money', times, (a, b) => each(a, (amount) => `(${amount} * ${b})`)),
    strict(
      ['number', 'money'],
      'money',
      (a, b) => times(b, a),
      (a, b) => each(b, (amount) => `(${a} * ${amount})`),
    ),
    strict(['duration', 'number'], 'duration', (a, b) => a.times(b), infix('*')),
    strict(['number', 'duration'], 'duration', (a, b) => a.times(b), infix('*')),
  ],
  '/': [
    strict(['number', 'number'], 'number', divided, dividedSql),
    strict(
      ['money', 'number'],
      'money',
      (a, b) => {
        const amount = divided(a.amount, b);
        return amount && { amount, currency: a.currency };
      },
      (a, b) => ({ ...each(a, (amount) => dividedSql(amount, b)), currency: `case when ${b} <> 0 then ${a.currency} end` }),
    ),
    strict(
      ['money', 'money'],
      'number',
      (a, b) => (same(a, b) ? divided(a.amount, b.amount) : null),
      (a, b) => `case when ${sameSql(a, b)} is not null then ${dividedSql(a.amount, b.amount)} end`,
    ),
    strict(['duration', 'number'], 'duration', divided, dividedSql),
    strict(['duration', 'duration'], 'number', divided, dividedSql),
  ],
  '%': numbers(
    '%',
    (a, b) => (b.eq(0) ? null : a.mod(b)),
    (a, b) => `mod(${a}, nullif(${b}, 0))`,
  ),
  '==': comparison('=', (n) => n === 0),
  '!=': comparison('=', (n) => n === 0, { negated: true }),
  '<': comparison('<', (n) => n < 0),
  '<=': comparison('<=', (n) => n <= 0),
  '>': comparison('>', (n) => n > 0),
  '>=': comparison('>=', (n) => n >= 0),
  '&&': [lenient(['boolean', 'boolean'], 'boolean', (a, b) => a === true && b === true, infix('and'))],
  '||': [lenient(['boolean', 'boolean'], 'boolean', (a, b) => a === true || b === true, infix('or'))],
  '!_': [
    lenient(
      ['boolean'],
      'boolean',
      (a) => a !== true,
      (a) => `(not ${a})`,
    ),
  ],
  '-_': [
    ...(['whole', 'number', 'duration'] as const).map((kind) =>
      strict(
        [kind],
        kind,
        (a) => a.neg(),
        (a) => `(- ${a})`,
      ),
    ),
    strict(
      ['money'],
      'money',
      (a) => times(a, new Big(-1)),
      (a) => each(a, (amount) => `(- ${amount})`),
    ),
  ],
};

/** Functions with values of fixed kinds. What takes any kind (`has`, `coalesce`, `min`, `max`) is in `terms.ts`. */
export const FUNCTIONS: Readonly<Record<string, readonly Operation[]>> = {
  abs: [
    ...(['whole', 'number', 'duration'] as const).map((kind) =>
      strict(
        [kind],
        kind,
        (a) => a.abs(),
        (a) => `abs(${a})`,
      ),
    ),
    strict(
      ['money'],
      'money',
      (a) => ({ ...a, amount: a.amount.abs() }),
      (a) => each(a, (amount) => `abs(${amount})`),
    ),
  ],
  round: [
    strict(
      ['number'],
      'whole',
      (a) => a.round(0, 1),
      (a) => `round(${a})`,
    ),
    strict(
      ['money'],
      'money',
      (a) => ({ ...a, amount: a.amount.round(0, 1) }),
      (a) => each(a, (amount) => `round(${amount})`),
    ),
    ...([
      strict(
        ['number', 'whole'],
        'number',
        (a, b) => a.round(places(b), 1),
        (a, b) => `round(${a}, ${placesSql(b)})`,
      ),
      strict(
        ['money', 'whole'],
        'money',
        (a, b) => ({ ...a, amount: a.amount.round(places(b), 1) }),
        (a, b) => each(a, (amount) => `round(${amount}, ${placesSql(b)})`),
      ),
    ] as const),
  ],
  floor: [strict(['number'], 'whole', down, (a) => `floor(${a})`)],
  ceil: [
    strict(
      ['number'],
      'whole',
      (a) => down(a.neg()).neg(),
      (a) => `ceil(${a})`,
    ),
  ],
  days: span(86_400),
  hours: span(3600),
  minutes: span(60),
  year: part('year'),
  month: part('month'),
  day: part('day'),
  addMonths: [strict(['date', 'whole'], 'date', monthsLater, (a, b) => `perigon_months_later(${a}, ${b})`)],
  date: [
    {
      takes: ['instant'],
      gives: 'date',
      moving: true,
      of: (env, at) => {
        const day = dateIn(new Date(String(at)), env.timeZone);
        return /^(?!0000)\d{4}-/.test(day) ? day : null;
      },
      sql: (a) => inZone(String(a)),
    },
  ],
  today: [{ takes: [], gives: 'date', moving: true, of: (env) => dateIn(env.now, env.timeZone), sql: () => inZone('now()') }],
  now: [{ takes: [], gives: 'instant', moving: true, of: (env) => env.now.toISOString(), sql: () => `date_trunc('milliseconds', now())` }],
  size: [
    strict(
      ['text'],
      'whole',
      (a) => new Big(Array.from(a).length),
      (a) => `length(${a})::numeric`,
    ),
  ],
  ...words(
    'contains',
    (a, b) => a.includes(b),
    (a, b) => `strpos(${a}, ${b}) > 0`,
  ),
  ...words(
    'startsWith',
    (a, b) => a.startsWith(b),
    (a, b) => `starts_with(${a}, ${b})`,
  ),
  ...words(
    'endsWith',
    (a, b) => a.endsWith(b),
    (a, b) => `right(${a}, length(${b})) = ${b}`,
  ),
  string: [
    strict(
      ['number'],
      'text',
      (a) => plain(a),
      (a) => `trim_scale(${a})::text`,
    ),
    strict(
      ['date'],
      'text',
      (a) => a,
      (a) => `to_char(${a}, 'YYYY-MM-DD')`,
      { moving: true },
    ),
    strict(
      ['text'],
      'text',
      (a) => a,
      (a) => a,
    ),
  ],
};

/** Decimal text without a sign before zero. */
export const plain = (n: Big): string => (n.eq(0) ? '0' : n.toFixed());

/** Places to round to: at least none, ten at most. */
const places = (n: Big): number => Math.max(0, Math.min(10, n.toNumber()));
const placesSql = (n: string) => `case when ${n} is not null then greatest(0, least(10, ${n}))::int end`;
