import { boolean, integer, json, longText, select, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** For how long something is kept, and what becomes of it then (engine/privacy/retention). */
export const retentionRule = defineObject({
  key: 'retentionRule',
  plural: 'retentionRules',
  icon: 'shield',
  title: 'name',
  fields: {
    name: text({ required: true, max: 120 }),
    /** `delete`: into the trash, and for good `days` later; `erase`: persons without a trace; `files`: of imports and exports, `days` old. */
    act: select([{ key: 'delete' }, { key: 'erase', color: 'danger' }, { key: 'files' }], { required: true, default: 'delete' }),
    object: text({ max: 60 }),
    condition: json(),
    days: integer({ required: true, default: 30 }),
    active: boolean({ default: false }),
    description: longText({ max: 1000 }),
  },
  list: { columns: ['name', 'act', 'object', 'days', 'active'], sort: ['name'] },
  form: [{ key: 'main', fields: ['name', 'act', 'object', 'condition', 'days', 'active', 'description'] }],
  quiet: true,
  unsearchable: true,
  sealed: true,
});
