import type { Predicate } from './condition.ts';
import type { BoundField, Field, ValueOf } from './field.ts';

/**
 * An object (a noun) as declared: one call to `defineObject` gives its table, types, API, lists, forms, import, export,
 * search, audit, undo, access, timeline and 360° sections. Words are not here but in the catalogues, under the keys.
 */
interface ObjectShape<K extends string> {
  /** Singular, camelCase. */
  key: string;
  /** Plural, camelCase; the API address, and in snake_case the table. */
  plural: string;
  /** The field that names a record: shown in references, lists and search. */
  title: K;
  subtitle?: K;
  /** The image field that stands beside the name. */
  picture?: K;
  icon: string;
  /** The reference to the party that this record is about: puts it into the 360° view and gives it the party's scope. */
  party?: K;
  /** The user who owns a record; decides the scopes *own* and *team*. */
  owner?: K;
  /** Many-to-many field to users whose members count as *own*: the account team. */
  team?: K;
  /** The reference to the territory it lies in; decides the scope *territory*. */
  territory?: K;
  /**
   * It says something of one record of any object, which these two fields name: whoever may read that record may read it, who
   * may change that record of their own right may write it, and it follows the record through a merge and out of the base. What it
   * opens ends at the moment `until` names.
   */
  about?: { object: K; record: K; until?: K };
  /** Date-time field by whose year the table is partitioned; for tables that grow without bound. Needs `party`. */
  partitionBy?: K;
  /** Sorts and filters that get an index of their own, as lists of field keys. */
  indexes?: readonly (readonly string[])[];
  /** Field lists that are unique together among live records. */
  uniqueTogether?: readonly (readonly K[])[];
  list: { columns: readonly string[]; sort: readonly string[] };
  /** Views of its list that are there without anybody saving them; the list opens with the `first`, until somebody says otherwise. */
  views?: readonly { key: string; where: Predicate; first?: boolean }[];
  form: readonly FormSection[];
  /** Forms that depend on a select field. */
  variants?: { field: K; forms: Record<string, readonly FormSection[]> };
  timeline?: Timeline<K>;
  /** From which day to which it lasts, as a bar in the list's timeline: `to` is when it is to end, `ended` when it did. Dates. */
  span?: { from: K; to: K; ended?: K };
  overview?: Overview<K>;
  /** What of it stands in the brief of its party. */
  brief?: Brief<K>;
  /** Which records go to the successor when their owner hands over; needs `owner`. */
  handOver?: Predicate;
  /** For objects that relate two parties: shown with both ends on both. */
  relation?: { from: K; to: K; type: K };
  /** How two records are found to be the same one: which fields are compared, and as what. Of an object with variants, those of the variant's form. */
  duplicates?: { compare: { readonly [key in K]?: Likeness } };
  /** Goes whole when its party is erased, instead of staying without its texts: it says nothing but what was known of them. */
  personal?: boolean;
  /** Not offered in the navigation; reached through others. */
  quiet?: boolean;
  /** Left out of the global search. */
  unsearchable?: boolean;
  /** Its declaration is not added to by companies: records of the engine itself. */
  sealed?: boolean;
  /** Reckoned by Perigon from other records, and anew where it is gone: nobody's own, and nothing hangs by it on what it tells of. */
  reckoned?: boolean;
  /** No longer in use: records are kept and can be read, none is written, nothing offers it. */
  retired?: boolean;
}

/** As what values are compared when duplicates are looked for (`engine/identity/comparators.ts`). */
export type Likeness = 'personName' | 'companyName' | 'email' | 'phone' | 'address' | 'date' | 'website' | 'words';

export interface FormSection {
  key: string;
  fields: readonly string[];
  /** How many fields stand side by side where there is room; one unless given. */
  columns?: 1 | 2;
  /** Of two columns: fields that take the whole width. */
  wide?: readonly string[];
  /** Shown while the record meets this condition over its own fields; fields that are needed are shown all the same. */
  when?: Predicate;
}

/** How a record stands in the timeline of its party. */
export interface Timeline<K extends string = string> {
  at: K | 'createdAt';
  title: K;
  detail?: K;
  kind?: K;
  channel?: K;
  actor?: K;
}

/** The four blocks at the top of the 360° view (requirement A2). */
export const BLOCKS = ['pastSales', 'serviceRecord', 'outstanding', 'unresolvedCalls'] as const;
export type BlockKey = (typeof BLOCKS)[number];

export interface Overview<K extends string = string> {
  /** A section of the 360° view listing these records. */
  section?: { key: string; columns: readonly K[]; sort: readonly string[]; where?: Predicate };
  /** A section of counts by one field instead of records. */
  tally?: { key: string; by: K; at: K };
  /** Which of the four blocks these records count in. */
  blocks?: { [key in BlockKey]?: { where?: Predicate; at: K; amount?: K; status?: K } };
  /** Sentences of *What matters now*: the most pressing record that meets the predicate. Higher weight comes first. */
  matters?: readonly { key: string; where: Predicate; at: K; amount?: K; weight: number }[];
  /** Value figures of the party; the five of lowest rank stand at the top of the page. */
  figures?: readonly OverviewFigure<K>[];
}

/**
 * A figure of the 360° view: a roll-up that the party declares over these records, or what is counted for the page alone
 * (conditions that move with the clock can be nothing else).
 */
export type OverviewFigure<K extends string = string> = { key: string; rank: number } & (
  | { rollUp: string }
  | { op: 'count' | 'sum' | 'min' | 'max'; field?: K; where?: Predicate }
);

/** What a successor must know of these records: their part of the party's brief (requirement A5). */
export interface Brief<K extends string = string> {
  /** Lists that stand in it, whole up to `limit` (100 unless given); `total` is summed by currency. */
  lists?: readonly {
    key: string;
    columns: readonly (K | 'createdAt')[];
    sort: readonly string[];
    where?: Predicate;
    total?: K;
    limit?: number;
  }[];
  /** The story by year: how many, for how much, and where `named` the three largest by name. Lower rank comes first. */
  years?: readonly { key: string; rank: number; at: K | 'createdAt'; where?: Predicate; amount?: K; named?: boolean }[];
  /** Means over all records that hold a value, such as satisfaction. */
  means?: readonly { key: string; field: K }[];
  /** For the far end of a relation: how that party is reached. */
  contact?: readonly K[];
}

export type ObjectOptions<F extends Record<string, Field>> = ObjectShape<keyof F & string> & { fields: F };

/** A declared object. Its own field keys are checked where it is declared; everyone else sees plain names. */
export type ObjectDeclaration<F extends Record<string, Field> = Record<string, Field>> = ObjectShape<string> & { fields: F };

/** Declares an object. The result is plain data; nothing happens before a module lists it. */
export function defineObject<F extends Record<string, Field>>(options: ObjectOptions<F>): ObjectDeclaration<F> {
  return options as ObjectShape<string> as ObjectDeclaration<F>;
}

/** What every record has besides its declared fields. */
export interface SystemValues {
  id: string;
  version: number;
  createdAt: string;
  createdBy: string | null;
  updatedAt: string;
  updatedBy: string | null;
}

/** The values of a record of an object, as rules and actions see them: references are ids. */
export type RecordOf<O> = O extends ObjectDeclaration<infer F> ? SystemValues & { [K in keyof F]: ValueOf<F[K]> } : never;

/** An object in the model: everything resolved. */
export interface ModelObject extends ObjectShape<string> {
  table: string;
  module: string;
  /** Declared and system fields by key, in order. */
  fields: ReadonlyMap<string, BoundField>;
  declared: readonly BoundField[];
}
