import type { Module } from '#engine/record/module.ts';
import { convertLead, runConvertLead } from './convert-lead.action.ts';
import { lead } from './lead.object.ts';
import { leadRules } from './lead.rules.ts';
import { installLossReasons, lossReasonFill } from './loss-reasons.ts';
import { qualifyLead, runQualifyLead } from './qualify-lead.action.ts';

/** Who is interested in what, until it is a deal. */
export const leads: Module = {
  key: 'leads',
  objects: [lead],
  actions: [qualifyLead, convertLead],
  rules: [leadRules],
  runs: [runQualifyLead, runConvertLead],
  fills: [lossReasonFill],
  install: installLossReasons,
};
