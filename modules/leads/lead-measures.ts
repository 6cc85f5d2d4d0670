import type { Predicate } from '#engine/declare/condition.ts';
import { defineMeasure, type Measure } from '#engine/declare/measure.ts';
import { type DashboardDeclaration, defineDashboard, defineReport, type ReportDeclaration } from '#engine/declare/report.ts';
import { OPEN_STATES } from './lead.object.ts';

const leads = (measure: Omit<Measure, 'object' | 'dimensions'>): Measure =>
  defineMeasure({
    object: 'lead',
    dimensions: ['owner', 'owner.team', 'source', 'product', 'status', 'grade', 'party', 'party.territory', 'lossReason'],
    ...measure,
  });

/** What robots may have sent is nothing that anybody has to answer. */
const MEANT: Predicate = { field: 'suspect', op: 'ne', value: true };
const CONVERTED: Predicate = { field: 'status', op: 'in', value: ['converted'] };
const CLOSED: Predicate = { field: 'status', op: 'in', value: ['converted', 'lost'] };

/** How many are interested, how soon they are answered, and what becomes of them. */
export const leadMeasures: readonly Measure[] = [
  leads({ key: 'leadsReceived', at: 'receivedAt', where: MEANT, value: { op: 'count' }, unit: 'count', better: 'more' }),
  leads({
    key: 'leadResponseTime',
    at: 'receivedAt',
    where: { all: [MEANT, { field: 'firstResponseAt', op: 'isNotEmpty' }] },
    value: { op: 'avg', field: 'responseMinutes' },
    unit: 'number',
    better: 'less',
  }),
  leads({
    key: 'leadsUnanswered',
    where: { all: [MEANT, { field: 'status', op: 'in', value: [...OPEN_STATES] }, { field: 'firstResponseAt', op: 'isEmpty' }] },
    value: { op: 'count' },
    unit: 'count',
    better: 'less',
  }),
  leads({
    key: 'leadConversion',
    at: 'closedAt',
    where: { all: [MEANT, CLOSED] },
    value: { part: { op: 'count', where: CONVERTED }, of: { op: 'count' } },
    unit: 'percent',
    better: 'more',
  }),
];

const MONTHS = { every: 'month' } as const;

export const leadReports: readonly ReportDeclaration[] = [
  defineReport({
    key: 'leadsReceived',
    question: { measures: ['leadsReceived'], by: [MONTHS], compare: 'yearBefore' },
    drawing: { form: 'number' },
  }),
  defineReport({
    key: 'leadResponseTime',
    question: { measures: ['leadResponseTime'], by: [MONTHS], compare: 'yearBefore' },
    drawing: { form: 'number' },
  }),
  defineReport({
    key: 'leadConversion',
    question: { measures: ['leadConversion'], by: [MONTHS], compare: 'yearBefore' },
    drawing: { form: 'number' },
  }),
  defineReport({ key: 'leadsUnanswered', question: { measures: ['leadsUnanswered'] }, drawing: { form: 'number' } }),
  defineReport({
    key: 'leadsByOwner',
    question: { measures: ['leadsReceived', 'leadResponseTime', 'leadConversion'], by: ['owner'] },
    drawing: { form: 'table', top: 20 },
  }),
  defineReport({
    key: 'leadsBySource',
    question: { measures: ['leadsReceived', 'leadConversion'], by: ['source'] },
    drawing: { form: 'bar' },
  }),
  defineReport({ key: 'leadsByGrade', question: { measures: ['leadsUnanswered'], by: ['grade'] }, drawing: { form: 'bar' } }),
];

export const leadDashboards: readonly DashboardDeclaration[] = [
  defineDashboard({
    key: 'leads',
    period: { in: 'year' },
    tiles: [
      { report: 'leadsReceived', width: 1 },
      { report: 'leadResponseTime', width: 1 },
      { report: 'leadConversion', width: 1 },
      { report: 'leadsUnanswered', width: 1 },
      { report: 'leadsBySource', width: 2 },
      { report: 'leadsByGrade', width: 2 },
      { report: 'leadsByOwner', width: 4 },
    ],
  }),
];
