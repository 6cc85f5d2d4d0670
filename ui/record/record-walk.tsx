import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import type { ObjectMeta } from '../wire.ts';
import { usePeeking } from './peek-context.ts';
import { goOn, noteVisit, placeOn, useTrail } from './trail.ts';
import { isCovered, isTyping } from './typing.ts';
import { WalkButtons } from './walk-buttons.tsx';

/** On a record's page that was opened from a list: its place there, previous and next (K, J), and back to the list (Escape). */
export function RecordWalk({ object, id }: { object: ObjectMeta; id: string }): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const peeking = usePeeking() !== null;
  const name = useRouterState({ select: (state) => state.location.state.trail });
  const trail = useTrail(peeking ? undefined : name);
  const place = trail?.plural === object.plural ? placeOn(trail, id) : null;
  useEffect(() => {
    if (place) noteVisit(object.plural, id);
    if (trail && place?.nearEnd) void goOn(client, trail);
  });
  // The list is the entry before in the history: walking replaces the record, so that going back leads there at once.
  const step = (to: string | null): (() => void) | null =>
    to === null
      ? null
      : () =>
          void navigate({
            to: '/o/$plural/$id',
            params: { plural: object.plural, id: to },
            state: { trail: name },
            replace: true,
          });
  const keys: Record<string, (() => void) | null> = {
    j: step(place?.next ?? null),
    k: step(place?.previous ?? null),
    Escape: () => router.history.back(),
  };
  const latest = useRef(keys);
  latest.current = keys;
  const on = place !== null;
  useEffect(() => {
    if (!on) return;
    // Before anything else hears the key: what it closes would be gone by then.
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event.target) || isCovered()) return;
      const act = latest.current[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', listen, true);
    return () => window.removeEventListener('keydown', listen, true);
  }, [on]);
  if (!place) return null;
  return <WalkButtons at={place.at} of={trail?.count ?? null} previous={step(place.previous)} next={step(place.next)} />;
}
