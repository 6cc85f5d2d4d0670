import { defineMeasure, type Measure } from '#engine/declare/measure.ts';

const meetings = (key: string, status: string, better: 'more' | 'less'): Measure =>
  defineMeasure({
    key,
    object: 'meeting',
    at: 'start',
    where: { field: 'status', op: 'eq', value: status },
    value: { op: 'count' },
    unit: 'count',
    dimensions: ['owner', 'owner.team', 'outcome', 'party', 'party.territory', 'opportunity'],
    better,
  });

/** Meetings by when they were. */
export const meetingMeasures: readonly Measure[] = [
  meetings('meetingsHeld', 'held', 'more'),
  meetings('meetingsMissed', 'missed', 'less'),
  meetings('meetingsCancelled', 'cancelled', 'less'),
  // By when they were booked, not by when they are.
  defineMeasure({
    key: 'meetingsBooked',
    object: 'meeting',
    at: 'createdAt',
    where: { field: 'bookingPage', op: 'isNotEmpty' },
    value: { op: 'count' },
    unit: 'count',
    dimensions: ['bookingPage', 'owner', 'owner.team', 'status', 'party', 'party.territory'],
    better: 'more',
  }),
];
