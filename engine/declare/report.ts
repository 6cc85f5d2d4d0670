import type { Predicate } from './condition.ts';

/**
 * Reports and dashboards as they are declared and kept: a question over measures and how its answer is drawn. Plain data; what is
 * built in and what somebody builds in the browser have this one shape.
 */

export const GRAINS = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type Grain = (typeof GRAINS)[number];

/** What a figure is cut by: a path through references, or stretches of time; `of` names another date than the one the measure counts on. */
export type Cut = string | { every: Grain; of?: string };

/** A stretch of days: fixed, the one of a calendar that holds today (or so many before it), or the last so many, today's included. */
export type Period = { from: string; to: string } | { in: Grain; ago?: number } | { last: number; unit: Grain };

export const COMPARISONS = ['previous', 'yearBefore'] as const;
export type Comparison = (typeof COMPARISONS)[number];

export interface Question {
  measures: readonly string[];
  by?: readonly Cut[];
  /** Without one all days count. */
  period?: Period;
  /** What the measured records have to meet; the measures are then of one object. */
  where?: Predicate;
  /** Only what belongs to whoever reads it. */
  mine?: boolean;
  compare?: Comparison;
}

/** How an answer is drawn. */
export const FORMS = ['number', 'table', 'pivot', 'line', 'bar', 'stackedBar', 'funnel', 'heatMap', 'cohort'] as const;
export type Form = (typeof FORMS)[number];

export interface Drawing {
  form: Form;
  /** Largest first, or in the order of what it is cut by; what is in time is always in time. */
  sort?: 'value' | 'cut';
  /** How many rows at most. */
  top?: number;
}

/** A report that a module brings: its name is in the catalogues under `report.<key>`. */
export interface ReportDeclaration {
  key: string;
  question: Question;
  drawing: Drawing;
}

/** How many of the four columns a tile takes. */
export type TileWidth = 1 | 2 | 3 | 4;

/** A part of a dashboard: a report by its key or id, or a question of its own. */
export type Tile = { width: TileWidth } & ({ report: string } | { name: string; question: Question; drawing: Drawing; report?: undefined });

/** A dashboard that a module brings: its name is in the catalogues under `dashboard.<key>`. */
export interface DashboardDeclaration {
  key: string;
  /** Who begins the day with it, unless they chose another one. */
  home?: 'rep' | 'manager';
  tiles: readonly Tile[];
  /** The days that count in all tiles. */
  period?: Period;
  /** Only what belongs to whoever reads it. */
  mine?: boolean;
}

/** Declares a dashboard. The result is plain data. */
export const defineDashboard = (dashboard: DashboardDeclaration): DashboardDeclaration => dashboard;

/** Declares a report. The result is plain data. */
export const defineReport = (report: ReportDeclaration): ReportDeclaration => report;
