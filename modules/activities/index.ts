import type { Module } from '#engine/record/module.ts';
import { cancelFollowing, changeFollowing, runCancelFollowing, runChangeFollowing } from './change-following.action.ts';
import { meetingMeasures } from './measures.ts';
import { meeting } from './meeting.object.ts';
import { meetingRules } from './meeting.rules.ts';

/** What staff do with customers and when: meetings, the day's work, calendars. */
export const activities: Module = {
  key: 'activities',
  objects: [meeting],
  actions: [changeFollowing, cancelFollowing],
  measures: meetingMeasures,
  rules: [meetingRules],
  runs: [runChangeFollowing, runCancelFollowing],
};

export { dropFeed, feedOf, makeFeed, meetingAsCalendar, readFeed } from './calendar-feed.ts';
export { addSource, eventsBetween, readSources, removeSource, sourcesOf } from './calendar-sources.ts';
export { extendSeries } from './meeting-series.ts';
export { myDay, QUIET_DAYS } from './my-day.ts';
