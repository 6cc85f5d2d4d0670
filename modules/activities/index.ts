import type { Module } from '#engine/record/module.ts';
import { cancelFollowing, changeFollowing, runCancelFollowing, runChangeFollowing } from './change-following.action.ts';
import { meeting } from './meeting.object.ts';
import { meetingRules } from './meeting.rules.ts';

/** What staff do with customers and when: meetings, the day's work, calendars. */
export const activities: Module = {
  key: 'activities',
  objects: [meeting],
  actions: [changeFollowing, cancelFollowing],
  rules: [meetingRules],
  runs: [runChangeFollowing, runCancelFollowing],
};

export { calendarRoutes } from './calendar.routes.ts';
export { readSources } from './calendar-sources.ts';
export { extendSeries } from './meeting-series.ts';
export { myDayRoutes } from './my-day.routes.ts';
