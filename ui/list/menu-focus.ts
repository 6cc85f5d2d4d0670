/**
 * Gives the focus to the first entry of a menu that is open from its first drawing on, at a pointer or a card: the menu
 * itself does so only when it opens later. It cannot before it has its place.
 */
function focusMenu(menu: HTMLElement | null, frames = 20): void {
  if (!menu || frames === 0) return;
  requestAnimationFrame(() => {
    menu.querySelector<HTMLElement>('[role="menuitem"]:not(:disabled)')?.focus({ preventScroll: true });
    if (menu.isConnected && !menu.contains(document.activeElement)) focusMenu(menu, frames - 1);
  });
}

/** A ref for the menu's entries. */
export const focusedMenu = (menu: HTMLElement | null): void => focusMenu(menu);
