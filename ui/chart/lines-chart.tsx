import { useComputedColorScheme } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { dark, light } from '../tokens.ts';
import { directionOf, useWords } from '../words.ts';
import classes from './chart.module.css';
import { ChartPoint } from './chart-point.tsx';
import type { Drawn } from './draw.ts';
import type { Lines, Series } from './series.ts';

interface Props {
  lines: Lines;
  over: string[];
  names: string[];
  currency: string;
  line: boolean;
  height: number;
  /** What is to be seen, for who does not see it. */
  label: string;
  /** What a point says; without it points lead nowhere. */
  said?: (series: number, at: number) => string;
  onPick: (series: Series, at: number) => void;
}

/** Lines or bars. What draws them is fetched with the first chart that is on screen. */
export function LinesChart({ lines, over, names, currency, line, height, label, said, onPick }: Props): ReactNode {
  const { language } = useWords();
  const tokens = useComputedColorScheme('light') === 'dark' ? dark : light;
  const place = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  // What stands on a point moves with it when the chart is drawn anew.
  const [, setTimes] = useState(0);
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    let begun: Drawn | undefined;
    let gone = false;
    const watch = new ResizeObserver(() => {
      begun?.resize();
      setTimes((times) => times + 1);
    });
    void import('./draw.ts').then(({ begin }) => {
      if (gone || !place.current) return;
      begun = begin(place.current);
      watch.observe(place.current);
      setDrawn(begun);
    });
    return () => {
      gone = true;
      watch.disconnect();
      begun?.end();
    };
  }, []);
  useEffect(() => {
    drawn?.show(lines, { tokens, fromRight: directionOf(language) === 'rtl', over, names, currency, line }, (at, point) => {
      const series = lines.series[at];
      if (series) pick.current(series, point);
    });
    setTimes((times) => times + 1);
  }, [drawn, lines, tokens, language, over, names, currency, line]);
  return (
    <div className={classes.around}>
      <div ref={place} className={classes.drawn} style={{ blockSize: height }} role="img" aria-label={label} />
      {drawn && said && <ChartPoint drawn={drawn} lines={lines} lying={!line && !lines.inTime} said={said} onPick={onPick} />}
    </div>
  );
}
