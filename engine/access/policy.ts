import type { BoundField, RolledUp } from '#engine/declare/field.ts';
import { linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import { type Model, targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { and, type Params } from '#engine/store/sql.ts';
import { denied, notFound } from '#kit/errors.ts';
import { type Actor, SCOPES, type Verb } from './actor.ts';

/** Why somebody reaches a record: what the branch of a scope asks. */
export const GROUNDS = ['everything', 'owner', 'teamOwner', 'accountTeam', 'partyAccountTeam', 'partyOwner', 'party'] as const;
export type Ground = (typeof GROUNDS)[number];

/** One way to reach records of an object: the ground, and its condition on the alias `t`. */
export interface Branch {
  ground: Ground;
  sql: string;
}

/**
 * The one check-point: what an actor may reach, as conditions of the statement itself. A scope compiles to a list of
 * branches (conditions on the alias `t`); an empty list means everything, null means nothing. Lists merge the branches as
 * ordered ranges, everything else joins them by `or`; the same branches tell why somebody sees a record (`record/why.ts`).
 */
export function scopeGrounds(model: Model, actor: Actor, object: ModelObject, verb: Verb, t: string, params: Params): Branch[] | null {
  const scope = actor.rights.scope(object.key, verb);
  if (scope === 'none') return null;
  if (scope === 'all' || actor.userId === null) return [];
  if (!object.owner && !object.party) return [];
  const me = () => params.add(actor.userId, 'uuid');
  const branches: Branch[] = [];
  const add = (ground: Ground, sql: string) => branches.push({ ground, sql });
  if (object.owner) {
    const owner = `${t}.${object.fields.get(object.owner)?.column}_id`;
    add('owner', `${owner} = ${me()}`);
    if (scope === 'team' && actor.teamIds.length > 0)
      add('teamOwner', `${owner} = any(array(select m.id from users m where m.team_id = any(${params.add(actor.teamIds, 'uuid[]')})))`);
  }
  if (object.team) {
    const team = object.fields.get(object.team);
    if (team) add('accountTeam', `${t}.id = any(array(select l.from_id from ${linkTable(team)} l where l.to_id = ${me()}))`);
  }
  if (object.party) {
    const party = object.fields.get(object.party);
    const target = model.object((party && targetOf(party)) ?? '');
    const column = `${t}.${party?.column}_id`;
    if (object.owner) {
      const accountTeam = target.team ? target.fields.get(target.team) : undefined;
      if (accountTeam)
        add('partyAccountTeam', `${column} = any(array(select l.from_id from ${linkTable(accountTeam)} l where l.to_id = ${me()}))`);
      // Whoever looks after a party reads all that is known about it, whoever wrote it down (requirement A5): the successor, too.
      const owner = target.owner ? target.fields.get(target.owner) : undefined;
      if (verb === 'read' && owner)
        add(
          'partyOwner',
          `${column} = any(array(select op.id from ${target.table} op where op.${owner.column}_id = ${me()} and op.deleted_at is null))`,
        );
    } else {
      // Without an owner of its own a record follows its party.
      const inherited = { ...actor, rights: { ...actor.rights, scope: () => scope } };
      const inner = scopeGrounds(model, inherited, target, verb, 'sp', params);
      if (inner && inner.length > 0)
        add(
          'party',
          `exists (select 1 from ${target.table} sp where sp.id = ${column} and (${inner.map((branch) => branch.sql).join(' or ')}))`,
        );
    }
  }
  return branches;
}

/** The conditions of the branches alone. */
export const scopeBranches = (model: Model, actor: Actor, object: ModelObject, verb: Verb, t: string, params: Params): string[] | null =>
  scopeGrounds(model, actor, object, verb, t, params)?.map((branch) => branch.sql) ?? null;

/** A scope as one condition on `t`: null when everything is allowed, `false` when nothing is. */
export function scopeCondition(model: Model, actor: Actor, object: ModelObject, verb: Verb, t: string, params: Params): string | null {
  const branches = scopeBranches(model, actor, object, verb, t, params);
  if (branches === null) return 'false';
  if (branches.length === 0) return null;
  return branches.length === 1 ? and(branches) : `(${branches.join(' or ')})`;
}

/** Whether an actor may know that a field exists and what it holds. */
export function mayReadField(actor: Actor, object: Pick<ModelObject, 'key'>, field: BoundField): boolean {
  if (actor.rights.scope(object.key, 'read') === 'none' || actor.rights.field(object.key, field.key) === 'hidden') return false;
  if (field.derived === undefined) return true;
  // Who reads a formula learns of all it looks at; of records that they may not read it is told nothing (`SqlContext.visible`).
  return field.derived.kind === 'formula'
    ? field.derived.uses.every((use) => mayReadField(actor, use.object, use.field))
    : mayReadDerived(actor, object, field.derived);
}

/**
 * Who reads a figure learns of what it is reckoned from. So they must know the fields it looks at, and, unless it is declared to
 * be open to whoever reads the record, must for every record that they read be able to read all those behind it.
 */
function mayReadDerived({ rights }: Actor, object: Pick<ModelObject, 'key'>, derived: RolledUp): boolean {
  if (derived.reads.some((read) => rights.scope(read.object, 'read') === 'none' || rights.field(read.object, read.field) === 'hidden'))
    return false;
  if (derived.open) return true;
  const near = rights.scope(object.key, 'read');
  return derived.reads.every(({ object: key }) => {
    const scope = rights.scope(key, 'read');
    if (scope === 'all') return true;
    if (key !== derived.source || derived.follows === null || SCOPES.indexOf(near) > SCOPES.indexOf(scope)) return false;
    return derived.follows === 'party' || near === 'own';
  });
}

/** Whether an actor may write a field (that the declaration itself does not reserve). */
export const mayWriteField = (actor: Actor, object: ModelObject, field: BoundField): boolean =>
  actor.rights.field(object.key, field.key) === null;

/** Refuses unless the actor has some right to `verb` on the object: unreadable objects do not exist, others are denied. */
export function requireVerb(actor: Actor, object: ModelObject, verb: Verb): void {
  if (actor.rights.scope(object.key, 'read') === 'none') throw notFound('There is no such address.');
  if (actor.rights.scope(object.key, verb) === 'none') throw denied(`Your roles do not let you ${verb} ${object.plural}.`);
}
