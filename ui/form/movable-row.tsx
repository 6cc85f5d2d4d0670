import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconGripVertical } from '@tabler/icons-react';
import { type ComponentProps, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { iconLook } from '../icons.ts';
import { useWords } from '../words.ts';
import classes from './movable-row.module.css';

/** A place in one of the lists of a group. */
export interface Place {
  list: string;
  at: number;
}

interface Props extends Omit<ComponentProps<'li'>, 'ref'> {
  /** Rows move within and between the lists of a group; of another group none is taken. */
  group: string;
  place: Place;
  /** What the row is called: its handle and its arrows say so. */
  name: string;
  /** Whether there is a place ahead of it and behind it. */
  first: boolean;
  last: boolean;
  /** A row goes to where it will then stand: `to.at` counts without the row itself. */
  onMove(from: Place, to: Place): void;
  /** One place further, by arrow or key; over the edge of a list is for the owner to say. */
  onStep(by: -1 | 1): void;
  /** What stands behind the arrows. */
  acts?: ReactNode;
}

/** A row of a list whose order somebody makes: by dragging its handle, by Alt with an arrow key, by its arrows. */
export function MovableRow({ group, place, name, first, last, onMove, onStep, acts, children, className, ...rest }: Props): ReactNode {
  const { t } = useWords();
  const row = useRef<HTMLLIElement>(null);
  const handle = useRef<HTMLSpanElement>(null);
  const [over, setOver] = useState<'before' | 'after' | null>(null);
  const { list, at } = place;
  const moved = useRef(onMove);
  moved.current = onMove;
  useEffect(() => {
    const element = row.current;
    const dragHandle = handle.current;
    if (!element || !dragHandle) return;
    const side = (input: { clientY: number }): 'before' | 'after' => {
      const { top, height } = element.getBoundingClientRect();
      return input.clientY > top + height / 2 ? 'after' : 'before';
    };
    return combine(
      draggable({ element, dragHandle, getInitialData: () => ({ kind: 'row', group, list, at }) }),
      dropTargetForElements({
        element,
        canDrop: ({ source }) => source.data.kind === 'row' && source.data.group === group && source.element !== element,
        onDrag: ({ location }) => setOver(side(location.current.input)),
        onDragLeave: () => setOver(null),
        onDrop: ({ source, location }) => {
          setOver(null);
          const from = { list: String(source.data.list), at: Number(source.data.at) };
          const behind = at + (side(location.current.input) === 'after' ? 1 : 0);
          const to = from.list === list && from.at < behind ? behind - 1 : behind;
          if (from.list !== list || from.at !== to) moved.current(from, { list, at: to });
        },
      }),
    );
  }, [group, list, at]);
  const onKey = (event: KeyboardEvent<HTMLLIElement>): void => {
    rest.onKeyDown?.(event);
    if (event.defaultPrevented || !event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    const by = event.key === 'ArrowUp' ? -1 : 1;
    if (!(by === -1 ? first : last)) onStep(by);
  };
  return (
    <li {...rest} ref={row} className={[classes.row, className].filter(Boolean).join(' ')} data-over={over ?? undefined} onKeyDown={onKey}>
      <span ref={handle} className={classes.handle} aria-hidden>
        <IconGripVertical {...iconLook} />
      </span>
      {children}
      <span className={classes.acts}>
        <Arrow label={t('move.up', { name })} disabled={first} onClick={() => onStep(-1)}>
          <IconArrowUp {...iconLook} />
        </Arrow>
        <Arrow label={t('move.down', { name })} disabled={last} onClick={() => onStep(1)}>
          <IconArrowDown {...iconLook} />
        </Arrow>
        {acts}
      </span>
    </li>
  );
}

function Arrow({
  label,
  disabled,
  onClick,
  children,
}: {
  label: string;
  disabled: boolean;
  onClick: () => void;
  children: ReactNode;
}): ReactNode {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} disabled={disabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

/** A list with one entry at another place. */
export function reordered<T>(items: readonly T[], from: number, to: number): T[] {
  const rest = items.filter((_, i) => i !== from);
  const moved = items[from];
  return moved === undefined ? [...items] : [...rest.slice(0, to), moved, ...rest.slice(to)];
}
