import type { Rights } from '#engine/access/actor.ts';
import type { Db } from '#engine/store/db.ts';
import { sameJson } from '#kit/json.ts';
import type { Context } from './context.ts';
import { writeIn } from './write.ts';

/** A role that a company starts with. */
interface StartRole {
  key: string;
  rights: Rights;
}

/** What objects that came after the first companies were set up bring to roles: object → key of a role → its right. */
export type Grants = Readonly<Record<string, Readonly<Record<string, Rights['objects'][string]>>>>;

/** What a module says of roles. */
export interface SaysOfRoles {
  /** Roles that a new company starts with, as they are made then. */
  startRoles?: readonly StartRole[];
  /** What new objects bring to roles, also of companies that were set up before; once per object. */
  grants?: Grants;
}

const HELD = 'roleGrants';

/**
 * The rights of a role with what new objects bring to it; null where they bring nothing. A company that has changed the rights
 * of a role says itself what it opens, so only one that is as it was set up is given any: what it does not name and what is new
 * left aside, it must be the same. To all others that see everything else, but do not administer, a new object stays closed where it
 * is closed to such a role by set-up: they never said that they open it. What a role names stays as it is said. Pure.
 */
export function withGrants(role: StartRole, start: StartRole | undefined, grants: Grants, fresh: ReadonlySet<string>): Rights | null {
  const older = ({ objects, ...rest }: Rights) => ({
    ...rest,
    objects: Object.fromEntries(Object.entries(objects).filter(([object]) => !(object in grants))),
  });
  const asSetUp = !start || sameJson(older(role.rights), older(start.rights));
  const sees = (role.rights.objects['*']?.read ?? 'none') !== 'none' && !role.rights.may?.includes('administer');
  const brought = Object.entries(grants).flatMap(([object, to]) => {
    const closed = sees && Object.values(to).some(({ read }) => read === 'none') ? ({ read: 'none' } as const) : undefined;
    const right = (asSetUp ? to[role.key] : undefined) ?? closed;
    return right && fresh.has(object) && !(object in role.rights.objects) ? [[object, right] as const] : [];
  });
  return brought.length > 0 ? { ...role.rights, objects: { ...role.rights.objects, ...Object.fromEntries(brought) } } : null;
}

/** Gives roles what objects bring that this company has not had so far; each object once, whatever becomes of its rights afterwards. */
export async function bringGrants(ctx: Context, db: Db, modules: readonly SaysOfRoles[]): Promise<void> {
  const grants: Grants = Object.assign({}, ...modules.map((module) => module.grants ?? {}));
  const starts = new Map(modules.flatMap((module) => module.startRoles ?? []).map((role) => [role.key, role]));
  await db.transaction(async (tx) => {
    // Held until the end: of several servers that start at once one brings them.
    const [held] = await tx.query<{ value: string[] }>(
      `insert into settings (key, value) values ('${HELD}', '[]') on conflict (key) do update set value = settings.value returning value`,
    );
    const fresh = new Set(Object.keys(grants).filter((object) => !held?.value.includes(object)));
    if (fresh.size === 0) return;
    const roles = await tx.query<StartRole & { id: string }>('select id, key, rights from roles where deleted_at is null order by id');
    const updates = roles.flatMap((role) => {
      const rights = withGrants(role, starts.get(role.key), grants, fresh);
      return rights ? [{ op: 'update' as const, id: role.id, values: { rights } }] : [];
    });
    await writeIn(tx, ctx, ctx.model.object('role'), updates, { trusted: true });
    await tx.query(`update settings set value = value || $1::jsonb where key = '${HELD}'`, [JSON.stringify([...fresh])]);
    tx.afterCommit(ctx.wrote);
  });
}
