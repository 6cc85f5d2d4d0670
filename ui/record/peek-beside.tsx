import { Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import {
  type CSSProperties,
  type KeyboardEvent,
  lazy,
  type PointerEvent,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './peek.module.css';
import { clampPeek, keepWidth, keptWidth, peekWidths, widthAfter } from './peek-width.ts';
import { isCovered, isTyping } from './typing.ts';
import { useWalk } from './walk.ts';

// The record's screens come with the first peek, not with the list.
const Peek = lazy(() => import('./peek.tsx').then((file) => ({ default: file.Peek })));

interface Props {
  target: { object: ObjectMeta; id: string } | null;
  onClose: () => void;
  /** The list; it stays what it is, whether something is peeked at or not. */
  children: ReactNode;
}

/** A list, and beside it the record that is peeked at; on a phone the record is a sheet over it. */
export function PeekBeside({ target, onClose, children }: Props): ReactNode {
  const { t, object: objectWord, inSentence } = useWords();
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  const main = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLElement>(null);
  const walk = useWalk();
  const open = target !== null;
  const id = target?.id;

  /** Back to the row, card or day that was peeked at. */
  const focusList = useCallback((): void => {
    const list = main.current;
    const item = id === undefined ? null : list?.querySelector<HTMLElement>(`[data-card="${id}"], [data-event="${id}"]`);
    (item ?? list?.querySelector<HTMLElement>('[role="grid"], [role="listbox"]'))?.focus({ preventScroll: true });
  }, [id]);
  const close = useCallback((): void => {
    const at = document.activeElement;
    onClose();
    // Whoever works in the list already keeps the focus.
    if (at === null || at === document.body || panel.current?.contains(at)) focusList();
  }, [onClose, focusList]);
  /** What keys do while somebody peeks, wherever the focus is. */
  const press = (event: globalThis.KeyboardEvent): boolean => {
    const { target: at } = event;
    const inside = at instanceof Node && panel.current?.contains(at) === true;
    const ours = inside || at === document.body || (at instanceof Node && main.current?.contains(at) === true);
    if (!ours || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(at) || isCovered()) return false;
    if (event.key === 'Escape') close();
    else if (event.key === 'F6') inside ? focusList() : panel.current?.focus();
    else if (!inside) return false;
    else if (event.key === 'j') walk?.next?.();
    else if (event.key === 'k') walk?.previous?.();
    else if (event.key === ' ' && at === panel.current) close();
    else if (event.key === 'Enter' && at === panel.current) walk?.open();
    else return false;
    return true;
  };
  const latest = useRef(press);
  latest.current = press;
  const beside = open && !phone;
  useEffect(() => {
    if (!beside) return;
    // Before the list hears it: Escape closes the peek first.
    const listen = (event: globalThis.KeyboardEvent): void => {
      if (!latest.current(event)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener('keydown', listen, true);
    return () => window.removeEventListener('keydown', listen, true);
  }, [beside]);

  const content = target && (
    <Suspense fallback={null}>
      <Peek key={target.object.key} object={target.object} id={target.id} onClose={close} />
    </Suspense>
  );
  const name = target ? t('peek.of', { object: inSentence(objectWord(target.object.key)) }) : '';
  return (
    <div className={classes.beside}>
      <div className={classes.main} ref={main}>
        {children}
      </div>
      {beside && <Panel panel={panel} name={name} content={content} />}
      {phone && (
        <Drawer
          opened={open}
          onClose={onClose}
          position="bottom"
          size="88dvh"
          withCloseButton={false}
          padding={0}
          title={name}
          styles={{
            header: { display: 'none' },
            content: { outline: 'none' },
            body: { blockSize: '100%', display: 'flex', flexDirection: 'column' },
          }}
        >
          {content}
        </Drawer>
      )}
    </div>
  );
}

/** The peek at the end of the line, with the edge by which it is made wider. */
function Panel({ panel, name, content }: { panel: React.RefObject<HTMLElement | null>; name: string; content: ReactNode }): ReactNode {
  const { t } = useWords();
  const [width, setWidth] = useState(keptWidth);
  const settle = (next: number): void => {
    const fitting = clampPeek(next);
    setWidth(fitting);
    keepWidth(fitting);
  };
  const drag = (event: PointerEvent<HTMLElement>): void => {
    const box = panel.current;
    if (!box || event.button !== 0) return;
    event.preventDefault();
    const edge = event.currentTarget;
    edge.setPointerCapture(event.pointerId);
    const { clientX: from } = event;
    const before = box.getBoundingClientRect().width;
    const sign = getComputedStyle(box).direction === 'rtl' ? 1 : -1;
    let now = before;
    const move = (moved: globalThis.PointerEvent): void => {
      now = clampPeek(before + sign * (moved.clientX - from));
      // Drawn without React while the pointer moves.
      box.style.setProperty('--peek', `${now}px`);
    };
    const end = (): void => {
      edge.removeEventListener('pointermove', move);
      edge.removeEventListener('pointerup', end);
      edge.removeEventListener('pointercancel', end);
      settle(now);
    };
    edge.addEventListener('pointermove', move);
    edge.addEventListener('pointerup', end);
    edge.addEventListener('pointercancel', end);
  };
  const press = (event: KeyboardEvent): void => {
    const next = widthAfter(event.key, width, document.dir === 'rtl');
    if (next === null) return;
    event.preventDefault();
    settle(next);
  };
  return (
    <aside ref={panel} className={classes.panel} tabIndex={-1} aria-label={name} style={{ '--peek': `${width}px` } as CSSProperties}>
      {/* biome-ignore lint/a11y/useSemanticElements: a rule between two panes that can be moved is no hr */}
      <div
        className={classes.edge}
        role="separator"
        tabIndex={0}
        aria-orientation="vertical"
        aria-label={t('peek.width')}
        aria-valuenow={width}
        aria-valuemin={peekWidths.least}
        aria-valuemax={peekWidths.most}
        onPointerDown={drag}
        onDoubleClick={() => settle(peekWidths.first)}
        onKeyDown={press}
      />
      {content}
    </aside>
  );
}
