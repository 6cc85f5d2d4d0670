/** What the API says and takes, as far as the client names it. Values of fields stay `unknown` until their field type reads them. */

export interface Named {
  id: string;
  name: string;
}

export interface Money {
  amount: string;
  currency: string;
}

/** One record as it travels: these keys and one per field. */
export interface RecordData {
  id: string;
  version: number;
  createdAt: string;
  updatedAt: string;
  createdBy?: Named | null;
  updatedBy?: Named | null;
  [field: string]: unknown;
}

export interface Page<T = RecordData> {
  items: T[];
  next: string | null;
  count?: { value: number; exact: boolean };
}

/** One field as `GET /meta` describes it to this actor. */
export interface FieldMeta {
  key: string;
  type: string;
  required: boolean;
  readOnly: boolean;
  hidden?: boolean;
  /** Reckoned from other records, by nobody written. */
  derived?: string;
  /** It is still being reckoned for the records that are there. */
  building?: boolean;
  /** Of a formula: what its value is reckoned by. */
  expression?: string;
  sortable: boolean;
  filterable: boolean;
  operators: string[];
  /** What may be reckoned over it: sum, avg, min, max. */
  aggregates?: string[];
  many?: boolean;
  options?: { key: string; color?: string; retired?: boolean }[];
  /** Of a formula: the field whose options they are, with its words. */
  optionsOf?: string;
  /** Conditions over the record's own fields: when a value is needed, and when it is offered at all. */
  requiredWhen?: unknown;
  shownWhen?: unknown;
  /** Kept and no longer in use. */
  retired?: boolean;
  /** What the server fills in where nothing is given. */
  default?: unknown;
  /** Members a path may name, such as the city of an address. */
  parts?: string[];
  /** Target object of a reference, to-many or many-to-many field. */
  to?: string;
  /** Where a form says so: the condition that what is offered meets. */
  among?: unknown;
  /** Of a to-many field: the field over there that points here. */
  by?: string;
  /** Media types that a file field takes, and its largest file in bytes. */
  accept?: string[];
  maxBytes?: number;
  /** The most stars of a rating. */
  max?: number;
  /** Roles that a link of a many-to-many field may have. */
  roles?: string[];
  /** Its links begin, end and open reading or everything. */
  membership?: boolean;
}

export interface FormSection {
  key: string;
  fields: string[];
  columns?: 1 | 2;
  wide?: string[];
  /** A condition over the record's own fields. */
  when?: unknown;
}

export interface ObjectMeta {
  key: string;
  plural: string;
  title: string;
  subtitle?: string | null;
  /** The image field that stands beside the name. */
  picture?: string;
  icon: string;
  /** The field that names the party this object belongs to. */
  party: string | null;
  /** The field that names the user it belongs to. */
  owner?: string | null;
  /** From which day to which it lasts: to when it is to, and when it did. */
  span?: { from: string; to: string; ended?: string };
  module?: string;
  verbs: { create: boolean; update: boolean; delete: boolean };
  fields: FieldMeta[];
  list: { columns: string[]; sort: string[] };
  /** Views that are there without anybody saving them. */
  views?: { key: string; where: unknown; first?: boolean }[];
  form: FormSection[];
  variants?: { field: string; forms: Record<string, FormSection[]> };
  /** Reached through other objects, not offered in the navigation. */
  quiet?: boolean;
  /** It says something of single records of any object (a share): found with those, not beside what it points to. */
  about?: boolean;
  /** No longer in use: its records can be read. */
  retired?: boolean;
  /** Its records are compared: two that are the same one are found and merged. */
  duplicates?: boolean;
  /** This user may have all records compared: who reads all of them. */
  comparesAll?: boolean;
}

export interface ActionMeta {
  key: string;
  object: string | null;
  input: FieldMeta[];
  bulk: boolean;
}

export interface Meta {
  version?: number;
  /** Words the app was not built with, by language. */
  words?: Record<string, Record<string, string>>;
  objects: ObjectMeta[];
  actions: ActionMeta[];
  presets?: { key: string; object: string }[];
  /** What this actor may do beyond records: import, export, undo, administer, manageKeys. */
  may?: string[];
}

export interface Session {
  user: { id: string; name: string; email: string; language: string | null; timeZone: string | null };
  company: { name: string; baseCurrency: string; language: string; timeZone: string };
  roles: string[];
  /** A second factor must be set up before anything else. */
  needsFactor?: boolean;
  /** The server's clock when it answered. */
  now?: string;
}

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'undone';

export interface Job {
  id: string;
  kind: string;
  state: JobState;
  done: number;
  total: number | null;
  label: string | null;
  result: unknown;
  error?: string | null;
  cause?: string | null;
  createdAt: string;
  finishedAt?: string | null;
}

export interface Change {
  seq: number | string;
  at: string;
  actor: { id: string | null; name: string | null; kind: string };
  cause: { id: string; kind: string; label: string | null };
  action: string;
  /** Set where something about the record was written, such as a share of it. */
  about?: { object: string; id: string };
  fields: Record<string, { from: unknown; to: unknown }>;
}

/** What undoing a cause did, or in a preview would do; values that someone changed since stay and are listed. */
export interface UndoReport {
  restored: number;
  removed: number;
  revived: number;
  conflicts: { object: string; id: string; field: string | null; reason: string; detail?: string }[];
  conflictCount: number;
  total: number;
}

export interface SearchHit {
  object: string;
  id: string;
  title: string;
  subtitle: string | null;
  match?: string | null;
}

/** True for a plain object, the first question when reading a value of unknown shape. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads `{id, name}`; anything else is no reference. */
export function readNamed(value: unknown): Named | null {
  if (!isObject(value) || typeof value.id !== 'string') return null;
  return { id: value.id, name: typeof value.name === 'string' ? value.name : '' };
}
