import { type MantineSpacing, Menu, type MenuProps, Popover, type PopoverProps } from '@mantine/core';
import { type ReactElement, type ReactNode, type Ref, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** What makes a button the one that opens something. */
export interface OpenerProps {
  ref: RefObject<HTMLButtonElement | null>;
  onClick: () => void;
  'aria-haspopup': 'menu' | 'dialog';
  'aria-expanded': boolean;
}

interface Hanging {
  /** Draws the button; it gets what makes it one. */
  button: (props: OpenerProps) => ReactElement;
  /** What opens, drawn while it is open. */
  children: () => ReactNode;
  /** Where somebody else presses the button, too. */
  opener?: RefObject<HTMLButtonElement | null>;
}

/** Stands in for the button as the target of what hangs on it: so the button is there before anything hangs. */
function Anchor({ to, ref, id }: { to: RefObject<HTMLElement | null>; ref?: Ref<HTMLElement>; id?: string }): ReactNode {
  const given = useRef('');
  useLayoutEffect(() => {
    const element = to.current;
    // The panel is named by its button. Its id may change, the button's own is left alone.
    if (id && element && element.id === given.current) {
      element.id = id;
      given.current = id;
    }
    if (typeof ref === 'function') ref(element);
    else if (ref) ref.current = element;
  }, [to, ref, id]);
  return null;
}

function Now({ draw }: { draw: () => ReactNode }): ReactNode {
  return draw();
}

/** Open, and whether it ever was: what never opened does not exist, what did stays to close with its motion and give the focus back. */
function useOpened(
  kind: OpenerProps['aria-haspopup'],
  opener?: RefObject<HTMLButtonElement | null>,
): { used: boolean; opened: boolean; set: (opened: boolean) => void; props: OpenerProps } {
  const own = useRef<HTMLButtonElement>(null);
  const [opened, set] = useState(false);
  const used = useRef(false);
  used.current ||= opened;
  return {
    used: used.current,
    opened,
    set,
    props: { ref: opener ?? own, onClick: () => set(!opened), 'aria-haspopup': kind, 'aria-expanded': opened },
  };
}

/** False in its first drawing: a menu that is there before it opens opens as menus do, with its motion and its focus. */
function useThere(): boolean {
  const [there, setThere] = useState(false);
  useEffect(() => setThere(true), []);
  return there;
}

function HangingMenu({
  to,
  opened,
  entries,
  scrolling,
  ...props
}: Omit<MenuProps, 'children'> & { to: OpenerProps['ref']; entries: () => ReactNode; scrolling: boolean }): ReactNode {
  const there = useThere();
  return (
    <Menu {...props} opened={opened === true && there}>
      <Menu.Target>
        <Anchor to={to} />
      </Menu.Target>
      <Menu.Dropdown mah={scrolling ? 420 : undefined} style={scrolling ? { overflowY: 'auto' } : undefined}>
        <Now draw={entries} />
      </Menu.Dropdown>
    </Menu>
  );
}

/**
 * A button and its menu. Of all the menus on a page most are never opened, and each is a score of components with their effects:
 * it comes into being when its button is pressed for the first time.
 */
export function MenuButton({
  button,
  children,
  opener,
  scrolling = false,
  ...menu
}: Hanging & Pick<MenuProps, 'position' | 'width'> & { scrolling?: boolean }): ReactNode {
  const { used, opened, set, props } = useOpened('menu', opener);
  return (
    <>
      {button(props)}
      {used && <HangingMenu {...menu} to={props.ref} opened={opened} onChange={set} entries={children} scrolling={scrolling} />}
    </>
  );
}

/** A small panel of controls at a button that somebody else draws. It exists once it has been open. */
export function HangingPopover({
  opened,
  ...props
}: Omit<PopoverProps, 'children'> & {
  to: RefObject<HTMLElement | null>;
  opened: boolean;
  content: () => ReactNode;
  padding?: MantineSpacing;
}): ReactNode {
  const used = useRef(false);
  used.current ||= opened;
  return used.current && <Panel {...props} opened={opened} />;
}

function Panel({
  to,
  opened,
  content,
  padding = 'xs',
  ...props
}: Omit<PopoverProps, 'children'> & {
  to: RefObject<HTMLElement | null>;
  content: () => ReactNode;
  padding?: MantineSpacing;
}): ReactNode {
  const there = useThere();
  return (
    <Popover {...props} opened={opened === true && there} trapFocus>
      <Popover.Target>
        <Anchor to={to} />
      </Popover.Target>
      <Popover.Dropdown p={padding}>
        <Now draw={content} />
      </Popover.Dropdown>
    </Popover>
  );
}

/** A button and a small panel of controls, made like a menu. */
export function PopoverButton({ button, children, opener, ...popover }: Hanging & Pick<PopoverProps, 'position' | 'width'>): ReactNode {
  const { opened, set, props } = useOpened('dialog', opener);
  return (
    <>
      {button(props)}
      <HangingPopover {...popover} to={props.ref} opened={opened} onChange={set} content={children} returnFocus />
    </>
  );
}
