import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ListScreen } from '#ui/list/list-screen.tsx';
import { useMeta } from '#ui/meta.ts';
import { NotFound } from '../shell/not-found.tsx';
import './bodies.ts';

const route = getRouteApi('/app/o/$plural');

/** The list of the object in the address. */
export function ListRoute(): ReactNode {
  const { plural } = route.useParams();
  const search = route.useSearch();
  const object = useMeta().plural(plural);
  return object ? <ListScreen key={plural} object={object} search={search} /> : <NotFound />;
}
