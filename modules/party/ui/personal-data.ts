import { queryOptions } from '@tanstack/react-query';
import { get } from '#ui/api.ts';

/** An entry of the register: who exported or erased all that was held about somebody. */
interface PersonalAct {
  id: string;
  kind: 'export' | 'erasure';
  at: string;
  actor: { name: string };
}

/** What was done with all that is held about a party, latest first. */
export const actsQuery = (party: string) =>
  queryOptions({
    queryKey: ['personal-data', party],
    queryFn: async ({ signal }) => (await get<{ items: PersonalAct[] }>('/personal-data', { party }, signal)).items,
    staleTime: 0,
  });
