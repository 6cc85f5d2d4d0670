import { boolean, integer, json, longText, select, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** A demand on the records of an object, by which data quality is measured (engine/quality). */
export const qualityRule = defineObject({
  key: 'qualityRule',
  plural: 'qualityRules',
  icon: 'shield',
  title: 'name',
  fields: {
    name: text({ required: true, max: 120 }),
    object: text({ required: true, max: 60 }),
    dimension: select([{ key: 'completeness' }, { key: 'validity' }, { key: 'freshness' }], { required: true, default: 'completeness' }),
    /** Records the demand is about; all without it. */
    applies: json(),
    /** What a good record meets. */
    good: json({ required: true }),
    weight: integer({ default: 1 }),
    active: boolean({ default: true }),
    description: longText({ max: 1000 }),
  },
  indexes: [['object']],
  list: { columns: ['name', 'object', 'dimension', 'weight', 'active'], sort: ['object', 'name'] },
  form: [{ key: 'main', fields: ['name', 'object', 'dimension', 'applies', 'good', 'weight', 'active', 'description'] }],
  quiet: true,
  unsearchable: true,
  sealed: true,
});
