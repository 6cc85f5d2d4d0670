import { existsSync } from 'node:fs';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { type Bench, median, ms } from './bench.ts';
import type { BulkRow } from './bulk.ts';

export const BROWSER = process.env.PERIGON_BROWSER ?? '/usr/bin/chromium';
const TURNS = 7;
/** A task of the page that keeps it from answering is noticed from here on. */
const LONG_MS = 50;

/**
 * What a user waits for in a real browser over this base: from pressing Enter on the sign-in page to the first row of the list,
 * each time in a profile that has seen nothing yet; and tasks over 50 ms while scrolling the list, typing a filter and opening
 * records: whatever runs on the page's thread, the browser's own work included, read from the browser's trace. Browser, server and
 * database share this machine's cores here, so a task also waits for them; its own time on a core is what a user's machine, which runs
 * no database, would see. Both are said.
 */
export const screensRow: BulkRow = {
  name: 'screens',
  run: async (bench) => {
    if (!existsSync(BROWSER)) return [`screens: not measured, there is no ${BROWSER} (PERIGON_BROWSER)`];
    const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-background-networking'] });
    try {
      const filled: number[] = [];
      for (let turn = 0; turn < TURNS; turn++) filled.push(await signInToList(browser, bench));
      const [scroll, filter, open] = await longTasks(browser, bench);
      return [
        `screens: sign-in to a filled list, new profile, ${TURNS} turns: p50 ${ms(median(filled))}, longest ${ms(Math.max(...filled))} ms (goal < 1,000); tasks of the page over ${LONG_MS} ms (goal: none) while scrolling: ${said(scroll)}; typing a filter: ${said(filter)}; opening records: ${said(open)}`,
      ];
    } finally {
      await browser.close();
    }
  },
};

export async function signInPage(browser: Browser, bench: Bench): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  const page = await context.newPage();
  // Asked for the list, one is led to it once signed in.
  await page.goto(`${bench.url}/o/parties`);
  await page.getByLabel('E-mail').fill('bench@perigon.example');
  await page.getByLabel('Password', { exact: true }).pressSequentially('bench-perigon', { delay: 60 });
  return page;
}

/** Runs in the page, so it is text: what compiles this file puts helpers into functions that the page does not have. */
const WATCH_FILLING = `addEventListener('keydown', (event) => {
  if (event.key !== 'Enter') return;
  const began = performance.now();
  const look = () => {
    if (document.querySelector('[role="grid"] [role="row"][aria-rowindex]')) document.documentElement.dataset.filled = String(performance.now() - began);
    else requestAnimationFrame(look);
  };
  look();
}, { capture: true })`;
/** Milliseconds from Enter to the first row, by the page's own clock. */
async function signInToList(browser: Browser, bench: Bench): Promise<number> {
  const page = await signInPage(browser, bench);
  await page.evaluate(WATCH_FILLING);
  await page.keyboard.press('Enter');
  await page.getByRole('grid').getByRole('row').nth(5).waitFor();
  const taken = Number(await page.evaluate<string>('document.documentElement.dataset.filled'));
  await page.context().close();
  return taken;
}

/** A task on the page's thread in milliseconds: from its start to its end, and how much of that it had a core. */
export interface Task {
  took: number;
  own: number;
}

/** The tasks on the threads of pages, from a trace (Trace Event Format: complete events, `dur` and `tdur` in microseconds). */
export function tasksOf(trace: string): Task[] {
  const { traceEvents } = JSON.parse(trace) as {
    traceEvents: { ph: string; name: string; pid: number; tid: number; dur?: number; tdur?: number; args?: { name?: string } }[];
  };
  const pages = new Set(
    traceEvents
      .filter((event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}:${tid}`),
  );
  return traceEvents
    .filter((event) => event.ph === 'X' && event.name === 'ThreadControllerImpl::RunTask' && pages.has(`${event.pid}:${event.tid}`))
    .map((event) => ({ took: (event.dur ?? 0) / 1000, own: (event.tdur ?? 0) / 1000 }));
}

export function said(tasks: Task[] = []): string {
  const over = (of: (task: Task) => number) => tasks.filter((task) => of(task) > LONG_MS).length;
  const longest = (of: (task: Task) => number) => Math.round(Math.max(0, ...tasks.map(of)));
  const took = (task: Task) => task.took;
  const own = (task: Task) => task.own;
  return `${over(own)} by their own time (longest ${longest(own)} ms), ${over(took)} with what else had the cores meanwhile (longest ${longest(took)} ms)`;
}

/** The tasks of the page in three stretches of work. */
async function longTasks(browser: Browser, bench: Bench): Promise<Task[][]> {
  const page = await signInPage(browser, bench);
  await page.keyboard.press('Enter');
  // By selectors: to find something by its role the driver reads the roles of all elements, on the page's own thread, and would measure itself.
  const grid = page.locator('[role="grid"]');
  const rows = grid.locator('[aria-rowindex]');
  const control = (name: string): Locator => page.locator(`input[aria-label="${name}"]`);
  await rows.nth(5).waitFor();
  await page.waitForTimeout(1500);
  const watch = () => browser.startTracing(page, { categories: ['toplevel'] });
  const taken = async () => {
    await page.waitForTimeout(500);
    return tasksOf((await browser.stopTracing()).toString());
  };
  const box = await grid.boundingBox();
  await page.mouse.move((box?.x ?? 0) + 400, (box?.y ?? 0) + 300);
  await watch();
  for (let turn = 0; turn < 60; turn++) {
    await page.mouse.wheel(0, 600);
    await page.waitForTimeout(50);
  }
  const scroll = await taken();
  await watch();
  await page.keyboard.press('Home');
  await page.keyboard.press('f');
  await control('Field').waitFor();
  await page.keyboard.type('name', { delay: 60 });
  await page.keyboard.press('Enter');
  await control('Value').waitFor();
  await page.keyboard.type('quell', { delay: 60 });
  await page.keyboard.press('Enter');
  await page.waitForTimeout(1500);
  const filter = await taken();
  await page.goBack();
  await page.goto(`${bench.url}/o/parties`);
  await rows.nth(5).waitFor();
  await watch();
  for (let turn = 1; turn <= 5; turn++) {
    await rows.nth(turn).locator('a').first().click();
    await grid.waitFor({ state: 'detached' });
    await page.waitForTimeout(500);
    await page.goBack();
    await rows.nth(5).waitFor();
  }
  const open = await taken();
  await page.context().close();
  return [scroll, filter, open];
}
