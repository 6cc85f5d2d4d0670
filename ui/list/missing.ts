import { ApiError } from '../api.ts';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';

/** What must be known of a record, or may be said of it, before it goes where somebody moved it. */
export interface Missing {
  object: ObjectMeta;
  record: RecordData;
  /** The field it is moved by, and where to. */
  field: FieldMeta;
  value: unknown;
  said: string;
  /** Fields that are asked for. */
  keys: readonly string[];
  /** It ends so: won or lost. */
  outcome?: string | undefined;
}

let asker: ((missing: Missing) => void) | null = null;

/** The form that asks is somewhere on the page; gives the way to take it off. */
export function onMissing(ask: (missing: Missing) => void): () => void {
  asker = ask;
  return () => {
    if (asker === ask) asker = null;
  };
}

export const askForMissing = (missing: Missing): void => asker?.(missing);

/** Refusals that a value mends: what a stage needs, and what the field itself says is needed for such a record. */
const ASKED = new Set(['neededByStage', 'required']);

/** The fields that a refusal asks for, where it asks for nothing but fields of the record that can be filled in. */
export function missingIn(failure: unknown, object: ObjectMeta): string[] | null {
  if (!(failure instanceof ApiError) || failure.code !== 'invalid' || failure.errors.length === 0) return null;
  const keys = failure.errors.map((one) => one.path);
  const able = (key: string): boolean => object.fields.some((field) => field.key === key && !field.readOnly && !field.hidden);
  return failure.errors.every((one) => ASKED.has(one.code)) && keys.every(able) ? [...new Set(keys)] : null;
}
