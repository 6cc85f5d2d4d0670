import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { entrance, everyScreen } from '../tests/browser/every-screen.ts';
import { type Form, forms, Quiet, type Screen, show } from '../tests/browser/screen.ts';
import { admin, byName, loadSample, Stage } from '../tests/browser/stage.ts';
import { browser } from '../tests/harness/browser.ts';

/**
 * Takes pictures of every screen (tests/browser/every-screen.ts) at both widths and in both schemes, so that somebody looks
 * at them: `npm run screens [name…]`, a name being a whole one or how names begin. It starts a product of its own, sets it up
 * and loads the sample company; with `PERIGON_URL`, `PERIGON_EMAIL` and `PERIGON_PASSWORD` it takes those of a running one,
 * without the screens that write. `PERIGON_SCREENS` says where the pictures go (`screens`).
 */
const folder = resolve(process.env.PERIGON_SCREENS ?? 'screens');
const names = process.argv.slice(2);
const wanted = ({ name }: Screen): boolean => names.length === 0 || names.some((one) => name.startsWith(one));
const schemes = ['light', 'dark'] as const;
let taken = 0;

async function picture(quiet: Quiet, name: string, form: Form): Promise<void> {
  for (const scheme of schemes) {
    await quiet.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await quiet.settled();
    await quiet.page.screenshot({ path: `${folder}/${name}-${forms[form].viewport.width}-${scheme}.png` });
    taken += 1;
  }
  await quiet.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
}

async function take(page: Page, screens: Screen[], form: Form, own: boolean): Promise<void> {
  const quiet = new Quiet(page);
  page.on('pageerror', (failure) => console.error(`${page.url()}: ${failure.message}`));
  for (const screen of screens) {
    // Those before there is a company set it up, whether somebody wants to see them or not.
    if (!(wanted(screen) || screen.time === 'unset') || (screen.only && screen.only !== form) || (screen.writes && !own)) continue;
    try {
      await show(quiet, screen);
      if (wanted(screen)) await picture(quiet, screen.name, form);
    } catch (failure) {
      console.error(
        `${screen.name}, ${form}: ${failure instanceof Error ? failure.message.split('\n').slice(0, 3).join(' ') : String(failure)}`,
      );
      process.exitCode = 1;
    }
  }
}

/** A context in a shape; a signed-out one until somebody signs it in. */
type Contexts = (form: Form) => Promise<BrowserContext>;

async function signIn(context: BrowserContext, base: string, email: string, password: string): Promise<void> {
  const answer = await context.request.post(`${base}/api/v1/session`, { data: { email, password }, headers: { origin: base } });
  if (!answer.ok()) throw new Error(`Sign-in as ${email} answered ${answer.status()}. Set PERIGON_EMAIL and PERIGON_PASSWORD.`);
}

async function takeFull(contexts: Contexts, base: string, who: { email: string; password: string }, own: boolean): Promise<void> {
  const entered = [];
  // In before anything is shown: some of the screens leave behind that more is asked of who comes in.
  for (const form of ['wide', 'phone'] as const) {
    const context = await contexts(form);
    await take(
      await context.newPage(),
      entrance.filter(({ time }) => time === 'out'),
      form,
      own,
    );
    await signIn(context, base, who.email, who.password);
    entered.push({ form, context });
  }
  const [first] = entered;
  if (!first) return;
  const screens = await everyScreen(first.context.request, base);
  for (const { form, context } of entered) {
    const page = await context.newPage();
    await page.goto('/settings');
    await take(page, screens, form, own);
  }
  for (const { context } of entered) await context.close();
}

/** A new product from its first page on. */
async function takeOwn(): Promise<void> {
  const stage = await Stage.open({ fresh: true, database: 'embedded' });
  const base = byName(stage.product.url);
  const contexts: Contexts = (form) => stage.context({ ...forms[form], signedIn: false, baseURL: base });
  try {
    const context = await contexts('wide');
    const page = await context.newPage();
    // Each screen in both shapes before the next one: the one after set-up sets up.
    for (const screen of entrance.filter(({ time }) => time === 'unset' || time === 'bare'))
      for (const form of ['wide', 'phone'] as const) {
        await page.setViewportSize(forms[form].viewport);
        await take(page, [screen], form, true);
      }
    await loadSample(context.request, base);
    await context.close();
    await takeFull(contexts, base, admin, true);
  } finally {
    await stage.close();
  }
}

await mkdir(folder, { recursive: true });
const { PERIGON_URL: url, PERIGON_EMAIL: email = '', PERIGON_PASSWORD: password = '' } = process.env;
if (url) {
  const chromium = await browser();
  try {
    await takeFull(
      (form) => chromium.newContext({ ...forms[form], baseURL: url, locale: 'en-GB', reducedMotion: 'reduce' }),
      url,
      { email, password },
      process.env.PERIGON_SCREENS_WRITE === '1',
    );
  } finally {
    await chromium.close();
  }
} else await takeOwn();
console.log(`${taken} pictures in ${folder}`);
