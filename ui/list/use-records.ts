import { hashKey, keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { post } from '../api.ts';
import type { ObjectMeta, Page, RecordData } from '../wire.ts';
import type { Where } from './predicate.ts';
import { noteSight, pageSize, refreshList } from './refresh-list.ts';

export interface ListRequest {
  where?: Where;
  sort: string[];
  fields: string[];
}

export interface Records {
  rows: RecordData[];
  count: { value: number; exact: boolean } | undefined;
  /** Nothing has come yet. */
  pending: boolean;
  /** Old rows stay on screen while the answer to a new question is under way. */
  stale: boolean;
  failure: unknown;
  more: boolean;
  loadingMore: boolean;
  loadMore: () => void;
  /** Says which row is the last in sight: what changes far from there need not be fetched. */
  seen: (last: number) => void;
  retry: () => void;
}

/** The rows of a list, page by page along the keyset; the count is asked for once, with the first. */
export function useRecords(object: ObjectMeta, request: ListRequest): Records {
  const client = useQueryClient();
  const queryKey = ['list', object.plural, request];
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      post<Page>(
        `/${object.plural}/query`,
        { ...request, limit: pageSize, ...(pageParam === null ? { count: true } : { cursor: pageParam }) },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  });
  const pages = query.data?.pages;
  // A row that moved while pages were fetched one after the other may lie in two of them.
  const rows = useMemo(() => [...new Map((pages ?? []).flatMap((page) => page.items).map((row) => [row.id, row])).values()], [pages]);
  return {
    rows,
    count: pages?.[0]?.count,
    pending: query.isPending,
    stale: query.isPlaceholderData,
    failure: query.error,
    more: query.hasNextPage,
    loadingMore: query.isFetchingNextPage,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
    },
    seen: (last) => {
      const hash = hashKey(queryKey);
      const open = noteSight(hash, last) ? client.getQueryCache().get(hash) : undefined;
      if (open) void refreshList(client, open, []);
    },
    retry: () => void query.refetch(),
  };
}
