import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Cut, DashboardDeclaration, Drawing, Form, Period, Question, ReportDeclaration, Tile } from '#engine/declare/report.ts';
import { get, post, request } from '#ui/api.ts';
import { type Answer, keyOf, type ToldMeasure, type Unit } from '#ui/chart/answer.ts';
import { queryClient } from '#ui/query-client.ts';
import type { Named } from '#ui/wire.ts';

/** Reports and dashboards as the browser asks for them. */

export type { Cut, Drawing, Form, Period, Question, Tile };

interface Kept {
  id: string;
  name: string;
  description: string | null;
  owner: Named | null;
  updatedAt: string;
  version: number;
}
export interface SavedReport extends Kept {
  question: Question;
  drawing: Drawing;
}
export interface SavedDashboard extends Kept {
  tiles: Tile[];
  period: Period | null;
  filter: Over['filter'] | null;
  mine: boolean | null;
}

/** What a dashboard says over all its tiles. */
export interface Over {
  period?: Period | null;
  filter?: { object: string; where: unknown };
  mine?: boolean;
}

export interface Insight {
  reports: ReportDeclaration[];
  dashboards: DashboardDeclaration[];
  home: { dashboard: string | null; chosen: boolean };
}

/** A measure as it is declared. */
export interface MeasureInfo {
  key: string;
  object: string;
  at?: string;
  unit: Unit;
  better?: 'more' | 'less';
  dimensions: string[];
}

const REPORT_FIELDS = ['name', 'description', 'owner', 'question', 'drawing', 'updatedAt', 'version'];
const DASHBOARD_FIELDS = ['name', 'description', 'owner', 'tiles', 'period', 'filter', 'mine', 'updatedAt', 'version'];

export const insightQuery = queryOptions({
  queryKey: ['insight'],
  queryFn: ({ signal }) => get<Insight>('/insight', {}, signal),
  staleTime: 60_000,
});

export const measuresQuery = queryOptions({
  queryKey: ['measures'],
  queryFn: async ({ signal }) => (await get<{ items: MeasureInfo[] }>('/measures', {}, signal)).items,
  staleTime: 5 * 60_000,
});

export const reportsQuery = queryOptions({
  queryKey: ['record', 'report', 'all'],
  queryFn: async ({ signal }) =>
    (await post<{ items: SavedReport[] }>('/reports/query', { fields: REPORT_FIELDS, sort: ['name'], limit: 500 }, signal)).items,
});

export const dashboardsQuery = queryOptions({
  queryKey: ['record', 'dashboard', 'all'],
  queryFn: async ({ signal }) =>
    (await post<{ items: SavedDashboard[] }>('/dashboards/query', { fields: DASHBOARD_FIELDS, sort: ['name'], limit: 500 }, signal)).items,
});

export const answerQuery = (question: Question, drawing: Drawing, over: Over) =>
  queryOptions({
    queryKey: ['report', question, { sort: drawing.sort, top: drawing.top, form: drawing.form }, over],
    queryFn: ({ signal }) => post<Answer>('/insight/read', { question, drawing, over }, signal),
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });

/** Whether something built in is meant: records have ids with dashes. */
export const isBuiltIn = (key: string): boolean => !key.includes('-');

/** Fetches what stands after a write. */
export const fetchInsight = (): Promise<unknown> =>
  Promise.all([
    queryClient.invalidateQueries({ queryKey: insightQuery.queryKey }),
    queryClient.invalidateQueries({ queryKey: reportsQuery.queryKey }),
    queryClient.invalidateQueries({ queryKey: dashboardsQuery.queryKey }),
  ]);

/** Makes or changes a report or dashboard; gives its id and the act that did it. */
export async function save(
  plural: 'reports' | 'dashboards' | 'measureAlerts' | 'embeds' | 'reportSchedules',
  id: string | null,
  values: object,
): Promise<{ id: string; cause: string | null }> {
  const { data, cause } = await request<{ id: string }>(id === null ? 'POST' : 'PATCH', id === null ? `/${plural}` : `/${plural}/${id}`, {
    body: values,
  });
  await fetchInsight();
  return { id: data.id, cause };
}

/** The address of the list of records behind a figure. */
export async function recordsBehind(
  answer: Answer,
  measure: ToldMeasure,
  cell: readonly unknown[],
  then: boolean,
): Promise<{ object: string; where: unknown }> {
  const days = then && answer.before ? { from: answer.before.from, to: answer.before.to } : (answer.period ?? {});
  return post('/measures/records', {
    measure: measure.key,
    ...(cell.length > 0 ? { by: answer.by.slice(0, cell.length), cell: cell.map(keyOf) } : {}),
    ...days,
    ...(answer.where ? { where: answer.where } : {}),
  });
}
