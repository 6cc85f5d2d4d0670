import { defaultRangeExtractor, type Rect, useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, type Ref, type RefObject, useEffect, useImperativeHandle, useLayoutEffect } from 'react';
import { useLater } from '../later.tsx';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import type { Column } from './columns.ts';
import type { Line } from './lines.ts';
import classes from './list.module.css';
import { isSelected, type Selection } from './selection.ts';
import { GroupRow, type RowActs, TableRow } from './table-row.tsx';

/** Rows drawn at once when a list opens; the others of the window follow in slices. */
const firstRows = 8;

/** Where a list was left: its offset and what its cursor was on. */
export interface Place {
  offset: number;
  active: number;
  column: number;
  folds: ReadonlyMap<string, boolean>;
}

/** What the table around them asks of the rows. */
export interface RowsHandle {
  scrollTo: (index: number) => void;
}

/** How large the scroller was last; before it was ever seen, no less than it can be. */
let lastRect: Rect | undefined;
const firstRect = (): Rect => lastRect ?? { width: window.innerWidth, height: window.innerHeight };

/** Hears the size of the scroller once it is laid out: asked for while rows come in, the browser would have to lay out the page for it. */
function observeRect(virtual: Virtualizer<HTMLDivElement, Element>, tell: (rect: Rect) => void): (() => void) | undefined {
  const element = virtual.scrollElement;
  if (!element) return undefined;
  const observer = new ResizeObserver(([entry]) => {
    const box = entry?.borderBoxSize[0];
    if (!box) return;
    lastRect = { width: Math.round(box.inlineSize), height: Math.round(box.blockSize) };
    tell(lastRect);
  });
  observer.observe(element, { box: 'border-box' });
  return () => observer.disconnect();
}

interface Props {
  ref: Ref<RowsHandle>;
  scroller: RefObject<HTMLDivElement | null>;
  object: ObjectMeta;
  columns: readonly Column[];
  /** The field the rows are grouped by. */
  grouping: FieldMeta | undefined;
  lines: readonly Line[];
  gridId: string;
  height: number;
  phone: boolean;
  selection: Selection | null;
  active: number;
  column: number;
  editing: { id: string; key: string; fresh: boolean } | null;
  refused: boolean;
  acts: RowActs;
  /** The offset to begin at. */
  offset: number;
  /** Told the offset when the rows go. */
  onLeave: (offset: number) => void;
  /** Told which lines are in sight, after each drawing. */
  onSight: (indexes: readonly number[]) => void;
}

/** The lines in sight of a list of any length. Apart from the table: whoever scrolls draws these anew and nothing else. */
export const TableRows = memo(function TableRows({
  ref,
  scroller,
  object,
  columns,
  grouping,
  lines,
  gridId,
  height,
  phone,
  selection,
  active,
  column,
  editing,
  refused,
  acts,
  offset,
  onLeave,
  onSight,
}: Props): ReactNode {
  const editedAt = editing ? lines.findIndex((line) => line.kind === 'row' && line.record.id === editing.id) : -1;
  const virtual = useVirtualizer<HTMLDivElement, Element>({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 6,
    useFlushSync: false,
    initialOffset: offset,
    initialRect: firstRect(),
    observeElementRect: observeRect,
    // The head above the rows and the foot over their end: a row scrolled to stands clear of both.
    scrollPaddingEnd: phone ? 0 : 64,
    // What is being typed stays, however far one scrolls.
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      return editedAt < 0 || shown.includes(editedAt) ? shown : [...shown, editedAt].sort((one, other) => one - other);
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new height is exactly when rows are measured anew
  useLayoutEffect(() => virtual.measure(), [virtual, height]);
  useImperativeHandle(ref, () => ({ scrollTo: (index) => virtual.scrollToIndex(index, { align: 'auto' }) }), [virtual]);
  // As the virtualizer last heard it: asked of the element, in the midst of a commit, the browser would have to lay out the page for it.
  useLayoutEffect(() => () => onLeave(virtual.scrollOffset ?? 0), [virtual, onLeave]);

  const later = useLater();
  const inSight = virtual.getVirtualItems();
  const items = later ? inSight : inSight.slice(0, firstRows);
  useEffect(() => onSight(items.map((item) => item.index)));

  return (
    <div role="presentation" className={classes.rows} style={{ blockSize: virtual.getTotalSize() }}>
      {items.map((item) => {
        const line = lines[item.index];
        const id = `${gridId}-${item.index}`;
        if (line?.kind === 'group' && grouping)
          return (
            <GroupRow
              key={item.key}
              object={object}
              field={grouping}
              columns={columns}
              group={line.group}
              open={line.open}
              index={item.index}
              id={id}
              start={item.start}
              height={height}
              phone={phone}
              active={item.index === active}
              acts={acts}
            />
          );
        if (line?.kind !== 'row')
          return (
            <div
              key={item.key}
              className={classes.ghost}
              style={{ transform: `translateY(${item.start}px)`, blockSize: height }}
              aria-hidden
            />
          );
        const isActive = item.index === active;
        return (
          <TableRow
            key={item.key}
            object={object}
            columns={columns}
            record={line.record}
            index={item.index}
            id={id}
            start={item.start}
            height={height}
            phone={phone}
            selected={selection && isSelected(selection, line.record.id)}
            active={isActive}
            cursor={isActive ? column : 0}
            editing={editing?.id === line.record.id ? editing : null}
            refused={isActive && refused}
            acts={acts}
          />
        );
      })}
    </div>
  );
});
