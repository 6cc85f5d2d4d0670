import { queryOptions, useQuery } from '@tanstack/react-query';
import { get, request } from '../api.ts';
import { useMeta } from '../meta.ts';
import { queryClient } from '../query-client.ts';

/** Own records that hang on the sample company, or records of it that somebody changed. */
export interface SampleGroup {
  key: string;
  kind: 'hanging' | 'edited';
  object: string;
  count: number;
  examples: { id: string; title: string }[];
}

export interface SampleStatus {
  state: 'none' | 'loading' | 'loaded' | 'removing' | 'broken';
  job: string | null;
  counts: Record<string, number>;
  total: number;
  groups: SampleGroup[];
}

const sampleQuery = queryOptions({
  queryKey: ['sample'],
  queryFn: ({ signal }) => get<SampleStatus>('/sample', {}, signal),
  staleTime: 60_000,
  refetchInterval: (query) => (query.state.data?.state === 'loading' || query.state.data?.state === 'removing' ? 1500 : false),
});

/** How it stands with the sample company; null for whoever does not look after the base, and until it is known. */
export function useSample(): SampleStatus | null {
  const administers = useMeta().may('administer');
  const { data } = useQuery({ ...sampleQuery, enabled: administers });
  return administers ? (data ?? null) : null;
}

async function follow(answer: Promise<{ data: { id: string } }>): Promise<string> {
  const { data } = await answer;
  await Promise.all([queryClient.invalidateQueries({ queryKey: ['jobs'] }), queryClient.invalidateQueries({ queryKey: ['sample'] })]);
  return data.id;
}

/** Begins to load it; gives the job. */
export const loadSample = (): Promise<string> => follow(request<{ id: string }>('POST', '/sample'));

/** Begins to remove it; every group is to be kept or removed. */
export const removeSample = (keep: readonly string[], remove: readonly string[]): Promise<string> =>
  follow(request<{ id: string }>('DELETE', '/sample', { query: { keep: keep.join(','), remove: remove.join(',') } }));

/** Asks anew what hangs on it, before somebody decides about that. */
export const askSample = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['sample'] });
