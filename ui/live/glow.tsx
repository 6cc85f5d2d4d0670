import { type ReactNode, useEffect, useRef, useState } from 'react';
import { initials } from '../person.tsx';
import type { RecordData } from '../wire.ts';
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

const dueFor = (object: string, id: string, field: string): string | undefined => {
  const due = expected.get(`${object} ${id} ${field}`);
  return due && due.until >= Date.now() ? due.name : undefined;
};
const differ = (one: unknown, other: unknown): boolean => one !== other && JSON.stringify(one ?? null) !== JSON.stringify(other ?? null);

/** Who changed which fields of a record just now, while they glow; null almost always. One for a row: cells are drawn by the hundred. */
export function useGlows(object: string, record: RecordData): ReadonlyMap<string, string> | null {
  const was = useRef(record);
  const [glowing, setGlowing] = useState<ReadonlyMap<string, string> | null>(null);
  useEffect(() => {
    const before = was.current;
    was.current = record;
    if (before === record) return;
    // Another record stands here now.
    if (before.id !== record.id) {
      setGlowing(null);
      return;
    }
    if (expected.size === 0) return;
    const due = Object.keys(record).flatMap((field) => {
      const by = differ(before[field], record[field]) ? dueFor(object, record.id, field) : undefined;
      return by === undefined ? [] : [[field, by] as const];
    });
    if (due.length === 0) return;
    const glow = new Map(due);
    setGlowing(glow);
    setTimeout(() => setGlowing((now) => (now === glow ? null : now)), glowMs);
  }, [object, record]);
  return glowing;
}

/** Lies behind a value (its parent is positioned) and shows for a moment that and by whom it was changed. */
export function GlowMark({ field, by }: { field: string; by: string | undefined }): ReactNode {
  if (by === undefined) return null;
  return (
    <span className={classes.glow} data-glow={field} aria-hidden>
      <span className={classes.initials}>{initials(by)}</span>
    </span>
  );
}

interface Props {
  object: string;
  record: RecordData;
  field: string;
}

/** The glow of a value that stands alone. */
export function Glow({ object, record, field }: Props): ReactNode {
  return <GlowMark field={field} by={useGlows(object, record)?.get(field)} />;
}
