import { type InfiniteData, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useSyncExternalStore } from 'react';
import { post } from '../api.ts';
import { pageSize } from '../list/refresh-list.ts';
import type { ListRequest } from '../list/use-records.ts';
import { isObject, type ObjectMeta, type Page } from '../wire.ts';

declare module '@tanstack/history' {
  interface HistoryState {
    /** The trail by which somebody came to the record in the address. */
    trail?: string;
    /** The peek was opened over this very list: going back closes it. */
    peeked?: boolean;
  }
}

/**
 * The rows of a list in their order, as they were when one of them was opened: what previous and next mean on a record's
 * page. It is kept by the entry of the browser's history that led there, so it survives a reload and ends with the way.
 */
export interface Trail {
  id: string;
  plural: string;
  /** The question whose rows these are; null where all of them are here. */
  request: ListRequest | null;
  ids: string[];
  /** The place of the first id among all rows. */
  start: number;
  /** Cursor of the page after the last id. */
  next: string | null;
  count: { value: number; exact: boolean } | null;
}

export interface Place {
  /** Counted from 1. */
  at: number;
  previous: string | null;
  next: string | null;
  /** Rows follow that have not been fetched: within few steps of the end they should be. */
  nearEnd: boolean;
}

const nearEnd = 5;
/** So many rows before the opened one are kept; those after it all, for a cursor goes on from the last. */
const keptBefore = 1000;

/** Where a record stands on a trail; null where it does not. Pure. */
export function placeOn(trail: Trail, id: string): Place | null {
  const index = trail.ids.indexOf(id);
  if (index < 0) return null;
  return {
    at: trail.start + index + 1,
    previous: trail.ids[index - 1] ?? null,
    next: trail.ids[index + 1] ?? null,
    nearEnd: trail.next !== null && index >= trail.ids.length - nearEnd,
  };
}

/** The trail with the page that follows its last row; a row that moved meanwhile is not on it twice. Pure. */
export function extended(trail: Trail, page: Page): Trail {
  const known = new Set(trail.ids);
  return { ...trail, ids: [...trail.ids, ...page.items.map((row) => row.id).filter((id) => !known.has(id))], next: page.next };
}

/** A trail over the pages of a list that have come; null where the record is in none of them. Pure. */
export function trailOver(id: string, plural: string, request: ListRequest, pages: readonly Page[], record: string): Trail | null {
  const all = [...new Set(pages.flatMap((page) => page.items.map((row) => row.id)))];
  const index = all.indexOf(record);
  if (index < 0) return null;
  const start = Math.max(0, index - keptBefore);
  return { id, plural, request, ids: all.slice(start), start, next: pages.at(-1)?.next ?? null, count: pages[0]?.count ?? null };
}

/** Reads a trail as it was kept; null when it is none. Pure. */
export function readTrail(text: string | null): Trail | null {
  if (text === null) return null;
  try {
    const kept: unknown = JSON.parse(text);
    if (!isObject(kept) || typeof kept.id !== 'string' || typeof kept.plural !== 'string' || typeof kept.start !== 'number') return null;
    if (!Array.isArray(kept.ids) || !kept.ids.every((id) => typeof id === 'string')) return null;
    return kept as unknown as Trail;
  } catch {
    return null;
  }
}

const keptAs = 'perigon.trail';
/** Those of this visit; the browser keeps the latest for a reload. */
const trails = new Map<string, Trail>();
const listeners = new Set<() => void>();

function keep(trail: Trail): void {
  trails.set(trail.id, trail);
  try {
    sessionStorage.setItem(keptAs, JSON.stringify(trail));
  } catch {
    // No room or no leave: a reload then ends the trail.
  }
  for (const listener of listeners) listener();
}

function held(id: string): Trail | null {
  const known = trails.get(id);
  if (known) return known;
  const kept = readTrail(sessionStorage.getItem(keptAs));
  if (kept?.id !== id) return null;
  trails.set(id, kept);
  return kept;
}

/** The trail of this name, as far as it has come. */
export function useTrail(id: string | undefined): Trail | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => (id === undefined ? null : held(id)),
  );
}

type Pages = InfiniteData<Page, string | null>;
const pending = new Set<string>();

/** Fetches the page after the end of a trail; the list gets it, too, so that it shows the row one comes back to. */
export async function goOn(client: QueryClient, trail: Trail): Promise<void> {
  const { request, plural, next } = trail;
  if (request === null || next === null || pending.has(trail.id)) return;
  pending.add(trail.id);
  try {
    const page = await post<Page>(`/${plural}/query`, { ...request, limit: pageSize, cursor: next });
    keep(extended(held(trail.id) ?? trail, page));
    client.setQueryData<Pages>(['list', plural, request], (list) =>
      list?.pages.at(-1)?.next === next ? { pages: [...list.pages, page], pageParams: [...list.pageParams, next] } : list,
    );
  } catch {
    // Without an answer the trail ends here; the next step asks again.
  } finally {
    pending.delete(trail.id);
  }
}

/** The record looked at last on a trail: coming back, the list has its cursor there. */
let visited: { plural: string; id: string } | null = null;

export function noteVisit(plural: string, id: string): void {
  visited = { plural, id };
}

/** The record one comes back from, once. */
export function takeVisit(plural: string): string | null {
  const id = visited?.plural === plural ? visited.id : null;
  visited = null;
  return id;
}

/** Opens a record's page from a list and remembers the rows around it: those of the list's question, or these ids. */
export function useOpenFromList(object: ObjectMeta): (id: string, rows: ListRequest | readonly string[]) => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCallback(
    (id, rows) => {
      const { plural } = object;
      const name = Math.random().toString(36).slice(2, 12);
      const trail =
        'fields' in rows
          ? trailOver(name, plural, rows, client.getQueryData<Pages>(['list', plural, rows])?.pages ?? [], id)
          : { id: name, plural, request: null, ids: [...rows], start: 0, next: null, count: { value: rows.length, exact: true } };
      if (trail) keep(trail);
      void navigate({ to: '/o/$plural/$id', params: { plural, id }, state: trail ? { trail: name } : {} });
    },
    [client, navigate, object],
  );
}
