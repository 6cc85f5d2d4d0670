import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get, post, request } from '../api.ts';
import { queryClient } from '../query-client.ts';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { type ListSearch, type ListState, readListState } from './list-search.ts';

export interface View {
  id: string;
  object: string;
  name: string;
  /** How the list shows its rows, as the server keeps it: read with `readListState`. */
  definition: Record<string, unknown>;
  owner: { id: string; name: string };
  mine: boolean;
  shared: boolean;
  default: 'me' | 'everyone' | null;
  version: number;
  /** Declared with the object: nobody's own, and not changed. */
  builtIn?: true;
}

/** In the address: no saved view, although one would open first. */
export const noView = 'all';

export const viewsQuery = queryOptions({
  queryKey: ['views'],
  queryFn: async ({ signal }) => (await get<{ items: View[] }>('/views', {}, signal)).items,
  staleTime: 60_000,
});

/** The saved views of an object, or of all; undefined until they have come. */
export function useViews(object?: string): View[] | undefined {
  const { data } = useQuery(viewsQuery);
  return useMemo(() => (object === undefined ? data : data?.filter((view) => view.object === object)), [data, object]);
}

/** The views of a list: those that the object comes with, then the saved ones; undefined until they have come. */
export function useListViews(object: ObjectMeta): View[] | undefined {
  const saved = useViews(object.key);
  const { label, language } = useWords();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language only
  return useMemo(() => saved && [...builtIn(object, label), ...saved], [object, saved, language]);
}

const builtIn = (object: ObjectMeta, label: (key: string) => string): View[] =>
  (object.views ?? []).map(({ key, where, first }) => ({
    id: key,
    object: object.key,
    name: label(`${object.key}.views.${key}`),
    definition: { where },
    owner: { id: '', name: '' },
    mine: false,
    shared: false,
    default: first ? 'everyone' : null,
    version: 0,
    builtIn: true,
  }));

/** The view that opens when somebody goes to the object: their own choice before that of everybody, and that before what it comes with. */
export function firstView(views: readonly View[]): View | undefined {
  const forAll = views.filter((view) => view.default === 'everyone');
  return views.find((view) => view.default === 'me') ?? forAll.find((view) => !view.builtIn) ?? forAll[0];
}

/** What a list shows: as its address says, else as the view says, else as the object declares. */
export function listState(search: ListSearch, view: View | undefined): ListState {
  return readListState(!view || search.edited ? { ...search } : view.definition);
}

const changed = (): Promise<void> => queryClient.invalidateQueries({ queryKey: viewsQuery.queryKey });

export async function saveNewView(object: ObjectMeta, name: string, definition: ListState, shared: boolean): Promise<View> {
  const view = await post<View>('/views', { object: object.key, name, definition, shared });
  await changed();
  return view;
}

export async function changeView(
  view: View,
  change: Partial<Pick<View, 'name' | 'shared' | 'default'>> & { definition?: ListState },
): Promise<View> {
  const { data } = await request<View>('PATCH', `/views/${view.id}`, { body: { ...change, version: view.version } });
  await changed();
  return data;
}

export async function removeView(view: View): Promise<void> {
  await request('DELETE', `/views/${view.id}`);
  await changed();
}

/** Brings a deleted view back under its id. */
export async function restoreView(view: View): Promise<void> {
  const { id, object, name, definition, shared } = view;
  await post('/views', { id, object, name, definition, shared, default: view.default === 'everyone' ? null : view.default });
  await changed();
}
