import { ActionIcon, Button } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { iconLook } from '../icons.ts';
import { Tip } from '../tip.tsx';
import { useWords } from '../words.ts';
import classes from './calendar-bar.module.css';

interface Props<View extends string> {
  /** Which days are shown. */
  title: string | null;
  onPrevious: () => void;
  onNext: () => void;
  onToday: () => void;
  views: readonly View[];
  view: View;
  onView: (view: View) => void;
  /** What is to be said of what is shown. */
  note?: ReactNode;
  /** Behind the views. */
  children?: ReactNode;
}

/** Above a calendar: to other days, which are shown, and how many at once. */
export function CalendarBar<View extends 'month' | 'week' | 'day'>(props: Props<View>): ReactNode {
  const { title, onPrevious, onNext, onToday, views, view, onView, note, children } = props;
  const { t } = useWords();
  return (
    <div className={classes.bar}>
      <Tip label={t('calendar.previous')}>
        <ActionIcon aria-label={t('calendar.previous')} onClick={onPrevious}>
          <IconChevronLeft {...iconLook} />
        </ActionIcon>
      </Tip>
      <Tip label={t('calendar.next')}>
        <ActionIcon aria-label={t('calendar.next')} onClick={onNext}>
          <IconChevronRight {...iconLook} />
        </ActionIcon>
      </Tip>
      <h2 className={classes.title}>{title}</h2>
      <Button size="compact" variant="default" onClick={onToday}>
        {t('calendar.today')}
      </Button>
      {note && <span className="pg-meta">{note}</span>}
      <div className={classes.views}>
        {views.map((one) => (
          <Button
            key={one}
            size="compact"
            variant={one === view ? 'light' : 'subtle'}
            color="gray"
            aria-pressed={one === view}
            onClick={() => onView(one)}
          >
            {t(`calendar.${one}`)}
          </Button>
        ))}
        {children}
      </div>
    </div>
  );
}
