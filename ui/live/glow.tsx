import { type ReactNode, useEffect, useRef, useState } from 'react';
import { initials } from '../person.tsx';
import classes from './live.module.css';
import type { LiveChange } from './wire.ts';

/** How long a value glows that somebody else changed (look.md). */
const glowMs = 600;
/** For how long after a change its value may come in to glow. */
const expectMs = 5000;

const expected = new Map<string, { name: string; until: number }>();

/** Fields that somebody else wrote: when their new values come in, they glow. */
export function expectGlow(change: LiveChange): void {
  const now = Date.now();
  for (const [key, { until }] of expected) if (until < now) expected.delete(key);
  if (!change.by || change.op !== 'updated') return;
  for (const field of change.changed ?? [])
    expected.set(`${change.object} ${change.id} ${field}`, { name: change.by.name, until: now + expectMs });
}

interface Props {
  object: string;
  id: string;
  field: string;
  value: unknown;
}

/** Lies behind a value (its parent is positioned) and shows for a moment that and by whom it was changed. */
export function Glow({ object, id, field, value }: Props): ReactNode {
  const text = JSON.stringify(value ?? null);
  const was = useRef({ id, text });
  const [name, setName] = useState<string | null>(null);
  useEffect(() => {
    const before = was.current;
    was.current = { id, text };
    if (before.id === id && before.text === text) return;
    const due = expected.get(`${object} ${id} ${field}`);
    if (!due || due.until < Date.now()) return;
    setName(due.name);
    const timer = setTimeout(() => setName(null), glowMs);
    return () => {
      clearTimeout(timer);
      setName(null);
    };
  }, [object, id, field, text]);
  if (name === null) return null;
  return (
    <span className={classes.glow} data-glow={field} aria-hidden>
      <span className={classes.initials}>{initials(name)}</span>
    </span>
  );
}
