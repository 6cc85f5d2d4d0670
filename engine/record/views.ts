import { mayReadField, requireWritingKey } from '#engine/access/policy.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { bindPredicate, resolvePath } from '#engine/declare/predicate.ts';
import { planSort } from '#engine/store/page.ts';
import { Params } from '#engine/store/sql.ts';
import { conflict, denied, invalid, isPerigonError, notFound, type Problem } from '#kit/errors.ts';
import { isId, newId } from '#kit/ids.ts';
import type { Json, JsonObject } from '#kit/json.ts';
import { bindContext, type Context, sqlContext } from './context.ts';

/**
 * Saved views: what a list shows, under a name. One's own, or shared with everybody; a shared view is changed by its owner and
 * by administrators. A view that speaks of what its reader may not see is not there for them: its condition alone would tell.
 */
export interface View {
  id: string;
  object: string;
  name: string;
  definition: ViewDefinition;
  owner: { id: string; name: string };
  mine: boolean;
  shared: boolean;
  /** Opened when somebody goes to the object: for its owner, or for everybody without a default of their own. */
  default: 'me' | 'everyone' | null;
  version: number;
}

/** How the rows are shown; what is absent is as the object declares. */
export interface ViewDefinition {
  layout?: 'table' | 'board' | 'calendar' | 'timeline';
  where?: Json;
  sort?: string[];
  columns?: string[];
  /** Pixels by field. */
  widths?: Record<string, number>;
  /** Field by which rows are grouped, or whose values are the columns of a board. */
  group?: string;
  /** Date by which a calendar is filled. */
  date?: string;
  /** What is reckoned under a column, by field; with `Base` money counts in the company's currency. */
  figures?: Record<string, (typeof FIGURES)[number]>;
}

export const FIGURES = ['count', 'sum', 'avg', 'min', 'max', 'sumBase', 'avgBase', 'minBase', 'maxBase'] as const;

export interface ViewInput {
  id?: string;
  object?: string;
  name?: string;
  definition?: ViewDefinition;
  shared?: boolean;
  default?: 'me' | 'everyone' | null;
}

interface Row {
  id: string;
  object: string;
  name: string;
  definition: ViewDefinition;
  owner_id: string;
  owner_name: string | null;
  shared: boolean;
  default_for: 'me' | 'everyone' | null;
  version: number;
}

const SELECT = `select v.id, v.object, v.name, v.definition, v.owner_id, u.name as owner_name, v.shared, v.default_for, v.version
  from views v left join users u on u.id = v.owner_id`;

/** The actor's views and those shared with them, by name. */
export async function listViews(ctx: Context): Promise<View[]> {
  const rows = await ctx.db.query<Row>(
    `${SELECT} where v.owner_id = $1::uuid or v.shared order by v.object, lower(v.name), v.id limit 1000`,
    [ctx.actor.userId],
  );
  return rows.flatMap((row) => (legible(ctx, row) ? [viewOf(ctx, row)] : []));
}

/** Saves a new view. An id that the caller gives brings a deleted one back. */
export async function createView(ctx: Context, input: ViewInput): Promise<View> {
  const object = readableObject(ctx, input.object);
  const name = nameOf(input.name);
  const definition = checkDefinition(ctx, object, input.definition ?? {});
  const writer = writerOf(ctx);
  mayDefault(ctx, input.default ?? null, input.shared === true);
  if (input.id !== undefined && !isId(input.id))
    throw invalid('The view cannot be saved.', [{ path: 'id', code: 'type', detail: 'Expected an id.' }]);
  const id = input.id ?? newId();
  return ctx.db.transaction(async (tx) => {
    await freeDefault(tx, ctx, object.key, input.default ?? null);
    const made = await tx.query(
      `insert into views (id, object, name, definition, owner_id, shared, default_for) values ($1::uuid, $2::text, $3::text, $4::jsonb, $5::uuid, $6::boolean, $7::text)
       on conflict (id) do nothing returning 1 as ok`,
      [id, object.key, name, JSON.stringify(definition), writer, input.shared === true, input.default ?? null],
    );
    if (made.length === 0) throw conflict('This view is there already.');
    return read(tx, ctx, id);
  });
}

/** Changes a view; `version` refuses where somebody else changed it meanwhile. */
export async function updateView(ctx: Context, id: string, input: ViewInput, version?: number): Promise<View> {
  return ctx.db.transaction(async (tx) => {
    const row = await own(tx, ctx, id);
    if (version !== undefined && version !== row.version)
      throw conflict('Somebody else changed this view meanwhile.', [], { version: row.version, precondition: true });
    const shared = input.shared ?? row.shared;
    const wanted = input.default === undefined ? row.default_for : input.default;
    if (input.default !== undefined || input.shared !== undefined) mayDefault(ctx, wanted, shared);
    const definition = input.definition ? checkDefinition(ctx, readableObject(ctx, row.object), input.definition) : row.definition;
    if (wanted !== row.default_for) await freeDefault(tx, ctx, row.object, wanted);
    await tx.query(
      `update views set name = $2::text, definition = $3::jsonb, shared = $4::boolean, default_for = $5::text, version = version + 1, updated_at = now() where id = $1::uuid`,
      [id, input.name === undefined ? row.name : nameOf(input.name), JSON.stringify(definition), shared, wanted],
    );
    return read(tx, ctx, id);
  });
}

export async function deleteView(ctx: Context, id: string): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await own(tx, ctx, id);
    await tx.query('delete from views where id = $1::uuid', [id]);
  });
}

type Tx = Pick<Context['db'], 'query'>;

async function read(tx: Tx, ctx: Context, id: string): Promise<View> {
  const [row] = await tx.query<Row>(`${SELECT} where v.id = $1::uuid`, [id]);
  if (!row) throw notFound();
  return viewOf(ctx, row);
}

/** A view that the actor may change; one that they may not even see is not there. */
async function own(tx: Tx, ctx: Context, id: string): Promise<Row> {
  if (!isId(id)) throw notFound();
  const [row] = await tx.query<Row>(`${SELECT} where v.id = $1::uuid for update of v`, [id]);
  if (!row) throw notFound();
  const mine = row.owner_id === ctx.actor.userId;
  if (!mine && (!row.shared || !legible(ctx, row))) throw notFound();
  if (!mine && !ctx.actor.rights.may('administer')) throw denied('This view is somebody else’s. Save it under another name.');
  writerOf(ctx);
  return row;
}

/** Whose view it will be. A key that only reads records saves no views either. */
function writerOf(ctx: Context): string {
  const { actor } = ctx;
  if (actor.userId === null) throw denied('Views belong to users.');
  requireWritingKey(ctx.model, actor);
  return actor.userId;
}

function readableObject(ctx: Context, key: string | undefined): ModelObject {
  const object = ctx.model.objects.get(key ?? '');
  if (!object || ctx.actor.rights.scope(object.key, 'read') === 'none')
    throw invalid('There is no such object.', [{ path: 'object', code: 'unknownObject', detail: 'There is no such object.' }]);
  return object;
}

function nameOf(name: string | undefined): string {
  const text = (name ?? '').trim();
  if (text === '' || text.length > 80)
    throw invalid('A name is needed.', [{ path: 'name', code: 'required', detail: 'A name of up to 80 characters.' }]);
  return text;
}

function mayDefault(ctx: Context, wanted: View['default'], shared: boolean): void {
  if (wanted !== 'everyone') return;
  if (!ctx.actor.rights.may('administer')) throw denied('Only administrators say what everybody sees first.');
  if (!shared)
    throw invalid('Share the view first.', [
      { path: 'shared', code: 'required', detail: 'What everybody sees first is shared with them.' },
    ]);
}

async function freeDefault(tx: Tx, ctx: Context, object: string, wanted: View['default']): Promise<void> {
  if (wanted === null) return;
  await tx.query(
    `update views set default_for = null where object = $1::text and default_for = $2::text and ($2::text = 'everyone' or owner_id = $3::uuid)`,
    [object, wanted, ctx.actor.userId],
  );
}

/** Refuses what the object does not have, and what the actor may not read, in the same words. */
function checkDefinition(ctx: Context, object: ModelObject, definition: ViewDefinition): JsonObject {
  const problems: Problem[] = [];
  const bound = bindContext(ctx);
  const attempt = (path: string, check: () => unknown) => {
    try {
      check();
    } catch (error) {
      if (!isPerigonError(error)) throw error;
      problems.push(
        ...(error.errors.length > 0 ? error.errors : [{ path: '', code: 'invalid', detail: error.message }]).map((problem) => ({
          ...problem,
          path: problem.path ? `definition.${path}.${problem.path}` : `definition.${path}`,
        })),
      );
    }
  };
  if (definition.where !== undefined && definition.where !== null) attempt('where', () => bindPredicate(bound, object, definition.where));
  if (definition.sort && definition.sort.length > 0)
    attempt('sort', () => planSort(bound, object, definition.sort ?? [], 't', sqlContext(ctx, new Params())));
  for (const [path, keys] of [
    ['columns', definition.columns ?? []],
    ['widths', Object.keys(definition.widths ?? {})],
    ['group', definition.group ? [definition.group] : []],
    ['date', definition.date ? [definition.date] : []],
    ['figures', Object.keys(definition.figures ?? {})],
  ] as const)
    for (const key of keys)
      if (!resolvePath(bound, object, key))
        problems.push({ path: `definition.${path}`, code: 'unknownField', detail: `${object.key} has no field “${key.slice(0, 80)}”.` });
  if (problems.length > 0) throw invalid('The view cannot be saved.', problems);
  return definition as JsonObject;
}

/** Whether all that a view speaks of may be read by the actor. */
function legible(ctx: Context, row: Row): boolean {
  const object = ctx.model.objects.get(row.object);
  if (!object || ctx.actor.rights.scope(object.key, 'read') === 'none') return false;
  const title = object.fields.get(object.title);
  if (title && !mayReadField(ctx.actor, object, title)) return false;
  try {
    checkDefinition(ctx, object, row.definition);
    return true;
  } catch (error) {
    if (isPerigonError(error)) return false;
    throw error;
  }
}

const viewOf = (ctx: Context, row: Row): View => ({
  id: row.id,
  object: row.object,
  name: row.name,
  definition: row.definition,
  owner: { id: row.owner_id, name: row.owner_name ?? '' },
  mine: row.owner_id === ctx.actor.userId,
  shared: row.shared,
  default: row.default_for === 'me' && row.owner_id !== ctx.actor.userId ? null : row.default_for,
  version: row.version,
});
