import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import { draggable } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { ActionIcon } from '@mantine/core';
import { IconDots, IconLayoutSidebarRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo, type ReactNode, useEffect, useRef, useState } from 'react';
import { viewOf } from '../fields/registry.ts';
import { formatAge } from '../format.ts';
import { iconLook } from '../icons.ts';
import { Glow } from '../live/glow.tsx';
import { isEditable } from '../record/use-field-edit.ts';
import { Tip } from '../tip.tsx';
import { type ObjectMeta, type RecordData, readNamed } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './board.module.css';
import type { Column } from './board-columns.ts';
import { CardStep } from './card-step.tsx';
import { ageOf, type CardPlan, lateBy, rottingFor } from './cards.ts';
import { titleText } from './record-title.tsx';

export const cardHeight = 84;

/** What a card does; the same object all the time. */
export interface CardActs {
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
  /** How far it is in its column, in few words and in a sentence. */
  mark: string | undefined;
  markTip: string | undefined;
  movable: boolean;
  peeked: boolean;
  acts: CardActs;
  onMenu: (record: RecordData, x: number, y: number) => void;
}

export const Card = memo(function Card({
  object,
  record,
  column,
  plan,
  at,
  start,
  today,
  mark,
  markTip,
  movable,
  peeked,
  acts,
  onMenu,
}: CardProps): ReactNode {
  const { t, field: fieldWord, inSentence } = useWords();
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
  const [writing, setWriting] = useState(false);
  const { next } = plan;
  const step = next ? viewOf(next.type).text(record[next.key], next, object.key) : '';
  const note = plan.note
    .map((field) => readNamed(record[field.key])?.name ?? viewOf(field.type).text(record[field.key], field, object.key))
    .find((text) => text !== '');
  const writable = next !== undefined && isEditable(object, next);
  const late = lateBy(plan, record, today);
  const age = ageOf(plan, record, today);
  const rotting = rottingFor(plan, record);
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
        if (event.target instanceof Element && event.target.closest('a,button,input')) return;
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
          aria-keyshortcuts={[movable ? 'm' : '', writable ? 'e' : ''].filter(Boolean).join(' ') || undefined}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            if (event.altKey) acts.peek(record.id);
            else acts.open(record.id);
          }}
          onKeyDown={(event) => {
            const key = event.key.toLowerCase();
            if (!['m', 'e'].includes(key) || event.ctrlKey || event.metaKey || event.altKey || (key === 'e' && !writable)) return;
            event.preventDefault();
            event.stopPropagation();
            if (key === 'e') {
              setWriting(true);
              return;
            }
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
      {writing && next ? (
        <CardStep object={object} record={record} field={next} onEnd={() => setWriting(false)} />
      ) : writable ? (
        <button
          type="button"
          tabIndex={-1}
          className={classes.step}
          data-empty={step === '' || undefined}
          title={t('board.editStep', { field: inSentence(fieldWord(object.key, next.key)), name })}
          onClick={() => setWriting(true)}
        >
          {note || t('record.addField', { field: inSentence(fieldWord(object.key, next.key)) })}
        </button>
      ) : (
        <div className={classes.note}>{note}</div>
      )}
      <div className={classes.facts}>
        <span className="pg-figures">{amount && viewOf(amount.type).text(record[amount.key], amount, object.key)}</span>
        {amount && <Glow object={object.key} record={record} field={amount.key} />}
        {mark && (
          <span className={classes.mark} title={markTip}>
            {mark}
          </span>
        )}
        {late !== null ? (
          <span className={classes.late}>{t('board.late', { age: formatAge(late) })}</span>
        ) : rotting !== null ? (
          <span className={classes.rotting}>{t('board.rotting', { age: formatAge(rotting) })}</span>
        ) : (
          age !== null && <span className="pg-meta">{formatAge(age)}</span>
        )}
      </div>
    </li>
  );
});
