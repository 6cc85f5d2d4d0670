import type { Module } from '#engine/record/module.ts';
import { convertLead, runConvertLead } from './convert-lead.action.ts';
import { leadForm } from './forms/lead-form.object.ts';
import { leadFormRules } from './forms/lead-form.rules.ts';
import { lead } from './lead.object.ts';
import { leadRules } from './lead.rules.ts';
import { installLossReasons, lossReasonFill } from './loss-reasons.ts';
import { qualifyLead, runQualifyLead } from './qualify-lead.action.ts';

/** Who is interested in what, until it is a deal. */
export const leads: Module = {
  key: 'leads',
  objects: [leadForm, lead],
  actions: [qualifyLead, convertLead],
  rules: [leadRules, leadFormRules],
  runs: [runQualifyLead, runConvertLead],
  fills: [lossReasonFill],
  install: installLossReasons,
};

export { answerForm, type FormAnswer, type FormDoors, openForm } from './forms/door.ts';
export { forgetOldCalls } from './forms/guard.ts';
export { embedScript, gonePage, policyOf } from './forms/page.ts';
export { formCounts, previewPage } from './forms/preview.ts';
