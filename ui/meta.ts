import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { get } from './api.ts';
import type { FieldMeta, Meta, ObjectMeta } from './wire.ts';
import { setOwnWords } from './words.ts';

/** Who wrote a record points to a user from everywhere and says nothing about the user. */
const authors = new Set(['createdBy', 'updatedBy']);

/** The declarations this user may see, with the look-ups that screens need. */
export class MetaIndex {
  /** Version of the company's catalogue that this is of. */
  readonly version: number;
  readonly objects: ObjectMeta[];
  readonly actions: Meta['actions'];
  readonly presets: NonNullable<Meta['presets']>;
  readonly #may: Set<string>;
  readonly #byKey: Map<string, ObjectMeta>;
  readonly #byPlural: Map<string, ObjectMeta>;

  constructor(meta: Meta) {
    this.version = meta.version ?? 0;
    this.objects = meta.objects;
    this.actions = meta.actions ?? [];
    this.presets = meta.presets ?? [];
    this.#may = new Set(meta.may ?? []);
    this.#byKey = new Map(meta.objects.map((object) => [object.key, object]));
    this.#byPlural = new Map(meta.objects.map((object) => [object.plural, object]));
  }

  /** Whether this user may do something beyond single records, such as `import`. */
  may(permission: string): boolean {
    return this.#may.has(permission);
  }

  object(key: string | undefined): ObjectMeta | undefined {
    return key === undefined ? undefined : this.#byKey.get(key);
  }

  plural(plural: string): ObjectMeta | undefined {
    return this.#byPlural.get(plural);
  }

  /** Fields of other objects that point to `target`: what a record page lists as related. */
  pointingTo(target: string): { object: ObjectMeta; field: FieldMeta }[] {
    const points = (field: FieldMeta): boolean =>
      (field.type === 'reference' || field.type === 'user') && field.to === target && field.filterable && !authors.has(field.key);
    return this.objects.flatMap((object) => (object.about ? [] : object.fields.filter(points).map((field) => ({ object, field }))));
  }
}

const empty = new MetaIndex({ objects: [], actions: [], presets: [] });

export const metaQuery = queryOptions({
  queryKey: ['meta'],
  queryFn: ({ signal }) => fetchMeta({}, signal),
  staleTime: 5 * 60_000,
});

async function fetchMeta(query: { version?: number }, signal?: AbortSignal): Promise<MetaIndex> {
  const meta = await get<Meta>('/meta', query, signal);
  setOwnWords(meta.words ?? {});
  return new MetaIndex(meta);
}

/** Fetches the declarations anew after objects or fields were changed, at least as of that version. */
export async function refreshMeta(client: QueryClient, version: number): Promise<void> {
  const held = client.getQueryData(metaQuery.queryKey);
  if (held && held.version >= version) return;
  client.setQueryData(metaQuery.queryKey, await fetchMeta({ version }));
  // Records have other fields now, and whoever administers them other things to administer.
  await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'meta' && queryKey[0] !== 'session' });
}

/** The declarations; the frame loads them before any screen shows. */
export function useMeta(): MetaIndex {
  return useQuery(metaQuery).data ?? empty;
}

/** Field of an object by key, those that every record has included. */
export function fieldOf(object: ObjectMeta, key: string): FieldMeta | undefined {
  return object.fields.find((field) => field.key === key);
}

const inward = new Set(['id', 'version']);

/** Fields a list may show: all but those only programs need. */
export function listFields(object: ObjectMeta): FieldMeta[] {
  return object.fields.filter((field) => !field.hidden && !inward.has(field.key) && field.type !== 'json' && field.type !== 'toMany');
}

/** Page of a record: parties have the customer's own page, all else the general one. */
export function recordPath(object: Pick<ObjectMeta, 'plural'>, id: string): string {
  return `/o/${object.plural}/${id}`;
}
