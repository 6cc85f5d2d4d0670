import { queryOptions } from '@tanstack/react-query';
import { get, request } from '#ui/api.ts';
import { queryClient } from '#ui/query-client.ts';
import type { Page, RecordData } from '#ui/wire.ts';
import { keyFrom, type Rights } from './rights.ts';

export interface Role extends RecordData {
  name: string;
  key: string;
  description: string | null;
  rights: Rights;
}

/** All roles; the matrix of an object in the catalogue asks the same. */
export const rolesQuery = queryOptions({
  queryKey: ['grants'],
  queryFn: async ({ signal }) => (await get<Page<Role>>('/roles', { limit: 200 }, signal)).items,
});

/** Makes a role, a copy of another one where that is named. */
export async function makeRole(name: string, from: Role | null, all: readonly Role[]): Promise<Role> {
  const key = keyFrom(
    name,
    all.map((role) => role.key),
  );
  const body = { name, key, description: from?.description ?? null, rights: from?.rights ?? { objects: {}, may: [] } };
  const { data } = await request<Role>('POST', '/roles', { body });
  await queryClient.invalidateQueries({ queryKey: ['grants'] });
  return data;
}
