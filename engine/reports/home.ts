import { measureOf } from '#engine/measures/measures.ts';
import type { Context } from '#engine/record/context.ts';
import { readOne, readPage } from '#engine/record/read.ts';
import { invalid, isPerigonError } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';

/** What a day begins with: the dashboard a user chose, else that of their role; none while there is nothing to count. */

export interface Home {
  /** Key or id of a dashboard; null: there is nothing to be seen on one yet. */
  dashboard: string | null;
  /** Whether the user chose it. */
  chosen: boolean;
}

export async function homeOf(ctx: Context): Promise<Home> {
  const [choice] = ctx.actor.userId
    ? await ctx.db.keyed<{ dashboard: string }>('select dashboard from home_choices where user_id = $1::uuid', [ctx.actor.userId])
    : [];
  if (choice && (await isThere(ctx, choice.dashboard))) return { dashboard: choice.dashboard, chosen: true };
  const leads = ctx.actor.rights.may('administer') || (await leadsTeam(ctx));
  const wanted = [...ctx.model.dashboards.values()].find(({ home }) => home === (leads ? 'manager' : 'rep'));
  return { dashboard: wanted && (await hasRecords(ctx, wanted.key)) ? wanted.key : null, chosen: false };
}

/** Keeps what a user begins with; null: that of their role. */
export async function chooseHome(ctx: Context, dashboard: string | null): Promise<Home> {
  if (dashboard !== null && !(await isThere(ctx, dashboard)))
    throw invalid('There is no such dashboard.', [{ path: 'dashboard', code: 'reference', detail: 'There is no such dashboard.' }]);
  await (dashboard === null
    ? ctx.db.query('delete from home_choices where user_id = $1::uuid', [ctx.actor.userId])
    : ctx.db.query(
        'insert into home_choices (user_id, dashboard) values ($1::uuid, $2::text) on conflict (user_id) do update set dashboard = excluded.dashboard',
        [ctx.actor.userId, dashboard],
      ));
  return homeOf(ctx);
}

async function isThere(ctx: Context, dashboard: string): Promise<boolean> {
  if (!isId(dashboard)) return ctx.model.dashboards.has(dashboard);
  try {
    await readOne(ctx, ctx.model.object('dashboard'), dashboard, ['name']);
    return true;
  } catch (error) {
    if (isPerigonError(error, 'notFound')) return false;
    throw error;
  }
}

async function leadsTeam(ctx: Context): Promise<boolean> {
  const [row] = await ctx.db.keyed<{ leads: boolean }>(
    'select exists (select 1 from teams where manager_id = $1::uuid and deleted_at is null) as leads',
    [ctx.actor.userId],
  );
  return row?.leads === true;
}

/** Whether there is a record, of those that the user reads, that one of its measures looks at. */
async function hasRecords(ctx: Context, key: string): Promise<boolean> {
  const tiles = ctx.model.dashboards.get(key)?.tiles ?? [];
  const wanted = tiles.flatMap((tile) =>
    tile.report === undefined ? tile.question : (ctx.model.reports.get(tile.report)?.question ?? []),
  );
  const objects = new Set<string>();
  for (const measure of wanted.flatMap(({ measures }) => measures)) {
    try {
      objects.add(measureOf(ctx, measure).object);
    } catch (error) {
      if (!isPerigonError(error, 'notFound')) throw error;
    }
  }
  for (const object of objects) if ((await readPage(ctx, ctx.model.object(object), { fields: [], limit: 1 })).text !== '') return true;
  return false;
}
