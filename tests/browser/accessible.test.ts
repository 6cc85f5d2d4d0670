import AxeBuilder from '@axe-core/playwright';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { entrance, everyScreen, type Form, forms, Quiet, type Screen, show } from './every-screen.ts';
import { admin, loadSample, patience, Stage } from './stage.ts';

/** Nothing that lives on another scheme's colours: checked once a screen. */
const colours = ['color-contrast', 'link-in-text-block'];

interface Axe {
  run(
    root: Document,
    options: object,
  ): Promise<{ violations: { id: string; impact: string; nodes: { html: string; any: { message: string }[] }[] }[] }>;
}

/** Runs in the page: the serious faults, of these rules or of all. */
async function analyse(rules: string[] | null): Promise<string[]> {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  // Colours on their way from one scheme to the other are nobody's.
  const ways = document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity);
  await Promise.allSettled(ways.map((one) => one.finished));
  const { axe } = window as unknown as { axe: Axe };
  const { violations } = await axe.run(document, {
    resultTypes: ['violations'],
    // It would fetch every style sheet anew for one rule about the orientation, which no sheet here locks.
    preload: false,
    runOnly: rules ?? ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => {
      const places = nodes.slice(0, 3).map((node) => `${node.html.slice(0, 300)} (${node.any[0]?.message ?? ''})`);
      return `${id}: ${places.join(' | ')}`;
    });
}

/**
 * Every screen of the table in both shapes and both schemes, in one product with the sample company and one page, which is
 * never loaded anew: no serious fault of accessibility, nothing wider than the screen, nothing said to the console.
 */
describe.skipIf(!browserPath()).sequential('every screen', () => {
  let stage: Stage;
  let context: BrowserContext;
  beforeAll(async () => {
    stage = await Stage.open({ fresh: true });
  });
  afterAll(() => stage.close());

  /** What is gravely wrong with the page as it stands; colours in both schemes, all else once. */
  const faults = async (page: Page): Promise<string[]> => {
    const told: string[] = [];
    // The first analysis brings axe into the page, which is never loaded anew.
    if (await page.evaluate(() => !('axe' in window))) await new AxeBuilder({ page }).setLegacyMode().withRules('document-title').analyze();
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      told.push(...(await page.evaluate(analyse, scheme === 'light' ? null : colours)).map((one) => `${scheme}, ${one}`));
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wider > 0) told.push(`scrolls sideways by ${wider} px`);
    return told;
  };

  const walk = async (page: Page, screens: readonly Screen[], form: Form): Promise<string[]> => {
    const quiet = new Quiet(page);
    const told: string[] = [];
    for (const screen of screens) {
      if ((screen.only && screen.only !== form) || screen.alike) continue;
      try {
        await show(quiet, screen);
        told.push(...(await faults(page)).map((one) => `${screen.name}: ${one}`));
      } catch (failure) {
        told.push(`${screen.name} could not be shown: ${failure instanceof Error ? failure.message : String(failure)}`);
      }
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
      const { page, complaints } = await stage.page(context);
      await watch(page);
      const told: string[] = [];
      // Each screen in both shapes before the next one: the one after set-up sets up.
      for (const screen of of('unset', 'bare'))
        for (const form of ['wide', 'phone'] as const) {
          await page.setViewportSize(forms[form].viewport);
          told.push(...(await walk(page, [screen], form)).map((one) => `${form}, ${one}`));
        }
      await loadSample(context.request, stage.product.url);
      await page.close();
      for (const form of ['wide', 'phone'] as const) {
        const out = await stage.context({ ...forms[form], signedIn: false });
        told.push(...(await walk((await stage.page(out)).page, of('out'), form)).map((one) => `${form}, ${one}`));
        await out.close();
      }
      expect(told).toEqual([]);
      expect(loud(complaints)).toEqual([]);
    },
    10 * patience,
  );

  test.each(['wide', 'phone'] as const)(
    'of a full company, %s',
    async (form) => {
      const own = await stage.context({ ...forms[form], signedIn: false });
      await own.request.post('/api/v1/session', {
        data: { email: admin.email, password: admin.password },
        headers: { origin: stage.product.url },
      });
      const { page, complaints } = await stage.page(own);
      await watch(page);
      await page.goto('/settings');
      expect(await walk(page, await everyScreen(own.request, stage.product.url), form)).toEqual([]);
      expect(loud(complaints)).toEqual([]);
      await own.close();
    },
    30 * patience,
  );
});
