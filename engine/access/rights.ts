import { z } from 'zod';
import { PERMISSIONS, type Rights, SCOPES, VERBS } from './actor.ts';

/** The rights of a role as somebody writes them. Objects and fields are taken by name only: a module may be away for a while. */
const Key = z.string().regex(/^(\*|[a-z][A-Za-z0-9]{0,60})$/);
const Grant = z.partialRecord(z.enum(VERBS), z.enum(SCOPES));
const RightsShape = z.strictObject({
  objects: z.record(Key, Grant),
  fields: z.record(Key, z.record(Key, z.enum(['hidden', 'readOnly']))).optional(),
  may: z.array(z.enum(PERMISSIONS)).optional(),
});

/** Where rights cannot be understood; null where they can. */
export function faultOfRights(rights: unknown): { path: string; detail: string } | null {
  const parsed = RightsShape.safeParse(rights);
  const [issue] = parsed.success ? [] : parsed.error.issues;
  return issue ? { path: issue.path.join('.'), detail: issue.message } : null;
}

/** What a role must keep that makes administrators of its holders, or nobody could ever mend it. */
export const KEEPS: readonly string[] = ['role', 'user'];

/** Whether a role that may administer has shut its holders out of giving rights. */
export const locksOut = (rights: Rights): boolean =>
  (rights.may ?? []).includes('administer') &&
  (KEEPS.some((object) =>
    (['read', 'update'] as const).some((verb) => (rights.objects[object]?.[verb] ?? rights.objects['*']?.[verb] ?? 'none') !== 'all'),
  ) ||
    rights.fields?.role?.rights !== undefined ||
    rights.fields?.user?.roles !== undefined);
