import { defineAction } from '#engine/declare/action.ts';
import { dateTime, text } from '#engine/declare/fields/index.ts';
import { runAction } from '#engine/record/action.ts';
import type { Context } from '#engine/record/context.ts';
import { readOne } from '#engine/record/read.ts';
import { write } from '#engine/record/write.ts';
import { isZone } from '#engine/record/zones.ts';
import { invalid } from '#kit/errors.ts';
import { movedAlike } from '#kit/occurrences.ts';

/** Changes a meeting of a row and all that follow it; what is left empty stays as it is. */
export const changeFollowing = defineAction({
  key: 'changeFollowing',
  object: 'meeting',
  verb: 'update',
  input: { subject: text({ max: 300 }), start: dateTime(), end: dateTime(), place: text({ max: 300 }) },
});

/** Cancels a meeting of a row and all that follow it, and ends the row. */
export const cancelFollowing = defineAction({ key: 'cancelFollowing', object: 'meeting', verb: 'update', input: {} });

interface Held {
  id: string;
  start: string;
  end: string;
  seriesAt: string;
}

/** The meeting that was named and those of its row behind it that are still planned. */
async function fromHere(ctx: Context, ids: readonly string[]): Promise<{ here: Held & { timeZone: string }; all: Held[] }> {
  if (ids.length !== 1) throw invalid('One meeting at a time.', [{ path: 'ids', code: 'range', detail: 'Name one meeting.' }]);
  const meeting = ctx.model.object('meeting');
  const here = JSON.parse((await readOne(ctx, meeting, ids[0] ?? '')).json) as Held & { timeZone: string; series: { id: string } | null };
  if (!here.series)
    throw invalid('This meeting does not repeat.', [{ path: 'ids', code: 'series', detail: 'This meeting does not repeat.' }]);
  const all = await ctx.db.query<Held>(
    `select id, to_char(start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as start, to_char(end_ at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "end"
     from meetings where series_id = $1::uuid and series_at >= $2::timestamptz and status = 'planned' and deleted_at is null order by series_at limit 1000`,
    [here.series.id, here.seriesAt],
  );
  return { here, all };
}

export const runChangeFollowing = runAction(changeFollowing, async (ctx, input, ids) => {
  const { here, all } = await fromHere(ctx, ids);
  const zone = isZone(here.timeZone) ? here.timeZone : ctx.env.timeZone;
  const start = input.start ?? here.start;
  const end =
    input.end ?? (input.start ? new Date(Date.parse(input.start) + Date.parse(here.end) - Date.parse(here.start)).toISOString() : here.end);
  const same = { ...(input.subject ? { subject: input.subject } : {}), ...(input.place ? { place: input.place } : {}) };
  const results = await write(
    ctx,
    ctx.model.object('meeting'),
    all.map((one) => ({
      op: 'update',
      id: one.id,
      values: {
        ...same,
        ...(start === here.start && end === here.end
          ? {}
          : { start: movedAlike(one.start, here.start, start, zone), end: movedAlike(one.end, here.end, end, zone) }),
      },
    })),
  );
  return { changed: results.filter((result) => result.ok && result.changed).length };
});

export const runCancelFollowing = runAction(cancelFollowing, async (ctx, _input, ids) => {
  const { all } = await fromHere(ctx, ids);
  // Without its rule the row is not laid out any further.
  const results = await write(
    ctx,
    ctx.model.object('meeting'),
    all.map((one) => ({ op: 'update', id: one.id, values: { status: 'cancelled', repeats: null } })),
  );
  return { changed: results.filter((result) => result.ok && result.changed).length };
});
