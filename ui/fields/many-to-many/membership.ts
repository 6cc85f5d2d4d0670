import { dayOf, formatDate, instantOf } from '../../format.ts';
import { isObject } from '../../wire.ts';
import { useWords } from '../../words.ts';

/** When a link holds and what it opens, where its field says that links begin and end. */
export interface Membership {
  since: string | null;
  until: string | null;
  level: 'read' | 'write';
}

export function readMembership(wire: unknown): Membership {
  const moment = (key: 'since' | 'until'): string | null => (isObject(wire) && typeof wire[key] === 'string' ? wire[key] : null);
  return { since: moment('since'), until: moment('until'), level: isObject(wire) && wire.level === 'read' ? 'read' : 'write' };
}

/** Whether a membership is over: it opens nothing any more. */
export const isOver = ({ until }: Membership, now = Date.now()): boolean => until !== null && Date.parse(until) <= now;

/** The first and the last moment of a day where the reader is. */
export const startOf = (day: string): string => instantOf(new Date(`${day}T00:00:00`));
export const endOf = (day: string): string => instantOf(new Date(`${day}T23:59:59`));

/** What is out of the ordinary in a membership, in words: that it opens reading alone, that it is still to come, that it ends or ended. */
export function useMembershipWords(): (membership: Membership) => string[] {
  const { t } = useWords();
  return ({ since, until, level }) => [
    ...(level === 'read' ? [t('membership.reads')] : []),
    ...(since && Date.parse(since) > Date.now() ? [t('membership.fromDay', { day: formatDate(dayOf(since)) })] : []),
    ...(until ? [t(Date.parse(until) > Date.now() ? 'share.untilDay' : 'share.ended', { day: formatDate(dayOf(until)) })] : []),
  ];
}
