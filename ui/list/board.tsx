import { dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { ActionIcon, Select } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type FocusEvent, type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { companyToday, formatNumber } from '../format.ts';
import { iconLook } from '../icons.ts';
import { PopoverButton } from '../menu-button.tsx';
import { useMeta } from '../meta.ts';
import { takeVisit, useOpenFromList } from '../record/trail.ts';
import { isEditable } from '../record/use-field-edit.ts';
import type { Peeked } from '../record/use-peek-address.ts';
import { useOfferWalk } from '../record/walk.ts';
import { Tip } from '../tip.tsx';
import { useDelayed } from '../use-delayed.ts';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './board.module.css';
import { Card, type CardActs, cardHeight } from './board-card.tsx';
import { type Column, useColumns } from './board-columns.ts';
import { boardPart } from './board-parts.ts';
import { asksOf, type CardPlan, cardPlan } from './cards.ts';
import { FigureValue, figureText } from './figure.tsx';
import { type GroupValue, keyOf } from './groups.ts';
import { MoveMenu } from './move-menu.tsx';
import { moveRecord } from './move-record.ts';
import type { Where } from './predicate.ts';
import { titleText } from './record-title.tsx';
import { groupText } from './use-figures.ts';
import { useRecords } from './use-records.ts';

const gap = 8;

interface Props {
  object: ObjectMeta;
  field: FieldMeta;
  where: Where | undefined;
  sort: string[];
  peek: Peeked;
}

interface Held {
  record: RecordData;
  column: Column;
}

/** Records as cards under the values of one field; moving a card gives it another value. */
export function Board(props: Props): ReactNode {
  const { object, field, peek } = props;
  const look = useWords();
  const { t } = look;
  const meta = useMeta();
  const client = useQueryClient();
  const plan = useMemo(() => cardPlan(meta, object, field), [meta, object, field]);
  const { columns, pending, split } = useColumns(props, plan);
  const late = useDelayed(pending);
  const [menu, setMenu] = useState<(Held & { x: number; y: number }) | null>(null);
  const board = useRef<HTMLElement>(null);
  const [visit] = useState(() => takeVisit(object.plural));
  const movable = isEditable(object, field);
  const words = (value: GroupValue): string => groupText(object, field, value, look);

  const move = ({ record, column }: Held, to: Column): void => {
    if (to.key === column.key) return;
    const said = t('board.moved', { name: titleText(object, record) || t('record.unnamed'), to: words(to.value) });
    const asks = asksOf(object, to.category);
    void moveRecord(client, { object, record, field, value: to.value, said, asks, lists: { from: column.request, to: to.request } });
    // The focus goes with the card.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => board.current?.querySelector<HTMLElement>(`[data-card="${record.id}"]`)?.focus()),
    );
  };
  /** To a column that does not stand here: a stage of another pipeline. */
  const moveAway = ({ record }: Held, value: GroupValue, category: string | undefined): void => {
    const said = t('board.moved', { name: titleText(object, record) || t('record.unnamed'), to: words(value) });
    void moveRecord(client, { object, record, field, value, said, asks: asksOf(object, category) });
  };
  const drop = useRef(move);
  drop.current = move;

  /** A card that gets the focus while another is peeked at is peeked at itself. */
  const onFocus = (event: FocusEvent<HTMLElement>): void => {
    const id = event.target instanceof HTMLElement ? event.target.dataset.card : undefined;
    if (id !== undefined && peek.id !== undefined) peek.open(id);
  };
  /** Arrow keys go from card to card, within a column and across. */
  const onKey = (event: KeyboardEvent<HTMLElement>): void => {
    const card = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-card]') : null;
    if (card?.dataset.card && event.key === ' ') {
      event.preventDefault();
      if (peek.id === card.dataset.card) peek.close();
      else peek.open(card.dataset.card);
      return;
    }
    const way = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] }[event.key];
    if (!card || !way || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const [across = 0, down = 0] = way;
    const lists = [...(board.current?.querySelectorAll('[data-cards]') ?? [])].map((list) =>
      [...list.querySelectorAll<HTMLElement>('[data-card]')].sort((one, other) => Number(one.dataset.at) - Number(other.dataset.at)),
    );
    const at = lists.findIndex((list) => list.includes(card));
    const place = lists[at]?.indexOf(card) ?? 0;
    if (down !== 0) {
      lists[at]?.[place + down]?.focus();
      return;
    }
    const sign = document.dir === 'rtl' ? -across : across;
    for (let next = at + sign; next >= 0 && next < lists.length; next += sign) {
      const list = lists[next];
      const there = list?.[Math.min(place, list.length - 1)];
      if (!there) continue;
      there.focus();
      there.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      return;
    }
  };

  const row = (
    <section
      ref={board}
      className={classes.board}
      aria-label={t('board.of', { objects: look.inSentence(look.plural(object.key)) })}
      onKeyDown={onKey}
      onFocus={onFocus}
    >
      {pending && !late
        ? null
        : columns.map((column) => (
            <BoardColumn
              key={column.key}
              object={object}
              field={field}
              column={column}
              plan={plan}
              name={words(column.value)}
              movable={movable}
              peek={peek}
              visit={visit}
              onDrop={(held) => drop.current(held, column)}
              onMenu={(record, x, y) => setMenu({ record, column, x, y })}
            />
          ))}
      {menu && (
        <MoveMenu
          object={object}
          field={field}
          record={menu.record}
          offered={columns.map((column) => column.value)}
          at={menu}
          onClose={() => setMenu(null)}
          onMove={(value, category) => {
            const to = columns.find((column) => column.key === keyOf(value));
            if (to) move(menu, to);
            else moveAway(menu, value, category);
          }}
        />
      )}
    </section>
  );
  if (!split) return row;
  return (
    <div className={classes.split}>
      <div className={classes.choice}>
        <Select
          size="xs"
          allowDeselect={false}
          aria-label={look.field(object.key, split.field.key)}
          value={split.shown.id}
          onChange={(id) => id && split.choose(id)}
          data={split.parts.map((part) => ({ value: part.id, label: part.name }))}
        />
      </div>
      {row}
    </div>
  );
}

interface ColumnProps {
  object: ObjectMeta;
  field: FieldMeta;
  column: Column;
  plan: CardPlan;
  name: string;
  movable: boolean;
  peek: Peeked;
  /** The card one comes back to. */
  visit: string | null;
  onDrop: (held: Held) => void;
  onMenu: (record: RecordData, x: number, y: number) => void;
}

/** One column: its name, count and sum, and its cards, which page by themselves. */
function BoardColumn(props: ColumnProps): ReactNode {
  const { object, field, column, plan, name, onDrop } = props;
  const element = useRef<HTMLElement>(null);
  const [near, setNear] = useState(false);
  const [over, setOver] = useState(false);
  const held = useRef(onDrop);
  held.current = onDrop;
  const { required, type } = field;
  useEffect(() => {
    const box = element.current;
    if (!box) return;
    // A column out of sight fetches nothing until it comes near.
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && setNear(true), { rootMargin: '300px' });
    watch.observe(box);
    const stop = dropTargetForElements({
      element: box,
      canDrop: ({ source }) => source.data.kind === 'card' && source.data.object === object.key && !(column.value === null && required),
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: ({ source }) => {
        setOver(false);
        const { record, column: from } = source.data as unknown as Held;
        held.current({ record, column: from });
      },
    });
    return () => {
      watch.disconnect();
      stop();
    };
  }, [object.key, column.value, required]);
  const colour = type === 'select' && typeof column.value === 'string' ? column.value : undefined;
  const sum = plan.amount && column.group?.sums[plan.amount.key];
  const weighted = plan.weighted && column.group?.sums[plan.weighted.key];
  const lacking = (plan.amount && column.group?.unconverted?.[plan.amount.key]) ?? 0;
  const { t } = useWords();
  return (
    <section ref={element} className={classes.column} aria-label={name} data-over={over || undefined}>
      <header className={classes.head}>
        <h2 className={classes.name} title={name} data-option={colour}>
          {name}
        </h2>
        <span className={classes.count}>{formatNumber(column.group?.count ?? 0)}</span>
        {column.note && <ColumnNote {...column.note} />}
        {plan.amount && sum !== undefined && (
          <span className={classes.sum}>
            <FigureValue figure={sum} field={plan.amount} object={object.key} />
            {plan.weighted && column.category === 'open' && weighted !== undefined && weighted !== null && (
              <span className={classes.weighted}>
                {t('board.weighted', { sum: figureText(weighted, plan.weighted, object.key, true) })}
              </span>
            )}
            {lacking > 0 && (
              <span className={classes.weighted}>{t('board.unconverted', { count: lacking, n: formatNumber(lacking, 0) })}</span>
            )}
          </span>
        )}
      </header>
      {near && <Cards {...props} />}
    </section>
  );
}

/** What is to be done in a column, for whoever asks. */
function ColumnNote({ label, body }: NonNullable<Column['note']>): ReactNode {
  return (
    <PopoverButton
      position="bottom-start"
      width={280}
      button={(props) => (
        <Tip label={label}>
          <ActionIcon {...props} className={classes.about} size="sm" variant="subtle" color="gray" aria-label={label}>
            <IconInfoCircle {...iconLook} />
          </ActionIcon>
        </Tip>
      )}
    >
      {body}
    </PopoverButton>
  );
}

function Cards({ object, column, plan, movable, peek, visit, onMenu }: ColumnProps): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const { rows, more, count, loadMore, seen } = useRecords(object, column.request);
  const openFromList = useOpenFromList(object);
  const at = peek.id === undefined ? -1 : rows.findIndex((row) => row.id === peek.id);
  const beside = (by: 1 | -1): (() => void) | null => {
    const other = rows[at + by];
    return other ? () => show(other.id, at + by) : null;
  };
  useOfferWalk(
    peek.id === undefined || at < 0
      ? null
      : { at: at + 1, of: count ?? null, previous: beside(-1), next: beside(1), open: () => acts.open(peek.id ?? '') },
  );
  const virtual = useVirtualizer({
    count: rows.length + (more ? 3 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => cardHeight + gap,
    overscan: 4,
    useFlushSync: false,
    getItemKey: (index) => rows[index]?.id ?? `more ${index}`,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const marks = boardPart(object.key).useMarks(column.key, rows, items[0]?.index ?? 0, last);
  useEffect(() => {
    seen(last);
    if (more && last >= rows.length - 20) loadMore();
  });
  const today = companyToday();
  const menu = useRef(onMenu);
  menu.current = onMenu;
  const openMenu = useMemo(() => (record: RecordData, x: number, y: number) => menu.current(record, x, y), []);
  const show = (id: string, index: number): void => {
    peek.open(id);
    virtual.scrollToIndex(index, { align: 'auto' });
  };
  const back = useRef(visit);
  useEffect(() => {
    const index = back.current === null ? -1 : rows.findIndex((row) => row.id === back.current);
    if (index < 0) return;
    const id = back.current;
    back.current = null;
    virtual.scrollToIndex(index, { align: 'auto' });
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-card="${id}"]`)?.focus({ preventScroll: true }));
  }, [rows, virtual]);
  const acts: CardActs = {
    open: (id) => openFromList(id, column.request),
    peek: peek.open,
  };
  const latest = useRef(acts);
  latest.current = acts;
  const cardActs = useMemo<CardActs>(() => ({ open: (id) => latest.current.open(id), peek: (id) => latest.current.peek(id) }), []);
  return (
    <div ref={scroller} className={classes.cards} data-cards>
      <ul className={classes.stack} style={{ blockSize: virtual.getTotalSize() }}>
        {items.map((item) => {
          const record = rows[item.index];
          return record ? (
            <Card
              key={item.key}
              object={object}
              record={record}
              column={column}
              plan={plan}
              at={item.index}
              start={item.start}
              today={today}
              mark={marks.get(record.id)?.text}
              markTip={marks.get(record.id)?.tip}
              movable={movable}
              peeked={record.id === peek.id}
              acts={cardActs}
              onMenu={openMenu}
            />
          ) : (
            <li
              key={item.key}
              className={classes.ghost}
              style={{ transform: `translateY(${item.start}px)`, blockSize: cardHeight }}
              aria-hidden
            />
          );
        })}
      </ul>
    </div>
  );
}
