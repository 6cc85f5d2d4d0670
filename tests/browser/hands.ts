import type { Locator, Page } from 'playwright-core';

type Role = Parameters<Page['getByRole']>[0];

/** Has a page complain of whatever a pointer does. That one lies still over a page that changed below it some browsers tell as a move, too. */
export const withoutPointer = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    for (const kind of ['pointerdown', 'mousemove', 'touchstart'])
      addEventListener(
        kind,
        (event) => {
          const still = event instanceof MouseEvent && kind === 'mousemove' && event.movementX === 0 && event.movementY === 0;
          if (!still) console.error(`a pointer was used: ${kind}`);
        },
        { capture: true },
      );
  });

/** Two hands on a keyboard: all they can do is press keys and look. */
export class Hands {
  /** Keys pressed and words typed so far. */
  strokes = 0;
  constructor(readonly page: Page) {}

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.strokes += 1;
      await this.page.keyboard.press(key);
    }
  }

  async type(text: string): Promise<void> {
    this.strokes += text.length;
    await this.page.keyboard.type(text);
  }

  private focused(role: Role, name: string | RegExp): Locator {
    return this.page.getByRole(role, { name, exact: typeof name === 'string' }).and(this.page.locator(':focus'));
  }

  /** Waits until something has the focus by itself. */
  async at(role: Role, name: string | RegExp): Promise<void> {
    await this.focused(role, name).waitFor();
  }

  /** Goes with one key until something has the focus; fails when it cannot be reached. */
  private async reach(key: string, role: Role, name: string | RegExp): Promise<void> {
    await this.page
      .getByRole(role, { name, exact: typeof name === 'string' })
      .first()
      .waitFor();
    for (let steps = 0; steps < 90; steps++) {
      if ((await this.focused(role, name).count()) > 0) return;
      await this.press(key);
    }
    throw new Error(`${role} ${name} cannot be reached with ${key}.`);
  }
  tabTo = (role: Role, name: string | RegExp): Promise<void> => this.reach('Tab', role, name);
  tabBackTo = (role: Role, name: string | RegExp): Promise<void> => this.reach('Shift+Tab', role, name);
  arrowTo = (role: Role, name: string | RegExp): Promise<void> => this.reach('ArrowDown', role, name);

  /** Finds something in the palette and takes it. */
  async palette(typed: string, found: string | RegExp): Promise<void> {
    await this.press('Control+k');
    await this.at('combobox', 'Search');
    await this.type(typed);
    await this.page.getByRole('option', { name: found, selected: true }).waitFor();
    await this.press('Enter');
    await this.page.getByRole('dialog', { name: 'Search' }).waitFor({ state: 'detached' });
  }

  heading = (name: string): Promise<void> => this.page.getByRole('heading', { name, level: 1, exact: true }).waitFor();
}
