import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useMeta } from '../meta.ts';
import { useSession } from '../session.ts';
import type { ObjectMeta } from '../wire.ts';
import type { Reckoner } from './reckoner.ts';

/** Reckons the formulas of an object while somebody types; null unless `wanted`, or as long as it is still on its way. */
export function useReckoner(object: ObjectMeta, wanted: boolean): Reckoner | null {
  const company = useSession()?.company;
  const { objects } = useMeta();
  const { data } = useQuery({
    queryKey: ['reckoner'],
    queryFn: async () => (await import('./reckoner.ts')).reckoner,
    enabled: wanted,
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
  return useMemo(() => (data && company && wanted ? data(object, objects, company) : null), [data, object, objects, company, wanted]);
}
