/** The rights of a role as its editor works on them. Pure: a draft is a new value each time, so that what was saved can be compared with it. */
export const verbs = ['read', 'create', 'update', 'delete'] as const;
export type Verb = (typeof verbs)[number];
/** In rising order, as the server adds several roles up. */
export const scopes = ['none', 'own', 'team', 'territory', 'all'] as const;
export type Scope = (typeof scopes)[number];
export const permissions = ['administer', 'import', 'export', 'undo', 'manageKeys'] as const;
export type Permission = (typeof permissions)[number];
export type FieldRight = 'hidden' | 'readOnly';

export interface Rights {
  objects: Record<string, { [verb in Verb]?: Scope }>;
  fields?: Record<string, Record<string, FieldRight>>;
  may?: Permission[];
}

/** Stands for every object that has no line of its own. */
export const everythingElse = '*';

/** How far a role reaches; an object without a line of its own follows everything else, verb by verb. */
export const scopeOf = (rights: Rights, object: string, verb: Verb): Scope =>
  rights.objects[object]?.[verb] ?? rights.objects[everythingElse]?.[verb] ?? 'none';

/** Whether a scope comes from everything else. */
export const follows = (rights: Rights, object: string, verb: Verb): boolean =>
  object !== everythingElse && rights.objects[object]?.[verb] === undefined;

export const fieldRight = (rights: Rights, object: string, field: string): FieldRight | null => rights.fields?.[object]?.[field] ?? null;

export const withScope = (rights: Rights, object: string, verb: Verb, scope: Scope): Rights => ({
  ...rights,
  objects: { ...rights.objects, [object]: { ...rights.objects[object], [verb]: scope } },
});

export function withField(rights: Rights, object: string, field: string, right: FieldRight | null): Rights {
  const { [field]: _, ...others } = rights.fields?.[object] ?? {};
  const own = right === null ? others : { ...others, [field]: right };
  const { [object]: __, ...rest } = rights.fields ?? {};
  return { ...rights, fields: Object.keys(own).length > 0 ? { ...rest, [object]: own } : rest };
}

export const withPermission = (rights: Rights, permission: Permission, on: boolean): Rights => ({
  ...rights,
  may: permissions.filter((one) => (one === permission ? on : (rights.may ?? []).includes(one))),
});

/** A line as it was saved. */
export function resetLine(draft: Rights, saved: Rights, object: string): Rights {
  const { [object]: _, ...objects } = draft.objects;
  const { [object]: __, ...fields } = draft.fields ?? {};
  const [line, held] = [saved.objects[object], saved.fields?.[object]];
  return {
    ...draft,
    objects: line ? { ...objects, [object]: line } : objects,
    fields: held ? { ...fields, [object]: held } : fields,
  };
}

/** Whether what a line opens is other than it was saved: by itself or because everything else is. */
export function lineChanged(saved: Rights, draft: Rights, object: string): boolean {
  if (verbs.some((verb) => scopeOf(saved, object, verb) !== scopeOf(draft, object, verb))) return true;
  const [was, now] = [saved.fields?.[object] ?? {}, draft.fields?.[object] ?? {}];
  return [...new Set([...Object.keys(was), ...Object.keys(now)])].some((field) => was[field] !== now[field]);
}

export const permissionsChanged = (saved: Rights, draft: Rights): boolean =>
  permissions.some((one) => (saved.may ?? []).includes(one) !== (draft.may ?? []).includes(one));

/** What the server keeps open to whoever may administer, so that nobody shuts themselves out. */
export const isKept = (rights: Rights, object: string, verb: Verb): boolean =>
  (rights.may ?? []).includes('administer') && ['user', 'role'].includes(object) && (verb === 'read' || verb === 'update');

/** A key from a name that none of the others has: "Key accounts" becomes keyAccounts. */
export function keyFrom(name: string, taken: readonly string[]): string {
  const words = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word, i) => (i === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1));
  const base = (/^[a-z]/.test(words[0] ?? '') ? words.join('') : `role${words.join('')}`).slice(0, 50);
  for (let n = 1; ; n++) {
    const key = n === 1 ? base : `${base}${n}`;
    if (!taken.includes(key)) return key;
  }
}
