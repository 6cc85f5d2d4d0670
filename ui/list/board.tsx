import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { ActionIcon, Menu, Select } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconArrowRight, IconDots, IconLayoutSidebarRight } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type FocusEvent, type KeyboardEvent, memo, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { viewOf } from '../fields/registry.ts';
import { companyToday, formatAge, formatNumber } from '../format.ts';
import { iconLook } from '../icons.ts';
import { Glow } from '../live/glow.tsx';
import { useMeta } from '../meta.ts';
import { takeVisit, useOpenFromList } from '../record/trail.ts';
import { isEditable } from '../record/use-field-edit.ts';
import type { Peeked } from '../record/use-peek-address.ts';
import { useOfferWalk } from '../record/walk.ts';
import { Tip } from '../tip.tsx';
import { useDelayed } from '../use-delayed.ts';
import { type FieldMeta, type Named, type ObjectMeta, type RecordData, readNamed } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './board.module.css';
import { ageOf, type CardPlan, cardPlan, lateBy } from './cards.ts';
import { FigureValue } from './figure.tsx';
import { type Group, type GroupValue, groupWhere, keyOf, partsOf, splitField } from './groups.ts';
import { focusedMenu } from './menu-focus.ts';
import { moveRecord } from './move-record.ts';
import { both, type Where } from './predicate.ts';
import { titleText } from './record-title.tsx';
import { groupText, useGroups, useTargets } from './use-figures.ts';
import { type ListRequest, useRecords } from './use-records.ts';

const cardHeight = 84;
const gap = 8;

interface Props {
  object: ObjectMeta;
  field: FieldMeta;
  where: Where | undefined;
  sort: string[];
  peek: Peeked;
}

interface Column {
  key: string;
  value: GroupValue;
  group: Group | undefined;
  request: ListRequest;
}

interface Columns {
  columns: Column[];
  pending: boolean;
  /** Where the columns fall apart (stages of several pipelines): which parts there are and which is shown. */
  split: { field: FieldMeta; parts: Named[]; shown: Named; choose: (id: string) => void } | null;
}

/** The columns of a board: every option or stage, also those without cards, then what has no value. Of several pipelines one. */
function useColumns({ object, field, where: asked, sort }: Pick<Props, 'object' | 'field' | 'where' | 'sort'>, plan: CardPlan): Columns {
  const money = useMemo(() => (plan.amount ? [plan.amount] : []), [plan.amount]);
  const target = useMeta().object(field.to);
  const by = splitField(object, field, target);
  const targets = useTargets(
    field,
    useMemo(() => (by ? [by.key] : []), [by]),
  );
  const [chosen, choose] = useLocalStorage<string | null>({
    key: `perigon.board.${object.key}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const { parts, shown } = useMemo(() => partsOf(by ? (targets.rows ?? []) : [], by?.key ?? '', chosen), [targets.rows, by, chosen]);
  const part = parts.length > 1 ? shown : undefined;
  const where = useMemo(
    () => (part && by ? both(asked, { all: [{ field: by.key, op: 'eq', value: part.id }] }) : asked),
    [asked, part, by],
  );
  const { groups, pending } = useGroups(object, field, where, money);
  const title = target?.title ?? 'name';
  return useMemo(() => {
    const declared: GroupValue[] =
      field.type === 'select'
        ? (field.options ?? []).map((option) => option.key)
        : (targets.rows ?? [])
            .filter((row) => !part || !by || readNamed(row[by.key])?.id === part.id)
            .map((row) => ({ id: row.id, name: String(row[title] ?? '') }));
    const held = new Map(groups.map((group) => [group.key, group]));
    const known = new Set(declared.map(keyOf));
    const values = [...declared, ...groups.filter((group) => !known.has(group.key)).map((group) => group.value)];
    const columns = values.map((value) => ({
      key: keyOf(value),
      value,
      group: held.get(keyOf(value)),
      request: { where: both(where, groupWhere(field, value)), sort, fields: plan.fields },
    }));
    return {
      columns,
      pending: pending || (targets.ordered && targets.rows === undefined),
      split: part && by ? { field: by, parts, shown: part, choose } : null,
    };
  }, [field, where, sort, plan, groups, pending, targets.ordered, targets.rows, title, part, parts, by, choose]);
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
    void moveRecord(client, { object, record, field, value: to.value, said, lists: { from: column.request, to: to.request } });
    // The focus goes with the card.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => board.current?.querySelector<HTMLElement>(`[data-card="${record.id}"]`)?.focus()),
    );
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
        <Menu
          opened
          onClose={() => setMenu(null)}
          position="bottom-start"
          width={216}
          offset={2}
          key={`${menu.record.id} ${menu.x} ${menu.y}`}
        >
          <Menu.Target>
            {/* physical: where the pointer is, whichever way the language runs */}
            <span style={{ position: 'fixed', left: menu.x, top: menu.y, inlineSize: 1, blockSize: 1 }} aria-hidden />
          </Menu.Target>
          <Menu.Dropdown ref={focusedMenu} mah={420} style={{ overflowY: 'auto' }}>
            <Menu.Label>{t('board.moveTo')}</Menu.Label>
            {columns.map((to) => (
              <Menu.Item
                key={to.key}
                disabled={to.key === menu.column.key || (to.value === null && field.required)}
                leftSection={<IconArrowRight {...iconLook} />}
                onClick={() => move(menu, to)}
              >
                {words(to.value)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
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
  return (
    <section ref={element} className={classes.column} aria-label={name} data-over={over || undefined}>
      <header className={classes.head}>
        <h2 className={classes.name} title={name} data-option={colour}>
          {name}
        </h2>
        <span className={classes.count}>{formatNumber(column.group?.count ?? 0)}</span>
        {plan.amount && sum !== undefined && (
          <span className={classes.sum}>
            <FigureValue figure={sum} field={plan.amount} object={object.key} />
          </span>
        )}
      </header>
      {near && <Cards {...props} />}
    </section>
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

/** What a card does; the same object all the time. */
interface CardActs {
  open: (id: string) => void;
  peek: (id: string) => void;
}

interface CardProps {
  object: ObjectMeta;
  record: RecordData;
  column: Column;
  plan: CardPlan;
  at: number;
  start: number;
  today: string;
  movable: boolean;
  peeked: boolean;
  acts: CardActs;
  onMenu: (record: RecordData, x: number, y: number) => void;
}

const Card = memo(function Card({ object, record, column, plan, at, start, today, movable, peeked, acts, onMenu }: CardProps): ReactNode {
  const { t } = useWords();
  const element = useRef<HTMLLIElement>(null);
  const [dragged, setDragged] = useState(false);
  useEffect(() => {
    const box = element.current;
    if (!box || !movable) return;
    return combine(
      draggable({
        element: box,
        getInitialData: () => ({ kind: 'card', object: object.key, record, column }),
        onDragStart: () => setDragged(true),
        onDrop: () => setDragged(false),
      }),
    );
  }, [movable, object.key, record, column]);
  const { amount } = plan;
  const name = titleText(object, record) || t('record.unnamed');
  const note = plan.note
    .map((field) => readNamed(record[field.key])?.name ?? viewOf(field.type).text(record[field.key], field, object.key))
    .find((text) => text !== '');
  const late = lateBy(plan, record, today);
  const age = ageOf(plan, record, today);
  const ask = (x?: number, y?: number): void => {
    const box = element.current?.getBoundingClientRect();
    if (box && movable) onMenu(record, x ?? box.left + 16, y ?? box.top + 28);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the link within is reached and pressed by keyboard
    <li
      ref={element}
      className={classes.card}
      style={{ transform: `translateY(${start}px)`, blockSize: cardHeight }}
      data-dragged={dragged || undefined}
      data-peeked={peeked || undefined}
      onContextMenu={(event) => {
        event.preventDefault();
        ask(event.clientX, event.clientY);
      }}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest('a,button')) return;
        if (event.altKey) acts.peek(record.id);
        else acts.open(record.id);
      }}
    >
      <div className={classes.cardTop}>
        <Link
          className={classes.title}
          to="/o/$plural/$id"
          params={{ plural: object.plural, id: record.id }}
          draggable={false}
          data-card={record.id}
          data-at={at}
          title={name}
          aria-keyshortcuts={movable ? 'm' : undefined}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            if (event.altKey) acts.peek(record.id);
            else acts.open(record.id);
          }}
          onKeyDown={(event) => {
            if (event.key.toLowerCase() !== 'm' || event.ctrlKey || event.metaKey || event.altKey) return;
            event.preventDefault();
            event.stopPropagation();
            // Opened within this very key press, the menu would take the press for its own.
            requestAnimationFrame(() => ask());
          }}
        >
          {name}
        </Link>
        <Tip label={`${t('peek.act')} (${t('key.space')})`}>
          <ActionIcon className={classes.acts} size="xs" tabIndex={-1} aria-label={t('peek.act')} onClick={() => acts.peek(record.id)}>
            <IconLayoutSidebarRight {...iconLook} />
          </ActionIcon>
        </Tip>
        {movable && (
          <Tip label={`${t('board.moveTo')} (M)`}>
            <ActionIcon className={classes.acts} size="xs" tabIndex={-1} aria-label={t('board.moveNamed', { name })} onClick={() => ask()}>
              <IconDots {...iconLook} />
            </ActionIcon>
          </Tip>
        )}
      </div>
      <div className={classes.note}>{note}</div>
      <div className={classes.facts}>
        <span className="pg-figures">{amount && viewOf(amount.type).text(record[amount.key], amount, object.key)}</span>
        {amount && <Glow object={object.key} record={record} field={amount.key} />}
        {late !== null ? (
          <span className={classes.late}>{t('board.late', { age: formatAge(late) })}</span>
        ) : (
          age !== null && <span className="pg-meta">{formatAge(age)}</span>
        )}
      </div>
    </li>
  );
});
