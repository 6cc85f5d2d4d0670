import type { Model } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Params } from '#engine/store/sql.ts';
import type { Actor, Verb } from './actor.ts';

/**
 * Single records that were given to somebody (the object `share`). A share opens what somebody's roles reach at all: it widens
 * which records, never which objects or fields. Its end is asked each time, so what has run out opens nothing from that moment on.
 */

/** SQL: a share is in force. */
export const inForce = (s: string): string => `${s}.deleted_at is null and (${s}.until is null or ${s}.until > now())`;

/** Which levels open a record for a verb; none for what a share never gives. */
function levelsFor(verb: Verb): string | null {
  if (verb === 'delete') return null;
  return verb === 'read' ? `in ('read', 'write')` : `= 'write'`;
}

/** Whether single records of this object can be shared: those that are not open to everyone who reads any. */
export const isShareable = (object: ModelObject): boolean =>
  (object.owner !== undefined || object.party !== undefined) && object.about === undefined;

/** SQL: the ids of records of an object that are shared with an actor for a verb; null where there are none. */
export function sharedIds(model: Model, actor: Actor, object: ModelObject, verb: Verb, params: Params): string | null {
  const levels = levelsFor(verb);
  if (levels === null || actor.userId === null || !isShareable(object) || !model.objects.has('share')) return null;
  const given = `s.object = '${object.key}' and s.level ${levels} and ${inForce('s')}`;
  const mine = `select s.record from shares s where s.user_id = ${params.add(actor.userId, 'uuid')} and ${given}`;
  const teams =
    actor.teamIds.length > 0
      ? ` union all select s.record from shares s where s.team_id = any(${params.add(actor.teamIds, 'uuid[]')}) and ${given}`
      : '';
  return `any(array(${mine}${teams}))`;
}

/** SQL: when the last of the shares of one record (an SQL value) that open it to an actor ends; null where one has no end. */
export function sharedUntil(actor: Actor, object: ModelObject, record: string, verb: Verb, params: Params): string {
  const mine = `s.user_id = ${params.add(actor.userId, 'uuid')} or s.team_id = any(${params.add(actor.teamIds, 'uuid[]')})`;
  return `(select nullif(max(coalesce(s.until, 'infinity')), 'infinity') from shares s where s.object = '${object.key}' and s.record = ${record} and s.level ${levelsFor(verb)} and ${inForce('s')} and (${mine}))`;
}

/** SQL: lexemes of those with whom a record is shared. */
export const shareLexemes = (object: string, id: string): string =>
  `array(select coalesce('o:' || s.user_id, 's:' || s.team_id) from shares s where s.object = '${object}' and s.record = ${id} and ${inForce('s')})`;
