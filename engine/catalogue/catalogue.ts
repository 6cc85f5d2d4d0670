import { setTimeout as sleep } from 'node:timers/promises';
import { type Entry, isCustomKey, objectOf, pathOf } from '#engine/declare/catalogue.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { FUNCTION_NAMES, kindOf } from '#engine/declare/formula/terms.ts';
import { type Fault, type Model, ModelFaults } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { type Context, isBuilding } from '#engine/record/context.ts';
import { type Catalogue, type ModelSource, modelOf, readCatalogue } from '#engine/record/model-source.ts';
import type { Db } from '#engine/store/db.ts';
import { applyIndexes, applyTables, clashingColumn, dropIndexes, heldExpression, indexesOf, readyIndexes } from '#engine/store/schema.ts';
import { conflict, denied, limited, notFound } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import { type Edit, type Held, isOwn, takenBack } from './edits.ts';
import { refused } from './shape.ts';

/**
 * The one door to what a company declares itself (decision 0024). A change is judged by building the whole model of code and
 * catalogue with it; then its tables and columns are made, then it is published under the next version, logged with who did it;
 * then indexes are built beside the traffic. One change at a time, whichever server it comes to.
 */
export interface CataloguePlace {
  models: ModelSource;
  /** Done before a change is published: what is new to it is known to be unfinished from the first moment on. */
  prepare(model: Model): Promise<void>;
  /** Told after a change was published and taken in here. */
  moved(version: number): void;
  log(message: string, error?: unknown): void;
}

/** Serialises changes of the catalogue among servers. */
const LOCK = 0x70657269 + 2;
const PATIENCE_MS = 60_000;

/** Changes the catalogue by what `change` makes of it; gives the model that runs from then on. */
export async function changeCatalogue(
  place: CataloguePlace,
  ctx: Context,
  change: (held: Held) => readonly Edit[],
  o: { undoes?: number } = {},
): Promise<Model> {
  if (!ctx.actor.rights.may('administer')) throw denied();
  return alone(ctx.db, async () => {
    const now = await readCatalogue(ctx.db);
    const held: Held = { model: await place.models.newest(), entries: now.entries };
    const edits = change(held).filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
    if (edits.length === 0) return held.model;
    const next: Catalogue = { version: now.version + 1, entries: entriesAfter(now.entries, edits) };
    const model = judged(place, next, edits);
    const objects = [...new Set(edits.map((edit) => objectOf((edit.after ?? edit.before) as Entry)))].flatMap(
      (key) => model.objects.get(key) ?? [],
    );
    for (const object of objects) {
      const column = await clashingColumn(ctx.db, object);
      if (column)
        throw refused([
          { path: 'key', code: 'taken', detail: `The table ${object.table} has another column ${column} already. Choose another key.` },
        ]);
    }
    const fresh = await applyTables(ctx.db, objects);
    await applyIndexes(
      ctx.db,
      objects.filter((object) => fresh.has(object.table)),
      fresh,
    );
    await place.prepare(model);
    await publish(ctx, next.version, edits, o.undoes ?? null);
    await place.models.refresh();
    place.moved(next.version);
    void buildIndexes(ctx.db, held.model, objects).catch((error: unknown) => place.log('An index could not be built', error));
    return place.models.current;
  });
}

/** Builds the indexes a change asks for, and takes down those that it made useless (the order of options that are others now). */
async function buildIndexes(db: Db, before: Model, objects: readonly ModelObject[]): Promise<void> {
  await applyIndexes(db, objects);
  for (const object of objects) {
    const was = before.objects.get(object.key);
    const names = new Set(indexesOf(object).map(({ name }) => name));
    if (was)
      await dropIndexes(
        db,
        object,
        indexesOf(was).flatMap(({ name }) => (names.has(name) ? [] : [name])),
      );
  }
}

/** Holds the lock of the catalogue on a connection of its own; who waits longer than a minute is told to come back. */
async function alone<T>(db: Db, work: () => Promise<T>): Promise<T> {
  const client = await db.connect();
  try {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const { rows } = await client.query<{ ok: boolean }>('select pg_try_advisory_lock($1::bigint) as ok', [LOCK]);
      if (rows[0]?.ok) break;
      if (performance.now() > until) throw limited('Somebody else is changing objects and fields. Try again in a moment.', 30);
      await sleep(20 + Math.random() * 100);
    }
    return await work();
  } finally {
    await client.end();
  }
}

function entriesAfter(entries: readonly Entry[], edits: readonly Edit[]): Entry[] {
  const byPath = new Map(edits.map((edit) => [edit.path, edit.after]));
  const kept = entries.flatMap((entry) => {
    const path = pathOf(entry);
    if (!byPath.has(path)) return [entry];
    const after = byPath.get(path) ?? null;
    byPath.delete(path);
    return after ? [after] : [];
  });
  return [...kept, ...[...byPath.values()].filter((entry) => entry !== null)];
}

/** The model with the change; its faults are the change's own, unless they were there before it. */
function judged(place: CataloguePlace, next: Catalogue, edits: readonly Edit[]): Model {
  const known = new Set(place.models.faults.map((fault) => fault.text));
  try {
    return modelOf(place.models.modules, next);
  } catch (error) {
    if (!(error instanceof ModelFaults)) throw error;
    const faults = error.faults.filter((fault) => !known.has(fault.text));
    if (faults.length > 0)
      throw refused(
        faults.map((fault) => ({
          path: placeOf(fault, edits),
          code: fault.formula ? `formula.${fault.formula.code}` : 'declaration',
          detail: fault.text,
        })),
      );
    // Entries that rest for want of a module rest on; the rest of the catalogue can be changed beside them.
    return modelOf(place.models.modules, {
      ...next,
      entries: next.entries.filter((entry) => !error.faults.some((fault) => fault.object === objectOf(entry))),
    });
  }
}

/** Where in the change a fault is: the condition it speaks of, the field, or the whole. */
function placeOf(fault: Fault, edits: readonly Edit[]): string {
  // A formula that reads what is retired now is no fault of its own.
  if (fault.formula) return fault.formula.code === 'retired' ? 'retired' : 'expression';
  const part = /\b(requiredWhen|shownWhen)\b/.exec(fault.text)?.[1];
  if (part) return part;
  return edits.some(({ after }) => after?.kind === 'layout') ? 'form' : 'field';
}

async function publish(ctx: Context, version: number, edits: readonly Edit[], undoes: number | null): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const made = await tx.query(
      `insert into catalogue_changes (version, actor_kind, actor_id, actor_name, edits, undoes)
       select $1::bigint, $2::text, $3::uuid, $4::text, $5::jsonb, $6::bigint
       where $1::bigint = (select coalesce(max(version), 0) + 1 from catalogue_changes) returning version`,
      [version, ctx.actor.kind, ctx.actor.userId, ctx.actor.name, JSON.stringify(edits), undoes],
    );
    if (made.length === 0) throw conflict('Objects and fields were changed meanwhile. Try again.');
    for (const [ordinal, { path, after }] of edits.entries()) {
      if (after === null) await tx.query('delete from catalogue where path = $1::text', [path]);
      else
        await tx.query(
          `insert into catalogue (path, entry, made, ordinal) values ($1::text, $2::jsonb, $3::bigint, $4::int)
           on conflict (path) do update set entry = excluded.entry`,
          [path, JSON.stringify(after), version, ordinal],
        );
    }
  });
}

/** What was changed, newest first, below `before`. */
export async function readChanges(ctx: Context, before: number | null, limit: number): Promise<JsonObject> {
  if (!ctx.actor.rights.may('administer')) throw denied();
  const rows = await ctx.db.query<{ version: number }>(
    `select c.version, to_char(c.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, c.edits, c.undoes,
       json_build_object('id', c.actor_id, 'name', c.actor_name, 'kind', c.actor_kind) as actor,
       (select u.version from catalogue_changes u where u.undoes = c.version limit 1) as "undoneBy"
     from catalogue_changes c where ($1::bigint is null or c.version < $1::bigint) order by c.version desc limit $2::int`,
    [before, limit + 1],
  );
  const items = rows.slice(0, limit);
  return { items: items as unknown as JsonObject[], next: rows.length > limit ? String(items.at(-1)?.version) : null };
}

/** Takes a change back: what it made is retired, what it changed is as it was. Refused where it was changed again since. */
export async function undoChange(place: CataloguePlace, ctx: Context, version: number): Promise<Model> {
  if (!ctx.actor.rights.may('administer')) throw denied();
  const [row] = await ctx.db.query<{ edits: Edit[] }>('select edits from catalogue_changes where version = $1::bigint', [version]);
  if (!row) throw notFound('There is no such change.');
  return changeCatalogue(place, ctx, (held) => takenBack(held, row.edits), { undoes: version });
}

/** All objects and fields as an administrator sees them: retired ones, who declared them, what is still being built. */
export async function describeCatalogue(place: CataloguePlace, ctx: Context): Promise<JsonObject> {
  if (!ctx.actor.rights.may('administer')) throw denied();
  const [{ entries }, ready] = await Promise.all([readCatalogue(ctx.db), readyIndexes(ctx.db)]);
  const at = new Map(entries.map((entry) => [pathOf(entry), entry]));
  const wordsAt = (...paths: string[]) => paths.map((path) => at.get(path)?.words).find((words) => words !== undefined) ?? {};
  return {
    version: ctx.model.version,
    faults: place.models.faults.map(({ text }) => text),
    functions: [...FUNCTION_NAMES],
    objects: [...ctx.model.objects.values()].map((object) => {
      const missing = indexesOf(object).filter(({ name }) => !ready.has(name));
      return {
        key: object.key,
        plural: object.plural,
        module: object.module,
        icon: object.icon,
        title: object.title,
        custom: isOwn(object),
        sealed: object.sealed === true,
        retired: object.retired === true,
        party: object.party ?? null,
        owner: object.owner ?? null,
        partitioned: object.partitionBy !== undefined,
        words: wordsAt(`object ${object.key}`, `adjustment ${object.key}`),
        arranged: at.has(`layout ${object.key}`),
        sectionWords: wordsAt(`layout ${object.key}`),
        columns: object.list.columns,
        form: object.form,
        ...(object.variants ? { variants: object.variants } : {}),
        fields: object.declared.map((field) => describe(object, field, missing, isBuilding(ctx, object, field), at, wordsAt)),
      } as unknown as JsonObject;
    }),
  };
}

function describe(
  object: ModelObject,
  field: ModelObject['declared'][number],
  missing: readonly { sql: string }[],
  figuring: boolean,
  at: ReadonlyMap<string, Entry>,
  wordsAt: (...paths: string[]) => unknown,
): unknown {
  const own = at.get(`field ${object.key}.${field.key}`);
  const kept = own?.kind === 'field' ? own.field : field;
  const held = field.derived?.kind === 'formula' ? heldExpression(object, field) : null;
  const column = new RegExp(`\\b${field.column}(_id|_rank)?\\b`);
  return {
    key: field.key,
    type: field.type,
    with: field.with,
    custom: own !== undefined || isCustomKey(field.key),
    retired: field.retired === true,
    readOnly: field.readOnly === true && !field.retired,
    derived: typeOf(field).storage === 'inverse' || field.key === 'externalIds',
    required: kept.required === true,
    adjusted: at.has(`adjustment ${object.key}.${field.key}`),
    ...(kept.requiredWhen ? { requiredWhen: kept.requiredWhen } : {}),
    ...(kept.shownWhen ? { shownWhen: kept.shownWhen } : {}),
    ...(kept.default === undefined ? {} : { default: kept.default }),
    unique: kept.unique === true,
    index: kept.index === true,
    ...(kindOf({ field, part: null, shape: typeOf(field).shape }) === null ? {} : { reckons: true }),
    ...(field.derived ? { reckoned: field.derived.kind } : {}),
    ...(field.derived?.kind === 'formula' ? { expression: String(field.derived.with.expression) } : {}),
    ...(field.derived?.kind === 'rollUp' ? { rollUp: field.derived.with } : {}),
    building: figuring || (own !== undefined && missing.some(({ sql }) => (held === null ? column.test(sql) : sql.includes(held)))),
    words: wordsAt(`field ${object.key}.${field.key}`, `adjustment ${object.key}.${field.key}`),
  };
}
