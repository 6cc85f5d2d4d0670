import type { BrowserContext, Page } from 'playwright-core';

/** What a screen is shown in: wide like a desk, narrow like a phone. */
export type Form = 'wide' | 'phone';

/** When there is something to see: before the company is set up, right after, with a full company, or signed out of it. */
export type Time = 'unset' | 'bare' | 'full' | 'out';

/** One screen, or one state of it: pictures are taken of each, and each is checked for accessibility. A new screen is added here. */
export interface Screen {
  name: string;
  /** Where it is; as a question where something has to be there first. */
  path: string | (() => Promise<string>);
  time: Time;
  /** Brings the page from its address into the state to be seen. */
  act?: (page: Page) => Promise<void>;
  /** Only in this form; without it in both. */
  only?: Form;
  /** The same form as that of other objects: it is pictured, but not checked once more. */
  alike?: true;
  /** It writes into the company: not for one that somebody works with. */
  writes?: true;
}

/** The shapes, as a browser context wants them. */
export const forms: Record<Form, { viewport: { width: number; height: number }; hasTouch?: boolean; isMobile?: boolean }> = {
  wide: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

/** Counts what a page is waiting for, without the live stream, which never ends. */
export class Quiet {
  readonly #open = new Set<unknown>();
  #since = Date.now();
  constructor(readonly page: Page) {
    page.on('request', (request) => {
      if (request.resourceType() !== 'eventsource' && !request.url().includes('/api/v1/live')) this.#open.add(request);
    });
    const over = (request: unknown): void => {
      this.#open.delete(request);
      this.#since = Date.now();
    };
    page.on('requestfinished', over);
    page.on('requestfailed', over);
  }

  /** Waits until nothing is fetched, no skeleton stands and nothing moves any more. */
  async settled(): Promise<void> {
    const until = Date.now() + 20_000;
    for (;;) {
      for (let rest = 1; rest > 0 && Date.now() < until; ) {
        rest = this.#open.size > 0 ? 25 : this.#since + CALM_MS - Date.now();
        if (rest > 0) await this.page.waitForTimeout(rest);
      }
      const before = this.#since;
      const stood = await this.page.evaluate(still, Math.max(until - Date.now(), 0)).catch((failure: unknown) => {
        // The page was left for another one.
        if (/context was destroyed/.test(String(failure))) return false;
        throw failure;
      });
      // What was drawn meanwhile may have asked for more.
      if ((stood && this.#open.size === 0 && this.#since === before) || Date.now() >= until) return;
    }
  }
}

/** So long nothing was fetched: what an answer leads to is asked by then. */
const CALM_MS = 60;

/** Runs in the page, and so names no function of its own: until something stands drawn for two frames and nothing moves, at most so long. */
async function still(most: number): Promise<true> {
  const until = performance.now() + most;
  for (let calm = 0; calm < 2 && performance.now() < until; ) {
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
    const moving = document.getAnimations().some((one) => one.playState === 'running' && one.effect?.getTiming().iterations !== Infinity);
    calm = moving || !document.querySelector('main')?.textContent ? 0 : calm + 1;
  }
  await document.fonts.ready;
  return true;
}

/** Keeps what changes from passing through what lies between: of a screen its states are looked at, not the ways from one to the next. */
export const withoutMotion = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('*, *::before, *::after { transition: none !important; }');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  });

/** Leads a page that is at home in the app to an address without loading the app anew. */
export async function lead(page: Page, path: string): Promise<void> {
  for (let tries = 0; tries < 4; tries++) {
    const over = page.locator('[role="dialog"]:visible, [role="menu"]:visible, [role="listbox"]:visible');
    if ((await over.count()) === 0) break;
    await page.keyboard.press('Escape');
    await page.waitForTimeout(60);
  }
  const go = (to: string): Promise<void> => page.evaluate((address) => history.pushState(null, '', address), to);
  // Another state of the same screen begins anew.
  if (new URL(page.url()).pathname === path.split('?')[0]) {
    await go(path.startsWith('/imports') ? '/settings' : '/imports');
    await page.waitForTimeout(100);
  }
  await go(path);
}

/** Shows a screen and waits until it stands. */
export async function show(quiet: Quiet, screen: Screen): Promise<void> {
  const { page } = quiet;
  const path = typeof screen.path === 'string' ? screen.path : await screen.path();
  const inside = page.url().startsWith('http') && (await page.locator('nav').count()) > 0;
  // What an application asks is read from the address as it was on arrival.
  if (inside && (screen.time === 'full' || screen.time === 'bare') && !path.startsWith('/oauth/')) await lead(page, path);
  else if (screen.time !== 'unset' || !new URL(page.url(), 'http://x').pathname.startsWith(path)) await page.goto(path);
  await quiet.settled();
  if (!screen.act) return;
  await screen.act(page);
  await quiet.settled();
}

/** Presses a button. */
export const button =
  (name: string | RegExp, at = 0) =>
  async (page: Page): Promise<void> => {
    await page.getByRole('button', { name }).nth(at).click();
  };
/** Presses keys, one after the other. */
export const key =
  (...keys: string[]) =>
  async (page: Page): Promise<void> => {
    for (const one of keys) await page.keyboard.press(one);
  };
/** Presses keys that open a dialog. */
export const dialog =
  (...keys: string[]) =>
  async (page: Page): Promise<void> => {
    await key(...keys)(page);
    await page.getByRole('dialog').waitFor();
  };
/** Chooses from a menu. */
export const item =
  (opener: string | RegExp, word: string) =>
  async (page: Page): Promise<void> => {
    await button(opener)(page);
    await page.getByRole('menuitem', { name: word, exact: true }).click();
  };
/** Turns to a tab. */
export const tab =
  (name: string) =>
  async (page: Page): Promise<void> => {
    await page.getByRole('tab', { name }).click();
  };
