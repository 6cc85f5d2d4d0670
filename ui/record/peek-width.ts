/** How wide the peek may be beside a list, in pixels (look.md). */
export const peekWidths = { least: 400, most: 720, first: 480 } as const;
const step = 16;
const keptAs = 'perigon.peek';

export function clampPeek(pixels: number): number {
  return Math.round(Math.max(peekWidths.least, Math.min(peekWidths.most, pixels)));
}

/**
 * The width after a key on its edge; null where the key means nothing there. The peek stands at the end of the line, so
 * its edge moves towards the beginning to make it wider, whichever way the language runs. Pure.
 */
export function widthAfter(key: string, width: number, rtl: boolean): number | null {
  const wider = rtl ? 'ArrowRight' : 'ArrowLeft';
  const narrower = rtl ? 'ArrowLeft' : 'ArrowRight';
  if (key === wider) return clampPeek(width + step);
  if (key === narrower) return clampPeek(width - step);
  if (key === 'Home') return peekWidths.most;
  if (key === 'End') return peekWidths.least;
  return null;
}

/** The width as it was left: a matter of screens, kept by the browser. */
export function keptWidth(): number {
  const kept = Number(localStorage.getItem(keptAs));
  return kept > 0 ? clampPeek(kept) : peekWidths.first;
}

export function keepWidth(width: number): void {
  localStorage.setItem(keptAs, String(clampPeek(width)));
}
