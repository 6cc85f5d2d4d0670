import { ScrollArea, TextInput, UnstyledButton } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { iconLook } from '../icons.ts';
import { useLater } from '../later.tsx';
import { useMeta } from '../meta.ts';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { firstOperator } from './condition-editor.tsx';
import classes from './list.module.css';
import { findChoices, type PathChoice, pathText, resolvePath } from './path.ts';
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
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language only
  const entries = useMemo(
    () => findChoices(meta, object, prefix, typed, look).flatMap(entriesOf),
    [meta, object, prefix, typed, look.language],
  );
  const later = useLater();
  const here = prefix === '' ? null : resolvePath(meta, object, prefix);
  const active = Math.min(at, entries.length - 1);
  useEffect(() => {
    document.getElementById(`${listId}-${active}`)?.scrollIntoView({ block: 'nearest' });
  }, [listId, active]);
  const go = (to: string): void => {
    setPrefix(to);
    setTyped('');
    setAt(0);
    input.current?.focus();
  };
  const up = (): void => go(prefix.includes('.') ? prefix.slice(0, prefix.lastIndexOf('.')) : '');
  const pick = (entry: Entry): void => (entry.act === 'open' ? go(entry.choice.found.path) : onPick(begun(entry)));
  const onKey = (event: KeyboardEvent<HTMLInputElement>): void => {
    const entry = entries[active];
    const { selectionStart, value } = event.currentTarget;
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
        <UnstyledButton className={classes.pickerBack} onClick={up}>
          <IconChevronLeft {...iconLook} />
          {pathText(here, look)}
        </UnstyledButton>
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
      <ScrollArea.Autosize mah={320}>
        {(later ? entries : entries.slice(0, firstLines)).map((entry, index) => {
          const { choice, act } = entry;
          const name = choice.words.join(' › ');
          return (
            <div key={`${choice.found.path} ${act}`} className={classes.pickerLine} data-active={index === active || undefined}>
              <UnstyledButton id={`${listId}-${index}`} className={classes.menuRow} tabIndex={-1} onClick={() => pick(entry)}>
                {name}
                {act === 'count' && <span className="pg-meta"> {t('filter.howMany')}</span>}
              </UnstyledButton>
              {choice.deeper && act !== 'count' && (
                // The browser's own title: these lines are drawn by the dozen while somebody types.
                <UnstyledButton
                  className={classes.pickerDeeper}
                  tabIndex={-1}
                  title={`${t('filter.fieldsOf', { name })} (→)`}
                  aria-label={t('filter.fieldsOf', { name })}
                  onClick={() => go(choice.found.path)}
                >
                  <IconChevronRight {...iconLook} />
                </UnstyledButton>
              )}
            </div>
          );
        })}
        {entries.length === 0 && <div className={`${classes.menuRow} pg-secondary`}>{t('filter.noField')}</div>}
      </ScrollArea.Autosize>
      {children}
    </>
  );
}
