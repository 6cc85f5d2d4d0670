/** Where an arrow leads in a chart. Pure. */

export interface Place {
  series: number;
  at: number;
}

/** The place after a key; null for keys that lead nowhere. Along the axis it ends at its ends, between series likewise. */
export function stepped(
  key: string,
  { series, at }: Place,
  of: { series: number; points: number },
  lying: boolean,
  fromRight: boolean,
): Place | null {
  const ahead = fromRight ? 'ArrowLeft' : 'ArrowRight';
  const back = fromRight ? 'ArrowRight' : 'ArrowLeft';
  const along = { [lying ? 'ArrowDown' : ahead]: 1, [lying ? 'ArrowUp' : back]: -1 }[key];
  if (along !== undefined) return { series, at: within(at + along, of.points) };
  const across = { [lying ? ahead : 'ArrowDown']: 1, [lying ? back : 'ArrowUp']: -1 }[key];
  if (across !== undefined) return { series: within(series + across, of.series), at };
  if (key === 'Home') return { series, at: 0 };
  return key === 'End' ? { series, at: within(of.points, of.points) } : null;
}

const within = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));
