import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMeta } from '#ui/meta.ts';
import { RecordScreen } from '#ui/record/record-screen.tsx';
import { NotFound } from '../shell/not-found.tsx';

const route = getRouteApi('/app/o/$plural/$id');

/** The record in the address. */
export function RecordRoute(): ReactNode {
  const { plural, id } = route.useParams();
  const object = useMeta().plural(plural);
  return object ? <RecordScreen key={id} object={object} id={id} /> : <NotFound />;
}
