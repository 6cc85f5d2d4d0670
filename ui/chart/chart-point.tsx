import { VisuallyHidden } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useEffect, useState } from 'react';
import { directionOf, useWords } from '../words.ts';
import classes from './chart.module.css';
import type { Drawn } from './draw.ts';
import type { Lines, Series } from './series.ts';
import { stepped } from './steps.ts';

interface Props {
  drawn: Drawn;
  lines: Lines;
  /** Bars lie: their points follow each other downwards. */
  lying: boolean;
  /** What a point says: where it stands, of what it is, and its figure. */
  said: (series: number, at: number) => string;
  onPick: (series: Series, at: number) => void;
}

/**
 * One point of a chart that has the keyboard: arrows go along and between series, Home and End to the ends, Enter to the records behind.
 * It is a button that stands on the point, so that it is seen, spoken and pressed like any other.
 */
export function ChartPoint({ drawn, lines, lying, said, onPick }: Props): ReactNode {
  const { t, language } = useWords();
  const [place, setPlace] = useState({ series: 0, at: 0 });
  const [focused, setFocused] = useState(false);
  const series = Math.min(place.series, lines.series.length - 1);
  const at = Math.min(place.at, lines.over.length - 1);
  const spot = drawn.spot(series, at);
  useEffect(() => {
    if (!focused) return;
    drawn.tell(series, at);
    return () => drawn.hush();
  }, [drawn, focused, series, at]);
  const chosen = lines.series[series];
  if (!chosen || lines.over.length === 0) return null;
  const onKey = (event: KeyboardEvent): void => {
    const next = stepped(
      event.key,
      { series, at },
      { series: lines.series.length, points: lines.over.length },
      lying,
      directionOf(language) === 'rtl',
    );
    if (!next || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    setPlace(next);
  };
  const words = said(series, at);
  return (
    <>
      <button
        type="button"
        className={classes.point}
        // physical: a place in the drawing, whose zero is on the left in every direction of writing
        style={{ left: spot?.x ?? 0, top: spot?.y ?? 0 }}
        aria-label={words}
        aria-description={t('chart.keys')}
        onKeyDown={onKey}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onClick={() => {
          if (chosen.points[at]?.value !== null) onPick(chosen, at);
        }}
      />
      {/* That the name of a button changed is not read out by itself. */}
      <VisuallyHidden role="status">{focused ? words : ''}</VisuallyHidden>
    </>
  );
}
