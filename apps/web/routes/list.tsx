import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useDeferredValue } from 'react';
import { ListScreen } from '#ui/list/list-screen.tsx';
import { useMeta } from '#ui/meta.ts';
import { NotFound } from '../shell/not-found.tsx';
import './bodies.ts';

const route = getRouteApi('/app/o/$plural');

/** The list of the object in the address. */
export function ListRoute(): ReactNode {
  const { plural } = route.useParams();
  // The router changes its address at once; what the list makes of it is drawn in slices.
  const at = route.useSearch();
  const search = useDeferredValue(at);
  const object = useMeta().plural(plural);
  return object ? <ListScreen key={plural} object={object} search={search} /> : <NotFound />;
}
