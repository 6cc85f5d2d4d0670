import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { faultsOf } from './axe.ts';
import { entrance, everyScreen } from './every-screen.ts';
import { type Form, forms, Quiet, type Screen, show, withoutMotion } from './screen.ts';
import { admin, byName, patience, Stage } from './stage.ts';

/** What another scheme can change; all else is checked once a screen and shape. */
const colours = ['color-contrast', 'link-in-text-block'];
type Scheme = 'light' | 'dark';

/** Of many lines drawn alike the first ones speak for all: the others are left out. */
const alike = [
  '[role="grid"] [role="row"][aria-rowindex]:nth-child(n + 6)',
  'ol > li:nth-child(n + 6)',
  '[data-card]:nth-child(n + 6)',
  '[role="menuitem"]:nth-of-type(n + 8)',
];

/** The frame around every screen, checked with the first. */
const frame = 'nav';

/**
 * Every screen of the table in both shapes, in one product with the sample company and one page a shape, which is never loaded anew:
 * no serious fault of accessibility, nothing wider than the screen, nothing said to the console. Wide it is looked at in both schemes,
 * as a phone in the dark and by all that is not colour, but for what only phones have: the colours are the same ones.
 */
describe.skipIf(!browserPath()).sequential('every screen', () => {
  let stage: Stage;
  let context: BrowserContext;
  beforeAll(async () => {
    stage = await Stage.open({ fresh: true });
  });
  afterAll(() => stage.close());

  /** The scheme that a page stands in: each screen begins in the one that the last one ended in. */
  const stands = new WeakMap<Page, Scheme>();
  const turnTo = async (page: Page, scheme: Scheme): Promise<void> => {
    if (stands.get(page) === scheme) return;
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    stands.set(page, scheme);
  };

  /** What is gravely wrong with the page as it stands: all that can be in the first scheme, the colours in the others. */
  const faults = async (page: Page, framed: boolean, schemes: readonly Scheme[], without: string[]): Promise<string[]> => {
    const told: string[] = [];
    for (const [nth, scheme] of schemes.entries()) {
      await turnTo(page, scheme);
      const found = await faultsOf(page, {
        rules: nth === 0 ? null : colours,
        without: nth === 0 ? without : [],
        exclude: framed ? alike : [...alike, frame],
        grave: true,
      });
      told.push(...found.map((one) => `${scheme}, ${one}`));
    }
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wider > 0) told.push(`scrolls sideways by ${wider} px`);
    return told;
  };
  /** In which schemes a screen is looked at, the one that the page stands in first. */
  const coloured = (screen: Screen, form: Form, framed: boolean): boolean => form === 'wide' || framed || screen.only === 'phone';
  const schemesOf = (page: Page, screen: Screen, form: Form, framed: boolean): readonly Scheme[] => {
    if (!coloured(screen, form, framed)) return ['dark'];
    return stands.get(page) === 'dark' ? ['dark', 'light'] : ['light', 'dark'];
  };

  let turn: Promise<unknown> = Promise.resolve();
  /** What writes goes one after the other, for both shapes walk through one company. */
  const alone = (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };

  const walk = async (page: Page, screens: readonly Screen[], form: Form): Promise<string[]> => {
    const quiet = new Quiet(page);
    const told: string[] = [];
    let framed = true;
    const look = async (screen: Screen): Promise<string[]> => {
      try {
        await (screen.writes ? alone(() => show(quiet, screen)) : show(quiet, screen));
        const without = coloured(screen, form, framed) ? [] : colours;
        return (await faults(page, framed, schemesOf(page, screen, form, framed), without)).map((one) => `${screen.name}: ${one}`);
      } catch (failure) {
        return [`${screen.name} could not be shown: ${failure instanceof Error ? failure.message : String(failure)}`];
      }
    };
    for (const screen of screens) {
      if ((screen.only && screen.only !== form) || screen.alike) continue;
      // Where a build decides, a screen is tried a second time like every test of a browser; what the first try said is kept in the log.
      for (let tries = process.env['CI'] ? 2 : 1; tries > 0; tries--) {
        const found = await look(screen);
        if (found.length === 0) break;
        if (tries > 1) console.warn(`unsteady: ${form}, ${found.join(' | ')}`);
        else told.push(...found);
      }
      framed = false;
    }
    return told;
  };
  const of = (...times: Screen['time'][]): Screen[] => entrance.filter(({ time }) => times.includes(time));
  /** The console is silent but for the questions that the table itself lets fail. */
  const loud = (complaints: string[]): string[] => complaints.filter((line) => !/status of 404|ERR_FAILED/.test(line));
  /** Breaches of the policy are also told to the page itself, in case the console stays silent about one. */
  const watch = (page: Page): Promise<unknown> =>
    page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    });

  test(
    'of the way in',
    async () => {
      context = await stage.context({ signedIn: false });
      await withoutMotion(context);
      const { page, complaints } = await stage.page(context);
      await watch(page);
      const told: string[] = [];
      // Each screen in both shapes before the next one: the one after set-up sets up.
      for (const screen of of('unset', 'bare'))
        for (const form of ['wide', 'phone'] as const) {
          await page.setViewportSize(forms[form].viewport);
          told.push(...(await walk(page, [screen], form)).map((one) => `${form}, ${one}`));
        }
      await page.close();
      for (const form of ['wide', 'phone'] as const) {
        const out = await stage.context({ ...forms[form], signedIn: false });
        await withoutMotion(out);
        told.push(...(await walk((await stage.page(out)).page, of('out'), form)).map((one) => `${form}, ${one}`));
        await out.close();
      }
      expect(told).toEqual([]);
      expect(loud(complaints)).toEqual([]);
    },
    10 * patience,
  );

  test(
    'of a full company',
    async () => {
      await stage.close();
      stage = await Stage.open({ full: true });
      const base = byName(stage.product.url);
      const enter = async (form: Form): Promise<BrowserContext> => {
        const own = await stage.context({ ...forms[form], signedIn: false, baseURL: base });
        await withoutMotion(own);
        await own.request.post('/api/v1/session', {
          data: { email: admin.email, password: admin.password },
          headers: { origin: base },
        });
        return own;
      };
      const contexts = { wide: await enter('wide'), phone: await enter('phone') };
      const screens = await everyScreen(contexts.wide.request, base);
      // Most of the time a page waits for answers: both shapes wait at once.
      const told = await Promise.all(
        (['wide', 'phone'] as const).map(async (form) => {
          const { page, complaints } = await stage.page(contexts[form]);
          await watch(page);
          await page.goto('/settings');
          const faulty = await walk(page, screens, form);
          return [...faulty, ...loud(complaints)].map((one) => `${form}, ${one}`);
        }),
      );
      expect(told.flat()).toEqual([]);
      await Promise.all(Object.values(contexts).map((one) => one.close()));
    },
    30 * patience,
  );
});
