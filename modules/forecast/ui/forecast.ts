import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { get, post } from '#ui/api.ts';
import { companyToday } from '#ui/format.ts';
import type { Page } from '#ui/wire.ts';
import type { Accuracy, Point } from '../looking-back.ts';
import { type By, type Length, type Period, periodAt } from '../period.ts';
import type { ForecastAnswer } from '../read.ts';

/** In the address: of which period, cut by what. */
export interface ForecastSearch {
  from?: string | undefined;
  every?: Length | undefined;
  by?: By | undefined;
  pipeline?: string | undefined;
}

/** The period that an address means: this quarter unless it says another. */
export const periodOf = ({ from, every = 'quarter' }: ForecastSearch): Period =>
  from === undefined ? periodAt(companyToday(), every) : { from, every };

/** All of a forecast lies under this key: what is said or set brings it up to date. */
export const FORECAST = ['figures', 'forecast'] as const;

export const forecastQuery = (period: Period, by: By, pipeline?: string) =>
  queryOptions({
    queryKey: [...FORECAST, 'now', period, by, pipeline ?? null],
    queryFn: ({ signal }) => get<ForecastAnswer>('/forecast', { ...period, by, ...(pipeline ? { pipeline } : {}) }, signal),
    placeholderData: keepPreviousData,
  });

/** The pipelines by name, for a choice. */
export const pipelinesQuery = queryOptions({
  queryKey: ['figures', 'pipelines', 'names'],
  queryFn: async ({ signal }) => (await post<Page>('/pipelines/query', { fields: ['name'], sort: ['name'], limit: 100 }, signal)).items,
});

export const trendQuery = (period: Period) =>
  queryOptions({
    queryKey: [...FORECAST, 'trend', period],
    queryFn: async ({ signal }) => (await get<{ items: Point[] }>('/forecast/trend', { ...period }, signal)).items,
  });

export const accuracyQuery = (every: Length) =>
  queryOptions({
    queryKey: [...FORECAST, 'accuracy', every],
    queryFn: async ({ signal }) => (await get<{ items: Accuracy[] }>('/forecast/accuracy', { every, count: 4 }, signal)).items,
  });

/** What a figure of the table leads to: a measure, or nothing where it is no sum of deals. */
export const BEHIND: Readonly<Record<string, string>> = {
  won: 'wonValue',
  commit: 'forecastCommit',
  bestCase: 'forecastBestCase',
  pipeline: 'forecastPipeline',
};

/** How much of a quota is won, is committed besides, and may come at best; each from 0 to 1, together no more than 1. Pure. */
export function shares(figures: {
  quota: number | null;
  won: number | null;
  commit: number | null;
  bestCase: number | null;
}): number[] | null {
  const { quota } = figures;
  if (quota === null || quota <= 0) return null;
  let left = 1;
  return [figures.won, figures.commit, figures.bestCase].map((value) => {
    const share = Math.max(0, Math.min(left, (value ?? 0) / quota));
    left -= share;
    return share;
  });
}
