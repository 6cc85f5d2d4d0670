import type { Actor } from '#engine/access/actor.ts';
import type { RuleItem, Rules } from '#engine/record/context.ts';
import { isZone, zonesOf } from '#engine/record/zones.ts';
import { areStretches, isWeekHours } from '#kit/hours.ts';
import { isObject } from '#kit/json.ts';
import { workingHoursOf } from '#modules/workspace/index.ts';
import type { DayHours } from './slots.ts';

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$/;
/** Addresses below `/b` that are no pages. */
const RESERVED = new Set(['booking']);
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOST_EXCEPTIONS = 200;
const MOST_QUESTIONS = 10;

export interface Question {
  text: string;
  required: boolean;
}

/** Availability that can be read: stretches in order that do not overlap, days that exist, questions that ask. */
export const bookingPageRules: Rules = {
  object: 'bookingPage',
  async before({ ctx, tx, items }) {
    const written = items.filter((item) => item.op === 'create' || item.op === 'update');
    for (const item of written) if (item.op === 'create' && !item.get('owner') && ctx.actor.userId) item.set('owner', ctx.actor.userId);
    const zoneless = written.filter((item) => !item.get('timeZone'));
    const zones =
      zoneless.length > 0
        ? await zonesOf(
            tx,
            ctx,
            zoneless.map((item) => item.get('owner')),
          )
        : null;
    for (const item of zoneless) item.set('timeZone', zones?.(item.get('owner')) ?? ctx.env.timeZone);
    const hourless = written.filter((item) => !item.get('hours'));
    if (hourless.length > 0) {
      const owners = hourless.map((item) => item.get('owner')).filter((id) => typeof id === 'string');
      const works = await workingHoursOf(tx, ctx, owners);
      for (const item of hourless) item.set('hours', works(item.get('owner')).hours);
    }
    for (const item of written) {
      checkHosts(item, ctx.actor);
      checkAddress(item);
      checkHours(item);
      checkQuestions(item);
    }
  },
};

/** When somebody is free is theirs to tell: whoever keeps only pages of their own names nobody but themselves. */
function checkHosts(item: RuleItem, actor: Actor): void {
  if (actor.userId === null || actor.rights.scope('bookingPage', 'update') !== 'own') return;
  const hosts = (item.get('hosts') as { id: string }[] | null) ?? [];
  if (item.changes('hosts') && hosts.some(({ id }) => id !== actor.userId))
    item.refuse('hosts', 'denied', 'You can offer your own time. Ask whoever leads the team to name others.');
  if (item.changes('owner') && item.get('owner') !== actor.userId)
    item.refuse('owner', 'denied', 'You can offer your own time. Ask whoever leads the team to name others.');
}

function checkAddress(item: RuleItem): void {
  const slug = item.get('slug');
  if (item.changes('slug') && typeof slug === 'string' && (!SLUG.test(slug) || RESERVED.has(slug)))
    item.refuse('slug', 'slug', 'An address has small letters, digits and hyphens, such as “first-talk”.');
  const zone = item.get('timeZone');
  if (typeof zone === 'string' && !isZone(zone))
    item.refuse('timeZone', 'timeZone', `“${zone.slice(0, 60)}” is not a time zone such as Europe/Berlin.`);
}

function isDay(day: unknown): day is string {
  if (typeof day !== 'string' || !DAY.test(day)) return false;
  const at = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}

function checkHours(item: RuleItem): void {
  if (!isWeekHours(item.get('hours')))
    item.refuse('hours', 'hours', 'Hours are written as 09:00-12:00, 13:00-17:00, each after the other.');
  const exceptions = item.get('exceptions') ?? [];
  const good = (one: unknown): one is DayHours => isObject(one) && isDay(one.day) && areStretches(one.hours);
  if (!Array.isArray(exceptions) || exceptions.length > MOST_EXCEPTIONS || !exceptions.every(good))
    item.refuse('exceptions', 'hours', 'Write a day and its hours, such as 2026-12-24: closed.');
}

function checkQuestions(item: RuleItem): void {
  const questions = item.get('questions') ?? [];
  const good = (one: unknown): boolean =>
    isObject(one) && typeof one.text === 'string' && one.text.trim() !== '' && one.text.length <= 300 && typeof one.required === 'boolean';
  if (!Array.isArray(questions) || questions.length > MOST_QUESTIONS || !questions.every(good))
    item.refuse('questions', 'questions', 'At most ten questions of 300 characters each.');
}
