import { infiniteQueryOptions } from '@tanstack/react-query';
import { get, post } from '../api.ts';
import type { Change } from '../wire.ts';

/** One act and what it did, as `GET /causes` tells it. */
export interface CauseLine {
  id: string;
  kind: string;
  label: string | null;
  at: string;
  actor: { kind: string; id: string | null; name: string | null };
  parent: string | null;
  undone: { id: string; at: string; by: string | null } | null;
  parts: ({ object: string } & Record<Deed, number>)[];
  /** False where more was written than was counted. */
  counted: boolean;
  records: { object: string; id: string; name: string }[];
}

/** What may become of a record. */
export const deeds = ['created', 'updated', 'deleted', 'restored'] as const;
export type Deed = (typeof deeds)[number];

/** Kinds of acts that somebody might look for. */
export const causeKinds = [
  'request',
  'import',
  'bulk',
  'action',
  'merge',
  'handOver',
  'territories',
  'flow',
  'undo',
  'job',
  'booking',
  'sample',
  'setup',
] as const;

export interface CauseFilter {
  actor?: 'me';
  kind?: string;
  object?: string;
}

interface Page<T> {
  items: T[];
  next: string | null;
}

export const causesQuery = (filter: CauseFilter) =>
  infiniteQueryOptions({
    queryKey: ['causes', filter],
    queryFn: ({ pageParam, signal }) => get<Page<CauseLine>>('/causes', { ...filter, cursor: pageParam ?? undefined, limit: 40 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });

/** One record's part of an act. */
export type CauseChange = Pick<Change, 'seq' | 'at' | 'action' | 'fields'> & { object: string; id: string; name: string | null };

export const changesQuery = (cause: string) =>
  infiniteQueryOptions({
    queryKey: ['causes', cause, 'changes'],
    queryFn: ({ pageParam, signal }) =>
      get<Page<CauseChange>>(`/causes/${cause}/changes`, { cursor: pageParam ?? undefined, limit: 20 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });

export interface Trashed {
  object: string;
  id: string;
  name: string | null;
  deletedAt: string;
  deletedBy: { id: string; name: string | null } | null;
  cause: string | null;
  mergedInto: string | null;
}

export const trashQuery = (filter: { object?: string; q?: string }) =>
  infiniteQueryOptions({
    queryKey: ['trash', filter],
    queryFn: ({ pageParam, signal }) => get<Page<Trashed>>('/trash', { ...filter, cursor: pageParam ?? undefined, limit: 50 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });

/** Brings one record back; throws what stands in its way. */
export async function restore(one: Trashed): Promise<void> {
  const answer = await post<{ failed: number; results: { ok: boolean; error?: { detail?: string } }[] }>('/trash/restore', {
    object: one.object,
    ids: [one.id],
  });
  if (answer.failed > 0) throw new Error(answer.results.find((result) => !result.ok)?.error?.detail ?? '');
}
