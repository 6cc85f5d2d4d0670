import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { request } from '#ui/api.ts';
import { capture } from '#ui/capture.ts';
import { failureText } from '#ui/failure.ts';
import { companyNow, formatDay, formatNumber } from '#ui/format.ts';
import { markRead } from '#ui/notices/notices.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { PageHeader } from '#ui/page-header.tsx';
import { useSubjectIs } from '#ui/palette/subject.ts';
import { useDelayed } from '#ui/use-delayed.ts';
import { dueFields, readWhen, whenText } from '#ui/when.ts';
import { useWords } from '#ui/words.ts';
import classes from './my-day.module.css';
import { type Line, linesOf, type MyDay, myDayQuery, noticeOf, SECTIONS } from './my-day.ts';
import { closes, MyDayLine } from './my-day-line.tsx';

/** The day's work, line by line: done, put off or opened without a mouse. */
export function MyDayScreen(): ReactNode {
  const { t } = useWords();
  const client = useQueryClient();
  const query = useQuery(myDayQuery);
  const box = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<Line | null>(null);
  /** Where the focus goes once the line that had it is gone. */
  const goTo = useRef<string | null>(null);
  // What is captured belongs to whom the line is about.
  useSubjectIs(focused?.party?.id, focused?.party?.name ?? '');
  const day = query.data;
  const sections = day ? linesOf(day, new Date(companyNow()).toISOString()) : null;
  // What cannot be opened is passed by.
  const shown = sections ? SECTIONS.flatMap((key) => sections.get(key) ?? []) : [];
  const all = shown.filter(({ object }) => object !== '');
  const slow = useDelayed(query.isPending);

  useEffect(() => {
    if (goTo.current === null) return;
    const wanted = goTo.current;
    goTo.current = null;
    box.current?.querySelector<HTMLElement>(`[data-line="${CSS.escape(wanted)}"]`)?.focus();
  });

  const step = (from: Line | undefined, by: 1 | -1): Line | undefined => {
    const at = from ? all.findIndex(({ key }) => key === from.key) : -1;
    return at < 0 ? all[by === 1 ? 0 : all.length - 1] : all[at + by];
  };
  /** Takes a line away before the server says so; the focus goes to the next one. */
  const without = (line: Line): void => {
    goTo.current = (step(line, 1) ?? step(line, -1))?.key ?? null;
    client.setQueryData<MyDay>(myDayQuery.queryKey, (held) => {
      if (!held) return held;
      const less = <T extends { id: string }>(section: { items: T[]; more: boolean } | null) =>
        section && { ...section, items: section.items.filter(({ id }) => id !== line.id && id !== noticeOf(line)) };
      return {
        ...held,
        tasks: less(held.tasks),
        meetings: less(held.meetings),
        promised: less(held.promised),
        mentioned: less(held.mentioned) ?? held.mentioned,
      };
    });
  };
  const send = async (line: Line, said: string, ask: () => Promise<{ cause: string | null }>): Promise<void> => {
    without(line);
    try {
      const { cause } = await ask();
      showUndo(said, cause);
    } catch (failure) {
      showFailure(failure);
    }
    await client.invalidateQueries({ predicate: ({ queryKey: [kind] }) => !['session', 'meta', 'views'].includes(String(kind)) });
  };
  const close = (line: Line): void => {
    const act = closes(line);
    const name = line.title || t('record.unnamed');
    if (act === 'done')
      void send(line, t('myDay.doneSaid', { name }), () => request('POST', '/actions/completeTask', { body: { ids: [line.id] } }));
    else if (act === 'held')
      void send(line, t('myDay.heldSaid', { name }), () => request('PATCH', `/meetings/${line.id}`, { body: { status: 'held' } }));
    else if (act === 'read') {
      without(line);
      void markRead([noticeOf(line)]).catch(showFailure);
    }
  };
  const snooze = (line: Line, text: string): void => {
    const when = readWhen(text);
    if (!when) return;
    void send(line, t('myDay.snoozed', { name: line.title || t('record.unnamed'), when: whenText(when) }), () =>
      request('PATCH', `/tasks/${line.id}`, { body: dueFields(when) }),
    );
  };
  const onKey = (event: KeyboardEvent): void => {
    const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key] as 1 | -1 | undefined;
    const target = event.target as HTMLElement;
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey || target.matches('input, textarea')) return;
    const key = target.dataset.line;
    const next = step(
      all.find((line) => line.key === key),
      by,
    );
    if (!next) return;
    event.preventDefault();
    box.current?.querySelector<HTMLElement>(`[data-line="${CSS.escape(next.key)}"]`)?.focus();
  };
  // The keys work from the moment the page is there: the first line is where one begins.
  const there = all.length > 0;
  useEffect(() => {
    if (there && (document.activeElement === document.body || document.activeElement?.id === 'content'))
      box.current?.querySelector<HTMLElement>('[data-line]')?.focus({ preventScroll: true });
  }, [there]);

  return (
    <div className={classes.screen}>
      <PageHeader title={t('myDay.title')} aside={day && formatDay(day.today)}>
        <Button className={classes.second} size="compact" variant="default" onClick={() => capture('meeting')}>
          {t('myDay.newMeeting')}
        </Button>
        <Button size="compact" onClick={() => capture('task')}>
          {t('myDay.newTask')}
        </Button>
      </PageHeader>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys go from line to line, each of which is a link */}
      <div ref={box} className={classes.day} onKeyDown={onKey}>
        {query.isError && <p role="alert">{failureText(query.error)}</p>}
        {slow && <div className={classes.waiting} aria-busy />}
        {day && shown.length === 0 && <p className={classes.nothing}>{t('myDay.nothing')}</p>}
        {sections &&
          SECTIONS.map((key) => {
            const lines = sections.get(key) ?? [];
            if (lines.length === 0) return null;
            const more = moreOf(day, key);
            return (
              <section key={key} aria-labelledby={`my-day-${key}`}>
                <h2 id={`my-day-${key}`} className={classes.heading} data-late={key === 'overdue' || undefined}>
                  {t(`myDay.${key}`)} <span className="pg-meta">{`${formatNumber(lines.length)}${more ? '+' : ''}`}</span>
                </h2>
                <ul className={classes.lines}>
                  {lines.map((line) => (
                    <MyDayLine
                      key={line.key}
                      line={line}
                      onFocus={() => setFocused(line)}
                      onDone={() => close(line)}
                      onSnooze={(text) => snooze(line, text)}
                    />
                  ))}
                </ul>
              </section>
            );
          })}
      </div>
    </div>
  );
}

/** Whether a section has more lines than are shown. */
function moreOf(day: MyDay | undefined, key: (typeof SECTIONS)[number]): boolean {
  const section = key === 'overdue' || key === 'today' ? day?.tasks : day?.[key];
  return section?.more === true;
}
