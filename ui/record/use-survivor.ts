import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { ObjectMeta } from '../wire.ts';
import { usePeeking } from './peek-context.ts';

/**
 * A record that was merged into another answers with that other: the page goes to the one that stayed. Only by a fresh
 * answer, since one held from before may be of a merge that was taken back.
 */
export function useSurvivor(object: ObjectMeta, id: string, answer: { id: string } | undefined, fresh: boolean): void {
  const navigate = useNavigate();
  const peeking = usePeeking();
  const stayed = answer && fresh && !peeking && answer.id !== id ? answer.id : null;
  useEffect(() => {
    if (stayed) void navigate({ to: '/o/$plural/$id', params: { plural: object.plural, id: stayed }, replace: true });
  }, [navigate, object.plural, stayed]);
}
