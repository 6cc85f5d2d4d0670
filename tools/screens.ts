import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/**
 * Takes pictures of the main screens of a running product at both widths and in both schemes, so that somebody
 * looks at them: `PERIGON_URL=… PERIGON_EMAIL=… PERIGON_PASSWORD=… npm run screens [name…]`.
 */
const base = process.env.PERIGON_URL ?? 'http://127.0.0.1:3360';
const email = process.env.PERIGON_EMAIL;
const password = process.env.PERIGON_PASSWORD;
const folder = resolve(process.env.PERIGON_SCREENS ?? 'screens');

const widths = [
  { name: '1440', viewport: { width: 1440, height: 900 } },
  { name: '390', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
];
const schemes = ['light', 'dark'] as const;

interface Shot {
  name: string;
  path: string;
  /** Brings the page into the state to be seen. */
  act?: (page: Page) => Promise<void>;
}

async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(300);
}

async function signIn(context: BrowserContext): Promise<void> {
  const answer = await context.request.post(`${base}/api/v1/session`, { data: { email, password }, headers: { origin: base } });
  if (!answer.ok()) throw new Error(`Sign-in as ${email} answered ${answer.status()}. Set PERIGON_EMAIL and PERIGON_PASSWORD.`);
}

async function firstId(context: BrowserContext, plural: string, body: object = {}): Promise<string | null> {
  const answer = await context.request.post(`${base}/api/v1/${plural}/query`, { data: { limit: 1, ...body }, headers: { origin: base } });
  if (!answer.ok()) return null;
  const page: { items: { id: string }[] } = await answer.json();
  return page.items[0]?.id ?? null;
}

/** A customer with something to see: the one of an opportunity, an invoice or a case, else the first party. */
async function richParty(context: BrowserContext): Promise<string | null> {
  if (process.env.PERIGON_PARTY) return process.env.PERIGON_PARTY;
  for (const plural of ['cases', 'opportunities', 'invoices']) {
    const answer = await context.request.post(`${base}/api/v1/${plural}/query`, {
      data: { limit: 1, fields: ['customer'], where: { field: 'customer', op: 'isNotEmpty' } },
      headers: { origin: base },
    });
    if (!answer.ok()) continue;
    const page: { items: { customer?: { id: string } | null }[] } = await answer.json();
    const id = page.items[0]?.customer?.id;
    if (id) return id;
  }
  return firstId(context, 'parties');
}

async function shots(context: BrowserContext): Promise<Shot[]> {
  const party = await richParty(context);
  const opportunity = await firstId(context, 'opportunities');
  const list: Shot[] = [
    { name: 'parties', path: '/o/parties' },
    { name: 'opportunities', path: '/o/opportunities' },
    {
      name: 'no-hits',
      path: `/o/parties?where=${encodeURIComponent(JSON.stringify({ all: [{ field: 'name', op: 'contains', value: 'no such name at all' }] }))}`,
    },
    { name: 'groups', path: '/o/opportunities?group=stage' },
    { name: 'board', path: '/o/opportunities?layout=board' },
    { name: 'calendar', path: '/o/tasks?layout=calendar' },
    { name: 'empty', path: '/o/subscriptions' },
    {
      name: 'filter',
      path: '/o/opportunities',
      act: async (page) => {
        await page.locator('[data-hotkey="filter"]').click();
        await page.getByRole('button', { name: 'Stage' }).last().click();
      },
    },
    {
      name: 'create',
      path: '/o/parties',
      act: async (page) => {
        await page.getByRole('button', { name: /^New / }).first().click();
        await page.getByRole('dialog').waitFor();
      },
    },
    {
      name: 'search',
      path: '/o/parties',
      act: async (page) => {
        await page.getByRole('button', { name: 'Search' }).first().click();
        await page.getByRole('combobox', { name: 'Search' }).fill('con');
      },
    },
    { name: 'import', path: '/import' },
    { name: 'imports', path: '/imports' },
    { name: 'settings', path: '/settings' },
    { name: 'users', path: '/o/users' },
  ];
  if (party) list.push({ name: 'party', path: `/o/parties/${party}` });
  if (opportunity) list.push({ name: 'opportunity', path: `/o/opportunities/${opportunity}` });
  return list;
}

async function takeAll(browser: Browser, only: string[]): Promise<number> {
  let taken = 0;
  for (const width of widths) {
    for (const scheme of schemes) {
      const { name, ...device } = width;
      const context = await browser.newContext({ ...device, colorScheme: scheme, locale: 'en-GB', reducedMotion: 'reduce' });
      const page = await context.newPage();
      page.on('pageerror', (failure) => console.error(`${page.url()}: ${failure.message}`));
      const save = async (shot: string): Promise<void> => {
        await settled(page);
        await page.screenshot({ path: `${folder}/${shot}-${name}-${scheme}.png` });
        taken += 1;
      };
      if (only.length === 0 || only.includes('sign-in')) {
        await page.goto(`${base}/sign-in`);
        await save('sign-in');
      }
      await signIn(context);
      for (const shot of await shots(context)) {
        if (only.length > 0 && !only.includes(shot.name)) continue;
        try {
          await page.goto(`${base}${shot.path}`);
          await settled(page);
          await shot.act?.(page);
          await save(shot.name);
        } catch (failure) {
          console.error(
            `${shot.name} at ${name}, ${scheme}: ${failure instanceof Error ? failure.message.split('\n')[0] : String(failure)}`,
          );
          process.exitCode = 1;
        }
      }
      await context.close();
    }
  }
  return taken;
}

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.PERIGON_BROWSER ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking'],
});
try {
  console.log(`${await takeAll(browser, process.argv.slice(2))} pictures in ${folder}`);
} finally {
  await browser.close();
}
