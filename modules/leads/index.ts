import type { Module } from '#engine/record/module.ts';
import { lead } from './lead.object.ts';
import { leadRules } from './lead.rules.ts';
import { installLossReasons, lossReasonFill } from './loss-reasons.ts';

/** Who is interested in what, until it is a deal. */
export const leads: Module = {
  key: 'leads',
  objects: [lead],
  rules: [leadRules],
  fills: [lossReasonFill],
  install: installLossReasons,
};
