import { defineAction } from '#engine/declare/action.ts';
import { runAction } from '#engine/record/action.ts';
import { readOne } from '#engine/record/read.ts';
import { write } from '#engine/record/write.ts';
import { dateIn } from '#kit/calendar.ts';
import { nextInRow } from './task.rules.ts';

/** Passes over one of what repeats: it moves to its next day; the last one of a row is cancelled. */
export const skipTask = defineAction({ key: 'skipTask', object: 'task', verb: 'update', input: {} });

export const runSkipTask = runAction(skipTask, async (ctx, _input, ids) => {
  const task = ctx.model.object('task');
  const today = dateIn(ctx.env.now, ctx.env.timeZone);
  const ops = [];
  for (const id of ids) {
    const values = JSON.parse((await readOne(ctx, task, id)).json) as Record<string, unknown>;
    if (!values.repeats) continue;
    const on = nextInRow((key) => values[key], today);
    ops.push({ op: 'update' as const, id, values: on === null ? { status: 'cancelled' } : { dueOn: on, seriesOn: on } });
  }
  const results = await write(ctx, task, ops, { trusted: true });
  return { changed: results.filter((result) => result.ok && result.changed).length };
});
