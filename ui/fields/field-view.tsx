import type { ComponentType, ReactNode } from 'react';
import type { FieldMeta } from '../wire.ts';

export interface CellProps<V> {
  value: V;
  field: FieldMeta;
  /** Key of the object the field belongs to, for its words. */
  object: string;
}

export interface EditProps<V> {
  value: V | null;
  onChange: (value: V | null) => void;
  field: FieldMeta;
  object: string;
  /** Shown above the control; without it `ariaLabel` names it (editing in place). */
  label?: ReactNode;
  ariaLabel: string;
  error?: string;
  autoFocus?: boolean;
  required?: boolean;
}

export interface FilterProps {
  op: string;
  value: unknown;
  onChange: (value: unknown) => void;
  field: FieldMeta;
  object: string;
}

/** All that one field type is on screen, written with its own value type. */
export interface FieldSpec<V> {
  /** Reads the value off the wire; `null` is empty. Reading what was read gives the same. */
  read: (wire: unknown, field: FieldMeta) => V | null;
  /** What is written; without it the value goes as it is. */
  write?: (value: V, field: FieldMeta) => unknown;
  /** The value as one line of words, for history, exports to the clipboard and tooltips. */
  text: (value: V, field: FieldMeta, object: string) => string;
  align?: 'end';
  /** Width of a list column in pixels to begin with. */
  width?: number;
  /** In a list; without it the text. */
  Cell?: ComponentType<CellProps<V>>;
  /** On a record; without it as in a list. */
  Read?: ComponentType<CellProps<V>>;
  Edit: ComponentType<EditProps<V>>;
  Filter: ComponentType<FilterProps>;
  /** The control opens others or is more than a line high: editing in place saves by button, not on leaving. */
  large?: boolean;
  /** Choosing is deciding: editing in place saves with the choice. */
  instant?: boolean;
  /** Written elsewhere (the other side of a relation): shown, never edited here. */
  derived?: boolean;
}

/** A field type as lists, records, forms and filters use it: values are `unknown` outside its folder. */
export interface FieldView {
  isEmpty: (wire: unknown, field: FieldMeta) => boolean;
  write: (value: unknown, field: FieldMeta) => unknown;
  text: (wire: unknown, field: FieldMeta, object: string) => string;
  align: 'start' | 'end';
  width: number;
  large: boolean;
  instant: boolean;
  derived: boolean;
  Cell: ComponentType<CellProps<unknown>>;
  Read: ComponentType<CellProps<unknown>>;
  Edit: ComponentType<EditProps<unknown>>;
  Filter: ComponentType<FilterProps>;
}

/** Seals a field type: from here on it reads its own values. */
export function fieldView<V>(spec: FieldSpec<V>): FieldView {
  const Text = ({ value, field, object }: CellProps<V>): ReactNode => {
    const text = spec.text(value, field, object);
    return <span title={text}>{text}</span>;
  };
  const reading = (Inner: ComponentType<CellProps<V>>): ComponentType<CellProps<unknown>> =>
    function Reading(props) {
      const value = spec.read(props.value, props.field);
      return value === null ? null : <Inner {...props} value={value} />;
    };
  const Cell = spec.Cell ?? Text;
  const Edit = spec.Edit;
  return {
    isEmpty: (wire, field) => spec.read(wire, field) === null,
    write: (value, field) => {
      const read = spec.read(value, field);
      return read === null ? null : spec.write ? spec.write(read, field) : read;
    },
    text: (wire, field, object) => {
      const value = spec.read(wire, field);
      return value === null ? '' : spec.text(value, field, object);
    },
    align: spec.align ?? 'start',
    width: spec.width ?? 160,
    large: spec.large ?? false,
    instant: spec.instant ?? false,
    derived: spec.derived ?? false,
    Cell: reading(Cell),
    Read: reading(spec.Read ?? Cell),
    Edit: (props) => <Edit {...props} value={spec.read(props.value, props.field)} onChange={props.onChange} />,
    Filter: spec.Filter,
  };
}

/** Reads a non-empty text. */
export function readText(wire: unknown): string | null {
  return typeof wire === 'string' && wire !== '' ? wire : null;
}

/** Reads a number, also from a decimal string. */
export function readNumber(wire: unknown): number | null {
  const value = typeof wire === 'string' && wire.trim() !== '' ? Number(wire) : wire;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
