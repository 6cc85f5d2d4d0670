import type { BoundField } from '#engine/declare/field.ts';
import { linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import { holdsNow, membershipOf } from '#engine/declare/fields/many-to-many/membership.ts';
import type { Verb } from './actor.ts';

/**
 * Who is in the account team of a record (`team` of its declaration). A membership may begin, end, and open reading alone; when it
 * holds is asked each time by the statement itself, so it opens nothing before it began and nothing from the moment it is over.
 */

/** SQL: the ids of records in whose team somebody (a parameter) is, as far as the membership opens what is asked. */
export const servedIds = (team: BoundField, me: string, verb: Verb): string =>
  `any(array(select l.from_id from ${linkTable(team)} l where l.to_id = ${me} and ${holdsNow(team, 'l')}${membershipOf(team) && verb !== 'read' ? ` and l.level = 'write'` : ''}))`;

/** SQL: when what the team opens to somebody ends; null where it does not. */
export const servedUntil = (team: BoundField, record: string, me: () => string, verb: Verb): string | null =>
  membershipOf(team)
    ? `(select nullif(max(coalesce(l.until, 'infinity')), 'infinity') from ${linkTable(team)} l where l.from_id = ${record} and l.to_id = ${me()} and ${holdsNow(team, 'l')}${verb === 'read' ? '' : ` and l.level = 'write'`})`
    : null;

/** SQL: lexemes of the members of a record's team, those to come too: the last select of a search asks when they begin. */
export const memberLexemes = (team: BoundField, record: string): string =>
  `array(select 'o:' || l.to_id from ${linkTable(team)} l where l.from_id = ${record}${membershipOf(team) ? ' and (l.until is null or l.until > now())' : ''})`;
