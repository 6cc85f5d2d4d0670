import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { post } from '../api.ts';
import type { ObjectMeta, Page, RecordData } from '../wire.ts';
import type { Where } from './predicate.ts';

export interface ListRequest {
  where?: Where;
  sort: string[];
  fields: string[];
}

const pageSize = 100;

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
  retry: () => void;
}

/** The rows of a list, page by page along the keyset; the count is asked for once, with the first. */
export function useRecords(object: ObjectMeta, request: ListRequest): Records {
  const query = useInfiniteQuery({
    queryKey: ['list', object.plural, request],
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
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
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
    retry: () => void query.refetch(),
  };
}
