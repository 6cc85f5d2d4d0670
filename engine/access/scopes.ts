import { allows, type Scopes, type SpecialScope } from '#engine/declare/scopes.ts';
import type { MergedRights, Permission } from './actor.ts';

/** Acts beyond records that are asked for by each permission. */
const SPECIAL_OF: { [permission in Permission]: SpecialScope } = {
  import: 'import',
  export: 'export',
  administer: 'admin',
  undo: 'admin',
  manageKeys: 'admin',
};

/** The owner's rights as far as the scopes allow them: never more than either. Scopes name objects by their plurals. */
export function narrowRights(rights: MergedRights, scopes: Scopes, plural: (object: string) => string): MergedRights {
  if (scopes === null) return rights;
  return {
    scope: (object, verb) =>
      allows(scopes, { object: plural(object), act: verb === 'read' ? 'read' : 'write' }) ? rights.scope(object, verb) : 'none',
    field: rights.field,
    may: (permission) => allows(scopes, { act: SPECIAL_OF[permission] }) && rights.may(permission),
    key: `${rights.key}${JSON.stringify(scopes)}`,
  };
}
