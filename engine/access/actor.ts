/** How far a right reaches, in rising order. Own: owner or member of the party's account team. Team: an owner in my teams or below. Territory: also what lies in mine or below. */
export const SCOPES = ['none', 'own', 'team', 'territory', 'all'] as const;
export type Scope = (typeof SCOPES)[number];
export const VERBS = ['create', 'read', 'update', 'delete'] as const;
export type Verb = (typeof VERBS)[number];
export type FieldRight = 'hidden' | 'readOnly';

/** The rights of one role, as its record holds them. `*` stands for every object not named. */
export interface Rights {
  objects: { [object: string]: { [verb in Verb]?: Scope } };
  fields?: { [object: string]: { [field: string]: FieldRight } };
  /** Acts beyond records: manage users, import, export, undo others' causes. */
  may?: readonly Permission[];
}
export const PERMISSIONS = ['administer', 'import', 'export', 'undo', 'manageKeys'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/**
 * Who acts. `system` is Perigon itself: jobs, set-up, the command line; it may do everything and is named in the log. A `flow` acts
 * with the rights of whoever switched it on and under its own name.
 */
export interface Actor {
  kind: 'staff' | 'apiKey' | 'flow' | 'system';
  /** The user whose rights these are; null for the system. */
  userId: string | null;
  name: string;
  /** The application of others that acts for them, by name. */
  via?: string;
  /** Teams the user is in, and all below them. */
  teamIds: readonly string[];
  /** Who is in those teams, where they are few: lists ask for each by itself. Null where they are many. */
  teamUserIds: readonly string[] | null;
  /** Territories the user manages or is a member of, and all below them. */
  territoryIds: readonly string[];
  roles: readonly string[];
  rights: MergedRights;
  /** Until when, by `performance.now()`, they count as having just proved to be who they are (`proof.ts`); never without. */
  provedUntil?: number;
  /** What a key is narrowed to: work that it begins goes on under it. */
  scopes?: readonly string[] | null;
  /** Equal for actors whose statements are the same: rights, user and teams. Compiled statements are kept under it. */
  readonly reach: string;
}

export interface MergedRights {
  scope(object: string, verb: Verb): Scope;
  field(object: string, field: string): FieldRight | null;
  may(permission: Permission): boolean;
  /** Equal for equal rights. */
  readonly key: string;
}

/** Up to so many values of a scope are asked for one by one (engine-notes 8). */
export const FEW = 20;

const wider = (a: Scope, b: Scope): Scope => (SCOPES.indexOf(a) >= SCOPES.indexOf(b) ? a : b);

/** Several roles add up: the widest scope counts, and a field is held back only if every role holds it back. */
export function mergeRights(roles: readonly Rights[]): MergedRights {
  const cache = new Map<string, Scope>();
  return {
    scope(object, verb) {
      const key = `${object} ${verb}`;
      let scope = cache.get(key);
      if (scope === undefined) {
        scope = roles.reduce<Scope>(
          (widest, role) => wider(widest, role.objects[object]?.[verb] ?? role.objects['*']?.[verb] ?? 'none'),
          'none',
        );
        cache.set(key, scope);
      }
      return scope;
    },
    field(object, field) {
      if (roles.length === 0) return 'hidden';
      const rights = roles.map((role) => role.fields?.[object]?.[field] ?? null);
      if (rights.includes(null)) return null;
      return rights.includes('readOnly') ? 'readOnly' : 'hidden';
    },
    may: (permission) => roles.some((role) => role.may?.includes(permission)),
    key: JSON.stringify(roles),
  };
}

const EVERYTHING: Rights = { objects: { '*': { create: 'all', read: 'all', update: 'all', delete: 'all' } }, may: PERMISSIONS };

/** The user whom a write is put down to: nobody where a flow acts with somebody's rights, for it was not they who did it. */
export const authorOf = (actor: Actor): string | null => (actor.kind === 'flow' ? null : actor.userId);

/** Perigon itself. */
export const SYSTEM: Actor = {
  kind: 'system',
  userId: null,
  name: 'Perigon',
  teamIds: [],
  teamUserIds: null,
  territoryIds: [],
  roles: ['system'],
  rights: mergeRights([EVERYTHING]),
  reach: 'system',
};

/** The system acting from a named place, such as the command line. */
export const systemAs = (name: string): Actor => ({ ...SYSTEM, name });
