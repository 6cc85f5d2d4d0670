import { boolean, dateTime, integer, manyToMany, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** A report or dashboard that goes out by the clock, to each recipient as a file with their own figures. */
export const reportSchedule = defineObject({
  key: 'reportSchedule',
  plural: 'reportSchedules',
  icon: 'calendar-event',
  title: 'name',
  owner: 'owner',
  fields: {
    name: text({ required: true, max: 120 }),
    /** Key or id of the one thing it delivers. */
    report: text({ max: 60 }),
    dashboard: text({ max: 60 }),
    format: select(['pdf', 'csv'], { required: true, default: 'pdf' }),
    every: select(['day', 'week', 'month'], { required: true, default: 'week' }),
    /** Of a week from Monday on, of a month its last one where it is shorter. */
    day: integer(),
    /** On the company's clocks. */
    at: text({ required: true, max: 5, default: '08:00' }),
    users: manyToMany({ to: 'user' }),
    /** With the teams below them. */
    teams: manyToMany({ to: 'team' }),
    active: boolean({ default: true }),
    nextAt: dateTime({ readOnly: true, index: true }),
    /** Who opens what it delivers: whoever last said what that is. */
    owner: user({ readOnly: true }),
  },
  list: { columns: ['name', 'every', 'at', 'format', 'active', 'nextAt', 'owner'], sort: ['name'] },
  form: [{ key: 'main', fields: ['name', 'format', 'every', 'day', 'at', 'users', 'teams', 'active', 'nextAt', 'owner'] }],
  unsearchable: true,
  sealed: true,
  quiet: true,
});
