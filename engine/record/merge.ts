import { type Actor, systemAs } from '#engine/access/actor.ts';
import { mayReadField, requireVerb } from '#engine/access/policy.ts';
import type { BoundField } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { type Link, linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import { storedLink } from '#engine/declare/fields/many-to-many/membership.ts';
import { targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Tx } from '#engine/store/db.ts';
import { invalid, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import type { Context, Values } from './context.ts';
import { keepMerge } from './merges.ts';
import { readOne } from './read.ts';
import { loadStored } from './rows.ts';
import { type Choice, type Keep, survivingValues, usualChoice } from './survivor.ts';
import { transact } from './transact.ts';
import { type WriteOp, write, writeIn } from './write.ts';

/**
 * Two records become one. The one that stays takes over values, identifiers and everything that points to the other; the
 * other goes to the trash, and its id goes on naming the one that stayed. All of it is one cause of the kind `merge` in the
 * log, so that undoing the cause takes the two apart again, field by field, leaving what somebody changed since.
 */

export interface MergeReport {
  /** The one that stayed. */
  id: string;
  /** Records that pointed to the other and now point to it. */
  moved: number;
  /** Relations of the two with each other, which make no sense any more. */
  dropped: number;
  /** Records that could not follow, with the reason. */
  refused: { object: string; id: string; detail: string }[];
  cause: string;
  /** The job that brings over what hung on the other, where that is much: then the counts above are its result's. */
  job?: string;
}

export interface MergePreview {
  /** Fields that differ, with what happens to them where nobody chooses. */
  fields: { key: string; keep: Keep; list: boolean }[];
  /** How many records of which objects will move. */
  moves: { object: string; field: string; count: number }[];
}

/** Records that one transaction moves. */
const CHUNK = 1000;

/** References and links of other records to this object, self-references included. */
function waysTo(ctx: Pick<Context, 'model'>, object: ModelObject): { child: ModelObject; field: BoundField; link: boolean }[] {
  const references = ctx.model.pointingTo(object.key).map(({ object: child, field }) => ({ child, field, link: false }));
  const links = [...ctx.model.objects.values()].flatMap((child) =>
    child.declared
      .filter((field) => typeOf(field).storage === 'link' && targetOf(field) === object.key)
      .map((field) => ({ child, field, link: true })),
  );
  return [...references, ...links];
}

/** SQL: live records of the child whose field names the record $1. */
const naming = (child: ModelObject, field: BoundField, link: boolean): string =>
  link
    ? `from ${child.table} t where t.deleted_at is null and t.id in (select l.from_id from ${linkTable(field)} l where l.to_id = $1::uuid)`
    : `from ${child.table} t where t.deleted_at is null and t.${field.column}_id = $1::uuid`;

async function twoOf(ctx: Context, object: ModelObject, survivor: string, loser: string): Promise<[Values, Values]> {
  if (!isId(survivor) || !isId(loser)) throw notFound();
  if (survivor === loser)
    throw invalid('A record cannot be merged into itself.', [{ path: 'from', code: 'same', detail: 'Choose another record.' }]);
  for (const verb of ['update', 'delete'] as const) requireVerb(ctx.actor, object, verb);
  // Whether the actor may read them; writing checks the rest.
  await Promise.all([readOne(ctx, object, survivor, ['id']), readOne(ctx, object, loser, ['id'])]);
  const held = await ctx.db.transaction((tx) => loadStored(tx, ctx, object, [survivor, loser]));
  const [one, other] = [held.get(survivor), held.get(loser)];
  if (!one || !other) throw notFound();
  const by = object.variants?.field;
  if (by && one[by] !== other[by])
    throw invalid('A person and an organisation cannot become one.', [
      { path: by, code: 'variant', detail: 'Both must be of the same kind.' },
    ]);
  return [one, other];
}

/** What merging would do: the fields that differ, and what moves. */
export async function previewMerge(ctx: Context, object: ModelObject, survivor: string, loser: string): Promise<MergePreview> {
  const [one, other] = await twoOf(ctx, object, survivor, loser);
  const changed = survivingValues(object, one, other, Object.fromEntries(object.declared.map(({ key }) => [key, 'loser' as const])));
  const fields = object.declared
    .filter((field) => field.key in changed && mayReadField(ctx.actor, object, field))
    .map(({ key }) => ({
      key,
      keep: usualChoice(one[key], other[key]),
      list: Array.isArray(one[key] ?? other[key]),
    }));
  const moves: MergePreview['moves'] = [];
  for (const { child, field, link } of waysTo(ctx, object)) {
    if (ctx.actor.rights.scope(child.key, 'read') === 'none') continue;
    const [row] = await ctx.db.query<{ n: number }>(`select count(*)::int as n ${naming(child, field, link)}`, [loser]);
    if (row && row.n > 0) moves.push({ object: child.key, field: field.key, count: row.n });
  }
  return { fields, moves };
}

/** Above so many records that hang on the loser a request does not wait for them. */
const FOLLOW_AT_ONCE = 5000;

/** Whether more records name the loser than a request waits for. */
async function hasMany(ctx: Context, object: ModelObject, loser: string): Promise<boolean> {
  let left = FOLLOW_AT_ONCE;
  for (const { child, field, link } of waysTo(ctx, object)) {
    const [row] = await ctx.db.query<{ n: number }>(
      `select count(*)::int as n from (select 1 ${naming(child, field, link)} limit ${FOLLOW_AT_ONCE + 1}) counted`,
      [loser],
    );
    left -= row?.n ?? 0;
    if (left < 0) return true;
  }
  return false;
}

/** What a job must know to bring over what hung on a merged record; it is put into the queue in the transaction of the merge. */
export interface FollowJob {
  object: string;
  survivor: string;
  loser: string;
}

/**
 * Merges `loser` into `survivor`. Throws what refuses the two themselves; of what hangs on them, what cannot follow is told. Where
 * much hangs on the loser, `later` puts that into the queue and gives the job.
 */
export async function mergeRecords(
  outer: Context,
  object: ModelObject,
  survivor: string,
  loser: string,
  choice: Choice = {},
  later?: (tx: Tx, ctx: Context, job: FollowJob) => Promise<string>,
): Promise<MergeReport> {
  const [one, other] = await twoOf(outer, object, survivor, loser);
  const title = (values: Values) => String(values[object.title] ?? '');
  const label = `${title(other)} → ${title(one)}`.slice(0, 200);
  const ctx: Context = { ...outer, cause: { ...outer.cause, kind: 'merge', label } };
  const report: MergeReport = { id: survivor, moved: 0, dropped: 0, refused: [], cause: ctx.cause.id };
  const much = later !== undefined && (await hasMany(ctx, object, loser));
  await transact(ctx, async (tx) => {
    // Both in the order of their ids, so that two merges of the same records wait for each other instead of for ever.
    await tx.query(`select 1 from ${object.table} t where t.id = any($1::uuid[]) order by t.id for no key update`, [[survivor, loser]]);
    const now = await loadStored(tx, ctx, object, [survivor, loser]);
    const [stays, goes] = [now.get(survivor), now.get(loser)];
    if (!stays || !goes) throw notFound();
    const values = survivingValues(object, stays, goes, readableChoice(ctx, object, choice));
    // Nothing stands above itself: what stood below the other takes the other's place.
    for (const field of object.declared) {
      if (typeOf(field).storage !== 'columns' || targetOf(field) !== object.key) continue;
      const value = field.key in values ? values[field.key] : stays[field.key];
      if (value === loser || value === survivor) values[field.key] = goes[field.key] === survivor ? null : (goes[field.key] ?? null);
    }
    // The other first: its names in other systems are free then.
    await writeIn(tx, ctx, object, [{ op: 'delete', id: loser }]);
    await writeIn(tx, ctx, object, [{ op: 'update', id: survivor, values }], { trusted: true });
    await keepMerge(tx, { object: object.key, survivor, loser, cause: ctx.cause.id, by: ctx.actor.userId });
    if (much) report.job = await later?.(tx, ctx, { object: object.key, survivor, loser });
    return { id: survivor };
  });
  if (!much) await followAll(ctx, object, report, loser);
  return report;
}

/** Brings over what hung on a merged record, under the cause of the merge. Broken off, it goes on with what is left. */
export async function followMerge(
  ctx: Context,
  { object: key, survivor, loser }: FollowJob,
  progress: (moved: number) => Promise<void>,
): Promise<MergeReport> {
  const report: MergeReport = { id: survivor, moved: 0, dropped: 0, refused: [], cause: ctx.cause.id };
  await followAll(ctx, ctx.model.object(key), report, loser, progress);
  return report;
}

/** Brings over what still names the loser. The enterprise owns what was said to the customer: it follows, whoever it belongs to. */
async function followAll(
  ctx: Context,
  object: ModelObject,
  report: MergeReport,
  loser: string,
  progress: (moved: number) => Promise<void> = async () => undefined,
): Promise<void> {
  const following: Context = { ...ctx, actor: asMerge(ctx.actor), once: undefined };
  await dropBetween(following, object, report.id, loser, report);
  for (const way of waysTo(ctx, object)) await follow(following, way, report.id, loser, report, progress);
  for (const child of ctx.model.objects.values()) if (child.about) await followAbout(following, child, object, report, loser);
  await ctx.db.query('update merges set followed_at = now() where loser = $1::uuid', [loser]);
}

/** Goes on with merges whose server stopped before everything had followed. What has moved already is not met again. */
export async function resumeMerges(ctx: Context): Promise<number> {
  const open = await ctx.db.query<{ loser: string; survivor: string; object: string; cause: string }>(
    `select m.loser, m.survivor, m.object, m.cause from merges m where m.followed_at is null and m.at < now() - interval '1 minute'
       and not exists (select 1 from jobs j where j.kind = 'merge' and j.cause = m.cause and j.state in ('queued', 'running')) order by m.at limit 100`,
  );
  for (const { loser, survivor, object: key, cause } of open) {
    const object = ctx.model.objects.get(key);
    if (!object) continue;
    const report: MergeReport = { id: survivor, moved: 0, dropped: 0, refused: [], cause };
    await followAll({ ...ctx, cause: { id: cause, kind: 'merge', label: null, parent: null } }, object, report, loser);
  }
  return open.length;
}

const asMerge = (actor: Actor): Actor => systemAs(`merge by ${actor.name}`);

/** Choices about fields that the actor cannot read are not theirs to make. */
const readableChoice = (ctx: Context, object: ModelObject, choice: Choice): Choice => {
  for (const key of Object.keys(choice)) {
    const field = object.fields.get(key);
    if (!field || !mayReadField(ctx.actor, object, field))
      throw invalid('A choice cannot be read.', [
        { path: `keep.${key}`, code: 'unknownField', detail: `${object.key} has no field “${key.slice(0, 60)}”.` },
      ]);
  }
  return choice;
};

/** Relations between the two themselves go to the trash. */
async function dropBetween(ctx: Context, object: ModelObject, survivor: string, loser: string, report: MergeReport): Promise<void> {
  for (const child of ctx.model.objects.values()) {
    if (!child.relation) continue;
    const [from, to] = [child.fields.get(child.relation.from), child.fields.get(child.relation.to)];
    if (!from || !to || targetOf(from) !== object.key || targetOf(to) !== object.key) continue;
    const rows = await ctx.db.query<{ id: string }>(
      `select id from ${child.table} where deleted_at is null and ${from.column}_id = any($1::uuid[]) and ${to.column}_id = any($1::uuid[])`,
      [[survivor, loser]],
    );
    if (rows.length === 0) continue;
    await write(
      ctx,
      child,
      rows.map(({ id }) => ({ op: 'delete', id })),
      { trusted: true },
    );
    report.dropped += rows.length;
  }
}

async function follow(
  ctx: Context,
  { child, field, link }: { child: ModelObject; field: BoundField; link: boolean },
  survivor: string,
  loser: string,
  report: MergeReport,
  progress: (moved: number) => Promise<void>,
): Promise<void> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await ctx.db.query<{ id: string; links: Link[] | null }>(
      `select t.id, ${link ? `(select json_agg(${storedLink(field, 'l')}) from ${linkTable(field)} l where l.from_id = t.id)` : 'null::json'} as links
       ${naming(child, field, link)} and t.id > $2::uuid order by t.id limit ${CHUNK}`,
      [loser, after],
    );
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
    const ops = rows.map(
      ({ id, links }): WriteOp => ({ op: 'update', id, values: { [field.key]: links ? replaced(links, loser, survivor) : survivor } }),
    );
    for (const result of await write(ctx, child, ops, { partial: true, trusted: true })) {
      if (result.ok) report.moved++;
      else if (report.refused.length < 100) report.refused.push({ object: child.key, id: result.id ?? '', detail: result.error.message });
    }
    await progress(report.moved);
  }
}

/** What is about the loser (who it is shared with) is about the one that stayed. */
async function followAbout(ctx: Context, child: ModelObject, object: ModelObject, report: MergeReport, loser: string): Promise<void> {
  const [name, record] = [child.fields.get(child.about?.object ?? ''), child.fields.get(child.about?.record ?? '')];
  if (!name || !record) return;
  const rows = await ctx.db.query<{ id: string }>(
    `select t.id from ${child.table} t where t.${name.column} = $1::text and t.${record.column} = $2::uuid and t.deleted_at is null`,
    [object.key, loser],
  );
  for (let at = 0; at < rows.length; at += CHUNK) {
    const ops = rows.slice(at, at + CHUNK).map(({ id }): WriteOp => ({ op: 'update', id, values: { [record.key]: report.id } }));
    for (const result of await write(ctx, child, ops, { partial: true, trusted: true }))
      if (result.ok) report.moved++;
      else if (report.refused.length < 100) report.refused.push({ object: child.key, id: result.id ?? '', detail: result.error.message });
  }
}

function replaced(links: readonly Link[], loser: string, survivor: string): Link[] {
  const unique = new Map(
    links.map((one) => (one.id === loser ? { ...one, id: survivor } : one)).map((one) => [`${one.id}${one.role ?? ''}`, one]),
  );
  return [...unique.values()];
}
