import { TextInput } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { type KeyboardEvent, memo, type ReactNode, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react';
import { iconLook } from '../icons.ts';
import { useLater } from '../later.tsx';
import { useMeta } from '../meta.ts';
import { useHandler } from '../use-handler.ts';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { firstOperator } from './condition-editor.tsx';
import classes from './list.module.css';
import { findChoices, indexChoices, type PathChoice, pathText, resolvePath } from './path.ts';
import { writeCount } from './predicate.ts';

/** Lines drawn as the picker opens, as many as are in sight; the others follow. */
const firstLines = 10;

interface Entry {
  choice: PathChoice;
  act: 'compare' | 'count' | 'open';
}

function entriesOf(choice: PathChoice): Entry[] {
  const acts: Entry['act'][] = [...(choice.comparable ? (['compare'] as const) : []), ...(choice.countable ? (['count'] as const) : [])];
  return (acts.length > 0 ? acts : (['open'] as const)).map((act) => ({ choice, act }));
}

/** The condition a choice begins with: the comparison most often meant, or “at least one”. */
function begun({ choice, act }: Entry): unknown {
  return act === 'count'
    ? writeCount({ path: choice.found.path, op: 'gte', n: 1, where: null })
    : { field: choice.found.path, op: firstOperator(choice.found.field), value: null };
}

/**
 * Chooses a field by its name, through references too: “customer city” finds it, and → or the chevron goes on to the fields
 * behind a reference, ← back. What is chosen is given as the condition it begins.
 */
export function FieldPicker({
  object,
  onPick,
  children,
}: {
  object: ObjectMeta;
  onPick: (node: unknown) => void;
  /** What else may be begun here. */
  children?: ReactNode;
}): ReactNode {
  const look = useWords();
  const { t } = look;
  const meta = useMeta();
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [prefix, setPrefix] = useState('');
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const index = useMemo(() => indexChoices(meta, object, prefix, look), [meta, object, prefix, look]);
  const found = (text: string): Entry[] => findChoices(index, text).flatMap(entriesOf);
  // The letter stands in its field at once, the lines follow it.
  const shown = useDeferredValue(typed);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is found changes with the index
  const entries = useMemo(() => found(shown), [index, shown]);
  const here = prefix === '' ? null : resolvePath(meta, object, prefix);
  const active = Math.min(at, entries.length - 1);
  const moved = useRef(false);
  useEffect(() => {
    // The first line is in sight until a key leads on: to see to that, the browser would have to lay out the page at once.
    if (moved.current) document.getElementById(`${listId}-${active}`)?.scrollIntoView({ block: 'nearest' });
  }, [listId, active]);
  const go = (to: string): void => {
    setPrefix(to);
    setTyped('');
    setAt(0);
    input.current?.focus();
  };
  const up = (): void => go(prefix.includes('.') ? prefix.slice(0, prefix.lastIndexOf('.')) : '');
  const pick = useHandler((entry: Entry): void => (entry.act === 'open' ? go(entry.choice.found.path) : onPick(begun(entry))));
  const deeper = useHandler(go);
  const onKey = (event: KeyboardEvent<HTMLInputElement>): void => {
    const { selectionStart, value } = event.currentTarget;
    // Enter means what is typed, also where its lines are still to come.
    const entry = shown === typed ? entries[active] : found(typed)[at];
    moved.current = true;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp')
      setAt(Math.max(0, Math.min(entries.length - 1, active + (event.key === 'ArrowDown' ? 1 : -1))));
    else if (event.key === 'Enter' && entry) pick(entry);
    else if (event.key === 'ArrowRight' && selectionStart === value.length && entry?.choice.deeper) go(entry.choice.found.path);
    else if ((event.key === 'ArrowLeft' || event.key === 'Backspace') && value === '' && prefix !== '') up();
    else return;
    event.preventDefault();
  };
  return (
    <>
      {here && (
        <button type="button" className={classes.pickerBack} onClick={up}>
          <IconChevronLeft {...iconLook} />
          {pathText(here, look)}
        </button>
      )}
      <TextInput
        ref={input}
        aria-label={t('filter.field')}
        placeholder={t('filter.field')}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
        aria-activedescendant={entries[active] ? `${listId}-${active}` : undefined}
        data-autofocus
        mb={4}
      />
      <Lines listId={listId} entries={entries} active={active} onPick={pick} onDeeper={deeper} />
      {children}
    </>
  );
}

/** The lines under the field, drawn apart from it: dozens of them with every letter. */
const Lines = memo(function Lines({
  listId,
  entries,
  active,
  onPick,
  onDeeper,
}: {
  listId: string;
  entries: Entry[];
  active: number;
  onPick: (entry: Entry) => void;
  onDeeper: (path: string) => void;
}): ReactNode {
  const { t } = useWords();
  const later = useLater();
  return (
    <div className={classes.pickerLines}>
      {(later ? entries : entries.slice(0, firstLines)).map((entry, index) => {
        const { choice, act } = entry;
        const name = choice.words.join(' › ');
        return (
          <div key={`${choice.found.path} ${act}`} className={classes.pickerLine} data-active={index === active || undefined}>
            <button type="button" id={`${listId}-${index}`} className={classes.menuRow} tabIndex={-1} onClick={() => onPick(entry)}>
              {name}
              {act === 'count' && <span className="pg-meta"> {t('filter.howMany')}</span>}
            </button>
            {choice.deeper && act !== 'count' && (
              // The browser's own title: these lines are drawn by the dozen while somebody types.
              <button
                type="button"
                className={classes.pickerDeeper}
                tabIndex={-1}
                title={`${t('filter.fieldsOf', { name })} (→)`}
                aria-label={t('filter.fieldsOf', { name })}
                onClick={() => onDeeper(choice.found.path)}
              >
                <IconChevronRight {...iconLook} />
              </button>
            )}
          </div>
        );
      })}
      {entries.length === 0 && <div className={`${classes.menuRow} pg-secondary`}>{t('filter.noField')}</div>}
    </div>
  );
});
