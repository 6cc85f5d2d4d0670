import { IconUsersGroup } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, Suspense } from 'react';
import { useMeta } from '#ui/meta.ts';
import { recordBody } from '#ui/record/bodies.ts';
import { type RecordAct, RecordScreen } from '#ui/record/record-screen.tsx';
import { useWords } from '#ui/words.ts';
import { NotFound } from '../shell/not-found.tsx';
import './bodies.ts';

const route = getRouteApi('/app/o/$plural/$id');

/** The record in the address. */
export function RecordRoute(): ReactNode {
  const { plural, id } = route.useParams();
  const object = useMeta().plural(plural);
  const navigate = useNavigate();
  const { t } = useWords();
  const acts: RecordAct[] =
    object?.key === 'user'
      ? [
          {
            key: 'customers',
            word: t('handOver.act'),
            icon: IconUsersGroup,
            run: () => void navigate({ to: '/o/users/$id/customers', params: { id } }),
          },
        ]
      : [];
  if (!object) return <NotFound />;
  const own = recordBody(object.key);
  return own ? (
    <Suspense>
      <own.Body key={id} object={object} id={id} />
    </Suspense>
  ) : (
    <RecordScreen key={id} object={object} id={id} acts={acts} />
  );
}
