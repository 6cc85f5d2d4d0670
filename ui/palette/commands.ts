import type { TablerIcon } from '@tabler/icons-react';
import { useEffect, useId, useSyncExternalStore } from 'react';

/** Something that can be done by its name, wherever somebody is: in the palette, with the key that does the same. */
export interface Command {
  key: string;
  word: string;
  icon: TablerIcon;
  /** What it acts on: "3 selected", the record's name. */
  about?: string;
  /** The key that does the same without the palette, as it is written on it. */
  shortcut?: string;
  danger?: boolean;
  run: () => void;
}

/** Commands of the screens that are open, the innermost first. */
let groups: readonly { id: string; commands: readonly Command[] }[] = [];
const listeners = new Set<() => void>();

function change(next: typeof groups): void {
  groups = next;
  for (const listener of listeners) listener();
}

/** Offers commands while the component is there. What is on screen decides: a list offers its selection, a page its record. */
export function useCommands(commands: readonly Command[]): void {
  const id = useId();
  useEffect(() => {
    change([{ id, commands }, ...groups.filter((group) => group.id !== id)]);
  });
  useEffect(() => () => change(groups.filter((group) => group.id !== id)), [id]);
}

/** All commands that screens offer now. */
export function useOffered(): readonly Command[] {
  const held = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => groups,
  );
  return held.flatMap((group) => group.commands);
}

/**
 * Commands that a typed text means, best first: those that begin with it, those in which a word does, those that hold its
 * letters in order. Pure.
 */
export function matching(commands: readonly Command[], typed: string): Command[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return [...commands];
  return commands
    .map((command, order) => ({ command, order, rank: rank(command.word.toLowerCase(), wanted) }))
    .filter(({ rank: found }) => found < NO_MATCH)
    .sort((a, b) => a.rank - b.rank || a.order - b.order)
    .map(({ command }) => command);
}

/** Whether one of them is called what was typed: it begins so, or has such words, not only its letters somewhere. Pure. */
export const isCalled = (commands: readonly Command[], typed: string): boolean => {
  const wanted = typed.trim().toLowerCase();
  return wanted !== '' && commands.some((command) => rank(command.word.toLowerCase(), wanted) < LETTERS);
};

/** Only its letters, in their order. */
const LETTERS = 3;
const NO_MATCH = 4;

function rank(word: string, wanted: string): number {
  if (word.startsWith(wanted)) return 0;
  if (word.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(wanted))) return 1;
  if (wanted.split(/\s+/).every((part) => word.includes(part))) return 2;
  let at = 0;
  for (const letter of word) if (letter === wanted[at]) at++;
  return at === wanted.length && wanted.length > 2 ? LETTERS : NO_MATCH;
}
