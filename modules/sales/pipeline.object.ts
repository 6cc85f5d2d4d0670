import { boolean, integer, longText, percent, reference, select, tags, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** A way of selling, as a row of stages. */
export const pipeline = defineObject({
  key: 'pipeline',
  plural: 'pipelines',
  icon: 'git-branch',
  title: 'name',
  fields: { name: text({ required: true, search: 'title', max: 100 }), isDefault: boolean({ default: false }) },
  list: { columns: ['name', 'isDefault'], sort: ['name'] },
  form: [{ key: 'main', fields: ['name', 'isDefault'] }],
  unsearchable: true,
});

/** How sure one is of a deal, least first. What was won is told by its stage and is no longer foretold. */
export const FORECAST_CATEGORIES = ['omitted', 'pipeline', 'bestCase', 'commit'] as const;
export type ForecastCategory = (typeof FORECAST_CATEGORIES)[number];

/** One step of a pipeline. Its category says whether a deal there is open, won or lost. */
export const stage = defineObject({
  key: 'stage',
  plural: 'stages',
  icon: 'git-branch',
  title: 'name',
  fields: {
    name: text({ required: true, max: 100 }),
    key: text({ max: 60 }),
    pipeline: reference({ to: 'pipeline', required: true, inverse: 'stages' }),
    category: select([{ key: 'open' }, { key: 'won', color: 'good' }, { key: 'lost', color: 'danger' }], {
      required: true,
      default: 'open',
    }),
    probability: percent({ required: true, default: 0 }),
    position: integer(),
    forecastCategory: select(FORECAST_CATEGORIES),
    /** What is to be done here, and what tells that a deal may go on. */
    guidance: longText({ max: 4000 }),
    // Keys of fields of a deal: what must be known of it before it comes in here, and before it goes on from here.
    requiredToEnter: tags(),
    requiredToLeave: tags(),
    /** Days after which a deal has lain here for too long. */
    maxAgeDays: integer({ min: 1, max: 3650 }),
  },
  uniqueTogether: [['pipeline', 'key']],
  list: { columns: ['name', 'pipeline', 'category', 'probability', 'position'], sort: ['position'] },
  form: [
    { key: 'main', fields: ['name', 'key', 'pipeline', 'category', 'probability', 'forecastCategory', 'position'] },
    { key: 'rules', fields: ['guidance', 'requiredToEnter', 'requiredToLeave', 'maxAgeDays'] },
  ],
  quiet: true,
  unsearchable: true,
});
