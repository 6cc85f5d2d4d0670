import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useSession } from '../session.ts';
import type { ObjectMeta } from '../wire.ts';

/** Judges a condition over a record in a form. */
export type Holds = (condition: unknown, record: Record<string, unknown>) => boolean;

function hasConditions(object: ObjectMeta): boolean {
  return (
    object.fields.some((field) => field.shownWhen !== undefined || field.requiredWhen !== undefined) ||
    [object.form, ...Object.values(object.variants?.forms ?? {})].some((sections) => sections.some((section) => section.when !== undefined))
  );
}

/** How the conditions of an object's form are judged; null where it has none, or as long as the judge is still on its way. */
export function useConditions(object: ObjectMeta): Holds | null {
  const company = useSession()?.company;
  const { data } = useQuery({
    queryKey: ['conditions'],
    queryFn: async () => (await import('./conditions.ts')).evaluator,
    enabled: hasConditions(object),
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
  return useMemo(() => (data && company && hasConditions(object) ? data(object, company) : null), [data, object, company]);
}
