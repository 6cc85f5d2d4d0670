import { administration } from '#ui/administration.ts';
import { useMeta } from '#ui/meta.ts';
import type { ObjectMeta } from '#ui/wire.ts';

/** Whether the queue of duplicates is anybody's work here: of who may change an object whose records are compared. */
export function useMayDecideDuplicates(): boolean {
  return useMeta().objects.some((object) => object.duplicates && object.verbs.update);
}

/** Objects offered in the navigation, in the order the modules declare them. */
export function useNavigationObjects(): ObjectMeta[] {
  return useMeta().objects.filter((object) => !object.quiet && !administration.includes(object.key));
}
