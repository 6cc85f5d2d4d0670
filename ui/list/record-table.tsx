import { useMediaQuery } from '@mantine/hooks';
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { flushSync } from 'react-dom';
import { viewOf } from '../fields/registry.ts';
import { useOpenFromList } from '../record/trail.ts';
import { isEditable } from '../record/use-field-edit.ts';
import type { Peeked } from '../record/use-peek-address.ts';
import { useDelayed } from '../use-delayed.ts';
import { useHandler, useHandlers } from '../use-handler.ts';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import type { Way } from './cell-editor.tsx';
import { columnsOf, leastWidth, movedBy, movedTo, templateOf } from './columns.ts';
import { rowHeights, useDensity } from './density.ts';
import { type Group, groupWhere, openAtFirst } from './groups.ts';
import { type ColumnActs, HeaderCell } from './header-cell.tsx';
import { groupedLines, type Line, plainLines, rowBeside } from './lines.ts';
import classes from './list.module.css';
import { ListFooter } from './list-footer.tsx';
import { clampWidth, type ListState } from './list-search.ts';
import { both } from './predicate.ts';
import { RowMenu } from './row-menu.tsx';
import { isBare, isSelected, nothing, ranged, type Selection, toggled } from './selection.ts';
import { useTablePeek } from './table-peek.ts';
import type { RowActs } from './table-row.tsx';
import { type Place, type RowsHandle, TableRows } from './table-rows.tsx';
import type { Groups } from './use-figures.ts';
import { type ListRequest, type Records, useRecords } from './use-records.ts';

const phoneRowHeight = 60;

/** Where each list was left, so that coming back from a record finds the same rows under the same cursor. */
const places = new Map<string, Place>();

interface Props {
  object: ObjectMeta;
  /** Fields after the title. */
  fields: readonly FieldMeta[];
  request: ListRequest;
  records: Records;
  /** The field the rows are grouped by, and its groups. */
  grouping: { field: FieldMeta; groups: Groups } | null;
  state: ListState;
  onChange: (change: ListState) => void;
  /** Names this list among others, to find its place again. */
  place: string;
  /** What is selected; null where nothing can be done with a selection. */
  selection: Selection | null;
  onSelect: (selection: Selection) => void;
  peek: Peeked;
  empty: ReactNode;
}

/** Fetches the rows of one open group and hands them up; shows nothing itself. */
function GroupFeed({
  object,
  request,
  group,
  onRecords,
}: {
  object: ObjectMeta;
  request: ListRequest;
  group: string;
  onRecords: (group: string, records: Records | null) => void;
}): ReactNode {
  const records = useRecords(object, request);
  const { rows, more, pending, failure } = records;
  const latest = useRef(records);
  latest.current = records;
  // biome-ignore lint/correctness/useExhaustiveDependencies: handed up when what the list shows of it changes
  useEffect(() => {
    onRecords(group, { ...latest.current, loadMore: () => latest.current.loadMore(), seen: (last) => latest.current.seen(last) });
  }, [group, rows, more, pending, failure, onRecords]);
  useEffect(() => () => onRecords(group, null), [group, onRecords]);
  return null;
}

/** The rows of the open groups as they come. */
function useGroupRecords(): [ReadonlyMap<string, Records>, (group: string, records: Records | null) => void] {
  const [held, setHeld] = useState<ReadonlyMap<string, Records>>(new Map());
  const take = useCallback((group: string, records: Records | null) => {
    setHeld((was) => {
      const next = new Map(was);
      if (records) next.set(group, records);
      else next.delete(group);
      return next;
    });
  }, []);
  return [held, take];
}

/** A list of any length: only the rows in sight exist, the next page is fetched before its end is reached. */
export function RecordTable({
  object,
  fields,
  request,
  records,
  grouping,
  state,
  onChange,
  place,
  selection,
  onSelect,
  peek,
  empty,
}: Props): ReactNode {
  const { t, plural, inSentence } = useWords();
  const openFromList = useOpenFromList(object);
  const scroller = useRef<HTMLDivElement>(null);
  const gridId = useId();
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  const [density] = useDensity();
  const kept = places.get(place);
  const [active, setActive] = useState(kept?.active ?? -1);
  const [column, setColumn] = useState(kept?.column ?? 0);
  const [editing, setEditing] = useState<{ id: string; key: string; fresh: boolean } | null>(null);
  const [refused, setRefused] = useState(false);
  const [menu, setMenu] = useState<{ record: RecordData; x: number; y: number } | null>(null);
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(kept?.folds ?? new Map());
  const [held, take] = useGroupRecords();
  const height = phone ? phoneRowHeight : rowHeights[density];
  const sort = state.sort ?? object.list.sort;
  const columns = useMemo(
    () => columnsOf(object, fields, state.widths, (field) => viewOf(field.type).width),
    [object, fields, state.widths],
  );
  const groups = grouping?.groups.groups;
  const open = useMemo(() => {
    const first = openAtFirst(groups ?? []);
    return new Set((groups ?? []).flatMap(({ key }) => ((folds.get(key) ?? first.has(key)) ? [key] : [])));
  }, [groups, folds]);
  const lines = useMemo(
    () => (groups ? groupedLines(groups, open, held) : plainLines(records.rows, records.more)),
    [groups, open, held, records.rows, records.more],
  );
  const rows = useMemo(
    () => (groups ? lines.flatMap((line) => (line.kind === 'row' ? [line.record] : [])) : records.rows),
    [groups, lines, records.rows],
  );
  const pending = grouping ? grouping.groups.pending : records.pending;
  const skeleton = useDelayed(pending);

  const handle = useRef<RowsHandle>(null);
  const onSight = useHandler((indexes: readonly number[]): void => {
    if (!groups) {
      const last = indexes.at(-1) ?? 0;
      records.seen(last);
      if (records.more && last >= records.rows.length - 40) records.loadMore();
      return;
    }
    for (const index of indexes) {
      const line = lines[index];
      if (line?.kind === 'ghost' && line.group !== null) held.get(line.group)?.loadMore();
      else if (line?.kind === 'row' && line.group !== null) held.get(line.group)?.seen(line.within);
    }
  });
  const onLeave = useHandler((offset: number): void => {
    places.set(place, { offset, active, column, folds });
  });

  /** The question whose answer are the rows of a group. */
  const requestOf = (group: Group): ListRequest =>
    grouping ? { ...request, where: both(request.where, groupWhere(grouping.field, group.value)) } : request;
  const openRecord = (record: RecordData, index: number): void => {
    setActive(index);
    const line = lines[index];
    const group = line?.kind === 'row' ? groups?.find(({ key }) => key === line.group) : undefined;
    openFromList(record.id, group ? requestOf(group) : request);
  };
  const move = (to: number): void => {
    if (lines.length === 0) return;
    let next = Math.max(0, Math.min(lines.length - 1, to));
    // Rows that have not come yet are passed over upwards.
    while (next > 0 && lines[next]?.kind === 'ghost') next -= 1;
    setActive(next);
    setRefused(false);
    handle.current?.scrollTo(next);
    follow(next);
  };
  const follow = useTablePeek({
    object,
    lines,
    active,
    peek,
    count: records.count,
    groups,
    move,
    openPeeked: (id) => {
      const line = lines[active];
      if (line?.kind === 'row' && line.record.id === id) openRecord(line.record, active);
      else openFromList(id, request);
    },
  });
  const moveColumn = (to: number): void => {
    const next = Math.max(0, Math.min(columns.length - 1, to));
    setColumn(next);
    setRefused(false);
    const key = columns[next]?.key;
    requestAnimationFrame(() =>
      scroller.current?.querySelector(`[data-column="${CSS.escape(key ?? '')}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' }),
    );
  };
  const fold = (group: Group, to?: boolean): void => {
    setFolds((was) => new Map(was).set(group.key, to ?? !open.has(group.key)));
  };
  /** Where a range begins: the row that was selected or passed last. */
  const anchor = useRef(-1);
  const toggle = (index: number, range: boolean): void => {
    const line = lines[index];
    if (line?.kind !== 'row' || !selection) return;
    onSelect(range && anchor.current >= 0 ? ranged(selection, rows, anchor.current, line.at) : toggled(selection, line.record.id, rows));
    anchor.current = line.at;
  };
  const edit = (index: number, at: number, fresh: boolean): boolean => {
    const line = lines[index];
    const field = columns[at]?.field;
    if (line?.kind !== 'row' || !field || at === 0) return false;
    if (!isEditable(object, field)) {
      setRefused(true);
      return false;
    }
    setRefused(false);
    setEditing({ id: line.record.id, key: field.key, fresh });
    return true;
  };
  const done = (index: number, way: Way): void => {
    setEditing(null);
    scroller.current?.focus({ preventScroll: true });
    if (way === 'stay') return;
    // On to the next cell that can be changed, in the next row after the last one.
    const by = way === 'next' ? 1 : -1;
    let [line, at] = [index, column];
    for (let tries = 0; tries < 2 * columns.length; tries++) {
      at += by;
      if (at < 1 || at >= columns.length) {
        const beside = rowBeside(lines, line, by);
        if (beside === line) return;
        line = beside;
        at = by > 0 ? 1 : columns.length - 1;
      }
      const field = columns[at]?.field;
      if (!field || !isEditable(object, field)) continue;
      move(line);
      moveColumn(at);
      edit(line, at, false);
      return;
    }
  };

  /** Keys of one cell: what is typed replaces its value. True when the key was meant for the cell. */
  const onCellKey = (event: KeyboardEvent | globalThis.KeyboardEvent, line: Line): boolean => {
    if (column === 0 || phone || line.kind !== 'row') return false;
    if (event.key === 'Enter' || event.key === 'F2') {
      event.preventDefault();
      edit(active, column, false);
      return true;
    }
    const field = columns[column]?.field;
    if (event.key.length !== 1 || !field || !isEditable(object, field)) return false;
    // The letter itself goes to the control, which has the focus by then.
    event.stopPropagation();
    flushSync(() => edit(active, column, true));
    return true;
  };
  const onKey = (event: KeyboardEvent | globalThis.KeyboardEvent): void => {
    if (selection && (event.ctrlKey || event.metaKey) && event.key === 'a') {
      event.preventDefault();
      onSelect({ kind: 'all' });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const line = lines[active];
    const row = line?.kind === 'row' ? line : undefined;
    if (event.key === ' ' && row) {
      event.preventDefault();
      // The list has the focus from here on: every key of it moves the peek along.
      scroller.current?.focus({ preventScroll: true });
      if (peek.id === row.record.id) peek.close();
      else peek.open(row.record.id);
      return;
    }
    if (line && onCellKey(event, line)) return;
    if (selection && event.key === 'x' && row) {
      event.preventDefault();
      toggle(active, false);
      return;
    }
    if (selection && event.shiftKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp') && row) {
      event.preventDefault();
      const to = rowBeside(lines, active, event.key === 'ArrowDown' ? 1 : -1);
      const other = lines[to];
      if (other?.kind !== 'row') return;
      onSelect(ranged(selection, rows, row.at, other.at));
      anchor.current = other.at;
      move(to);
      return;
    }
    if (line && (event.key === 'ArrowRight' || event.key === 'ArrowLeft') && !phone) {
      event.preventDefault();
      const by = (event.key === 'ArrowRight') === (document.dir !== 'rtl') ? 1 : -1;
      if (line.kind === 'group') fold(line.group, by > 0);
      else moveColumn(column + by);
      return;
    }
    const moves: Record<string, number> = {
      j: active + 1,
      ArrowDown: active + 1,
      k: active - 1,
      ArrowUp: active - 1,
      Home: 0,
      End: lines.length - 1,
      PageDown: active + 15,
      PageUp: active - 15,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      event.preventDefault();
      move(to);
    } else if ((event.key === 'Enter' || event.key === ' ') && line?.kind === 'group') {
      event.preventDefault();
      fold(line.group);
    } else if (event.key === 'Enter' && row) {
      event.preventDefault();
      openRecord(row.record, active);
    } else if (event.key === 'Escape') {
      setRefused(false);
      if (column > 0) moveColumn(0);
      else if (selection && !isBare(selection)) onSelect(nothing);
      else setActive(-1);
    }
  };
  // j and k work without first stepping into the list, unless somebody is typing or a dialog is open.
  const latest = useRef(onKey);
  latest.current = onKey;
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent): void => {
      // A key that something else has taken, such as the palette that closes with it, is not meant for the rows.
      if (event.defaultPrevented) return;
      const at = document.activeElement;
      const ours = /^(j|k|x| |Enter|Escape)$/.test(event.key) || (event.shiftKey && /^Arrow(Up|Down)$/.test(event.key));
      // A key that closed the palette was its own, although the focus is back on the page by now.
      if (at === document.body && ours && !event.defaultPrevented && !document.querySelector('[role="dialog"]')) latest.current(event);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);

  const press = (index: number, at: number): void => {
    const line = lines[index];
    if (line?.kind !== 'row') return;
    if (at === 0 || phone || !object.verbs.update) {
      openRecord(line.record, index);
      return;
    }
    scroller.current?.focus({ preventScroll: true });
    const again = index === active && at === column;
    setActive(index);
    setColumn(at);
    setRefused(false);
    follow(index);
    if (again) edit(index, at, false);
  };
  const openMenu = (event: MouseEvent, record: RecordData, index: number): void => {
    event.preventDefault();
    event.stopPropagation();
    setActive(index);
    setMenu({ record, x: event.clientX, y: event.clientY });
  };
  const peekAt = (index: number): void => {
    const line = lines[index];
    if (line?.kind !== 'row') return;
    setActive(index);
    scroller.current?.focus({ preventScroll: true });
    peek.open(line.record.id);
  };
  // The same objects for as long as the list stands: rows and heads that do not change are not drawn again.
  const rowActs = useHandlers<RowActs>({ press, menu: openMenu, toggle, done, fold, peek: peekAt });

  const template = templateOf(columns);
  const width = leastWidth(columns);
  const shown = columns.slice(1).map(({ key }) => key);
  const reorder = (next: string[]): void => onChange({ columns: [object.title, ...next] });
  const columnActs = useHandlers<ColumnActs>({
    sort: (next) => onChange({ sort: next }),
    resize: (key, pixels) => {
      const { [key]: _was, ...rest } = state.widths ?? {};
      const next = pixels === undefined ? rest : { ...rest, [key]: pixels };
      onChange({ widths: Object.keys(next).length > 0 ? next : undefined });
    },
    preview: (key, pixels) => {
      const drawn = pixels === null ? columns : columns.map((one) => (one.key === key ? { ...one, width: pixels, isSet: true } : one));
      scroller.current?.style.setProperty('--columns', templateOf(drawn));
      scroller.current?.style.setProperty('--columns-width', `${leastWidth(drawn)}px`);
    },
    fit: (key) => {
      const element = scroller.current;
      if (!element) return;
      // Each line is a grid of its own: laid out by its content, the widest says how wide the column must be.
      element.style.setProperty('--columns', columns.map((one) => (one.key === key ? 'max-content' : `${one.width}px`)).join(' '));
      const cells = [...element.querySelectorAll(`[data-column="${CSS.escape(key)}"]`)];
      const widest = Math.max(...cells.map((cell) => cell.getBoundingClientRect().width));
      element.style.setProperty('--columns', template);
      columnActs.resize(key, clampWidth(Math.ceil(widest) + 1));
    },
    move: (key, by) => reorder(movedBy(shown, key, by)),
    moveTo: (key, target, after) =>
      reorder(target === object.title ? movedTo([...shown], key, shown[0] ?? '', false) : movedTo(shown, key, target, after)),
    hide: (key) => reorder(shown.filter((one) => one !== key)),
    group: (key) => onChange({ group: key }),
  });

  const onFigures = useHandler((figures: ListState['figures']): void => onChange({ figures }));
  const onAll = useHandler((): void =>
    onSelect(selection && isBare(selection) ? { kind: 'some', ids: new Set(rows.map((row) => row.id)) } : nothing),
  );
  const everySelected = selection !== null && rows.length > 0 && rows.every((row) => isSelected(selection, row.id));
  const selected = selection === null ? null : isBare(selection) ? 'none' : selection.kind === 'all' || everySelected ? 'all' : 'some';
  const selectAll = useMemo(() => selected && <SelectAll state={selected} onChange={onAll} />, [selected, onAll]);
  const inCell = active >= 0 && column > 0 && lines[active]?.kind === 'row' && !phone;

  if (!pending && lines.length === 0) return empty;
  return (
    <>
      {grouping?.groups.groups
        .filter((group) => open.has(group.key))
        .map((group) => (
          <GroupFeed key={group.key} object={object} group={group.key} request={requestOf(group)} onRecords={take} />
        ))}
      {/* biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element */}
      <div
        ref={scroller}
        className={classes.scroller}
        role="grid"
        tabIndex={0}
        style={{ '--columns': phone ? '1fr' : template, '--columns-width': phone ? 'auto' : `${width}px` } as CSSProperties}
        aria-multiselectable={selection !== null}
        data-selecting={(selection !== null && !isBare(selection)) || undefined}
        aria-label={t('list.of', { objects: inSentence(plural(object.key)) })}
        aria-rowcount={records.count?.exact && !grouping ? records.count.value : -1}
        aria-activedescendant={active >= 0 ? `${gridId}-${active}${inCell ? '-cell' : ''}` : undefined}
        aria-busy={grouping ? grouping.groups.stale : records.stale}
        onKeyDown={(event) => {
          if (event.target === event.currentTarget) onKey(event);
        }}
        onFocus={(event) => {
          if (event.target === event.currentTarget && active < 0 && event.currentTarget.matches(':focus-visible')) setActive(0);
        }}
      >
        {!phone && (
          // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
          <div role="row" tabIndex={-1} className={classes.head}>
            {columns.map((one, at) => (
              <HeaderCell
                key={one.key}
                object={object}
                column={one}
                first={at <= 1}
                last={at === columns.length - 1}
                sort={sort}
                acts={columnActs}
                before={at === 0 ? selectAll : undefined}
              />
            ))}
          </div>
        )}
        {pending ? (
          skeleton && <SkeletonRows columns={phone ? 1 : columns.length} height={height} />
        ) : (
          <TableRows
            ref={handle}
            scroller={scroller}
            object={object}
            columns={columns}
            grouping={grouping?.field}
            lines={lines}
            gridId={gridId}
            height={height}
            phone={phone}
            selection={selection}
            active={active}
            column={column}
            editing={editing}
            refused={refused}
            acts={rowActs}
            offset={kept?.offset ?? 0}
            onLeave={onLeave}
            onSight={onSight}
          />
        )}
        {!phone && !pending && (
          <ListFooter object={object} where={state.where} columns={columns} figures={state.figures} onChange={onFigures} />
        )}
      </div>
      <RowMenu
        object={object}
        at={menu}
        onClose={() => setMenu(null)}
        onOpen={(record) => openRecord(record, active)}
        onPeek={() => peekAt(active)}
      />
    </>
  );
}

/** The box above the boxes of the rows: the browser's own, as theirs are. */
function SelectAll({ state, onChange }: { state: 'none' | 'some' | 'all'; onChange: () => void }): ReactNode {
  const { t } = useWords();
  return (
    <span className={classes.check}>
      <input
        type="checkbox"
        className={classes.box}
        tabIndex={-1}
        aria-label={t('bulk.selectShown')}
        checked={state === 'all'}
        ref={(box) => {
          if (box) box.indeterminate = state === 'some';
        }}
        onChange={onChange}
      />
    </span>
  );
}

/** Rows of the final height without words, while the first answer is late. */
export function SkeletonRows({
  template = 'var(--columns)',
  columns,
  height = rowHeights.normal,
  rows = 16,
}: {
  template?: string;
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
