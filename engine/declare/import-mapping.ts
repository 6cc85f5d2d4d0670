import type { Json } from '#kit/json.ts';

/** How dates are written in a column: day, month and year in which order. */
export type DateOrder = 'dmy' | 'mdy' | 'ymd';

/**
 * What becomes of a file's columns: plain JSON that a person makes in the browser or by hand, that Perigon remembers, and
 * that a preset declares. There is one form for all three, so a preset can do nothing that a user could not save.
 */
export interface Mapping {
  /** Key of the object whose records the rows are. */
  object: string;
  /** By the name of the column: what its cells are, or several things at once. Columns not named are left out. */
  columns: { [column: string]: Target | Target[] };
  /** Wire values that new records get where the row gives none. A path (`customer.kind`) means the referenced record, if it is made. */
  defaults?: { [path: string]: Json };
  /** Texts made of columns: `{"name": "Customer {CustomerID}"}`. */
  templates?: { [path: string]: string };
  /** By what a row is recognised as a record that is there already: `id`, `externalId`, field keys. In this order. */
  match?: string[];
  /** Rows above the header. */
  skipRows?: number;
  /** The file has no header: columns are called "column 1" and so on. */
  header?: boolean;
}

export interface Target {
  /** A field (`name`), a part of it (`address.city`, `price.amount`), `externalId`, `id`, or a field of a referenced record (`customer.country`). */
  field?: string;
  /** The column is known and left out. */
  skip?: true;
  /** Texts replaced before they are read; null empties. `*` stands for any text, and the longest fit counts: `{"C*": "creditNote", "*": "invoice"}`. */
  values?: { [text: string]: string | null };
  /** How a reference is found: its title, its key (the first unique field), its external id, its id, or any field by name. */
  by?: string;
  /** The system that external ids belong to. */
  system?: string;
  /** A referenced record that is not there is made. */
  create?: boolean;
  /** A field of a referenced record is also written where the record is there already. */
  update?: boolean;
  /** Currency of bare amounts. */
  currency?: string;
  /** How dates are written. */
  date?: DateOrder;
  /** The character before the decimals. */
  decimal?: ',' | '.';
  /** Numbers are this many times what the file says: 1000 where it counts in thousands. */
  times?: number;
  /** Label of an e-mail address, telephone number or address. */
  label?: string;
  /** What an empty cell does to a record that is there: leaves the value (`keep`), or empties it. */
  blank?: 'keep' | 'clear';
}

/** A mapping that comes with a module, for the files of one known source. It could as well have been saved by a user. */
export interface Preset {
  key: string;
  mapping: Mapping;
  /** What happens to rows whose records are there already, unless the importer says otherwise. */
  mode?: ImportMode;
}

/** New records only, changes only, or both. */
export type ImportMode = 'create' | 'update' | 'upsert';
