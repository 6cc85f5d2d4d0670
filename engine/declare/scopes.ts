/**
 * What a key or an application may do of what its owner may. A scope is `read` or `write` for everything, `read:parties` or
 * `write:parties` for one object (its plural), or one of the special acts by name. Writing includes reading, of the same reach;
 * neither includes a special act. Pure: rights of the owner are asked elsewhere and always as well.
 */
export const SPECIAL_SCOPES = ['import', 'export', 'admin'] as const;
export type SpecialScope = (typeof SPECIAL_SCOPES)[number];

/** Scopes as they are kept; null for all that the owner may, an empty list for nothing. */
export type Scopes = readonly string[] | null;

/** Something that is to be done: a special act, or reading or writing, of one object (its plural) or of everything. */
export interface Act {
  act: 'read' | 'write' | SpecialScope;
  object?: string | undefined;
}

const OBJECT_SCOPE = /^(read|write):([a-z][A-Za-z0-9]{0,79})$/;
/** How scopes of one object were written first; keys of that time go on. */
const TURNED = /^([a-z][A-Za-z0-9]{0,79}):(read|write)$/;

const partsOf = (scope: string): Act | null => {
  if (scope === 'read' || scope === 'write') return { act: scope };
  const special = SPECIAL_SCOPES.find((name) => name === scope);
  if (special) return { act: special };
  const [, act, object] = OBJECT_SCOPE.exec(scope) ?? [];
  return act === 'read' || act === 'write' ? { act, object } : null;
};

/** Scopes in their one form, each once, in a fixed order; `bad` are those that nobody can read. */
export function parseScopes(texts: readonly string[]): { scopes: string[]; bad: string[] } {
  const scopes = new Set<string>();
  const bad: string[] = [];
  for (const text of texts) {
    const scope = text.trim().replace(TURNED, '$2:$1');
    if (partsOf(scope)) scopes.add(scope);
    else bad.push(text);
  }
  return { scopes: [...scopes].sort(), bad };
}

/** What a scope allows, to be said in words; null for what is none. */
export const readScope = (scope: string): Act | null => partsOf(scope.replace(TURNED, '$2:$1'));

/** Whether these scopes allow an act. An act that names no object is one on everything: only a scope of everything allows it. */
export function allows(scopes: Scopes, { act, object }: Act): boolean {
  if (scopes === null) return true;
  return scopes.some((scope) => {
    const given = readScope(scope);
    if (!given) return false;
    const enough = given.act === act || (given.act === 'write' && act === 'read');
    return enough && (given.object === undefined || given.object === object);
  });
}

/** Whether all that the first scopes allow the second allow, too: what is asked for must lie within what was given. */
export const within = (asked: Scopes, given: Scopes): boolean => {
  if (given === null) return true;
  if (asked === null) return false;
  return asked.every((scope) => {
    const act = readScope(scope);
    return act !== null && allows(given, act);
  });
};
