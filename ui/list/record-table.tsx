import { ActionIcon, Checkbox, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowDown, IconArrowUp, IconDots } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { viewOf } from '../fields/registry.ts';
import { Glow } from '../live/glow.tsx';
import { fieldOf } from '../meta.ts';
import { Picture } from '../person.tsx';
import { useDelayed } from '../use-delayed.ts';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './list.module.css';
import { nextSort } from './list-search.ts';
import { RowMenu } from './row-menu.tsx';
import { isBare, isSelected, nothing, ranged, type Selection, toggled } from './selection.ts';
import type { Records } from './use-records.ts';

const rowHeight = 36;
const phoneRowHeight = 60;
const firstWidth = 240;

/** Where each list was left, so that coming back from a record finds the same rows under the same cursor. */
const places = new Map<string, { offset: number; active: number }>();

interface Props {
  object: ObjectMeta;
  /** Field keys after the title. */
  columns: string[];
  sort: string[];
  onSort: (sort: string[] | undefined) => void;
  records: Records;
  /** Names this list among others, to find its place again. */
  place: string;
  /** What is selected; null where nothing can be done with a selection. */
  selection: Selection | null;
  onSelect: (selection: Selection) => void;
  empty: ReactNode;
}

/** Whether this object's rows carry a picture, and which shape it has. */
function pictureOf(object: ObjectMeta, record: RecordData): 'round' | 'square' | null {
  if (object.key === 'user') return 'round';
  if (!object.variants) return null;
  return record[object.variants.field] === 'organisation' ? 'square' : 'round';
}

function Title({ object, record }: { object: ObjectMeta; record: RecordData }): ReactNode {
  const { t } = useWords();
  const picture = pictureOf(object, record);
  const field = fieldOf(object, object.title);
  const name = field ? viewOf(field.type).text(record[object.title], field, object.key) : String(record[object.title] ?? '');
  return (
    <Link className={classes.title} to="/o/$plural/$id" params={{ plural: object.plural, id: record.id }} tabIndex={-1} title={name}>
      {picture && <Picture name={name} square={picture === 'square'} of={object.picture ? record[object.picture] : null} />}
      <span className="pg-ellipsis">{name || <span className="pg-meta">{t('record.unnamed')}</span>}</span>
    </Link>
  );
}

function Value({ object, field, record }: { object: ObjectMeta; field: FieldMeta; record: RecordData }): ReactNode {
  const { Cell } = viewOf(field.type);
  return <Cell value={record[field.key]} field={field} object={object.key} />;
}

/** A list of any length: only the rows in sight exist, the next page is fetched before its end is reached. */
export function RecordTable({ object, columns, sort, onSort, records, place, selection, onSelect, empty }: Props): ReactNode {
  const { t, field: fieldWord, plural } = useWords();
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const gridId = useId();
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  const kept = places.get(place);
  const [active, setActive] = useState(kept?.active ?? -1);
  const [menu, setMenu] = useState<{ record: RecordData; x: number; y: number } | null>(null);
  const { rows } = records;
  const fields = columns.map((key) => fieldOf(object, key)).filter((field): field is FieldMeta => field !== undefined);
  const skeleton = useDelayed(records.pending);
  const height = phone ? phoneRowHeight : rowHeight;

  const virtual = useVirtualizer({
    count: rows.length + (records.more ? 8 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    initialOffset: kept?.offset ?? 0,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new height is exactly when rows are measured anew
  useLayoutEffect(() => virtual.measure(), [virtual, height]);

  const items = virtual.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? 0;
  const { more, loadMore, seen } = records;
  useEffect(() => {
    seen(lastSeen);
    if (more && lastSeen >= rows.length - 40) loadMore();
  });

  const cursor = useRef(active);
  cursor.current = active;
  // A layout effect ends while the rows are still in the page: afterwards their place is forgotten.
  useLayoutEffect(() => {
    const element = scroller.current;
    return () => {
      if (element) places.set(place, { offset: element.scrollTop, active: cursor.current });
    };
  }, [place]);

  const open = (record: RecordData, index: number): void => {
    setActive(index);
    void navigate({ to: '/o/$plural/$id', params: { plural: object.plural, id: record.id } });
  };
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    if (rows.length === 0) return;
    setActive(next);
    virtual.scrollToIndex(next, { align: 'auto' });
  };
  /** Where a range begins: the row that was selected or passed last. */
  const anchor = useRef(-1);
  const toggle = (index: number, range: boolean): void => {
    const row = rows[index];
    if (!row || !selection) return;
    onSelect(range && anchor.current >= 0 ? ranged(selection, rows, anchor.current, index) : toggled(selection, row.id, rows));
    anchor.current = index;
  };
  const onKey = (event: KeyboardEvent | globalThis.KeyboardEvent): void => {
    if (selection && (event.ctrlKey || event.metaKey) && event.key === 'a') {
      event.preventDefault();
      onSelect({ kind: 'all' });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[active];
    if (selection && event.key === 'x' && row) {
      event.preventDefault();
      toggle(active, false);
      return;
    }
    if (selection && event.shiftKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp') && active >= 0) {
      event.preventDefault();
      const to = Math.max(0, Math.min(rows.length - 1, active + (event.key === 'ArrowDown' ? 1 : -1)));
      onSelect(ranged(selection, rows, active, to));
      anchor.current = to;
      move(to);
      return;
    }
    const moves: Record<string, number> = {
      j: active + 1,
      ArrowDown: active + 1,
      k: active - 1,
      ArrowUp: active - 1,
      Home: 0,
      End: rows.length - 1,
      PageDown: active + 15,
      PageUp: active - 15,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      event.preventDefault();
      move(to);
    } else if (event.key === 'Enter' && row) {
      event.preventDefault();
      open(row, active);
    } else if (event.key === 'Escape') {
      if (selection && !isBare(selection)) onSelect(nothing);
      else setActive(-1);
    }
  };
  // j and k work without first stepping into the list, unless somebody is typing or a dialog is open.
  const latest = useRef(onKey);
  latest.current = onKey;
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent): void => {
      const at = document.activeElement;
      const ours = /^(j|k|x|Enter|Escape)$/.test(event.key) || (event.shiftKey && /^Arrow(Up|Down)$/.test(event.key));
      if (at === document.body && ours && !document.querySelector('[role="dialog"]')) latest.current(event);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);

  const template = [`minmax(${firstWidth}px, 2fr)`, ...fields.map((field) => `minmax(${viewOf(field.type).width}px, 1fr)`)].join(' ');
  const width = firstWidth + fields.reduce((sum, field) => sum + viewOf(field.type).width, 0);
  const titleField = fieldOf(object, object.title);

  const header = (field: FieldMeta | undefined, key: string): ReactNode => {
    const direction = sort[0] === key ? 'ascending' : sort[0] === `-${key}` ? 'descending' : undefined;
    const end = field !== undefined && viewOf(field.type).align === 'end';
    const word = fieldWord(object.key, key);
    const mark =
      direction === 'ascending' ? (
        <IconArrowUp size={12} stroke={2} aria-hidden />
      ) : direction === 'descending' ? (
        <IconArrowDown size={12} stroke={2} aria-hidden />
      ) : null;
    return (
      // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
      <div
        key={key}
        role="columnheader"
        tabIndex={-1}
        aria-sort={direction ?? 'none'}
        className={classes.headCell}
        data-end={end || undefined}
      >
        {key === object.title && selection && (
          <Checkbox
            className={classes.check}
            tabIndex={-1}
            aria-label={t('bulk.selectShown')}
            checked={selection.kind === 'all' || (rows.length > 0 && rows.every((row) => isSelected(selection, row.id)))}
            indeterminate={!isBare(selection) && !rows.every((row) => isSelected(selection, row.id))}
            onChange={() => onSelect(isBare(selection) ? { kind: 'some', ids: new Set(rows.map((row) => row.id)) } : nothing)}
          />
        )}
        {field?.sortable ? (
          <button
            type="button"
            className={classes.sort}
            onClick={() => onSort(nextSort(sort, key))}
            title={t('list.sortBy', { field: word })}
          >
            <span className="pg-ellipsis">{word}</span>
            {mark}
          </button>
        ) : (
          <span className="pg-ellipsis">{word}</span>
        )}
      </div>
    );
  };

  if (!records.pending && rows.length === 0) return empty;

  const openMenu = (event: MouseEvent, record: RecordData, index: number): void => {
    event.preventDefault();
    event.stopPropagation();
    setActive(index);
    setMenu({ record, x: event.clientX, y: event.clientY });
  };

  const cells = (record: RecordData, index: number): ReactNode =>
    phone ? (
      // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
      <div role="gridcell" tabIndex={-1} className={classes.phoneRow}>
        <Title object={object} record={record} />
        <div className={classes.phoneLine}>
          {fields
            .filter((field) => !viewOf(field.type).isEmpty(record[field.key], field))
            .slice(0, 2)
            .map((field) => (
              <span key={field.key} className="pg-ellipsis">
                <Value object={object} field={field} record={record} />
              </span>
            ))}
        </div>
      </div>
    ) : (
      <>
        {/* biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element */}
        <div role="gridcell" tabIndex={-1} className={classes.firstCell}>
          {selection && (
            <Checkbox
              className={classes.check}
              tabIndex={-1}
              aria-label={t('bulk.selectRow', { name: String(record[object.title] ?? t('record.unnamed')) })}
              checked={isSelected(selection, record.id)}
              onChange={() => undefined}
              onClick={(event) => {
                event.stopPropagation();
                toggle(index, event.shiftKey);
              }}
            />
          )}
          <Title object={object} record={record} />
          <Glow object={object.key} id={record.id} field={object.title} value={record[object.title]} />
          <Tooltip label={t('list.rowActs')}>
            <ActionIcon
              className={classes.rowActs}
              size="xs"
              tabIndex={-1}
              aria-label={t('list.rowActs')}
              onClick={(event) => openMenu(event, record, index)}
            >
              <IconDots size={16} stroke={1.5} />
            </ActionIcon>
          </Tooltip>
        </div>
        {fields.map((field) => (
          // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
          <div
            key={field.key}
            role="gridcell"
            tabIndex={-1}
            className={classes.cell}
            data-end={viewOf(field.type).align === 'end' || undefined}
          >
            <Value object={object} field={field} record={record} />
            <Glow object={object.key} id={record.id} field={field.key} value={record[field.key]} />
          </div>
        ))}
      </>
    );

  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element */}
      <div
        ref={scroller}
        className={classes.scroller}
        role="grid"
        tabIndex={0}
        aria-multiselectable={selection !== null}
        data-selecting={(selection !== null && !isBare(selection)) || undefined}
        aria-label={t('list.of', { objects: plural(object.key).toLowerCase() })}
        aria-rowcount={records.count?.exact ? records.count.value : -1}
        aria-activedescendant={active >= 0 ? `${gridId}-${active}` : undefined}
        aria-busy={records.stale}
        onKeyDown={(event) => {
          if (event.target === event.currentTarget) onKey(event);
        }}
        onFocus={(event) => {
          if (event.target === event.currentTarget && active < 0 && event.currentTarget.matches(':focus-visible')) setActive(0);
        }}
      >
        {!phone && (
          // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
          <div role="row" tabIndex={-1} className={classes.head} style={{ gridTemplateColumns: template, minInlineSize: width }}>
            {header(titleField, object.title)}
            {fields.map((field) => header(field, field.key))}
          </div>
        )}
        {records.pending ? (
          skeleton && <SkeletonRows template={template} columns={phone ? 1 : fields.length + 1} height={height} />
        ) : (
          <div
            role="presentation"
            style={{ blockSize: virtual.getTotalSize(), position: 'relative', minInlineSize: phone ? undefined : width }}
          >
            {items.map((item) => {
              const record = rows[item.index];
              const at = { transform: `translateY(${item.start}px)`, blockSize: height, gridTemplateColumns: phone ? '1fr' : template };
              if (!record) return <div key={item.key} className={classes.ghost} style={at} aria-hidden />;
              return (
                // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
                // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the grid, which holds the focus
                <div
                  key={item.key}
                  id={`${gridId}-${item.index}`}
                  role="row"
                  tabIndex={-1}
                  aria-rowindex={item.index + 2}
                  aria-selected={selection !== null && isSelected(selection, record.id)}
                  className={classes.row}
                  data-active={item.index === active || undefined}
                  style={at}
                  onClick={(event) => {
                    if (event.target instanceof Element && event.target.closest('a,button,input,label')) return;
                    open(record, item.index);
                  }}
                  onContextMenu={(event) => openMenu(event, record, item.index)}
                >
                  {cells(record, item.index)}
                </div>
              );
            })}
          </div>
        )}
      </div>
      <RowMenu object={object} at={menu} onClose={() => setMenu(null)} onOpen={(record) => open(record, active)} />
    </>
  );
}

/** Rows of the final height without words, while the first answer is late. */
export function SkeletonRows({
  template,
  columns,
  height = rowHeight,
  rows = 16,
}: {
  template: string;
  columns: number;
  height?: number;
  rows?: number;
}): ReactNode {
  return (
    <div aria-hidden>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows of a skeleton are their places
        <div key={row} className={classes.skeletonRow} style={{ gridTemplateColumns: template, blockSize: height }}>
          {Array.from({ length: columns }, (_, column) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: cells of a skeleton are their places
            <span key={column} className={classes.skeletonCell} style={{ inlineSize: `${45 + ((row * 7 + column * 13) % 40)}%` }} />
          ))}
        </div>
      ))}
    </div>
  );
}
