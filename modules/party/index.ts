import type { Module } from '#engine/record/module.ts';
import { completeTask, runCompleteTask } from './complete-task.action.ts';
import { consent } from './consent.object.ts';
import { consentRules } from './consent.rules.ts';
import { installPartyDemands } from './demands.ts';
import { fact } from './fact.object.ts';
import { taskMeasures } from './measures.ts';
import { note } from './note.object.ts';
import { party as partyObject } from './party.object.ts';
import { partyRules } from './party.rules.ts';
import { mavenAccounts } from './presets/maven-accounts.ts';
import { relationship } from './relationship.object.ts';
import { runSkipTask, skipTask } from './skip-task.action.ts';
import { task } from './task.object.ts';
import { taskRules, taskZoneRules } from './task.rules.ts';
import { territory } from './territory.object.ts';
import { territoryRules } from './territory.rules.ts';

/** The one customer record, how parties hang together, and what staff note and promise about them. */
export const party: Module = {
  key: 'party',
  objects: [territory, partyObject, relationship, note, task, fact, consent],
  actions: [completeTask, skipTask],
  measures: taskMeasures,
  presets: [mavenAccounts],
  rules: [partyRules, consentRules, taskRules, taskZoneRules, territoryRules],
  runs: [runCompleteTask, runSkipTask],
  install: installPartyDemands,
};
