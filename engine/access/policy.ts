import type { BoundField } from '#engine/declare/field.ts';
import { linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import { type Model, targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { and, type Params } from '#engine/store/sql.ts';
import { denied, notFound } from '#kit/errors.ts';
import type { Actor, Verb } from './actor.ts';

/**
 * The one check-point: what an actor may reach, as conditions of the statement itself. A scope compiles to a list of
 * branches (conditions on the alias `t`); an empty list means everything, null means nothing. Lists merge the branches as
 * ordered ranges, everything else joins them by `or`.
 */
export function scopeBranches(model: Model, actor: Actor, object: ModelObject, verb: Verb, t: string, params: Params): string[] | null {
  const scope = actor.rights.scope(object.key, verb);
  if (scope === 'none') return null;
  if (scope === 'all' || actor.userId === null) return [];
  if (!object.owner && !object.party) return [];
  const me = () => params.add(actor.userId, 'uuid');
  const branches: string[] = [];
  if (object.owner) {
    const owner = `${t}.${object.fields.get(object.owner)?.column}_id`;
    branches.push(`${owner} = ${me()}`);
    if (scope === 'team' && actor.teamIds.length > 0)
      branches.push(`${owner} = any(array(select m.id from users m where m.team_id = any(${params.add(actor.teamIds, 'uuid[]')})))`);
  }
  if (object.team) {
    const team = object.fields.get(object.team);
    if (team) branches.push(`${t}.id = any(array(select l.from_id from ${linkTable(team)} l where l.to_id = ${me()}))`);
  }
  if (object.party) {
    const party = object.fields.get(object.party);
    const target = model.object((party && targetOf(party)) ?? '');
    const column = `${t}.${party?.column}_id`;
    if (object.owner) {
      const accountTeam = target.team ? target.fields.get(target.team) : undefined;
      if (accountTeam) branches.push(`${column} = any(array(select l.from_id from ${linkTable(accountTeam)} l where l.to_id = ${me()}))`);
      // Whoever looks after a party reads all that is known about it, whoever wrote it down (requirement A5): the successor, too.
      const owner = target.owner ? target.fields.get(target.owner) : undefined;
      if (verb === 'read' && owner)
        branches.push(
          `${column} = any(array(select op.id from ${target.table} op where op.${owner.column}_id = ${me()} and op.deleted_at is null))`,
        );
    } else {
      // Without an owner of its own a record follows its party.
      const inherited = { ...actor, rights: { ...actor.rights, scope: () => scope } };
      const inner = scopeBranches(model, inherited, target, verb, 'sp', params);
      if (inner && inner.length > 0)
        branches.push(`exists (select 1 from ${target.table} sp where sp.id = ${column} and (${inner.join(' or ')}))`);
    }
  }
  return branches;
}

/** A scope as one condition on `t`: null when everything is allowed, `false` when nothing is. */
export function scopeCondition(model: Model, actor: Actor, object: ModelObject, verb: Verb, t: string, params: Params): string | null {
  const branches = scopeBranches(model, actor, object, verb, t, params);
  if (branches === null) return 'false';
  if (branches.length === 0) return null;
  return branches.length === 1 ? and(branches) : `(${branches.join(' or ')})`;
}

/** Whether an actor may know that a field exists and what it holds. */
export const mayReadField = (actor: Actor, object: ModelObject, field: BoundField): boolean =>
  actor.rights.scope(object.key, 'read') !== 'none' && actor.rights.field(object.key, field.key) !== 'hidden';

/** Whether an actor may write a field (that the declaration itself does not reserve). */
export const mayWriteField = (actor: Actor, object: ModelObject, field: BoundField): boolean =>
  actor.rights.field(object.key, field.key) === null;

/** Refuses unless the actor has some right to `verb` on the object: unreadable objects do not exist, others are denied. */
export function requireVerb(actor: Actor, object: ModelObject, verb: Verb): void {
  if (actor.rights.scope(object.key, 'read') === 'none') throw notFound('There is no such address.');
  if (actor.rights.scope(object.key, verb) === 'none') throw denied(`Your roles do not let you ${verb} ${object.plural}.`);
}
