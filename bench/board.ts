import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { Bench } from './bench.ts';
import type { BulkRow } from './bulk.ts';
import { BROWSER, said, signInPage, type Task, tasksOf } from './screens.ts';

/** Cards that a board must bear. */
const CARDS = 5_000;
const LONG_MS = 50;
const NAME = 'Bench: board';

/** A board of 5,000 open deals, scrolled, dragged and filtered: tasks of the page over 50 ms, read from the browser's trace. */
export const boardRow: BulkRow = {
  name: 'board',
  run: async (bench) => {
    if (!existsSync(BROWSER)) return [`board: not measured, there is no ${BROWSER} (PERIGON_BROWSER)`];
    const pipeline = await deals(bench);
    const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-background-networking'] });
    try {
      const [open, scroll, drag, filter] = await longTasks(browser, bench, pipeline);
      return [
        `board: ${CARDS.toLocaleString('en')} cards in four columns; tasks of the page over ${LONG_MS} ms (goal: none) while it opens: ${said(open)}; scrolling: ${said(scroll)}; dragging three cards: ${said(drag)}; typing a filter: ${said(filter)}`,
      ];
    } finally {
      await browser.close();
    }
  },
};

/** Makes a pipeline with so many open deals; gives its id. */
async function deals(bench: Bench): Promise<string> {
  const send = async <T>(path: string, body: unknown): Promise<T> => {
    const answer = await bench.ask('POST', path, body);
    if (answer.status >= 300) throw new Error(answer.text);
    return JSON.parse(answer.text) as T;
  };
  const { id } = await send<{ id: string }>('/api/v1/pipelines', { name: `${NAME} ${Date.now()}` });
  const stages: string[] = [];
  for (const name of ['First', 'Second', 'Third', 'Fourth'])
    stages.push((await send<{ id: string }>('/api/v1/stages', { name, pipeline: id, probability: 0.3, maxAgeDays: 30 })).id);
  for (const [at, stage] of stages.entries())
    for (const text of ['Meet the buyer', 'Agree on the price', 'Send the offer'].slice(0, 3 - at))
      await send('/api/v1/playbookSteps', { text, stage, asks: text === 'Send the offer' ? 'nextStep' : null });
  for (let at = 0; at < CARDS; at += 500)
    await send('/api/v1/opportunities/batch', {
      operations: Array.from({ length: 500 }, (_, i) => ({
        op: 'create',
        values: {
          name: `Deal ${at + i}`,
          // Most lie in one column, as they do.
          stage: stages[(at + i) % 10 < 7 ? 0 : ((at + i) % 3) + 1],
          amount: { amount: String(1000 + i), currency: 'EUR' },
          nextStep: 'Call on Friday',
          openedOn: '2025-01-10',
        },
      })),
    });
  return id;
}

async function longTasks(browser: Browser, bench: Bench, pipeline: string): Promise<Task[][]> {
  const page = await signInPage(browser, bench);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  const watch = () => browser.startTracing(page, { categories: ['toplevel'] });
  const taken = async () => {
    await page.waitForTimeout(500);
    return tasksOf((await browser.stopTracing()).toString());
  };
  const where = encodeURIComponent(JSON.stringify({ all: [{ field: 'pipeline', op: 'eq', value: pipeline }] }));
  await page.evaluate(`localStorage.setItem('perigon.board.opportunity', ${JSON.stringify(JSON.stringify(pipeline))})`);
  const cards = page.locator('[data-card]');
  await page.goto(`${bench.url}/o/opportunities`);
  await page.locator('[role="grid"] [aria-rowindex]').nth(3).waitFor();
  await page.goto(`${bench.url}/o/opportunities?layout=board&where=${where}`);
  await watch();
  await cards.nth(8).waitFor();
  const open = await taken();
  const column = await page.locator('[data-cards]').first().boundingBox();
  await page.mouse.move((column?.x ?? 0) + 100, (column?.y ?? 0) + 300);
  await watch();
  for (let turn = 0; turn < 60; turn++) {
    await page.mouse.wheel(0, 900);
    await page.waitForTimeout(50);
  }
  const scroll = await taken();
  await watch();
  for (let turn = 0; turn < 3; turn++) {
    await page.mouse.move((column?.x ?? 0) + 100, (column?.y ?? 0) + 200);
    await page.mouse.down();
    await page.mouse.move((column?.x ?? 0) + 200, (column?.y ?? 0) + 220, { steps: 6 });
    await page.mouse.move((column?.x ?? 0) + 420, (column?.y ?? 0) + 240, { steps: 10 });
    await page.mouse.up();
    await page.waitForTimeout(1000);
  }
  const drag = await taken();
  await watch();
  await page.keyboard.press('f');
  await page.locator('input[aria-label="Field"]').waitFor();
  await page.keyboard.type('name', { delay: 60 });
  await page.keyboard.press('Enter');
  await page.locator('input[aria-label="Value"]').waitFor();
  await page.keyboard.type('deal 12', { delay: 60 });
  await page.keyboard.press('Enter');
  await page.waitForTimeout(1500);
  const filter = await taken();
  await page.context().close();
  return [open, scroll, drag, filter];
}
