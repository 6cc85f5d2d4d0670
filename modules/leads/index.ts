import type { Module } from '#engine/record/module.ts';
import { assignLeads, runAssignLeads } from './assign-leads.action.ts';
import { convertLead, runConvertLead } from './convert-lead.action.ts';
import { leadForm } from './forms/lead-form.object.ts';
import { leadFormRules } from './forms/lead-form.rules.ts';
import { lead } from './lead.object.ts';
import { leadRules } from './lead.rules.ts';
import { leadAssignmentRules } from './lead-assignment.rules.ts';
import { leadDashboards, leadMeasures, leadReports } from './lead-measures.ts';
import { installLossReasons, lossReasonFill } from './loss-reasons.ts';
import { qualifyLead, runQualifyLead } from './qualify-lead.action.ts';
import { installScoreRules, scoreRuleFill } from './score-defaults.ts';
import { scoreRule } from './score-rule.object.ts';
import { scoreRuleRules } from './score-rule.rules.ts';

/** Who is interested in what, until it is a deal. */
export const leads: Module = {
  key: 'leads',
  objects: [leadForm, lead, scoreRule],
  actions: [qualifyLead, convertLead, assignLeads],
  measures: leadMeasures,
  reports: leadReports,
  dashboards: leadDashboards,
  rules: [leadRules, leadFormRules, leadAssignmentRules, scoreRuleRules],
  runs: [runQualifyLead, runConvertLead, runAssignLeads],
  fills: [lossReasonFill, scoreRuleFill],
  async install(ctx, language) {
    await installLossReasons(ctx, language);
    await installScoreRules(ctx, language);
  },
};

export { answerForm, type FormAnswer, type FormDoors, openForm } from './forms/door.ts';
export { forgetOldAnswers } from './forms/guard.ts';
export { embedScript, gonePage, policyOf } from './forms/page.ts';
export { formCounts, previewPage } from './forms/preview.ts';
