import type { Drawing, Period, Question, Tile } from '#engine/declare/report.ts';
import type { Context } from '#engine/record/context.ts';
import { readOne } from '#engine/record/read.ts';
import { isPerigonError, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { readDrawing, readQuestion, readTiles } from './question.ts';
import type { Over } from './read.ts';
import type { Speak } from './table.ts';

/** Reports and dashboards by their key or id, in the rights of who asks: what one may not read is `notFound`. */

export interface NamedReport {
  name: string;
  question: Question;
  drawing: Drawing;
}

export interface NamedDashboard {
  name: string;
  /** In their order; null where a report is not there for this reader. */
  reports: (NamedReport | null)[];
  over: Over;
}

export async function reportNamed(ctx: Context, key: string, speak: Speak): Promise<NamedReport> {
  if (!isId(key)) {
    const found = ctx.model.reports.get(key);
    if (!found) throw notFound();
    return { name: speak(`report.${key}`) ?? key, question: found.question, drawing: found.drawing };
  }
  const record = JSON.parse((await readOne(ctx, ctx.model.object('report'), key, ['name', 'question', 'drawing'])).json) as Record<
    string,
    unknown
  >;
  // What was good when it was written need not be so for this version.
  const [question, drawing] = [readQuestion(record.question).value, readDrawing(record.drawing).value];
  if (!question || !drawing) throw notFound();
  return { name: String(record.name), question, drawing };
}

export async function dashboardNamed(ctx: Context, key: string, speak: Speak): Promise<NamedDashboard> {
  if (!isId(key)) {
    const found = ctx.model.dashboards.get(key);
    if (!found) throw notFound();
    const over: Over = { ...(found.period ? { period: found.period } : {}), ...(found.mine ? { mine: true } : {}) };
    return { name: speak(`dashboard.${key}`) ?? key, reports: await reportsOf(ctx, found.tiles, speak), over };
  }
  const { json } = await readOne(ctx, ctx.model.object('dashboard'), key, ['name', 'tiles', 'period', 'filter', 'mine']);
  const record = JSON.parse(json) as {
    name: string;
    tiles: unknown;
    period: Period | null;
    filter: Over['filter'] | null;
    mine: boolean | null;
  };
  const tiles = readTiles(record.tiles).value ?? [];
  const over: Over = {
    ...(record.period ? { period: record.period } : {}),
    ...(record.filter ? { filter: record.filter } : {}),
    ...(record.mine ? { mine: true } : {}),
  };
  return { name: record.name, reports: await reportsOf(ctx, tiles, speak), over };
}

const reportsOf = (ctx: Context, tiles: readonly Tile[], speak: Speak): Promise<(NamedReport | null)[]> =>
  Promise.all(
    tiles.map(async (tile) => {
      if (tile.report === undefined) return { name: tile.name, question: tile.question, drawing: tile.drawing };
      try {
        return await reportNamed(ctx, tile.report, speak);
      } catch (error) {
        if (isPerigonError(error, 'notFound')) return null;
        throw error;
      }
    }),
  );
