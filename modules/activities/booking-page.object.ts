import { boolean, integer, json, longText, manyToMany, select, text, url, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

const minutes = (most: number, standard: number) => integer({ min: 0, max: most, default: standard });

/** An address under which everybody books a time with its hosts, by their availability. */
export const bookingPage = defineObject({
  key: 'bookingPage',
  plural: 'bookingPages',
  icon: 'calendar-plus',
  title: 'title',
  owner: 'owner',
  fields: {
    title: text({ required: true, max: 120 }),
    /** The end of its address: `/b/<slug>`. */
    slug: text({ required: true, unique: true, max: 60 }),
    intro: longText({ max: 2000 }),
    active: boolean({ default: true }),
    owner: user(),
    /** With whom; the owner where nobody is named. */
    hosts: manyToMany({ to: 'user' }),
    /** One of them, in turn, or all of them together. */
    assignment: select(['roundRobin', 'all'], { default: 'roundRobin', required: true }),
    /** Minutes; so are the others. */
    length: integer({ min: 5, max: 480, default: 30, required: true }),
    step: integer({ min: 5, max: 480, default: 30, required: true }),
    bufferBefore: minutes(480, 0),
    bufferAfter: minutes(480, 0),
    notice: minutes(43_200, 240),
    aheadDays: integer({ min: 1, max: 365, default: 60, required: true }),
    /** Bookings of a day and host. */
    mostPerDay: integer({ min: 1, max: 100 }),
    /** On whose clocks the hours are. */
    timeZone: text({ max: 60 }),
    /** Stretches by weekday, Monday as "1": `{"1": [["09:00", "12:00"]]}`. */
    hours: json(),
    /** Days with other hours, or none: `[{"day": "2026-12-24", "hours": []}]`. */
    exceptions: json(),
    place: text({ max: 300 }),
    link: url(),
    /** What else is asked: `[{"text": "…", "required": true}]`. */
    questions: json(),
  },
  list: { columns: ['title', 'slug', 'owner', 'length', 'active'], sort: ['title'] },
  form: [
    { key: 'main', fields: ['title', 'slug', 'intro', 'active', 'owner', 'hosts', 'assignment', 'place', 'link'] },
    {
      key: 'when',
      fields: ['length', 'step', 'bufferBefore', 'bufferAfter', 'notice', 'aheadDays', 'mostPerDay', 'timeZone'],
      columns: 2,
    },
  ],
  quiet: true,
  unsearchable: true,
});
