import { administration } from '#ui/administration.ts';
import { useMeta } from '#ui/meta.ts';
import type { ObjectMeta } from '#ui/wire.ts';

/** Objects offered in the navigation, in the order the modules declare them. */
export function useNavigationObjects(): ObjectMeta[] {
  return useMeta().objects.filter((object) => !object.quiet && !administration.includes(object.key));
}
