import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { QueueScreen } from '#ui/duplicates/queue-screen.tsx';
import { ComparisonScreen } from '#ui/duplicates/settings-screen.tsx';
import { useMeta } from '#ui/meta.ts';
import { NotFound } from '../shell/not-found.tsx';

const route = getRouteApi('/app/duplicates');
const settings = getRouteApi('/app/settings/duplicates');

/** The queue of the object in the address, else of the first whose records are compared. */
export function DuplicatesRoute(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const compared = useMeta().objects.filter((one) => one.duplicates);
  const object = search.object === undefined ? compared[0] : compared.find((one) => one.key === search.object);
  return object ? (
    <QueueScreen
      key={object.key}
      object={object}
      state={search.state ?? 'open'}
      onState={(state) =>
        void navigate({ to: '/duplicates', search: { object: search.object, ...(state === 'dismissed' ? { state } : {}) }, replace: true })
      }
    />
  ) : (
    <NotFound />
  );
}

/** How the records of the object in the address are compared, else of the first whose records are. */
export function ComparisonRoute(): ReactNode {
  const search = settings.useSearch();
  const navigate = useNavigate();
  const meta = useMeta();
  const compared = meta.objects.filter((one) => one.duplicates);
  const object = search.object === undefined ? compared[0] : compared.find((one) => one.key === search.object);
  return object && meta.may('administer') ? (
    <ComparisonScreen
      key={object.key}
      object={object}
      objects={compared}
      onObject={(key) => void navigate({ to: '/settings/duplicates', search: { object: key }, replace: true })}
    />
  ) : (
    <NotFound />
  );
}
