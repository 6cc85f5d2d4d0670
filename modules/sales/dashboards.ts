import { type DashboardDeclaration, defineDashboard, defineReport, type ReportDeclaration } from '#engine/declare/report.ts';

const MONTHS = { every: 'month' } as const;
const YEAR = { in: 'year' } as const;
const REGION = 'owner.team.region';

/** Questions that every sales floor asks; each can be read by itself and copied. */
export const salesReports: readonly ReportDeclaration[] = [
  defineReport({ key: 'wonValue', question: { measures: ['wonValue'], by: [MONTHS], compare: 'yearBefore' }, drawing: { form: 'number' } }),
  defineReport({ key: 'wonDeals', question: { measures: ['wonDeals'], by: [MONTHS], compare: 'yearBefore' }, drawing: { form: 'number' } }),
  defineReport({ key: 'winRate', question: { measures: ['winRate'], by: [MONTHS], compare: 'yearBefore' }, drawing: { form: 'number' } }),
  defineReport({
    key: 'averageDeal',
    question: { measures: ['averageDeal'], by: [MONTHS], compare: 'yearBefore' },
    drawing: { form: 'number' },
  }),
  defineReport({
    key: 'salesCycle',
    question: { measures: ['salesCycle'], by: [MONTHS], compare: 'yearBefore' },
    drawing: { form: 'number' },
  }),
  defineReport({ key: 'openPipeline', question: { measures: ['pipelineValue'] }, drawing: { form: 'number' } }),
  defineReport({ key: 'openDeals', question: { measures: ['openDeals'] }, drawing: { form: 'number' } }),
  defineReport({
    key: 'wonByMonth',
    question: { measures: ['wonValue'], by: [MONTHS], period: YEAR, compare: 'yearBefore' },
    drawing: { form: 'line' },
  }),
  defineReport({ key: 'wonByRegion', question: { measures: ['wonValue', 'wonDeals', 'winRate'], by: [REGION] }, drawing: { form: 'bar' } }),
  defineReport({
    key: 'agents',
    question: { measures: ['wonDeals', 'wonValue', 'winRate', 'averageDeal', 'salesCycle'], by: ['owner'] },
    drawing: { form: 'table', top: 10 },
  }),
  defineReport({ key: 'funnel', question: { measures: ['openDeals', 'pipelineValue'], by: ['stage'] }, drawing: { form: 'funnel' } }),
  defineReport({
    key: 'wonByProduct',
    question: { measures: ['wonValue', 'wonDeals'], by: ['product'] },
    drawing: { form: 'bar', top: 10 },
  }),
  defineReport({
    key: 'soldByProduct',
    question: { measures: ['wonLineValue', 'unitsSold', 'discountGiven'], by: ['product'], period: YEAR },
    drawing: { form: 'table', top: 20 },
  }),
  defineReport({
    key: 'winRateByRegion',
    question: { measures: ['winRate'], by: [REGION, { every: 'quarter' }] },
    drawing: { form: 'heatMap' },
  }),
  defineReport({
    key: 'newPipeline',
    question: { measures: ['newDeals', 'newPipeline'], by: [MONTHS], compare: 'yearBefore' },
    drawing: { form: 'bar' },
  }),
  defineReport({
    key: 'wonCohorts',
    question: { measures: ['wonDeals'], by: [{ every: 'month', of: 'openedOn' }, MONTHS], period: { last: 12, unit: 'month' } },
    drawing: { form: 'cohort' },
  }),
];

/** What a day in sales begins with: for who leads a team, and for who sells. */
export const salesDashboards: readonly DashboardDeclaration[] = [
  defineDashboard({
    key: 'sales',
    home: 'manager',
    period: YEAR,
    tiles: [
      { report: 'wonValue', width: 1 },
      { report: 'wonDeals', width: 1 },
      { report: 'winRate', width: 1 },
      { report: 'averageDeal', width: 1 },
      { report: 'wonByMonth', width: 3 },
      { report: 'salesCycle', width: 1 },
      { report: 'wonByRegion', width: 2 },
      { report: 'funnel', width: 2 },
      { report: 'agents', width: 4 },
      { report: 'wonByProduct', width: 2 },
      { report: 'winRateByRegion', width: 2 },
    ],
  }),
  defineDashboard({
    key: 'mySales',
    home: 'rep',
    period: YEAR,
    mine: true,
    tiles: [
      { report: 'wonValue', width: 1 },
      { report: 'wonDeals', width: 1 },
      { report: 'winRate', width: 1 },
      { report: 'openPipeline', width: 1 },
      { report: 'wonByMonth', width: 2 },
      { report: 'funnel', width: 2 },
      { report: 'newPipeline', width: 2 },
      { report: 'wonByProduct', width: 2 },
    ],
  }),
];
