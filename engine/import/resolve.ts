import { FieldProblem } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import type { ImportMode } from '#engine/declare/import-mapping.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Values } from '#engine/record/context.ts';
import { type Context, sqlContext } from '#engine/record/context.ts';
import { loadStored } from '#engine/record/rows.ts';
import { type WriteOp, writeIn } from '#engine/record/write.ts';
import type { Tx } from '#engine/store/db.ts';
import { selectList } from '#engine/store/projection.ts';
import { Params } from '#engine/store/sql.ts';
import type { PerigonError } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { sameJson } from '#kit/json.ts';
import { type Found, fieldOf, findRecords, lookupKey } from './lookup.ts';
import { mergeValues } from './merge.ts';
import { type Draft, matchKeys, type NodePlan, type RefDraft, type RefPlan, type RowDraft, type RowPlan, type RowProblem } from './rows.ts';

/**
 * From what rows say to what is written: references and matches are looked up for all rows of a chunk at once, inside the
 * chunk's transaction, and referenced records that are missing are made where the mapping says so.
 */

/** A reference to a record that stands later in the same file; filled in when all rows are written. */
export interface Deferred {
  row: number;
  id: string;
  field: string;
  column: string;
  by: string;
  key: string;
  text: string;
}

export interface ResolvedOp {
  op: WriteOp;
  /** Rows whose values it carries; the first one made it. */
  rows: RowDraft[];
}

export interface Resolution {
  ops: ResolvedOp[];
  /** Rows that are not written, each with its problems: a duplicate is skipped, a faulty one fails. */
  skipped: RowDraft[];
  failed: RowDraft[];
  problems: RowProblem[];
  deferred: Deferred[];
}

/** Rows by their match keys. */
export interface SeenRows {
  get(key: string): number | undefined;
  set(key: string, row: number): void;
}

export interface ResolveOptions {
  mode: ImportMode;
  /** Keys under which rows of this file can be referred to, by reference field: what stands there comes later. */
  later: ReadonlyMap<string, ReadonlySet<string>>;
  /** In a trial nothing is kept, so rows seen before are known only here: match key → row number. */
  seen: SeenRows | null;
}

/** Resolves a chunk. Does not change the drafts, because a chunk may be tried again in parts. */
export async function resolveChunk(
  tx: Tx,
  ctx: Context,
  plan: RowPlan,
  drafts: readonly RowDraft[],
  o: ResolveOptions,
): Promise<Resolution> {
  const result: Resolution = { ops: [], skipped: [], failed: [], problems: [], deferred: [] };
  const bad = new Set<RowDraft>();
  const refuse = (row: RowDraft, column: string | null, detail: string) => {
    result.problems.push({ row: row.row.number, column, detail });
    bad.add(row);
  };
  for (const draft of drafts) {
    if (draft.problems.length === 0) continue;
    result.problems.push(...draft.problems);
    bad.add(draft);
  }
  const owners = drafts.filter((draft) => !bad.has(draft)).map((draft) => ({ row: draft, draft: draft as Draft }));
  const ids = await resolveRefs(tx, ctx, plan, owners, { ...o, root: plan.object, refuse });
  const existing = await findExisting(
    tx,
    ctx,
    plan,
    drafts.filter((draft) => !bad.has(draft)),
    refuse,
  );
  const byKey = new Map<string, ResolvedOp>();
  for (const draft of drafts) {
    if (bad.has(draft)) continue;
    const keys = plan.match.flatMap((key) => matchKeys(plan.object, key, draft).map((value) => `${key}\u0001${value}`));
    const found: Record<string, unknown> = {};
    const open: { ref: RefDraft; key: string }[] = [];
    for (const ref of draft.refs) {
      const hit = ids.get(ref);
      if (hit === undefined) continue;
      if (hit.id !== null) found[ref.plan.field.key] = hit.id;
      else open.push({ ref, key: hit.key });
    }
    const twin = keys.map((key) => byKey.get(key)).find((op) => op !== undefined);
    const seenAt = o.seen ? keys.map((key) => o.seen?.get(key)).find((row) => row !== undefined) : undefined;
    const there = existing.get(draft);
    let op = twin;
    if (o.mode === 'create' && (there || twin || seenAt !== undefined)) {
      result.skipped.push(draft);
      const what = there
        ? `${there.name ?? 'A record'} is there already (${there.id}).`
        : `The same as row ${seenAt ?? twin?.rows[0]?.row.number} of this file.`;
      result.problems.push({ row: draft.row.number, column: plan.columnOf.get(plan.match[0] ?? '') ?? null, detail: what });
      continue;
    }
    if (o.mode === 'update' && !there) {
      result.skipped.push(draft);
      result.problems.push({
        row: draft.row.number,
        column: plan.columnOf.get(plan.match[0] ?? '') ?? null,
        detail: 'No record matches this row.',
      });
      continue;
    }
    if (op) {
      Object.assign(op.op.op === 'create' || op.op.op === 'update' ? op.op.values : {}, draft.values, found);
      op.rows.push(draft);
    } else {
      if (draft.externalIds.length > 0) found.externalIds = draft.externalIds;
      const { ahead } = draft;
      op = there
        ? { op: { op: 'update', id: there.id, values: { ...draft.values, ...found }, ahead }, rows: [draft] }
        : { op: { op: 'create', id: newId(), values: newValues(plan.defaults, draft.values, found), ahead }, rows: [draft] };
      result.ops.push(op);
    }
    for (const { ref, key } of open)
      result.deferred.push({
        row: draft.row.number,
        id: op.op.id ?? '',
        field: ref.plan.field.key,
        column: ref.plan.column,
        by: ref.plan.by,
        key,
        text: ref.text ?? '',
      });
    for (const key of keys) {
      byKey.set(key, op);
      o.seen?.set(key, draft.row.number);
    }
  }
  result.failed.push(...drafts.filter((draft) => bad.has(draft)));
  await mergeExisting(tx, ctx, plan, result.ops);
  return result;
}

/** Values of a new record: what the mapping says of all, what the row says, what it refers to; the later one counts. */
function newValues(...all: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const values of all) for (const key in values) if (values[key] !== null) result[key] = values[key];
  return result;
}

/** Which records the rows mean; a row that means several is refused. */
async function findExisting(
  tx: Tx,
  ctx: Context,
  plan: RowPlan,
  drafts: readonly RowDraft[],
  refuse: (row: RowDraft, column: string | null, detail: string) => void,
): Promise<Map<RowDraft, Found>> {
  const result = new Map<RowDraft, Found>();
  for (const match of plan.match) {
    const open = drafts.filter((draft) => !result.has(draft)).map((draft) => ({ draft, keys: matchKeys(plan.object, match, draft) }));
    const wanted = [...new Set(open.flatMap(({ keys }) => keys))];
    if (wanted.length === 0) continue;
    const found = await findRecords(tx, ctx, plan.object, match, wanted);
    if (found.size === 0) continue;
    for (const { draft, keys } of open) {
      const hits = new Map(keys.flatMap((key) => found.get(key) ?? []).map((hit) => [hit.id, hit]));
      const [first] = hits.values();
      if (hits.size > 1)
        refuse(
          draft,
          plan.columnOf.get(match) ?? null,
          `${hits.size} records match this row: ${[...hits.values()]
            .slice(0, 3)
            .map((hit) => `${hit.name} (${hit.id})`)
            .join(', ')}.`,
        );
      else if (first) result.set(draft, first);
    }
  }
  return result;
}

/** Records that a row gives in parts keep what the row does not speak of. */
async function mergeExisting(tx: Tx, ctx: Context, plan: NodePlan, ops: readonly ResolvedOp[]): Promise<void> {
  const updates = ops.flatMap(({ op }) =>
    op.op === 'update' && Object.keys(op.values).some((key) => plan.merges.has(key) && op.values[key] !== null) ? [op] : [],
  );
  if (updates.length === 0) return;
  const stored = await loadStored(
    tx,
    ctx,
    plan.object,
    updates.map((op) => op.id),
  );
  for (const op of updates) mergeValues(plan.object, plan.merges, stored.get(op.id) ?? {}, op.values);
}

interface Owner {
  row: RowDraft;
  draft: Draft;
}

type Resolved = Map<RefDraft, { id: string | null; key: string }>;

/** Ids of what drafts refer to; deeper references first, because records that are made need theirs. */
async function resolveRefs(
  tx: Tx,
  ctx: Context,
  node: NodePlan,
  owners: readonly Owner[],
  o: ResolveOptions & { root: ModelObject; refuse(row: RowDraft, column: string | null, detail: string): void },
): Promise<Resolved> {
  const resolved: Resolved = new Map();
  for (const plan of node.refs) {
    const refs = owners.flatMap(({ row, draft }) => draft.refs.filter((ref) => ref.plan === plan).map((ref) => ({ row, ref })));
    if (refs.length === 0) continue;
    const inner = await resolveRefs(
      tx,
      ctx,
      plan.node,
      refs.flatMap(({ row, ref }) => (ref.draft ? [{ row, draft: ref.draft }] : [])),
      o,
    );
    const byKey = new Map<string, { row: RowDraft; ref: RefDraft }[]>();
    for (const item of refs) {
      if (item.ref.text === null) continue;
      const key = lookupKey(plan.object, plan.by, plan.system, item.ref.text);
      const list = byKey.get(key);
      if (list) list.push(item);
      else byKey.set(key, [item]);
    }
    const found = await findRecords(tx, ctx, plan.object, plan.by, [...byKey.keys()]);
    const missing: string[] = [];
    const known: { id: string; items: { row: RowDraft; ref: RefDraft }[] }[] = [];
    for (const [key, items] of byKey) {
      const hits = found.get(key) ?? [];
      const [first] = hits;
      if (hits.length > 1)
        for (const { row, ref } of items) o.refuse(row, plan.column, `${hits.length} ${plan.object.plural} are called “${ref.text}”.`);
      else if (first) {
        known.push({ id: first.id, items });
        for (const { ref } of items) resolved.set(ref, { id: first.id, key });
      } else if (plan.object === o.root && !plan.path.includes('.') && o.later.get(plan.path)?.has(key))
        for (const { ref } of items) resolved.set(ref, { id: null, key });
      else if (plan.create) missing.push(key);
      else
        for (const { row, ref } of items) o.refuse(row, plan.column, `There is no ${plan.object.key} “${(ref.text ?? '').slice(0, 80)}”.`);
    }
    await makeMissing(
      tx,
      ctx,
      plan,
      missing.map((key) => ({ key, items: byKey.get(key) ?? [] })),
      inner,
      resolved,
      o.refuse,
    );
    if (plan.node.updates.size > 0) await updateKnown(tx, ctx, plan, known, o.refuse);
  }
  return resolved;
}

type Refusal = (row: RowDraft, column: string | null, detail: string) => void;
interface Group {
  items: { row: RowDraft; ref: RefDraft }[];
}

async function makeMissing(
  tx: Tx,
  ctx: Context,
  plan: RefPlan,
  groups: readonly (Group & { key: string })[],
  inner: Resolved,
  resolved: Resolved,
  refuse: Refusal,
): Promise<void> {
  const readable: (Group & { key: string })[] = [];
  const ops: WriteOp[] = [];
  for (const group of groups) {
    const { items } = group;
    const text = items[0]?.ref.text ?? '';
    const values: Record<string, unknown> = { ...plan.node.defaults };
    const externalIds: Draft['externalIds'] = [];
    for (const { ref } of items) {
      // The first row that knows a value gives it, the last one where the mapping says that rows change it.
      for (const [key, value] of Object.entries(ref.draft?.values ?? {}))
        if (plan.node.updates.has(key) || !(key in values) || key in plan.node.defaults) values[key] = value;
      for (const nested of ref.draft?.refs ?? []) {
        const id = inner.get(nested)?.id;
        if (id) values[nested.plan.field.key] ??= id;
      }
    }
    if (plan.by === 'externalId') externalIds.push({ system: plan.system ?? '', value: text });
    else if (plan.by !== 'id') {
      const field = plan.object.fields.get(fieldOf(plan.object, plan.by));
      try {
        if (field) values[field.key] ??= typeOf(field).fromText(text, field, ctx.env);
      } catch (problem) {
        if (!(problem instanceof FieldProblem)) throw problem;
        // What the rows call it by is no such value: they are refused, not the file.
        for (const { row } of items) refuse(row, plan.column, problem.message);
        continue;
      }
    }
    ops.push({ op: 'create', id: newId(), values: { ...values, ...(externalIds.length > 0 ? { externalIds } : {}) } });
    readable.push(group);
  }
  if (ops.length === 0) return;
  const results = await writeIn(tx, ctx, plan.object, ops, { partial: true });
  results.forEach((written, i) => {
    const group = readable[i];
    if (!group) return;
    if (written.ok) for (const { ref } of group.items) resolved.set(ref, { id: written.id, key: group.key });
    else
      for (const { row, ref } of group.items)
        refuse(row, plan.column, `The ${plan.object.key} “${ref.text}” could not be made: ${describe(written.error)}`);
  });
}

/** Fields of referenced records that rows change: the last row of the file counts. */
async function updateKnown(
  tx: Tx,
  ctx: Context,
  plan: RefPlan,
  groups: readonly (Group & { id: string })[],
  refuse: Refusal,
): Promise<void> {
  const wanted = groups.flatMap(({ id, items }) => {
    const values: Values = {};
    for (const { ref } of items)
      for (const [key, value] of Object.entries(ref.draft?.values ?? {})) if (plan.node.updates.has(key)) values[key] = value;
    return Object.keys(values).length > 0 ? [{ op: { op: 'update' as const, id, values }, items }] : [];
  });
  if (wanted.length === 0) return;
  // Most rows repeat what is known: only real changes take the long way through the pipeline.
  const current = await currentValues(
    tx,
    ctx,
    plan,
    wanted.map(({ op }) => op.id),
  );
  const ops = wanted.filter(({ op }) =>
    Object.entries(op.values).some(([key, value]) => !sameJson(value, current.get(op.id)?.[key] ?? null)),
  );
  if (ops.length === 0) return;
  const results = await writeIn(
    tx,
    ctx,
    plan.object,
    ops.map(({ op }) => op),
    { partial: true },
  );
  results.forEach((written, i) => {
    if (!written.ok) for (const { row } of ops[i]?.items ?? []) refuse(row, plan.column, describe(written.error));
  });
}

async function currentValues(tx: Tx, ctx: Context, plan: RefPlan, ids: readonly string[]): Promise<Map<string, Values>> {
  const params = new Params();
  const list = params.add(ids, 'uuid[]');
  const fields = [...plan.node.updates].flatMap((key) => plan.object.fields.get(key) ?? []);
  const rows = await tx.query<{ id: string; j: Values }>(
    `select t.id, (select row_to_json(x) from (select ${selectList(ctx.model, plan.object, fields, 't', sqlContext(ctx, params), 'stored')}) x) as j from ${plan.object.table} t where t.id = any(${list})`,
    params.values,
  );
  return new Map(rows.map((row) => [row.id, row.j]));
}

/** A refusal in one line. */
export const describe = (error: PerigonError): string =>
  error.errors.length > 0 ? error.errors.map((problem) => problem.detail).join(' ') : error.message;
