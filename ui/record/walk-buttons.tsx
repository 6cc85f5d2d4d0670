import { ActionIcon } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { formatCount, formatNumber } from '../format.ts';
import { Tip } from '../tip.tsx';
import { useWords } from '../words.ts';
import classes from './record.module.css';

interface Props {
  at: number | null;
  of: { value: number; exact: boolean } | null;
  previous: (() => void) | null;
  next: (() => void) | null;
}

/** Where a record stands in its list, and the ways to the one before and the one after. */
export function WalkButtons({ at, of, previous, next }: Props): ReactNode {
  const { t } = useWords();
  return (
    <div className={classes.walk}>
      <Tip label={`${t('walk.previous')} (K)`}>
        {/* Not disabled at the end: a button that had the focus would lose it there. */}
        <ActionIcon
          aria-label={t('walk.previous')}
          aria-keyshortcuts="k"
          aria-disabled={previous === null}
          data-disabled={previous === null || undefined}
          onClick={() => previous?.()}
        >
          <IconChevronUp size={16} stroke={1.5} />
        </ActionIcon>
      </Tip>
      <Tip label={`${t('walk.next')} (J)`}>
        <ActionIcon
          aria-label={t('walk.next')}
          aria-keyshortcuts="j"
          aria-disabled={next === null}
          data-disabled={next === null || undefined}
          onClick={() => next?.()}
        >
          <IconChevronDown size={16} stroke={1.5} />
        </ActionIcon>
      </Tip>
      {at !== null && (
        <span className={classes.walkPlace}>{of ? t('walk.place', { at: formatNumber(at), of: formatCount(of) }) : formatNumber(at)}</span>
      )}
    </div>
  );
}
