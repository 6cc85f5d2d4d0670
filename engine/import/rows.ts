import { type BoundField, FieldProblem, type ValueEnv } from '#engine/declare/field.ts';
import { countryType } from '#engine/declare/fields/country/country.ts';
import { plainNumber } from '#engine/declare/fields/decimal/plain-number.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import type { Mapping, Target } from '#engine/declare/import-mapping.ts';
import { type Model, targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { ReadAhead } from '#engine/record/values.ts';
import { fold } from '#kit/fold.ts';
import type { Json } from '#kit/json.ts';
import { cellReader, exchangedReader, templateReader } from './cells.ts';
import type { FileRow } from './csv-rows.ts';
import { matchOf, targetPath, targetsOf } from './mapping.ts';

/** How one row of a file becomes wire values and open references. Pure; compiled once for an import. */

export interface RowProblem {
  row: number;
  column: string | null;
  detail: string;
}

/** What a row says about one record: the row's own, or one it refers to. */
export interface Draft {
  /** Wire values by field key. */
  values: Record<string, unknown>;
  id: string | null;
  externalIds: { system: string; value: string }[];
  refs: RefDraft[];
}

export interface RefDraft {
  plan: RefPlan;
  /** What the file calls the record; null where it calls none. */
  text: string | null;
  /** What the row says about it, where it may be made or changed. */
  draft: Draft | null;
}

export interface RowDraft extends Draft {
  row: FileRow;
  /** Its values as the write pipeline reads them, where they were read while the database was busy with other rows. */
  ahead?: ReadAhead;
  problems: RowProblem[];
}

export interface RefPlan {
  /** Dotted path from the row's record: `team.parent`. */
  path: string;
  field: BoundField;
  object: ModelObject;
  column: string;
  by: string;
  system: string | null;
  create: boolean;
  node: NodePlan;
}

interface CellPlan {
  index: number;
  column: string;
  /** The field it gives; null for the id. */
  key: string | null;
  put(text: string, draft: Draft): void;
  clears: string | null;
  read(text: string): string | null;
}

/** All that a mapping says about one record of a row. */
export interface NodePlan {
  object: ModelObject;
  cells: CellPlan[];
  refs: RefPlan[];
  templates: { field: BoundField; read(cells: readonly string[]): string | null }[];
  /** Values only new records get. */
  defaults: Record<string, Json>;
  /** Fields that a record which is there already gets too. */
  updates: ReadonlySet<string>;
  /** Fields given in parts or in a shortened text: what a record holds already is kept beside them. */
  merges: ReadonlySet<string>;
}

export interface RowPlan extends NodePlan {
  columns: readonly string[];
  match: readonly string[];
  /** The column that gave a field its value, for problems that the pipeline finds. */
  columnOf: ReadonlyMap<string, string>;
}

/** Compiles a checked mapping for the columns of a file. */
export function planRows(model: Model, mapping: Mapping, columns: readonly string[], env: ValueEnv): RowPlan {
  const object = model.object(mapping.object);
  const columnOf = new Map<string, string>();
  const targets = targetsOf(mapping).sort((a, b) => columns.indexOf(a.column) - columns.indexOf(b.column));
  const node = planNode(model, object, '', targets, mapping, columns, env, columnOf);
  return { ...node, columns, match: matchOf(model, mapping), columnOf };
}

type Targets = { column: string; target: Target & { field: string } }[];

function planNode(
  model: Model,
  object: ModelObject,
  prefix: string,
  targets: Targets,
  mapping: Mapping,
  columns: readonly string[],
  env: ValueEnv,
  columnOf: Map<string, string>,
): NodePlan {
  const cells: CellPlan[] = [];
  const lookups = new Map<string, { column: string; target: Target }>();
  const deeper = new Set<string>();
  const updates = new Set<string>();
  const merges = new Set<string>();
  for (const { column, target } of targets) {
    if (!target.field.startsWith(prefix)) continue;
    const path = targetPath(model, object, target.field.slice(prefix.length));
    if (!path) continue;
    const index = columns.indexOf(column);
    const [step] = path.steps;
    if (step) {
      deeper.add(step.field.key);
      // `customer.externalId` says which customer it is.
      if (path.special && path.steps.length === 1 && !lookups.has(step.field.key))
        lookups.set(step.field.key, { column, target: { ...target, by: path.special } });
      continue;
    }
    if (prefix === '')
      for (const key of [path.field?.key ?? 'externalIds', target.field]) if (!columnOf.has(key)) columnOf.set(key, column);
    if (path.field && path.part === null && targetOf(path.field) !== null && typeOf(path.field).storage === 'columns') {
      lookups.set(path.field.key, { column, target });
      continue;
    }
    if (target.update && path.field) updates.add(path.field.key);
    const merge =
      path.special === 'externalId'
        ? 'externalIds'
        : path.field && (path.part !== null || path.field.type === 'phone' || path.field.type === 'email')
          ? path.field.key
          : null;
    if (merge) merges.add(merge);
    cells.push({
      index,
      column,
      key: path.special === 'externalId' ? 'externalIds' : (path.field?.key ?? null),
      read: cellReader(target),
      put: writer(path.field, path.special, path.part, target, env),
      clears: target.blank === 'clear' && path.field && path.part === null ? path.field.key : null,
    });
  }
  const refs = [...new Set([...lookups.keys(), ...deeper])].flatMap((key): RefPlan[] => {
    const field = object.fields.get(key);
    const lookup = lookups.get(key);
    if (!field || !lookup) return [];
    const far = model.object(targetOf(field) ?? '');
    const path = `${prefix}${key}`;
    const node = planNode(model, far, `${path}.`, targets, mapping, columns, env, columnOf);
    // The column that finds the record is not a value of it: a name or key is put there when it is made.
    return [
      {
        path,
        field,
        object: far,
        column: lookup.column,
        by: lookup.target.by ?? 'name',
        system: lookup.target.system ?? null,
        create: lookup.target.create === true,
        node,
      },
    ];
  });
  for (const ref of refs) {
    const lookup = lookups.get(ref.field.key);
    if (lookup)
      cells.push({
        index: columns.indexOf(lookup.column),
        column: lookup.column,
        key: ref.field.key,
        read: cellReader(lookup.target),
        put: (text, draft) => void draft.refs.push({ plan: ref, text, draft: null }),
        clears: lookup.target.blank === 'clear' ? ref.field.key : null,
      });
  }
  const under = <T>(given: { [path: string]: T } | undefined): [string, T][] =>
    Object.entries(given ?? {}).flatMap(([path, value]) =>
      path.startsWith(prefix) && !path.slice(prefix.length).includes('.') ? [[path.slice(prefix.length), value] as [string, T]] : [],
    );
  const templates = under(mapping.templates).flatMap(([key, template]) => {
    const field = object.fields.get(key);
    return field
      ? [
          {
            field,
            read: templateReader(template, columns, (column) => exchangedReader(targets.find((one) => one.column === column)?.target)),
          },
        ]
      : [];
  });
  return { object, cells, refs, templates, defaults: Object.fromEntries(under(mapping.defaults)), updates, merges };
}

/** Reads a row into what it says; its faults are collected, not thrown. */
export function readRow(plan: RowPlan, row: FileRow, env: ValueEnv): RowDraft {
  const problems: RowProblem[] = [];
  if (row.problem) problems.push({ row: row.number, column: null, detail: row.problem });
  else if (
    row.cells.length !== plan.columns.length &&
    (row.cells.length < plan.columns.length || row.cells.slice(plan.columns.length).some((cell) => cell !== ''))
  ) {
    problems.push({ row: row.number, column: null, detail: `The row has ${row.cells.length} cells, the header ${plan.columns.length}.` });
  }
  if (problems.length > 0) return { row, problems, values: {}, id: null, externalIds: [], refs: [] };
  return { row, problems, ...readNode(plan, row, env, problems) };
}

function readNode(plan: NodePlan, row: FileRow, env: ValueEnv, problems: RowProblem[]): Draft {
  const draft: Draft = { values: {}, id: null, externalIds: [], refs: [] };
  for (const cell of plan.cells) {
    try {
      const text = cell.read(row.cells[cell.index] ?? '');
      if (text !== null) cell.put(text, draft);
      else if (cell.clears !== null) draft.values[cell.clears] = null;
    } catch (problem) {
      if (!(problem instanceof FieldProblem)) throw problem;
      problems.push({ row: row.number, column: cell.column, detail: problem.message });
    }
  }
  for (const { field, read } of plan.templates) {
    const text = read(row.cells);
    if (text === null) continue;
    try {
      draft.values[field.key] = typeOf(field).fromText(text, field, env);
    } catch (problem) {
      if (!(problem instanceof FieldProblem)) throw problem;
      problems.push({ row: row.number, column: null, detail: problem.message });
    }
  }
  for (const ref of draft.refs)
    if (ref.plan.node.cells.length + ref.plan.node.templates.length > 0) ref.draft = readNode(ref.plan.node, row, env, problems);
  return draft;
}

/** How a cell's text enters a draft, by the kind of its field. */
function writer(
  field: BoundField | null,
  special: 'id' | 'externalId' | null,
  part: string | null,
  target: Target,
  env: ValueEnv,
): CellPlan['put'] {
  if (special === 'id')
    return (text, draft) => {
      draft.id = text.toLowerCase();
    };
  if (special === 'externalId') return (text, draft) => void draft.externalIds.push({ system: target.system ?? '', value: text });
  if (!field) return () => undefined;
  const type = typeOf(field);
  const { key } = field;
  const label = target.label ?? null;
  if (part !== null && field.type === 'address') {
    return (text, draft) => {
      const value = part === 'country' ? countryType.fromText(text, field, env) : text;
      if (field.with.many !== true) draft.values[key] = { ...(draft.values[key] as object | undefined), [part]: value };
      else {
        const list = (draft.values[key] ?? []) as { label: string | null; [part: string]: unknown }[];
        const one = list.find((item) => item.label === label);
        if (one) one[part] = value;
        else draft.values[key] = [...list, { label, [part]: value }];
      }
    };
  }
  if (part !== null && (field.type === 'personName' || field.type === 'money')) {
    return (text, draft) => {
      const value = part === 'amount' ? plainNumber(text) : part === 'currency' ? text.toUpperCase() : text;
      draft.values[key] = { ...(draft.values[key] as object | undefined), [part]: value };
    };
  }
  if (field.type === 'money' && target.currency) {
    const own = target.currency;
    return (text, draft) => {
      draft.values[key] = { amount: plainNumber(text.replace(/[€$£¥₹]/g, '')), currency: own };
    };
  }
  const read = (text: string) => type.fromText(text, field, env);
  if (field.type === 'externalIds') {
    return (text, draft) => void draft.externalIds.push(...((read(text) ?? []) as Draft['externalIds']));
  }
  // Several columns may give one list: E-mail 1, E-mail 2.
  if (type.shape?.many || field.with.many === true) {
    return (text, draft) => {
      const found = (read(text) ?? []) as unknown[];
      const given = (draft.values[key] as unknown[] | undefined | null) ?? [];
      draft.values[key] = [
        ...given,
        ...found.map((item) =>
          typeof item === 'object' && item !== null
            ? {
                ...item,
                label: label ?? (item as { label?: string | null }).label ?? null,
                primary: given.length === 0 && (item as { primary?: boolean }).primary === true,
              }
            : item,
        ),
      ];
    };
  }
  return (text, draft) => {
    draft.values[key] = read(text);
  };
}

/** The texts under which a record is looked for by a field, as the base compares them. */
export function matchKeys(object: ModelObject, key: string, draft: Draft): string[] {
  if (key === 'id') return draft.id === null ? [] : [draft.id];
  if (key === 'externalId') return draft.externalIds.map(({ system, value }) => `${system}\u0001${value}`);
  const field = object.fields.get(key);
  const shape = field && typeOf(field).shape;
  const value = draft.values[key];
  if (!field || !shape || value === null || value === undefined) return [];
  const scalars = shape.of(value, field);
  return (Array.isArray(scalars) ? scalars : [scalars]).flatMap((scalar) =>
    scalar === null ? [] : [shape.kind === 'text' ? fold(String(scalar)) : String(scalar)],
  );
}
