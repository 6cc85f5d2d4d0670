import type { Predicate } from '#engine/declare/condition.ts';
import {
  boolean,
  date,
  dateTime,
  longText,
  manyToMany,
  recurrence,
  reference,
  select,
  tags,
  text,
  url,
  user,
} from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** What somebody who was asked said. */
const ANSWERS = ['invited', 'accepted', 'tentative', 'declined'];

const PLANNED: Predicate = { field: 'status', op: 'eq', value: 'planned' };

/**
 * People at one time. What was held stands in the customer's timeline as an interaction, which follows the meeting; the meeting itself
 * does not stand there beside it.
 */
export const meeting = defineObject({
  key: 'meeting',
  plural: 'meetings',
  icon: 'calendar-event',
  title: 'subject',
  party: 'party',
  personal: true,
  owner: 'owner',
  team: 'colleagues',
  fields: {
    subject: text({ required: true, search: 'title', max: 300 }),
    status: select([{ key: 'planned' }, { key: 'held', color: 'good' }, { key: 'missed', color: 'warning' }, { key: 'cancelled' }], {
      default: 'planned',
      required: true,
    }),
    allDay: boolean({ default: false }),
    /** The days it lies on where its organiser is; of a whole day they say when it is, everywhere. */
    startsOn: date({ shownWhen: { field: 'allDay', op: 'eq', value: true } }),
    endsOn: date({ shownWhen: { field: 'allDay', op: 'eq', value: true } }),
    start: dateTime({ required: true, index: true }),
    end: dateTime(),
    /** On whose clocks it repeats. */
    timeZone: text({ max: 60 }),
    place: text({ max: 300 }),
    link: url(),
    party: reference({ to: 'party', inverse: 'meetings' }),
    opportunity: reference({ to: 'opportunity', inverse: 'meetings' }),
    owner: user({ inverse: 'meetings' }),
    colleagues: manyToMany({ to: 'user', roles: ANSWERS }),
    guests: manyToMany({ to: 'party', roles: ANSWERS }),
    /** E-mail addresses of others who take part. */
    others: tags({ personal: true }),
    reminder: select(['onTime', 'minutes10', 'minutes30', 'hour', 'day', 'week'], { default: 'minutes10' }),
    repeats: recurrence(),
    /** Of what repeats: the first of the row, when the row began, and the moment in it that this one stands for. */
    series: reference({ to: 'meeting', readOnly: true }),
    seriesSince: dateTime({ readOnly: true }),
    seriesAt: dateTime({ readOnly: true }),
    description: longText(),
    outcome: select([
      { key: 'resolved', color: 'good' },
      { key: 'followUp', color: 'warning' },
      { key: 'unresolved', color: 'danger' },
      { key: 'purchase' },
    ]),
    notes: longText(),
    /** Under which page a guest booked it. */
    bookingPage: reference({ to: 'bookingPage', readOnly: true }),
    /** What stands in the timeline of the customer. */
    interaction: reference({ to: 'interaction', readOnly: true }),
  },
  indexes: [['owner', 'start'], ['series']],
  overview: {
    section: { key: 'meetings', columns: ['subject', 'start', 'place', 'owner'], sort: ['start'], where: PLANNED },
  },
  brief: {
    lists: [{ key: 'meetings', columns: ['subject', 'start', 'place', 'owner'], sort: ['start'], where: PLANNED }],
  },
  handOver: { all: [PLANNED, { field: 'start', op: 'gte', value: 'now' }] },
  list: { columns: ['subject', 'start', 'end', 'party', 'owner', 'place', 'status'], sort: ['-start'] },
  form: [
    { key: 'main', fields: ['subject', 'party', 'opportunity', 'owner', 'place', 'link'] },
    { key: 'when', fields: ['start', 'end', 'allDay', 'startsOn', 'endsOn', 'reminder', 'repeats', 'timeZone'], columns: 2 },
    { key: 'who', fields: ['colleagues', 'guests', 'others'] },
    { key: 'after', fields: ['status', 'outcome', 'notes', 'description'] },
  ],
});
