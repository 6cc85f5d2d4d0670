import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { MergeScreen } from '#ui/duplicates/merge-screen.tsx';
import { useMeta } from '#ui/meta.ts';
import { NotFound } from '../shell/not-found.tsx';

const route = getRouteApi('/app/o/$plural/$id/merge');

/** The two records in the address. */
export function MergeRoute(): ReactNode {
  const { plural, id } = route.useParams();
  const { with: other } = route.useSearch();
  const object = useMeta().plural(plural);
  return object?.duplicates && other ? <MergeScreen key={`${id} ${other}`} object={object} id={id} other={other} /> : <NotFound />;
}
