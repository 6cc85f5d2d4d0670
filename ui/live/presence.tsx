import { VisuallyHidden } from '@mantine/core';
import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import { address, post } from '../api.ts';
import { Picture } from '../person.tsx';
import { useSession } from '../session.ts';
import { Tip } from '../tip.tsx';
import { useWords } from '../words.ts';
import classes from './live.module.css';
import type { Visitor } from './wire.ts';

/** Well within the 45 s after which the server forgets somebody. */
const renewMs = 20_000;
const shown = 4;
const nobody: Visitor[] = [];

/** This tab among others of the same user; each stay is counted, so that a late farewell ends its own stay only. */
const tabName = Math.random().toString(36).slice(2, 12);
let stays = 0;
const places = new Map<string, Visitor[]>();
const editors = new Map<string, number>();
const listeners = new Set<() => void>();
const editingListeners = new Set<() => void>();

const placeOf = (object: string, id: string): string => `${object} ${id}`;

/** Takes in who is at a record. */
export function setVisitors(object: string, id: string, here: Visitor[]): void {
  places.set(placeOf(object, id), here);
  for (const listener of listeners) listener();
}

/** Says while `on` that the record is being edited here. */
export function useEditing(object: string, id: string, on: boolean): void {
  useEffect(() => {
    if (!on) return;
    const place = placeOf(object, id);
    const count = (by: number): void => {
      editors.set(place, (editors.get(place) ?? 0) + by);
      for (const listener of editingListeners) listener();
    };
    count(1);
    return () => count(-1);
  }, [object, id, on]);
}

/** Tells the server that this tab is at a record, as long as it is in sight, and gives who else is there. */
function useVisitors(object: string, id: string): Visitor[] {
  const me = useSession()?.user.id;
  useEffect(() => {
    const place = placeOf(object, id);
    let there = true;
    let last = '';
    const tab = `${tabName}${++stays}`;
    const say = (state: 'viewing' | 'editing' | 'left'): void => {
      last = state;
      const body = { object, id, state, tab };
      if (state === 'left') {
        // The page may be going away: the browser sends this nevertheless.
        const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), keepalive: true };
        void fetch(address('/presence'), options).catch(() => {});
        return;
      }
      post<{ here: Visitor[] }>('/presence', body)
        .then(({ here }) => there && setVisitors(object, id, here))
        .catch(() => {});
    };
    const state = (): 'viewing' | 'editing' => ((editors.get(place) ?? 0) > 0 ? 'editing' : 'viewing');
    const renew = (): void => {
      if (document.visibilityState === 'visible') say(state());
    };
    const look = (): void => {
      if (document.visibilityState === 'visible') say(state());
      else if (last !== 'left') say('left');
    };
    const edit = (): void => {
      if (last !== 'left' && last !== state()) say(state());
    };
    const leave = (): void => {
      if (last !== '' && last !== 'left') say('left');
    };
    // A fetch takes the browser a moment that it does not have while it draws the record.
    const begin = setTimeout(renew);
    const timer = setInterval(renew, renewMs);
    document.addEventListener('visibilitychange', look);
    window.addEventListener('pagehide', leave);
    editingListeners.add(edit);
    return () => {
      there = false;
      clearTimeout(begin);
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
      window.removeEventListener('pagehide', leave);
      editingListeners.delete(edit);
      setTimeout(leave);
      places.delete(place);
    };
  }, [object, id]);
  const here = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => places.get(placeOf(object, id)) ?? nobody,
  );
  return here.filter((one) => one.id !== me);
}

/** Who else is at this record: "Ana is here". */
export function Visitors({ object, id }: { object: string; id: string }): ReactNode {
  const { t } = useWords();
  const others = useVisitors(object, id);
  if (others.length === 0) return null;
  const more = others.slice(shown);
  return (
    <ul className={classes.visitors} aria-label={t('presence.title')}>
      {others.slice(0, shown).map(({ id: user, name, state }) => {
        const words = t(state === 'editing' ? 'presence.editing' : 'presence.viewing', { name });
        return (
          <Tip key={user} label={words}>
            <li className={classes.visitor} data-editing={state === 'editing' || undefined}>
              <Picture name={name} size={24} />
              <VisuallyHidden>{words}</VisuallyHidden>
            </li>
          </Tip>
        );
      })}
      {more.length > 0 && (
        <Tip label={more.map(({ name }) => name).join(', ')}>
          <li className="pg-meta pg-figures">+{more.length}</li>
        </Tip>
      )}
    </ul>
  );
}
