import { createContext, useContext, useSyncExternalStore } from 'react';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { readsOf } from './formula-reads.ts';
import { useReckoner } from './use-reckoner.ts';

/** What is being typed into the fields of one record on screen, as it would travel: its formulas follow at once. */
export class Typed {
  #values: Readonly<Record<string, unknown>> = {};
  readonly #told = new Set<() => void>();

  readonly values = (): Readonly<Record<string, unknown>> => this.#values;
  readonly subscribe = (told: () => void): (() => void) => {
    this.#told.add(told);
    return () => this.#told.delete(told);
  };

  set(key: string, value: unknown): void {
    this.#change({ ...this.#values, [key]: value });
  }

  /** Nobody types there any more. */
  drop(key: string): void {
    if (!(key in this.#values)) return;
    const { [key]: _, ...others } = this.#values;
    this.#change(others);
  }

  #change(values: Record<string, unknown>): void {
    this.#values = values;
    for (const told of this.#told) told();
  }
}

export const TypedHere = createContext(new Typed());

/** The value of a formula of a record: as the server gave it, or for what is being typed; null where that cannot be known here. */
export function useFormulaValue(object: ObjectMeta, record: RecordData, field: FieldMeta): unknown {
  const typed = useContext(TypedHere);
  const values = useSyncExternalStore(typed.subscribe, typed.values);
  const reads = readsOf(object, field);
  const moved = Object.keys(values).some((key) => reads.has(key));
  const reckon = useReckoner(object, moved);
  if (!moved) return record[field.key];
  return reckon ? reckon(field.key, { ...record, ...values }) : null;
}
