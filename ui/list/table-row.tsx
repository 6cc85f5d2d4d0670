import { Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconDots, IconLayoutSidebarRight } from '@tabler/icons-react';
import { type MouseEvent, memo, type ReactNode, useState } from 'react';
import { viewOf } from '../fields/registry.ts';
import { formatNumber } from '../format.ts';
import { GlowMark, useGlows } from '../live/glow.tsx';
import { isEditable } from '../record/use-field-edit.ts';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { useWords, words } from '../words.ts';
import { CellEditor, type Way } from './cell-editor.tsx';
import type { Column } from './columns.ts';
import { FigureValue } from './figure.tsx';
import type { Group } from './groups.ts';
import classes from './list.module.css';
import { RecordTitle, titleText } from './record-title.tsx';
import { groupText } from './use-figures.ts';

/** What happens in a row; the same object all the time, so that rows stay as they are while others change. */
export interface RowActs {
  /** A press in a row: `column` is its place, 0 the title. */
  press: (index: number, column: number) => void;
  menu: (event: MouseEvent, record: RecordData, index: number) => void;
  toggle: (index: number, range: boolean) => void;
  done: (index: number, way: Way) => void;
  fold: (group: Group) => void;
  /** Shows the record beside the list. */
  peek: (index: number) => void;
}

/** Why a cell cannot be changed here. */
function lockedText(object: ObjectMeta, field: FieldMeta): string {
  const { t, plural, inSentence } = words();
  if (!object.verbs.update) return t('cell.noRight', { objects: inSentence(plural(object.key)) });
  if (field.expression) return t('cell.formula', { expression: field.expression });
  return t(field.derived || viewOf(field.type).derived ? 'cell.derived' : 'cell.readOnly');
}

function Value({ object, field, record }: { object: ObjectMeta; field: FieldMeta; record: RecordData }): ReactNode {
  const { Cell } = viewOf(field.type);
  if (field.building) return <span className={classes.building}>{words().t('cell.building')}</span>;
  return <Cell value={record[field.key]} field={field} object={object.key} />;
}

interface Props {
  object: ObjectMeta;
  columns: readonly Column[];
  record: RecordData;
  index: number;
  id: string;
  start: number;
  height: number;
  phone: boolean;
  /** Null where nothing can be selected. */
  selected: boolean | null;
  active: boolean;
  /** Place of the cell the cursor is on; 0 the title. */
  cursor: number;
  /** The cell being edited. */
  editing: { key: string; fresh: boolean } | null;
  /** The cursor's cell was asked to be edited and cannot be. */
  refused: boolean;
  acts: RowActs;
}

/** One record as a line of a list. */
export const TableRow = memo(function TableRow({
  object,
  columns,
  record,
  index,
  id,
  start,
  height,
  phone,
  selected,
  active,
  cursor,
  editing,
  refused,
  acts,
}: Props): ReactNode {
  const { t } = useWords();
  const [pointed, setPointed] = useState(false);
  const glows = useGlows(object.key, record);
  const fields = columns.slice(1).flatMap((column) => column.field ?? []);
  const press = (event: MouseEvent, column: number): void => {
    const control = event.target instanceof Element ? event.target.closest('a,button,input,label') : null;
    const isTitle = control?.hasAttribute('data-title') === true;
    // The name is a link to the browser, too: with a key held it opens as links do.
    if (control && (!isTitle || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.altKey && !phone) acts.peek(index);
    else acts.press(index, isTitle ? 0 : column);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the grid, which holds the focus
    <div
      id={id}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={selected ?? undefined}
      className={classes.row}
      data-active={active || undefined}
      data-editing={editing !== null || undefined}
      style={{ transform: `translateY(${start}px)`, blockSize: height }}
      onClick={(event) => press(event, 0)}
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      onContextMenu={(event) => acts.menu(event, record, index)}
    >
      {phone ? (
        // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
        <div role="gridcell" tabIndex={-1} className={classes.phoneRow}>
          <RecordTitle object={object} record={record} />
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
          <div role="gridcell" tabIndex={-1} className={classes.firstCell} data-column={object.title}>
            {selected !== null && (
              // The browser's own box: rows are drawn by the hundred while somebody scrolls.
              <span className={classes.check}>
                <input
                  type="checkbox"
                  className={classes.box}
                  tabIndex={-1}
                  aria-label={t('bulk.selectRow', { name: titleText(object, record) || t('record.unnamed') })}
                  checked={selected}
                  onChange={() => undefined}
                  onClick={(event) => {
                    event.stopPropagation();
                    acts.toggle(index, event.shiftKey);
                  }}
                />
              </span>
            )}
            <RecordTitle object={object} record={record} />
            {glows && <GlowMark field={object.title} by={glows.get(object.title)} />}
            {/* Seen where the pointer or the cursor is, and there only there: rows are drawn by the hundred while somebody scrolls. */}
            {(pointed || active) && (
              <>
                {' '}
                <button
                  type="button"
                  className={classes.rowActs}
                  data-first
                  tabIndex={-1}
                  title={`${t('peek.act')} (${t('key.space')})`}
                  aria-label={t('peek.act')}
                  onClick={(event) => {
                    event.stopPropagation();
                    acts.peek(index);
                  }}
                >
                  <IconLayoutSidebarRight size={16} stroke={1.5} aria-hidden />
                </button>
                <button
                  type="button"
                  className={classes.rowActs}
                  tabIndex={-1}
                  title={t('list.rowActs')}
                  aria-label={t('list.rowActs')}
                  onClick={(event) => acts.menu(event, record, index)}
                >
                  <IconDots size={16} stroke={1.5} aria-hidden />
                </button>
              </>
            )}
          </div>
          {fields.map((field, at) => {
            const here = active && cursor === at + 1;
            const cell = (
              // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
              // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the grid, which holds the focus
              <div
                key={field.key}
                role="gridcell"
                tabIndex={-1}
                id={here ? `${id}-cell` : undefined}
                className={classes.cell}
                data-end={viewOf(field.type).align === 'end' || undefined}
                data-column={field.key}
                data-cursor={here || undefined}
                data-editing={editing?.key === field.key || undefined}
                data-late={at >= fields.length - 2 || undefined}
                aria-readonly={here ? !isEditable(object, field) : undefined}
                onClick={(event) => press(event, at + 1)}
              >
                <Value object={object} field={field} record={record} />
                {glows && <GlowMark field={field.key} by={glows.get(field.key)} />}
                {editing?.key === field.key && (
                  <CellEditor object={object} record={record} field={field} fresh={editing.fresh} onDone={(way) => acts.done(index, way)} />
                )}
              </div>
            );
            return here && refused ? (
              <Tooltip key={field.key} opened label={lockedText(object, field)} position="bottom-start">
                {cell}
              </Tooltip>
            ) : (
              cell
            );
          })}
        </>
      )}
    </div>
  );
});

interface GroupProps {
  object: ObjectMeta;
  field: FieldMeta;
  columns: readonly Column[];
  group: Group;
  open: boolean;
  index: number;
  id: string;
  start: number;
  height: number;
  phone: boolean;
  active: boolean;
  acts: RowActs;
}

/** The head of a group: its value, how many rows there are, and what its columns come to. */
export const GroupRow = memo(function GroupRow({
  object,
  field,
  columns,
  group,
  open,
  index,
  id,
  start,
  height,
  phone,
  active,
  acts,
}: GroupProps): ReactNode {
  const look = useWords();
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the grid, which holds the focus
    <div
      id={id}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      className={classes.groupRow}
      data-active={active || undefined}
      style={{ transform: `translateY(${start}px)`, blockSize: height }}
      onClick={() => acts.fold(group)}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element */}
      <div role="gridcell" tabIndex={-1} className={classes.firstCell}>
        <button type="button" className={classes.fold} tabIndex={-1} aria-expanded={open}>
          <Chevron size={16} stroke={1.5} aria-hidden />
          <span className="pg-ellipsis">{groupText(object, field, group.value, look)}</span>
          <span className={classes.groupCount}>{formatNumber(group.count)}</span>
        </button>
      </div>
      {!phone &&
        columns.slice(1).map(({ key, field: column }) => (
          // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
          <div
            key={key}
            role="gridcell"
            tabIndex={-1}
            className={classes.cell}
            data-end={(column && viewOf(column.type).align === 'end') || undefined}
          >
            {column && group.sums[key] !== undefined && <FigureValue figure={group.sums[key]} field={column} object={object.key} />}
          </div>
        ))}
    </div>
  );
});
