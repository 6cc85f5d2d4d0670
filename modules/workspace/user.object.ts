import { boolean, date, email, json, language, manyToMany, percent, reference, tags, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** A member of staff. Those without e-mail and password cannot sign in, but can own records and be named. */
export const user = defineObject({
  key: 'user',
  plural: 'users',
  icon: 'user',
  title: 'name',
  subtitle: 'email',
  fields: {
    name: text({ required: true, search: 'title', max: 200 }),
    email: email({ unique: true, search: 'words' }),
    jobTitle: text({ max: 200 }),
    team: reference({ to: 'team', inverse: 'members' }),
    roles: manyToMany({ to: 'role' }),
    active: boolean({ default: true }),
    language: language(),
    timeZone: text({ max: 60 }),
    /** Stretches by weekday on the clocks of their zone, Monday as "1"; the company's where there are none (`working-hours.ts`). */
    workingHours: json(),
    // What rules that give out work go by (`assignment/`): the last day of an absence, what somebody can, how much of a full load is theirs.
    awayUntil: date(),
    skills: tags(),
    capacity: percent(),
  },
  list: { columns: ['name', 'email', 'team', 'roles', 'active'], sort: ['name'] },
  form: [
    { key: 'main', fields: ['name', 'email', 'jobTitle', 'team', 'roles', 'active', 'language', 'timeZone'] },
    { key: 'work', fields: ['awayUntil', 'skills', 'capacity'] },
  ],
});
