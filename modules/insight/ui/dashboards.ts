import type { Drawing, Insight, Over, Question, SavedDashboard, SavedReport, Tile } from './insight.ts';
import { isBuiltIn } from './insight.ts';

/** A dashboard as it is shown, built in or somebody's own. Pure. */
export interface Shown {
  key: string;
  name: string;
  tiles: readonly Tile[];
  over: Over;
  /** The record behind it; null where it is built in. */
  record: SavedDashboard | null;
}

/** The dashboard of that key or id; undefined where there is none that one may see. */
export function dashboardOf(
  key: string,
  insight: Insight,
  saved: readonly SavedDashboard[],
  word: (key: string) => string,
): Shown | undefined {
  if (isBuiltIn(key)) {
    const found = insight.dashboards.find((one) => one.key === key);
    if (!found) return undefined;
    const over: Over = { ...(found.period ? { period: found.period } : {}), ...(found.mine ? { mine: true } : {}) };
    return { key, name: word(`dashboard.${key}`), tiles: found.tiles, over, record: null };
  }
  const record = saved.find((one) => one.id === key);
  if (!record) return undefined;
  const { period, filter, mine, tiles, name } = record;
  return { key, name, tiles, over: { ...(period ? { period } : {}), ...(filter ? { filter } : {}), ...(mine ? { mine } : {}) }, record };
}

export interface TileReport {
  name: string;
  question: Question;
  drawing: Drawing;
  /** Where it stands by itself. */
  report?: string;
}

/** What a tile shows; undefined where its report is not there for this reader. */
export function reportOf(
  tile: Tile,
  insight: Insight,
  saved: readonly SavedReport[],
  word: (key: string) => string,
): TileReport | undefined {
  if (tile.report === undefined) return { name: tile.name, question: tile.question, drawing: tile.drawing };
  const { report } = tile;
  if (isBuiltIn(report)) {
    const found = insight.reports.find((one) => one.key === report);
    return found && { name: word(`report.${report}`), question: found.question, drawing: found.drawing, report };
  }
  const found = saved.find((one) => one.id === report);
  return found && { name: found.name, question: found.question, drawing: found.drawing, report };
}
