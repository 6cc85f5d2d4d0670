import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { Menu } from '@mantine/core';
import {
  IconArrowAutofitWidth,
  IconArrowBarBoth,
  IconArrowDown,
  IconArrowLeft,
  IconArrowRight,
  IconArrowsHorizontal,
  IconArrowUp,
  IconChevronDown,
  IconEyeOff,
  IconStack2,
} from '@tabler/icons-react';
import { memo, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { viewOf } from '../fields/registry.ts';
import { iconLook } from '../icons.ts';
import { MenuButton } from '../menu-button.tsx';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import type { Column } from './columns.ts';
import { isGroupable } from './groups.ts';
import classes from './list.module.css';
import { clampWidth, nextSort } from './list-search.ts';

/** What can be done with a column. */
export interface ColumnActs {
  sort: (sort: string[] | undefined) => void;
  /** A width in pixels; undefined: as the others share what is left. */
  resize: (key: string, width: number | undefined) => void;
  /** While the edge is dragged; null when it ends. */
  preview: (key: string, width: number | null) => void;
  /** As wide as the widest value in sight. */
  fit: (key: string) => void;
  move: (key: string, by: number) => void;
  moveTo: (key: string, target: string, after: boolean) => void;
  hide: (key: string) => void;
  group: (key: string) => void;
}

const step = 24;

interface Props {
  object: ObjectMeta;
  column: Column;
  /** Nothing stands before it that it could change places with, or behind it. */
  first: boolean;
  last: boolean;
  sort: readonly string[];
  /** The same all the time, so that heads stay as they are while rows come and go. */
  acts: ColumnActs;
  /** Before the word: the box that selects all rows. */
  before?: ReactNode;
}

/** The head of a column: sorts when pressed; its menu, its edge and itself, dragged, do the rest. ↓ opens the menu. */
export const HeaderCell = memo(function HeaderCell({ object, column, first, last, sort, acts, before }: Props): ReactNode {
  const { t, field: fieldWord } = useWords();
  const { key, field } = column;
  const cell = useRef<HTMLDivElement>(null);
  const menu = useRef<HTMLButtonElement>(null);
  const [over, setOver] = useState<'before' | 'after' | null>(null);
  const isTitle = key === object.title;
  const word = fieldWord(object.key, key);
  const direction = sort[0] === key ? 'ascending' : sort[0] === `-${key}` ? 'descending' : undefined;
  const end = field !== undefined && viewOf(field.type).align === 'end';

  useEffect(() => {
    const element = cell.current;
    if (!element || isTitle) return;
    const side = (input: { clientX: number }): 'before' | 'after' => {
      const { left, width } = element.getBoundingClientRect();
      return input.clientX > left + width / 2 === (getComputedStyle(element).direction !== 'rtl') ? 'after' : 'before';
    };
    return combine(
      draggable({
        element,
        canDrag: ({ input }) => !document.elementFromPoint(input.clientX, input.clientY)?.closest('[data-edge]'),
        getInitialData: () => ({ kind: 'column', object: object.key, key }),
      }),
      dropTargetForElements({
        element,
        canDrop: ({ source }) => source.data.kind === 'column' && source.data.object === object.key && source.data.key !== key,
        onDrag: ({ location }) => setOver(side(location.current.input)),
        onDragLeave: () => setOver(null),
        onDrop: ({ source, location }) => {
          setOver(null);
          acts.moveTo(String(source.data.key), key, side(location.current.input) === 'after');
        },
      }),
    );
  }, [key, isTitle, object.key, acts]);

  const drag = (event: PointerEvent<HTMLElement>): void => {
    const element = cell.current;
    if (!element || event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    const edge = event.currentTarget;
    edge.setPointerCapture(event.pointerId);
    const from = event.clientX;
    const before = element.getBoundingClientRect().width;
    const sign = getComputedStyle(element).direction === 'rtl' ? -1 : 1;
    let width = before;
    const move = (next: globalThis.PointerEvent): void => {
      width = clampWidth(before + sign * (next.clientX - from));
      acts.preview(key, width);
    };
    const done = (): void => {
      edge.removeEventListener('pointermove', move);
      edge.removeEventListener('pointerup', done);
      edge.removeEventListener('pointercancel', done);
      acts.preview(key, null);
      if (Math.abs(width - before) > 2) acts.resize(key, width);
    };
    edge.addEventListener('pointermove', move);
    edge.addEventListener('pointerup', done);
    edge.addEventListener('pointercancel', done);
  };
  const wider = (by: number): void => acts.resize(key, clampWidth((cell.current?.getBoundingClientRect().width ?? column.width) + by));

  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
    <div
      ref={cell}
      role="columnheader"
      tabIndex={-1}
      aria-sort={direction ?? 'none'}
      className={classes.headCell}
      data-end={end || undefined}
      data-column={key}
      data-over={over ?? undefined}
      onContextMenu={(event) => {
        event.preventDefault();
        menu.current?.click();
      }}
    >
      {before}
      {field?.sortable ? (
        <button
          type="button"
          className={classes.sort}
          onClick={() => acts.sort(nextSort(sort, key))}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown') return;
            event.preventDefault();
            // Opened within this very key press, the menu would take the press for its own and close again.
            requestAnimationFrame(() => menu.current?.click());
          }}
          title={t('list.sortBy', { field: word })}
        >
          <span className="pg-ellipsis">{word}</span>
          {direction === 'ascending' && <IconArrowUp size={12} stroke={2} aria-hidden />}
          {direction === 'descending' && <IconArrowDown size={12} stroke={2} aria-hidden />}
        </button>
      ) : (
        <span className="pg-ellipsis">{word}</span>
      )}
      <MenuButton
        position="bottom-start"
        width={216}
        opener={menu}
        button={(props) => (
          <button
            {...props}
            type="button"
            className={classes.headMenu}
            // Reached by ↓ from the word; where it cannot be sorted by, by itself.
            tabIndex={field?.sortable ? -1 : 0}
            aria-label={t('column.menu', { field: word })}
          >
            <IconChevronDown size={14} stroke={1.5} aria-hidden />
          </button>
        )}
      >
        {() => (
          <>
            {field?.sortable && (
              <>
                <Menu.Item leftSection={<IconArrowUp {...iconLook} />} onClick={() => acts.sort([key])}>
                  {t('column.ascending')}
                </Menu.Item>
                <Menu.Item leftSection={<IconArrowDown {...iconLook} />} onClick={() => acts.sort([`-${key}`])}>
                  {t('column.descending')}
                </Menu.Item>
              </>
            )}
            {field && isGroupable(field) && (
              <Menu.Item leftSection={<IconStack2 {...iconLook} />} onClick={() => acts.group(key)}>
                {t('column.group')}
              </Menu.Item>
            )}
            {(field?.sortable || (field && isGroupable(field))) && <Menu.Divider />}
            <Menu.Item leftSection={<IconArrowsHorizontal {...iconLook} />} closeMenuOnClick={false} onClick={() => wider(step)}>
              {t('column.wider')}
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowBarBoth {...iconLook} />} closeMenuOnClick={false} onClick={() => wider(-step)}>
              {t('column.narrower')}
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowAutofitWidth {...iconLook} />} onClick={() => acts.fit(key)}>
              {t('column.fit')}
            </Menu.Item>
            {column.isSet && <Menu.Item onClick={() => acts.resize(key, undefined)}>{t('column.share')}</Menu.Item>}
            {!isTitle && (
              <>
                <Menu.Divider />
                <Menu.Item leftSection={<IconArrowLeft {...iconLook} />} disabled={first} onClick={() => acts.move(key, -1)}>
                  {t('column.left')}
                </Menu.Item>
                <Menu.Item leftSection={<IconArrowRight {...iconLook} />} disabled={last} onClick={() => acts.move(key, 1)}>
                  {t('column.right')}
                </Menu.Item>
                <Menu.Item leftSection={<IconEyeOff {...iconLook} />} onClick={() => acts.hide(key)}>
                  {t('column.hide')}
                </Menu.Item>
              </>
            )}
          </>
        )}
      </MenuButton>
      <span className={classes.edge} data-edge onPointerDown={drag} onDoubleClick={() => acts.fit(key)} aria-hidden />
    </div>
  );
});
