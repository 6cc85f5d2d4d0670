import type { FieldMeta, ObjectMeta } from '../wire.ts';

/** Widths and order of columns. Pure. */

export const titleWidth = 240;

export interface Column {
  key: string;
  field: FieldMeta | undefined;
  /** Pixels: as set, else as the type begins with. */
  width: number;
  /** Somebody set it; the others share what is left. */
  isSet: boolean;
}

/** The title, then the fields that are shown. */
export function columnsOf(
  object: ObjectMeta,
  fields: readonly FieldMeta[],
  widths: Readonly<Record<string, number>> | undefined,
  widthOf: (field: FieldMeta) => number,
): Column[] {
  const column = (key: string, field: FieldMeta | undefined, first: number): Column => {
    const set = widths?.[key];
    return { key, field, width: set ?? first, isSet: set !== undefined };
  };
  const title = object.fields.find((field) => field.key === object.title);
  return [column(object.title, title, titleWidth), ...fields.map((field) => column(field.key, field, widthOf(field)))];
}

/** The columns as CSS lays them out. Where every width is set, an empty track takes what is left. */
export function templateOf(columns: readonly Column[]): string {
  const tracks = columns.map(({ width, isSet }, at) => (isSet ? `${width}px` : `minmax(${width}px, ${at === 0 ? 2 : 1}fr)`));
  return [...tracks, ...(columns.every((column) => column.isSet) ? ['minmax(0, 1fr)'] : [])].join(' ');
}

export function leastWidth(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + column.width, 0);
}

/** Puts a column before or behind another one. */
export function movedTo(keys: readonly string[], key: string, target: string, after: boolean): string[] {
  if (key === target) return [...keys];
  const rest = keys.filter((one) => one !== key);
  const at = rest.indexOf(target);
  if (at < 0) return [...keys];
  rest.splice(at + (after ? 1 : 0), 0, key);
  return rest;
}

/** Moves a column by so many places. */
export function movedBy(keys: readonly string[], key: string, by: number): string[] {
  const from = keys.indexOf(key);
  const to = Math.max(0, Math.min(keys.length - 1, from + by));
  if (from < 0 || from === to) return [...keys];
  const rest = keys.filter((one) => one !== key);
  rest.splice(to, 0, key);
  return rest;
}
