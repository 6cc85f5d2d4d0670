import type { Json, JsonObject } from '#kit/json.ts';
import type { Operator, Predicate } from './condition.ts';

export { OPERATORS, type Operator } from './condition.ts';

/**
 * What a field and a field type are. A field type is one folder under `fields/`; everything that depends on the type of a
 * field (columns, validation, wire form, conditions, sorting, import, export, search) is answered by its descriptor, so no
 * switch over types stands anywhere else. Descriptors are plain data and pure functions: they run in the browser too.
 */

/** The comparable essence of a value. `text` compares folded (without case and accents), `key` and `uuid` exactly. */
export type ScalarKind = 'text' | 'key' | 'number' | 'boolean' | 'date' | 'instant' | 'uuid';
export type Scalar = string | number | boolean;

/** What the person and the company of the moment bring to reading a value. */
export interface ValueEnv {
  now: Date;
  timeZone: string;
  /** ISO 3166 alpha-2 of the company, the default country of national telephone numbers. */
  country: string;
  baseCurrency: string;
  /** What a unit of a currency is in base currency on a day (a date), as decimal text; null where no rate is known. */
  rate?(currency: string, day: string): string | null;
}

/** Options every field type takes. */
export interface CommonOptions {
  required?: boolean;
  /** Set by rules and the system only. */
  readOnly?: boolean;
  default?: Json;
  /** At most one live record may have the value (text, e-mail, key kinds). */
  unique?: boolean;
  /** An index that serves filters and sorts by this field. */
  index?: boolean;
  /** Joins the search: `title` words rank first, `words` follow, `phone` finds by the end of a number. */
  search?: 'title' | 'words' | 'phone';
  /** Values are also kept in `identifiers`, so that an inbound address resolves to its record. */
  identifies?: 'email' | 'phone' | 'handle';
  /** Whether it goes when the person is erased, where that does not follow from its type (`personal.ts`): a document's number stays, say. */
  personal?: boolean;
  /** A value is needed while the record meets this condition over its own fields; every surface is held to it. */
  requiredWhen?: Predicate;
  /** Offered in forms only while the record meets this condition over its own fields; nothing is demanded where it is not. */
  shownWhen?: Predicate;
  /** It is a copy of this field of another object (`opportunity.amount`): who may not know that one may not know it. */
  knownWith?: `${string}.${string}`;
  /** It became needed when there were records already: those may lack it. */
  gaps?: boolean;
  /** No longer in use: values are kept and can be read by name, none is written, no form or list offers it. */
  retired?: boolean;
}

/** A field as declared. `V` is the type of its value on the wire and in rules; it exists for the compiler only. */
export interface Field<V = unknown, R extends boolean = boolean> extends CommonOptions {
  readonly type: string;
  required?: R;
  /** Options of the type itself, e.g. `to` of a reference or `options` of a select. */
  readonly with: JsonObject;
  /** Never set; carries `V`. */
  readonly value?: V;
}

/** A field in the model: it knows its key and the name its columns begin with. */
export interface BoundField extends Field {
  readonly key: string;
  readonly column: string;
  /** The table that holds its columns: that of its object, or of the figures beside it. */
  readonly table: string;
  /** Set where its value is reckoned from others. */
  readonly derived?: Derived;
}

/** How a derived field comes by its value, as far as rights go. */
export type Derived = RolledUp | Formulated;

/** A field that follows from others whenever it is read. */
export interface Formulated {
  kind: 'formula';
  /** The declaration as it was written. */
  with: JsonObject;
  /** It is never empty: yes or no. */
  present: boolean;
  /** Every field it looks at, on its way through references, too: who may not know one of them may not know it. */
  uses: readonly { object: { key: string }; field: BoundField }[];
}

/** What a figure is reckoned from. */
export interface RolledUp {
  kind: 'rollUp';
  /** The declaration as it was written. */
  with: JsonObject;
  /** It is never empty: counts and sums of nothing are 0. */
  present: boolean;
  /** Fields that somebody must be allowed to know for knowing this one. */
  reads: readonly { object: string; field: string }[];
  /** Of which records it is reckoned. */
  source: string;
  /** How the right to read those follows from that to read the record they point to; null where it does not. */
  follows: 'party' | 'partyOrOwner' | null;
  /** Whoever reads the record may know it. */
  open: boolean;
}

export type ValueOf<F> = F extends Field<infer V, infer R> ? (R extends true ? V : V | null) : never;

/** A fault in one value; `part` points into a composite value (`city`, `0.value`). */
export class FieldProblem extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly part = '',
  ) {
    super(message);
  }
}

/** How a value is compared: once over SQL, once over the wire value. `many` values compare element by element. */
export interface Shape {
  kind: ScalarKind;
  /** Whole numbers, of a column that an index finds only by whole numbers. */
  whole?: boolean;
  many: boolean;
  /** SQL giving the scalar (or, for `many`, an array of scalars) of the row with alias `t`; null where empty. */
  sql(field: BoundField, t: string): string;
  /** The same from a wire value; null where empty, for `many` a list. */
  of(value: unknown, field: BoundField): Scalar | null | Scalar[];
  /** Reads what a condition compares with, where that is written otherwise than the scalar (a duration). */
  operand?(input: unknown, field: BoundField, env: ValueEnv): Scalar;
}

/** A member of a composite value: how it compares, and how it is written. */
export interface Part extends Shape {
  /** SQL giving the member as the wire has it. */
  read(field: BoundField, t: string): string;
}

export interface FieldType<V = unknown> {
  readonly key: string;
  /**
   * `columns` lie in the object's table; `figure` in the table of figures beside it; `formula` nowhere, it is reckoned when it
   * is read; `link` in a link table; `inverse` is the far end of a reference; `external` in external_ids.
   */
  readonly storage: 'columns' | 'figure' | 'formula' | 'link' | 'inverse' | 'external';
  /** Physical columns: suffix after the field's column name, and SQL type. */
  columns(field: BoundField): { suffix: string; type: string }[];
  /** One JSON value per column for a canonical value. */
  store(value: V | null, field: BoundField): Json[];
  /** SQL giving the canonical value as JSON-able, from columns of alias `t`. */
  read(field: BoundField, t: string): string;
  /** Wire value → canonical value, or a FieldProblem. `null` never arrives here. */
  parse(input: unknown, field: BoundField, env: ValueEnv): V | null;
  /** One cell of an imported file → canonical value. */
  fromText(text: string, field: BoundField, env: ValueEnv): V | null;
  /** One cell of an exported file. */
  toText(value: V, field: BoundField): string;
  readonly shape?: Shape;
  /** As what formulas take its values, where `shape` does not say; null where they cannot. */
  readonly reckons?: 'money' | 'duration' | null;
  readonly operators: readonly Operator[];
  /** Differs from `shape` where the order is not that of the scalar (a select sorts as its options stand). */
  readonly sort?: Pick<Shape, 'kind' | 'whole' | 'sql'> & { of(value: unknown, field: BoundField): Scalar | null };
  readonly sortable: boolean;
  readonly aggregates: readonly ('sum' | 'avg' | 'min' | 'max')[];
  /** Members that may stand behind the field in a path: `address.city`. */
  readonly parts?: Record<string, Part>;
  /** SQL text of the words this field adds to the search. */
  words?(field: BoundField, t: string): string;
  /** JSON Schema of the wire value for the OpenAPI description: as read and, where it differs, as written. */
  schema(field: BoundField): JsonObject;
  writeSchema?(field: BoundField): JsonObject;
  /** How a spreadsheet keeps it where `shape` does not say; the text is then that of `toText`. */
  readonly cell?: 'text';
  /** True: an import may write it although people may not (numbers that records bring along). False: no import can (files). */
  readonly importable?: boolean;
  /** Ids of the files that a value holds: who may read the record and this field may read them. */
  files?(value: unknown): string[];
  /** What a browser has to know of the field's own options. */
  client?(field: BoundField): JsonObject;
  /** Why a value that can be read is no longer given anew (a retired option); null where it is. `before` is what the record holds. */
  outdated?(value: V, before: V | null, field: BoundField): string | null;
  /** What a field's own options change in this descriptor (one value or many). */
  forField?(field: BoundField): Partial<FieldType<V>>;
  /** Values that the conformance suite sends through every surface. */
  samples(field: BoundField): Samples;
}

export interface Samples {
  /** Accepted inputs with the value that must come back. The first two differ and sort in this order where sortable. */
  good: { input: Json; value: Json; text?: string }[];
  /** Refused inputs. */
  bad: Json[];
}

export const COMPARE: readonly Operator[] = ['eq', 'ne', 'in', 'notIn', 'gt', 'gte', 'lt', 'lte', 'between', 'isEmpty', 'isNotEmpty'];
export const CHOOSE: readonly Operator[] = ['eq', 'ne', 'in', 'notIn', 'isEmpty', 'isNotEmpty'];
export const WORDS: readonly Operator[] = [
  'eq',
  'ne',
  'in',
  'notIn',
  'contains',
  'startsWith',
  'gt',
  'gte',
  'lt',
  'lte',
  'between',
  'isEmpty',
  'isNotEmpty',
];
export const MEMBERS: readonly Operator[] = ['contains', 'eq', 'ne', 'in', 'notIn', 'isEmpty', 'isNotEmpty'];

/** Makes the constructor of a field type: `const text = fieldOf<string, TextOptions>('text', …)`. */
export function fieldOf<V, O extends object = object>(type: string) {
  return <const R extends boolean = false>(
    options: Omit<CommonOptions, 'required'> & O & { required?: R } = {} as Omit<CommonOptions, 'required'> & O & { required?: R },
  ): Field<V, R> => {
    const common: Record<string, unknown> = {};
    const own: JsonObject = {};
    for (const [key, value] of Object.entries(options)) {
      if (COMMON.has(key)) common[key] = value;
      else if (value !== undefined) own[key] = value as Json;
    }
    return { type, with: own, ...common } as Field<V, R>;
  };
}
/** What is the same for fields of all types; all else that is declared is an option of the type. The compiler holds it to be whole. */
const COMMON: ReadonlySet<string> = new Set(
  Object.keys({
    required: true,
    readOnly: true,
    default: true,
    unique: true,
    index: true,
    search: true,
    identifies: true,
    personal: true,
    requiredWhen: true,
    shownWhen: true,
    knownWith: true,
    gaps: true,
    retired: true,
  } satisfies Record<keyof CommonOptions, true>),
);

/** Fills in what most single-column types share. */
export function scalarType<V extends Json>(
  o: Pick<FieldType<V>, 'key' | 'parse' | 'samples' | 'schema' | 'operators'> & {
    column: string | ((field: BoundField) => string);
    kind: ScalarKind;
    /** Scalar from the wire value; identity unless given. */
    scalar?: (value: V, field: BoundField) => Scalar;
    /** SQL scalar from the column expression; the column itself unless given. */
    compare?: (column: string, field: BoundField) => string;
    readAs?: (column: string) => string;
    fromText?: FieldType<V>['fromText'];
    toText?: FieldType<V>['toText'];
    aggregates?: FieldType['aggregates'];
    sort?: FieldType['sort'];
    operand?: Shape['operand'];
    words?: FieldType['words'];
    outdated?: FieldType<V>['outdated'];
  },
): FieldType<V> {
  const compare = o.compare ?? ((column: string) => (o.kind === 'text' ? folded(column) : column));
  return {
    key: o.key,
    storage: 'columns',
    columns: (field) => [{ suffix: '', type: typeof o.column === 'string' ? o.column : o.column(field) }],
    store: (value) => [value],
    read: (field, t) => (o.readAs ? o.readAs(`${t}.${field.column}`) : `${t}.${field.column}`),
    parse: o.parse,
    fromText: o.fromText ?? ((text, field, env) => o.parse(text, field, env)),
    toText: o.toText ?? ((value) => String(value)),
    shape: {
      kind: o.kind,
      whole: o.kind === 'number' && o.column === 'bigint',
      many: false,
      sql: (field, t) => compare(`${t}.${field.column}`, field),
      of: (value, field) => (value === null || value === undefined ? null : o.scalar ? o.scalar(value as V, field) : (value as Scalar)),
      operand: o.operand,
    },
    operators: o.operators,
    sortable: true,
    sort: o.sort,
    aggregates: o.aggregates ?? [],
    words: o.words ?? (o.kind === 'text' ? (field, t) => `${t}.${field.column}` : undefined),
    schema: o.schema,
    ...(o.outdated ? { outdated: o.outdated } : {}),
    samples: o.samples,
  };
}

/** SQL: a text expression folded, ordered by code point, so that one index serves equality, prefix and order. */
export const folded = (expression: string): string => `perigon_fold(${expression}) collate "C"`;

/** SQL: an instant in the wire's form. */
export const instantText = (expression: string): string => `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Control characters; in texts of several lines tabs and line ends stay. */
const CONTROLS = /\p{Cc}+/gu;
const CONTROLS_BUT_LINES = /(?![\t\n\r])\p{Cc}/gu;

/** Reads a text input: trimmed, composed (NFC), without control characters; null when nothing is left. */
export function cleanText(input: unknown, max: number, lines = false): string | null {
  if (typeof input !== 'string') throw new FieldProblem('type', 'Expected text.');
  const text = input
    .replace(lines ? CONTROLS_BUT_LINES : CONTROLS, lines ? '' : ' ')
    .replace(/\r\n?/g, '\n')
    .normalize('NFC')
    .trim();
  if (!text.isWellFormed()) throw new FieldProblem('encoding', 'The text is not valid Unicode.');
  if (text.length > max) throw new FieldProblem('tooLong', `Longer than ${max.toLocaleString('en')} characters.`);
  return text === '' ? null : text;
}
