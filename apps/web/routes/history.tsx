import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { HistoryScreen } from '#ui/audit/history-screen.tsx';
import { TrashScreen } from '#ui/audit/trash-screen.tsx';

const history = getRouteApi('/app/history');
const trash = getRouteApi('/app/trash');

/** What was done; its filter is the address. */
export function HistoryRoute(): ReactNode {
  const { actor, kind, object } = history.useSearch();
  const navigate = useNavigate();
  return (
    <HistoryScreen
      filter={{ actor, kind, object }}
      onFilter={(filter) => void navigate({ to: '/history', search: filter, replace: true })}
    />
  );
}

/** What was deleted. */
export function TrashRoute(): ReactNode {
  const { object } = trash.useSearch();
  const navigate = useNavigate();
  return <TrashScreen object={object} onObject={(chosen) => void navigate({ to: '/trash', search: { object: chosen }, replace: true })} />;
}
