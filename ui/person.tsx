import type { ReactNode } from 'react';
import classes from './person.module.css';
import { isObject } from './wire.ts';

/** The first letters of a name's first and last word. */
export function initials(name: string): string {
  const parts = name
    .trim()
    .split(/\s+/)
    .filter((part) => /\p{L}|\p{N}/u.test(part));
  const first = [...(parts[0] ?? '')][0] ?? '';
  const last = parts.length > 1 ? ([...(parts.at(-1) ?? '')][0] ?? '') : '';
  return (first + last).toUpperCase();
}

/**
 * A picture, or one made of initials: round for persons, square for organisations. The name stands beside it, so it is hidden from
 * readers. `of` is the value of an image field.
 */
export function Picture({
  name,
  square = false,
  size = 20,
  of,
}: {
  name: string;
  square?: boolean;
  size?: 20 | 24 | 32 | 40;
  of?: unknown;
}): ReactNode {
  const thumbnail = isObject(of) && typeof of.thumbnail === 'string' ? of.thumbnail : null;
  return (
    <span className={classes.picture} data-square={square || undefined} data-size={size} aria-hidden>
      {thumbnail ? <img src={`${thumbnail}?size=${size > 32 ? 128 : 64}`} alt="" loading="lazy" /> : initials(name)}
    </span>
  );
}
