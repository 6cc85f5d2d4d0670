import { queryOptions, useQuery } from '@tanstack/react-query';
import { get } from './api.ts';
import type { FieldMeta, Meta, ObjectMeta } from './wire.ts';

/** The declarations this user may see, with the look-ups that screens need. */
export class MetaIndex {
  readonly objects: ObjectMeta[];
  readonly actions: Meta['actions'];
  readonly presets: Meta['presets'];
  readonly #byKey: Map<string, ObjectMeta>;
  readonly #byPlural: Map<string, ObjectMeta>;

  constructor(meta: Meta) {
    this.objects = meta.objects;
    this.actions = meta.actions ?? [];
    this.presets = meta.presets ?? [];
    this.#byKey = new Map(meta.objects.map((object) => [object.key, object]));
    this.#byPlural = new Map(meta.objects.map((object) => [object.plural, object]));
  }

  object(key: string | undefined): ObjectMeta | undefined {
    return key === undefined ? undefined : this.#byKey.get(key);
  }

  plural(plural: string): ObjectMeta | undefined {
    return this.#byPlural.get(plural);
  }

  /** Fields of other objects that point to `target`: what a record page lists as related. */
  pointingTo(target: string): { object: ObjectMeta; field: FieldMeta }[] {
    return this.objects.flatMap((object) =>
      object.fields
        .filter((field) => field.type === 'reference' && field.to === target && field.filterable)
        .map((field) => ({ object, field })),
    );
  }
}

const empty = new MetaIndex({ objects: [], actions: [], presets: [] });

export const metaQuery = queryOptions({
  queryKey: ['meta'],
  queryFn: async ({ signal }) => new MetaIndex(await get<Meta>('/meta', {}, signal)),
  staleTime: 5 * 60_000,
});

/** The declarations; the frame loads them before any screen shows. */
export function useMeta(): MetaIndex {
  return useQuery(metaQuery).data ?? empty;
}

function kept(key: string, type: string): FieldMeta {
  return {
    key,
    type,
    required: false,
    readOnly: true,
    hidden: false,
    sortable: true,
    filterable: true,
    operators: ['gte', 'lte', 'between'],
  };
}

/** What every record has beside its declared fields. */
const everywhere: FieldMeta[] = [kept('createdAt', 'dateTime'), kept('updatedAt', 'dateTime')];

/** Field of an object by key, those that every record has included. */
export function fieldOf(object: ObjectMeta, key: string): FieldMeta | undefined {
  return object.fields.find((field) => field.key === key) ?? everywhere.find((field) => field.key === key);
}

/** Fields a list may show, in their declared order, those of every record last. */
export function listFields(object: ObjectMeta): FieldMeta[] {
  const own = object.fields.filter((field) => !field.hidden && field.type !== 'json');
  return [...own, ...everywhere.filter((field) => !own.some((declared) => declared.key === field.key))];
}

/** Page of a record: parties have the customer's own page, all else the general one. */
export function recordPath(object: Pick<ObjectMeta, 'plural'>, id: string): string {
  return `/o/${object.plural}/${id}`;
}
