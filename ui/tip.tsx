import { cloneElement, type ReactElement } from 'react';

/** Pointing shows it after this long; coming by keyboard at once. */
const waitMs = 400;
const gap = 6;
/** Never nearer to the edge of the window. */
const margin = 4;

interface Props {
  /** Nothing to say: no tip. */
  label: string | undefined;
  /** At the end of the line for what stands at the start of the page, else below. */
  beside?: boolean;
  /** One element that hands attributes it does not know on to the page. */
  children: ReactElement<{ 'data-tip'?: string; 'data-tip-beside'?: boolean }>;
}

/**
 * Words that show while somebody points at a thing or has come to it by keyboard. The thing itself only carries them: dozens stand on a
 * page, so they cost nothing until one is wanted (`watchTips`).
 */
export function Tip({ label, beside, children }: Props): ReactElement {
  return cloneElement(children, { 'data-tip': label, 'data-tip-beside': beside || undefined });
}

/** Shows the tips of the page, one at a time; gives the way to stop. Begun once, by the page's frame. */
export function watchTips(): () => void {
  const bubble = document.createElement('div');
  bubble.className = 'pg-tip';
  bubble.role = 'tooltip';
  bubble.hidden = true;
  document.body.append(bubble);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let at: Element | null = null;

  const hide = (): void => {
    clearTimeout(timer);
    at = null;
    bubble.hidden = true;
  };
  const show = (): void => {
    const text = at?.getAttribute('data-tip');
    if (!at?.isConnected || !text) return;
    bubble.textContent = text;
    bubble.hidden = false;
    const to = at.getBoundingClientRect();
    const own = bubble.getBoundingClientRect();
    const fromTheRight = document.dir === 'rtl';
    const beside = at.hasAttribute('data-tip-beside');
    const below = to.bottom + gap + own.height <= window.innerHeight - margin;
    const x = beside ? (fromTheRight ? to.left - gap - own.width : to.right + gap) : to.left + (to.width - own.width) / 2;
    const y = beside ? to.top + (to.height - own.height) / 2 : below ? to.bottom + gap : to.top - gap - own.height;
    bubble.style.translate = `${Math.round(Math.max(margin, Math.min(window.innerWidth - own.width - margin, x)))}px ${Math.round(y)}px`;
  };
  const come = (target: EventTarget | null, wait: number): void => {
    const next = target instanceof Element ? target.closest('[data-tip]') : null;
    if (next === at) return;
    hide();
    at = next;
    if (next) timer = setTimeout(show, wait);
  };
  const point = (event: PointerEvent): void => {
    if (event.pointerType === 'mouse') come(event.target, waitMs);
  };
  const focus = (event: FocusEvent): void => {
    if (event.target instanceof Element && event.target.matches(':focus-visible')) come(event.target, 0);
  };
  document.addEventListener('pointerover', point);
  document.addEventListener('focusin', focus);
  for (const gone of ['pointerdown', 'keydown', 'focusout', 'scroll'] as const)
    document.addEventListener(gone, hide, { capture: true, passive: true });
  return () => {
    hide();
    document.removeEventListener('pointerover', point);
    document.removeEventListener('focusin', focus);
    for (const gone of ['pointerdown', 'keydown', 'focusout', 'scroll'] as const)
      document.removeEventListener(gone, hide, { capture: true });
    bubble.remove();
  };
}
