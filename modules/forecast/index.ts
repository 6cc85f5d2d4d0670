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
  grants: {
    quota: {
      salesManager: { create: 'all', read: 'all', update: 'all', delete: 'all' },
      salesRep: { read: 'own' },
      readOnly: { read: 'all' },
    },
    forecastCall: {
      salesManager: { create: 'all', read: 'all', update: 'all', delete: 'all' },
      salesRep: { create: 'own', read: 'own', update: 'own', delete: 'own' },
      readOnly: { read: 'all' },
    },
    forecastSnapshot: { salesManager: { read: 'all' }, salesRep: { read: 'team' }, readOnly: { read: 'all' } },
  },
};
