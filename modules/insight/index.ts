import type { Module } from '#engine/record/module.ts';
import { alertRules } from './alert.rules.ts';
import { dashboard } from './dashboard.object.ts';
import { embed } from './embed.object.ts';
import { embedRules } from './embed.rules.ts';
import { dashboardRules, reportRules } from './insight.rules.ts';
import { measureAlert } from './measure-alert.object.ts';
import { report } from './report.object.ts';
import { reportSchedule } from './report-schedule.object.ts';
import { scheduleRules } from './schedule.rules.ts';

/** Figures put together: reports, dashboards, what is told of them and who is shown them. */
export const insight: Module = {
  key: 'insight',
  objects: [report, dashboard, measureAlert, embed, reportSchedule],
  rules: [reportRules, dashboardRules, alertRules, embedRules, scheduleRules],
};
