import type { BoundField, RolledUp } from '#engine/declare/field.ts';
import { type Model, targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Params } from '#engine/store/sql.ts';
import { denied, notFound } from '#kit/errors.ts';
import { type Actor, FEW, SCOPES, type Verb } from './actor.ts';
import { servedIds, servedUntil } from './members.ts';
import { isShareable, sharedIds, sharedUntil } from './shares.ts';

/** Why somebody reaches a record: what the branch of a scope asks. */
export const GROUNDS = [
  'everything',
  'owner',
  'teamOwner',
  'territory',
  'accountTeam',
  'shared',
  'partyAccountTeam',
  'partyTerritory',
  'partyOwner',
  'partyShared',
  'party',
  'about',
] as const;
export type Ground = (typeof GROUNDS)[number];

/** One way to reach records of an object: the ground, and its condition on the alias `t`. */
export interface Branch {
  ground: Ground;
  sql: string;
  /** SQL: when what was given for a while ends, null where it has no end; made only where it is asked for. */
  until?: () => string | null;
}

interface GroundOptions {
  /** Leaves out what was shared: who was given a record cannot give it on. */
  ofOwnRight?: boolean;
  /** A branch for each value where there are few, so that each is a range of an index in the order of a list. */
  each?: boolean;
}

/**
 * The one check-point: what an actor may reach, as conditions of the statement itself. A scope compiles to a list of
 * branches (conditions on the alias `t`); an empty list means everything, null means nothing. Lists merge the branches as
 * ordered ranges, everything else joins them by `or`; the same branches tell why somebody sees a record (`record/why.ts`).
 */
export function scopeGrounds(
  model: Model,
  actor: Actor,
  object: ModelObject,
  verb: Verb,
  t: string,
  params: Params,
  o: GroundOptions = {},
): Branch[] | null {
  const scope = actor.rights.scope(object.key, verb);
  if (scope === 'none') return null;
  if (actor.userId === null) return [];
  if (object.about) return aboutGrounds(model, actor, object, verb, t, params);
  if (scope === 'all') return [];
  if (!object.owner && !object.party) return [];
  const me = () => params.add(actor.userId, 'uuid');
  const branches: Branch[] = [];
  const add = (ground: Ground, sql: string, until?: Branch['until']) => branches.push({ ground, sql, ...(until ? { until } : {}) });
  if (object.owner) {
    const owner = `${t}.${object.fields.get(object.owner)?.column}_id`;
    add('owner', `${owner} = ${me()}`);
    if (scope !== 'own' && o.each && actor.teamUserIds)
      for (const id of actor.teamUserIds) if (id !== actor.userId) add('teamOwner', `${owner} = ${params.add(id, 'uuid')}`);
    if (scope !== 'own' && actor.teamIds.length > 0 && !(o.each && actor.teamUserIds))
      add('teamOwner', `${owner} = any(array(select m.id from users m where m.team_id = any(${params.add(actor.teamIds, 'uuid[]')})))`);
  }
  if (object.team) {
    const team = object.fields.get(object.team);
    if (team) add('accountTeam', `${t}.id = ${servedIds(team, me(), verb)}`, () => servedUntil(team, `${t}.id`, me, verb));
  }
  const inMine = (of: ModelObject, alias: string): string | null => {
    const field = of.territory ? of.fields.get(of.territory) : undefined;
    if (scope !== 'territory' || !field || actor.territoryIds.length === 0) return null;
    return `${alias}.${field.column}_id = any(${params.add(actor.territoryIds, 'uuid[]')})`;
  };
  const place = object.territory ? object.fields.get(object.territory) : undefined;
  if (o.each && scope === 'territory' && place && actor.territoryIds.length <= FEW)
    for (const id of actor.territoryIds) add('territory', `${t}.${place.column}_id = ${params.add(id, 'uuid')}`);
  else {
    const mine = inMine(object, t);
    if (mine) add('territory', mine);
  }
  const shared = o.ofOwnRight ? null : sharedIds(model, actor, object, verb, params);
  if (shared) add('shared', `${t}.id = ${shared}`, () => sharedUntil(actor, object, `${t}.id`, verb, params));
  if (object.party) {
    const party = object.fields.get(object.party);
    const target = model.object((party && targetOf(party)) ?? '');
    const column = `${t}.${party?.column}_id`;
    if (object.owner) {
      const accountTeam = target.team ? target.fields.get(target.team) : undefined;
      if (accountTeam)
        add('partyAccountTeam', `${column} = ${servedIds(accountTeam, me(), verb)}`, () => servedUntil(accountTeam, column, me, verb));
      const inTerritory = inMine(target, 'tp');
      if (inTerritory) add('partyTerritory', `exists (select 1 from ${target.table} tp where tp.id = ${column} and ${inTerritory})`);
      // Whoever looks after a party reads all that is known about it, whoever wrote it down (requirement A5): the successor, too.
      const owner = target.owner ? target.fields.get(target.owner) : undefined;
      if (verb === 'read' && owner)
        add(
          'partyOwner',
          `${column} = any(array(select op.id from ${target.table} op where op.${owner.column}_id = ${me()} and op.deleted_at is null))`,
        );
      // So does whoever was given the party.
      const given = verb === 'read' && !o.ofOwnRight ? sharedIds(model, actor, target, verb, params) : null;
      if (given) add('partyShared', `${column} = ${given}`, () => sharedUntil(actor, target, column, verb, params));
    } else {
      // Without an owner of its own a record follows its party.
      const inherited = { ...actor, rights: { ...actor.rights, scope: () => scope } };
      const inner = scopeGrounds(model, inherited, target, verb, 'sp', params, { ofOwnRight: o.ofOwnRight });
      if (inner && inner.length > 0)
        add(
          'party',
          `exists (select 1 from ${target.table} sp where sp.id = ${column} and (${inner.map((branch) => branch.sql).join(' or ')}))`,
        );
    }
  }
  return branches;
}

/**
 * What is about single records of any object is reached through those records: read by who reads them, written by who may change
 * them without somebody's share.
 */
function aboutGrounds(model: Model, actor: Actor, object: ModelObject, verb: Verb, t: string, params: Params): Branch[] | null {
  const name = `${t}.${object.fields.get(object.about?.object ?? '')?.column}`;
  const record = `${t}.${object.fields.get(object.about?.record ?? '')?.column}`;
  const open: string[] = [];
  const narrow: string[] = [];
  for (const far of model.objects.values()) {
    if (!isShareable(far)) continue;
    const branches = scopeGrounds(model, actor, far, verb === 'read' ? 'read' : 'update', 'fr', params, { ofOwnRight: verb !== 'read' });
    if (branches === null) continue;
    if (branches.length === 0) open.push(far.key);
    else
      narrow.push(
        `${name} = '${far.key}' and exists (select 1 from ${far.table} fr where fr.id = ${record} and (${branches.map((branch) => branch.sql).join(' or ')}))`,
      );
  }
  const conditions = [...(open.length > 0 ? [`${name} in (${open.map((key) => `'${key}'`).join(', ')})`] : []), ...narrow];
  return conditions.length > 0 ? [{ ground: 'about', sql: `(${conditions.map((one) => `(${one})`).join(' or ')})` }] : null;
}

/** The conditions of the branches alone, for lists that merge them. */
export const scopeBranches = (model: Model, actor: Actor, object: ModelObject, verb: Verb, t: string, params: Params): string[] | null =>
  scopeGrounds(model, actor, object, verb, t, params, { each: true })?.map((branch) => branch.sql) ?? null;

/** A scope as one condition on `t`: null when everything is allowed, `false` when nothing is. */
export const scopeCondition = (model: Model, actor: Actor, object: ModelObject, verb: Verb, t: string, params: Params): string | null =>
  joined(scopeGrounds(model, actor, object, verb, t, params));

/** A scope as one condition, but for what was shared: null when everything is allowed, `false` when nothing is. */
export const ownRightCondition = (model: Model, actor: Actor, object: ModelObject, verb: Verb, t: string, params: Params): string | null =>
  joined(scopeGrounds(model, actor, object, verb, t, params, { ofOwnRight: true }));

function joined(branches: Branch[] | null): string | null {
  if (branches === null) return 'false';
  if (branches.length === 0) return null;
  return branches.length === 1 ? (branches[0]?.sql ?? null) : `(${branches.map((branch) => branch.sql).join(' or ')})`;
}

/** Whether an actor may know that a field exists and what it holds. */
export function mayReadField(actor: Actor, object: Pick<ModelObject, 'key'>, field: BoundField): boolean {
  if (actor.rights.scope(object.key, 'read') === 'none' || actor.rights.field(object.key, field.key) === 'hidden') return false;
  if (field.knownWith !== undefined) {
    const [copied = '', original = ''] = field.knownWith.split('.');
    if (actor.rights.scope(copied, 'read') === 'none' || actor.rights.field(copied, original) === 'hidden') return false;
  }
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
function mayReadDerived(actor: Actor, object: Pick<ModelObject, 'key'>, derived: RolledUp): boolean {
  const { rights } = actor;
  if (derived.reads.some((read) => rights.scope(read.object, 'read') === 'none' || rights.field(read.object, read.field) === 'hidden'))
    return false;
  return derived.open || readsAllBehind(actor, object, derived);
}

/**
 * Whether an actor can read, for every record that they read, all those behind a figure of it: then what they would count
 * themselves is the figure.
 */
export function readsAllBehind({ rights }: Actor, object: Pick<ModelObject, 'key'>, derived: RolledUp): boolean {
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

/** Refuses a key that reads records only: it does not change what is no record of its own either. */
export function requireWritingKey(model: Model, actor: Actor): void {
  const writes = () => [...model.objects.keys()].some((key) => actor.rights.scope(key, 'update') !== 'none');
  if (actor.kind === 'apiKey' && !writes()) throw denied('This key only reads.');
}
