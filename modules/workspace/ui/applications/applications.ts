import { queryOptions } from '@tanstack/react-query';
import { readScope } from '#engine/declare/scopes.ts';
import { get } from '#ui/api.ts';
import { queryClient } from '#ui/query-client.ts';
import { words } from '#ui/words.ts';

/** A program of others that members may let act for them. */
export interface Application {
  id: string;
  name: string;
  redirectUris: string[];
  scopes: string[];
  active: boolean;
  confidential: boolean;
  members: number;
}

/** One that acts for me. */
export interface Granted {
  client: string;
  name: string;
  scopes: string[];
  at: string;
  usedAt: string | null;
}

const APPLICATIONS = ['applications'];

export const applicationsQuery = queryOptions({
  queryKey: [...APPLICATIONS, 'registered'],
  queryFn: ({ signal }) => get<{ items: Application[]; server: string }>('/oauth/clients', {}, signal),
});

export const grantedQuery = queryOptions({
  queryKey: [...APPLICATIONS, 'granted'],
  queryFn: async ({ signal }) => (await get<{ items: Granted[] }>('/oauth/grants', {}, signal)).items,
});

export const refreshApplications = (): Promise<void> => queryClient.invalidateQueries({ queryKey: APPLICATIONS });

/** What a scope lets somebody's program do, in words. */
export function scopeText(scope: string, objectOf: (plural: string) => string | null): string {
  const { t } = words();
  const { act, object } = readScope(scope) ?? { act: scope, object: undefined };
  if (object === undefined) return t(`scope.${act}`);
  return t(act === 'write' ? 'scope.writeOf' : 'scope.readOf', { objects: objectOf(object) ?? object });
}
