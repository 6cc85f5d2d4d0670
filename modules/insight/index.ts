import type { Module } from '#engine/record/module.ts';
import { dashboard } from './dashboard.object.ts';
import { dashboardRules, reportRules } from './insight.rules.ts';
import { report } from './report.object.ts';

/** Figures put together: reports, dashboards, what is told of them and who is shown them. */
export const insight: Module = {
  key: 'insight',
  objects: [report, dashboard],
  rules: [reportRules, dashboardRules],
};
