import type { Module } from '#engine/record/module.ts';
import { asset } from './asset.object.ts';
import { serviceCase } from './case.object.ts';
import { caseRules } from './case.rules.ts';
import { closeCase, runCloseCase } from './close-case.action.ts';

/** Customers' concerns and the products they have in use. */
export const service: Module = {
  key: 'service',
  objects: [asset, serviceCase],
  actions: [closeCase],
  rules: [caseRules],
  runs: [runCloseCase],
};
