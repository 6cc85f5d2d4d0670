import { ActionIcon, Button, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { post } from '../api.ts';
import { failureText } from '../failure.ts';
import { viewOf } from '../fields/registry.ts';
import { companyToday, firstDayOfWeek, formatDate, formatMonth, formatMonthShort, formatNumber } from '../format.ts';
import { iconLook } from '../icons.ts';
import { recordPath, useMeta } from '../meta.ts';
import { takeVisit, useOpenFromList } from '../record/trail.ts';
import { isEditable } from '../record/use-field-edit.ts';
import type { Peeked } from '../record/use-peek-address.ts';
import { useOfferWalk } from '../record/walk.ts';
import { Tip } from '../tip.tsx';
import type { FieldMeta, ObjectMeta, Page, RecordData } from '../wire.ts';
import { readNamed } from '../wire.ts';
import { useWords } from '../words.ts';
import { cardPlan, lateBy } from './cards.ts';
import { moveRecord } from './move-record.ts';
import { both, type Where } from './predicate.ts';
import { titleText } from './record-title.tsx';
import { plusDays, type Scale, scales, shareOf, stepped, ticksOf, type Window, windowOn } from './span-window.ts';
import classes from './timeline.module.css';
import { TimelineBar } from './timeline-bar.tsx';

type Span = NonNullable<ObjectMeta['span']>;

/** So many records are fetched for what is in sight, page by page. */
const most = 1500;
const pageSize = 500;
const rowHeight = 40;

/** What lies in a window, each part with its order: what goes on by when it is to end, then what is over, the latest first. */
function partsOf({ from, to, ended }: Span, window: Window): { where: Where; sort: string }[] {
  const begun = {
    any: [
      { field: from, op: 'lt', value: window.until },
      { field: from, op: 'isEmpty' },
    ],
  };
  const toEnd = { field: to, op: 'gte', value: window.from };
  if (!ended) return [{ where: { all: [toEnd, begun] }, sort: to }];
  return [
    { where: { all: [{ field: ended, op: 'isEmpty' }, toEnd, begun] }, sort: to },
    { where: { all: [{ field: ended, op: 'gte', value: window.from }, begun] }, sort: `-${ended}` },
  ];
}

async function fetchParts(
  object: ObjectMeta,
  parts: readonly { where: Where; sort: string }[],
  fields: string[],
  signal: AbortSignal,
): Promise<{ items: RecordData[]; cut: boolean }> {
  const items: RecordData[] = [];
  for (const { where, sort } of parts)
    for (let cursor: string | null = null; ; ) {
      const page: Page = await post<Page>(`/${object.plural}/query`, { where, sort: [sort], fields, limit: pageSize, cursor }, signal);
      items.push(...page.items);
      cursor = page.next;
      if (items.length >= most) return { items, cut: true };
      if (cursor === null) break;
    }
  return { items, cut: false };
}

/**
 * Records as bars over days, from when they began to when they ended or are to end. The end of one that is not over is pulled by
 * hand, or moved by Alt and an arrow key: by a day to the sides, by a week up and down.
 */
export function Timeline({
  object,
  span,
  where,
  peek,
}: {
  object: ObjectMeta;
  span: Span;
  where: Where | undefined;
  peek: Peeked;
}): ReactNode {
  const look = useWords();
  const { t } = look;
  const meta = useMeta();
  const client = useQueryClient();
  const openFromList = useOpenFromList(object);
  const today = companyToday();
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false }) === true;
  const [scale, setScale] = useState<Scale>('half');
  const [about, setAbout] = useState(today);
  const window = useMemo(() => windowOn(about, scale, firstDayOfWeek()), [about, scale]);
  const field = (key: string | undefined): FieldMeta | undefined => object.fields.find((one) => one.key === key);
  const end = field(span.to);
  const owner = field(object.owner ?? undefined);
  const plan = useMemo(() => cardPlan(meta, object, end ?? (object.fields[0] as FieldMeta)), [meta, object, end]);
  const parts = partsOf(span, window).map((part) => ({ ...part, where: both(where, part.where) as Where }));
  const queryKey = ['figures', object.plural, 'timeline', parts];
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => {
      const keys = [...plan.fields, span.from, span.to, span.ended, owner?.key, 'createdAt'];
      return fetchParts(object, parts, [...new Set(keys.filter((key): key is string => key !== undefined))], signal);
    },
    placeholderData: keepPreviousData,
  });
  const rows = query.data?.items ?? [];
  const editable = end !== undefined && isEditable(object, end);

  const dayIn = (record: RecordData, key: string | undefined): string | null => {
    const value = key === undefined ? null : record[key];
    return typeof value === 'string' ? value.slice(0, 10) : null;
  };
  const isOver = (record: RecordData): boolean => dayIn(record, span.ended) !== null;
  const lasts = (record: RecordData): { from: string; to: string } => {
    const to = dayIn(record, span.ended) ?? dayIn(record, span.to) ?? today;
    return { from: dayIn(record, span.from) ?? dayIn(record, 'createdAt') ?? to, to };
  };
  const move = (record: RecordData, day: string): Promise<boolean> => {
    if (!end || day === dayIn(record, span.to)) return Promise.resolve(false);
    client.setQueryData<typeof query.data>(
      queryKey,
      (held) => held && { ...held, items: held.items.map((row) => (row.id === record.id ? { ...row, [end.key]: day } : row)) },
    );
    const name = titleText(object, record) || t('record.unnamed');
    return moveRecord(client, { object, record, field: end, value: day, said: t('timeline.moved', { name, day: formatDate(day) }) });
  };

  const scroller = useRef<HTMLDivElement>(null);
  const [visit] = useState(() => takeVisit(object.plural));
  const [active, setActive] = useState<string | null>(visit);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
    useFlushSync: false,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  /** Goes to a row: it is drawn first where it was out of sight. */
  const goTo = (index: number): void => {
    const record = rows[index];
    if (!record) return;
    setActive(record.id);
    virtual.scrollToIndex(index, { align: 'auto' });
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${record.id}"]`)?.focus({ preventScroll: true }));
    if (peek.id !== undefined) peek.open(record.id);
  };
  const back = useRef(visit);
  useEffect(() => {
    const index = back.current === null ? -1 : rows.findIndex((row) => row.id === back.current);
    if (index < 0) return;
    back.current = null;
    goTo(index);
  });
  const open = (id: string): void =>
    openFromList(
      id,
      rows.map((row) => row.id),
    );
  const at = rows.findIndex((row) => row.id === peek.id);
  const beside = (by: 1 | -1): (() => void) | null => {
    const other = at < 0 ? undefined : rows[at + by];
    return other ? () => peek.open(other.id) : null;
  };
  useOfferWalk(
    peek.id === undefined
      ? null
      : {
          at: at < 0 ? null : at + 1,
          of: { value: rows.length, exact: query.data?.cut !== true },
          previous: beside(-1),
          next: beside(1),
          open: () => open(peek.id ?? ''),
        },
  );
  const onKey = (event: KeyboardEvent, record: RecordData, index: number): void => {
    const days = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 7, ArrowUp: -7 }[event.key];
    const rowsOn = { ArrowDown: 1, ArrowUp: -1, Home: -rows.length, End: rows.length, PageDown: 10, PageUp: -10 }[event.key];
    if (event.key === ' ') {
      event.preventDefault();
      if (peek.id === record.id) peek.close();
      else peek.open(record.id);
    } else if (event.altKey && days !== undefined && editable && !isOver(record)) {
      event.preventDefault();
      void move(record, plusDays(dayIn(record, span.to) ?? today, days));
    } else if (!event.altKey && rowsOn !== undefined) {
      event.preventDefault();
      goTo(Math.max(0, Math.min(rows.length - 1, index + rowsOn)));
    }
  };

  const ticks = ticksOf(window, scale);
  const now = today >= window.from && today < window.until ? shareOf(window, today) : null;
  const first = rows.some(({ id }) => id === active) ? active : (rows[0]?.id ?? null);
  const textOf = (record: RecordData): string =>
    plan.amount ? viewOf(plan.amount.type).text(record[plan.amount.key], plan.amount, object.key) : '';
  return (
    <section className={classes.screen} aria-label={t('timeline.of', { objects: look.inSentence(look.plural(object.key)) })}>
      <div className={classes.head}>
        <Tip label={t('calendar.previous')}>
          <ActionIcon aria-label={t('calendar.previous')} onClick={() => setAbout(stepped(about, scale, -1))}>
            <IconChevronLeft {...iconLook} className={classes.turns} />
          </ActionIcon>
        </Tip>
        <Tip label={t('calendar.next')}>
          <ActionIcon aria-label={t('calendar.next')} onClick={() => setAbout(stepped(about, scale, 1))}>
            <IconChevronRight {...iconLook} className={classes.turns} />
          </ActionIcon>
        </Tip>
        <h2 className={classes.title}>
          {t('timeline.from', { from: formatMonth(window.from), until: formatMonth(plusDays(window.until, -1)) })}
        </h2>
        <Button size="compact" variant="default" onClick={() => setAbout(today)}>
          {t('calendar.today')}
        </Button>
        {query.data?.cut && <span className="pg-meta">{t('calendar.cut', { n: formatNumber(most) })}</span>}
        <div className={classes.scales}>
          {scales.map((one) => (
            <Button
              key={one}
              size="compact"
              variant={one === scale ? 'light' : 'subtle'}
              color="gray"
              aria-pressed={one === scale}
              onClick={() => setScale(one)}
            >
              {t(`timeline.${one}`)}
            </Button>
          ))}
        </div>
      </div>
      {query.isError && (
        <p className={classes.said} role="alert">
          {failureText(query.error)}
        </p>
      )}
      <div className={classes.axis} aria-hidden>
        {ticks.map((day, nth) => (
          <span
            key={day}
            style={{
              insetInlineStart: `${shareOf(window, day) * 100}%`,
              inlineSize: `${(shareOf(window, ticks[nth + 1] ?? window.until) - shareOf(window, day)) * 100}%`,
            }}
          >
            {scale === 'quarter' ? formatDate(day, true) : formatMonthShort(day, !phone && (nth === 0 || day.slice(5, 7) === '01'))}
          </span>
        ))}
      </div>
      <div ref={scroller} className={classes.rows}>
        {query.data && rows.length === 0 && <p className={classes.said}>{t('calendar.nothing')}</p>}
        <div className={classes.grid} aria-hidden>
          {ticks.map((day) => (
            <span key={day} style={{ insetInlineStart: `${shareOf(window, day) * 100}%` }} />
          ))}
          {now !== null && <span data-now style={{ insetInlineStart: `${now * 100}%` }} />}
        </div>
        <ul className={classes.stack} style={{ blockSize: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const record = rows[item.index];
            if (!record) return null;
            const { from, to } = lasts(record);
            const whose = owner ? readNamed(record[owner.key])?.name : undefined;
            return (
              <li
                key={item.key}
                className={classes.row}
                data-peeked={record.id === peek.id || undefined}
                style={{ transform: `translateY(${item.start}px)`, blockSize: rowHeight }}
              >
                <a
                  className={classes.name}
                  href={recordPath(object, record.id)}
                  data-row={record.id}
                  tabIndex={record.id === first ? 0 : -1}
                  aria-current={record.id === peek.id || undefined}
                  onFocus={() => setActive(record.id)}
                  onKeyDown={(event) => onKey(event, record, item.index)}
                  onClick={(event) => {
                    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                    event.preventDefault();
                    if (event.altKey) peek.open(record.id);
                    else open(record.id);
                  }}
                >
                  <span className={classes.title}>{titleText(object, record) || t('record.unnamed')}</span>
                  {whose && <span className={classes.whose}>{whose}</span>}
                  <VisuallyHidden>{t('timeline.lasts', { from: formatDate(from), to: formatDate(to) })}</VisuallyHidden>
                </a>
                <span className={classes.track} data-track>
                  <TimelineBar
                    window={window}
                    from={from}
                    to={to}
                    text={textOf(record)}
                    shortBelow={phone ? 0.35 : 0.12}
                    over={isOver(record)}
                    late={lateBy(plan, record, today) !== null}
                    pullable={editable && !isOver(record) && dayIn(record, span.to) !== null}
                    onPulled={(day) => void move(record, day)}
                  />
                </span>
              </li>
            );
          })}
        </ul>
      </div>
      {editable && rows.length > 0 && <p className={classes.keys}>{t('timeline.keys')}</p>}
    </section>
  );
}
