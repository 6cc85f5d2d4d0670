import { boolean, dateTime, decimal, json, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** A figure that somebody wants to be told of: once when it goes past a bound, and again after it has come back. */
export const measureAlert = defineObject({
  key: 'measureAlert',
  plural: 'measureAlerts',
  icon: 'bell-ringing',
  title: 'name',
  owner: 'owner',
  fields: {
    name: text({ required: true, search: 'title', max: 120 }),
    owner: user(),
    measure: text({ required: true, max: 60 }),
    /** What the measured records have to meet. */
    filter: json(),
    /** The days that count; a measure of how things stand now has none. */
    period: json(),
    /** `change`: by more than so much of what it was in the period before, 0.2 for a fifth. */
    bound: select(['above', 'below', 'change'], { required: true, default: 'below' }),
    threshold: decimal({ required: true }),
    active: boolean({ default: true }),
    /** Past its bound when it was last looked at. */
    met: boolean({ readOnly: true }),
    metAt: dateTime({ readOnly: true }),
  },
  list: { columns: ['name', 'measure', 'bound', 'threshold', 'active', 'met', 'metAt'], sort: ['name'] },
  form: [{ key: 'main', fields: ['name', 'measure', 'bound', 'threshold', 'active', 'owner', 'met', 'metAt'] }],
  unsearchable: true,
  sealed: true,
  quiet: true,
});
