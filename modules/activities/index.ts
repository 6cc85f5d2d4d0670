import type { Module } from '#engine/record/module.ts';
import { bookingPage } from './booking-page.object.ts';
import { bookingPageRules } from './booking-page.rules.ts';
import { callList, callListEntry } from './call-list.object.ts';
import { addToCallList, runAddToCallList } from './call-list-fill.ts';
import { cancelFollowing, changeFollowing, runCancelFollowing, runChangeFollowing } from './change-following.action.ts';
import { logCallOutcome, runLogCallOutcome } from './log-outcome.ts';
import { meetingMeasures } from './measures.ts';
import { meeting } from './meeting.object.ts';
import { meetingRules } from './meeting.rules.ts';

/** What staff do with customers and when: meetings, the day's work, calendars. */
export const activities: Module = {
  key: 'activities',
  objects: [meeting, bookingPage, callList, callListEntry],
  actions: [changeFollowing, cancelFollowing, addToCallList, logCallOutcome],
  measures: meetingMeasures,
  rules: [meetingRules, bookingPageRules],
  runs: [runChangeFollowing, runCancelFollowing, runAddToCallList, runLogCallOutcome],
};

export { type Booking, book, bookingCalendar, bookingOf, cancelBooking, isOpen, moveBooking } from './booking.ts';
export { type BookingPage, freeSlots, pageBy } from './booking-free.ts';
export { dropFeed, feedOf, makeFeed, meetingAsCalendar, readFeed, userOf } from './calendar-feed.ts';
export { addSource, eventsBetween, readSources, removeSource, sourcesOf } from './calendar-sources.ts';
export { fillCallList } from './call-list-fill.ts';
export { callLists, nextCall, releaseCalls } from './call-next.ts';
export { undoOutcome } from './log-outcome.ts';
export { extendSeries } from './meeting-series.ts';
export { myDay, QUIET_DAYS } from './my-day.ts';
export { choosePeople, freeTogether, MOST_DAYS, MOST_PEOPLE, teamCalendar } from './team-calendar.ts';
