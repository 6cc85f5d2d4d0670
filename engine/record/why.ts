import { type Actor, mergeRights, type Rights, type Scope, VERBS, type Verb } from '#engine/access/actor.ts';
import { type Ground, scopeGrounds } from '#engine/access/policy.ts';
import { loadActor } from '#engine/access/sign-in.ts';
import { instantText } from '#engine/declare/field.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { Params } from '#engine/store/sql.ts';
import { denied, invalid } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import type { Context } from './context.ts';
import { readOne } from './read.ts';

/** What somebody may do with one record, and why. */
export interface Reach {
  allowed: boolean;
  /** How far their roles reach together. */
  scope: Scope;
  /** Roles that give this scope, by name. */
  roles: string[];
  /** What makes the record fall within it; empty where nothing does. */
  grounds: Ground[];
  /** When all of that ends, where it was given for a while only. */
  until: string | null;
}

export interface AccessAnswer {
  user: { id: string; name: string };
  /** Users who left have no rights at all. */
  active: boolean;
  roles: { key: string; name: string }[];
  verbs: Record<Exclude<Verb, 'create'>, Reach>;
  /** Fields that all their roles hold back. */
  fields: { field: string; right: 'hidden' | 'readOnly' }[];
}

const ASKED = VERBS.filter((verb): verb is Exclude<Verb, 'create'> => verb !== 'create');

/**
 * Why a user can or cannot see, change and delete a record. Anybody asks about themselves, administrators about everyone; the
 * asker must read the record. The answer is told by the very conditions that statements are made of.
 */
export async function explainAccess(ctx: Context, object: ModelObject, id: string, user: string | undefined): Promise<AccessAnswer> {
  await readOne(ctx, object, id, ['id']);
  const asked = user ?? ctx.actor.userId;
  if (asked === null || !isId(asked))
    throw invalid('Whose access?', [{ path: 'user', code: 'required', detail: 'Send the id of a user.' }]);
  if (asked !== ctx.actor.userId && !ctx.actor.rights.may('administer')) throw denied('Your roles let you ask about your own access only.');
  const [person] = await ctx.db.query<{ id: string; name: string; roles: { key: string; name: string; rights: Rights }[] }>(
    `select u.id, u.name, coalesce((select json_agg(json_build_object('key', r.key, 'name', r.name, 'rights', r.rights) order by r.name)
         from users_roles l join roles r on r.id = l.to_id and r.deleted_at is null where l.from_id = u.id), '[]') as roles
     from users u where u.id = $1::uuid`,
    [asked],
  );
  if (!person) throw invalid('Whose access?', [{ path: 'user', code: 'reference', detail: 'There is no such user.' }]);
  const actor = await loadActor(ctx.db, asked);
  const verbs = {} as AccessAnswer['verbs'];
  for (const verb of ASKED) verbs[verb] = await reachOf(ctx, object, id, verb, actor, person.roles);
  const hidden = object.declared.flatMap((field) => {
    const right = actor?.rights.field(object.key, field.key) ?? null;
    return right === null ? [] : [{ field: field.key, right }];
  });
  return {
    user: { id: person.id, name: person.name },
    active: actor !== null,
    roles: person.roles.map(({ key, name }) => ({ key, name })),
    verbs,
    fields: verbs.read.allowed ? hidden : [],
  };
}

async function reachOf(
  ctx: Context,
  object: ModelObject,
  id: string,
  verb: Verb,
  actor: Actor | null,
  roles: readonly { name: string; rights: Rights }[],
): Promise<Reach> {
  const scope = actor?.rights.scope(object.key, verb) ?? 'none';
  const giving = roles
    .filter((role) => scope !== 'none' && mergeRights([role.rights]).scope(object.key, verb) === scope)
    .map((role) => role.name);
  const reach = { scope, roles: giving };
  const params = new Params();
  const record = params.add(id, 'uuid');
  const branches = actor && scopeGrounds(ctx.model, actor, object, verb, 't', params);
  if (!branches) return { ...reach, allowed: false, grounds: [], until: null };
  if (branches.length === 0) return { ...reach, allowed: true, grounds: ['everything'], until: null };
  const asked = branches.map(({ sql, until }, i) => {
    const ends = until?.();
    return `(${sql}) as g${i}, ${ends ? instantText(ends) : 'null::text'} as u${i}`;
  });
  const [met] = await ctx.db.query<Record<string, boolean | string | null>>(
    `select ${asked.join(', ')} from ${object.table} t where t.id = ${record}`,
    params.values,
  );
  const holding = branches.flatMap(({ ground }, i) => (met?.[`g${i}`] === true ? [{ ground, until: met[`u${i}`] ?? null }] : []));
  const ends = holding.map(({ until }) => until).filter((until) => typeof until === 'string');
  return {
    ...reach,
    allowed: holding.length > 0,
    grounds: holding.map(({ ground }) => ground),
    until: ends.length > 0 && ends.length === holding.length ? (ends.sort().at(-1) ?? null) : null,
  };
}
