import type Big from 'big.js';

/** What formulas reckon with. Numbers are exact decimals; a duration is its seconds; dates and instants are as on the wire. */
export interface Amount {
  amount: Big;
  currency: string;
}

/** The JavaScript value of each kind; any of them may be empty (null). */
export interface Held {
  whole: Big;
  number: Big;
  money: Amount;
  text: string;
  /** Compares exactly: keys of options, codes of countries and currencies. */
  key: string;
  boolean: boolean;
  date: string;
  instant: string;
  duration: Big;
  /** A record that is referred to: it is there or not, the same or another. */
  id: string;
  nothing: null;
}
export type Kind = keyof Held;
export type Value = Held[Kind] | null;

/** The SQL of an amount of money: what it is, of which currency, and how much that is in base currency. */
export interface MoneySql {
  amount: string;
  currency: string;
  base: string;
}
export type SqlOf<K extends Kind> = K extends 'money' ? MoneySql : string;
export type Sql = MoneySql | string;

/** SQL: a text of a declaration as a constant, whatever it holds. Texts of declarations have no control characters. */
export const quoted = (text: string): string => `e'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'::text`;
