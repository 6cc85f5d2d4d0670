import type { Module } from '#engine/record/module.ts';
import { forecastCall } from './call.object.ts';
import { callRules } from './call.rules.ts';
import { forecastMeasures } from './measures.ts';
import { quota } from './quota.object.ts';
import { quotaRules } from './quota.rules.ts';
import { forecastSnapshot } from './snapshot.object.ts';

/** What will be won: by what the deals say, by what people say, by experience; against what is to be won. */
export const forecast: Module = {
  key: 'forecast',
  objects: [quota, forecastCall, forecastSnapshot],
  measures: forecastMeasures,
  rules: [quotaRules, callRules],
};
