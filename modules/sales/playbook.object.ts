import { boolean, dateTime, integer, longText, reference, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** A step of the playbook of a stage: what whoever works a deal there does, checked off on each deal. */
export const playbookStep = defineObject({
  key: 'playbookStep',
  plural: 'playbookSteps',
  icon: 'checklist',
  title: 'text',
  fields: {
    text: text({ required: true, max: 200 }),
    stage: reference({ to: 'stage', required: true, inverse: 'playbook' }),
    detail: longText({ max: 2000 }),
    // Key of a field of the deal that answers it: it is done as soon as that holds a value.
    asks: text({ max: 60 }),
    /** Without it a deal does not go on from the stage. */
    required: boolean({ default: false }),
    /** Offers to make a task of it. */
    makesTask: boolean({ default: false }),
    position: integer(),
  },
  list: { columns: ['text', 'stage', 'required', 'position'], sort: ['position'] },
  form: [{ key: 'main', fields: ['text', 'stage', 'detail', 'asks', 'required', 'makesTask', 'position'] }],
  quiet: true,
  unsearchable: true,
});

/** A step that was checked off on a deal: by whom and when. Unchecking takes it away. */
export const playbookCheck = defineObject({
  key: 'playbookCheck',
  plural: 'playbookChecks',
  icon: 'checkbox',
  title: 'at',
  party: 'customer',
  owner: 'owner',
  fields: {
    opportunity: reference({ to: 'opportunity', required: true, inverse: 'playbookChecks' }),
    step: reference({ to: 'playbookStep', required: true }),
    by: user({ readOnly: true }),
    at: dateTime({ readOnly: true }),
    // As on the deal: who reads and changes that reads and changes this.
    customer: reference({ to: 'party', readOnly: true }),
    owner: user({ readOnly: true }),
  },
  uniqueTogether: [['opportunity', 'step']],
  list: { columns: ['opportunity', 'step', 'by', 'at'], sort: ['-at'] },
  form: [{ key: 'main', fields: ['opportunity', 'step', 'by', 'at'] }],
  quiet: true,
  unsearchable: true,
  sealed: true,
});
