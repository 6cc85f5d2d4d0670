import type { Module } from '#engine/record/module.ts';
import { interaction } from './interaction.object.ts';
import { logCall, runLogCall } from './log-call.action.ts';
import { interactionMeasures } from './measures.ts';

/** Every touch with a customer, on every channel. */
export const conversations: Module = {
  key: 'conversations',
  objects: [interaction],
  actions: [logCall],
  measures: interactionMeasures,
  runs: [runLogCall],
};

export { runLogCall } from './log-call.action.ts';
