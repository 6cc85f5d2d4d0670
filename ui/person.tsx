import type { ReactNode } from 'react';
import classes from './person.module.css';

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

/** A picture made of initials: round for persons, square for organisations. The name stands beside it, so it is hidden from readers. */
export function Picture({ name, square = false, size = 20 }: { name: string; square?: boolean; size?: 20 | 24 | 32 | 40 }): ReactNode {
  return (
    <span className={classes.picture} data-square={square || undefined} data-size={size} aria-hidden>
      {initials(name)}
    </span>
  );
}
