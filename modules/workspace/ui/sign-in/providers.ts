import { queryOptions } from '@tanstack/react-query';
import { get } from '#ui/api.ts';
import { queryClient } from '#ui/query-client.ts';

/** A provider that may vouch for members. */
export interface Provider {
  id: string;
  name: string;
  issuer: string;
  clientId: string;
  admits: 'members' | 'domains';
  domains: string[];
  role: string | null;
  asksFactor: boolean;
  active: boolean;
  hasSecret: boolean;
}

const PROVIDERS = ['sign-in', 'providers'];

export const providersQuery = queryOptions({
  queryKey: PROVIDERS,
  queryFn: ({ signal }) => get<{ items: Provider[]; passwords: boolean; callback: string }>('/sign-in/providers', {}, signal),
});

export const refreshProviders = (): Promise<void> => queryClient.invalidateQueries({ queryKey: PROVIDERS });
