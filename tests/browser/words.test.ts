import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../harness/browser.ts';
import { repositoryRoot } from '../harness/places.ts';
import { faultsOf } from './axe.ts';
import { admin, dayFromNow, Stage } from './stage.ts';

type Catalogue = Record<string, string>;
const folders = [
  'ui/words',
  ...fs
    .readdirSync(path.join(repositoryRoot, 'modules'), { withFileTypes: true })
    .flatMap((one) => (one.isDirectory() ? [`modules/${one.name}/words`] : [])),
];
const catalogue = (language: string): Catalogue =>
  Object.assign({}, ...folders.map((one) => JSON.parse(fs.readFileSync(path.join(repositoryRoot, one, `${language}.json`), 'utf8'))));

/** All texts that can be seen, and those read out in their stead. */
async function texts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const { parentElement } = node;
      const text = node.textContent?.trim() ?? '';
      if (!parentElement || text === '' || parentElement.closest('script, style, kbd')) continue;
      if (parentElement.checkVisibility({ opacityProperty: true, visibilityProperty: true })) found.push(text);
    }
    for (const element of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
      if (!element.checkVisibility()) continue;
      for (const name of ['aria-label', 'placeholder', 'title']) found.push(element.getAttribute(name)?.trim() ?? '');
    }
    return [...new Set(found)].filter(Boolean);
  });
}

/** Texts of the catalogues whose end is cut off by a box around them, though nobody could scroll to it. */
async function clipped(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const { parentElement } = node;
      const text = node.textContent ?? '';
      if (!parentElement || !text.includes('⟧') || !parentElement.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
        continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const own = range.getBoundingClientRect();
      if (own.width === 0 || own.height === 0) continue;
      for (let box: Element | null = parentElement; box && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box);
        if (style.overflowX === 'auto' || style.overflowX === 'scroll') break;
        // What only readers of the screen hear has no size.
        const { width } = box.getBoundingClientRect();
        if (width <= 1) break;
        if (style.overflowX === 'visible') continue;
        const { left, right } = box.getBoundingClientRect();
        // An ellipsis in a list, a chip or a crumb is meant; the whole is a hover away.
        if (own.right > right + 1 || own.left < left - 1) {
          if (style.textOverflow !== 'ellipsis') found.push(text);
          break;
        }
      }
    }
    return [...new Set(found)];
  });
}

const shots = process.env['PERIGON_SHOTS'];
async function shoot(page: Page, name: string): Promise<void> {
  if (shots) await page.screenshot({ path: path.join(shots, `${name}.png`) });
}

describe.skipIf(!browserPath()).sequential('the words', () => {
  let stage: Stage;
  let party: { id: string };
  let opportunity: { id: string };
  beforeAll(async () => {
    stage = await Stage.open();
    party = await stage.create('parties', {
      name: 'Hafen 7',
      roles: ['customer'],
      lifecycleStage: 'repeat',
      emails: ['hafen@q7.example'],
      phones: ['+49 30 1234567'],
    });
    await stage.create('invoices', {
      number: '1042',
      customer: party.id,
      date: dayFromNow(-53),
      dueDate: dayFromNow(-23),
      total: { amount: '1280', currency: 'EUR' },
    });
    await stage.create('cases', { subject: 'Q7-1', customer: party.id, priority: 'urgent', channel: 'email' });
    await stage.create('interactions', {
      party: party.id,
      at: new Date(Date.now() - 9 * 86_400_000).toISOString(),
      channel: 'email',
      subject: 'Q7-2',
    });
    opportunity = await stage.create('opportunities', { name: 'Q7-3', customer: party.id });
  });
  /** What the set-up names in English is data from then on: the company may rename it. */
  const given = async (): Promise<Set<string>> => {
    const lists = await Promise.all(['pipelines', 'stages'].map((one) => stage.api.get<{ items: { name: string }[] }>(`/api/v1/${one}`)));
    return new Set(['Test Ltd', ...lists.flatMap((list) => list.body.items.map((item) => item.name))]);
  };
  afterAll(() => stage.close());

  const screens = (): { name: string; go: (page: Page, query: string) => Promise<unknown> }[] => {
    const at = (address: string) => (page: Page, query: string) => page.goto(`${address}${query}`);
    return [
      { name: 'list', go: at('/o/parties') },
      { name: 'empty', go: at('/o/products') },
      { name: 'record', go: at(`/o/opportunities/${opportunity.id}`) },
      { name: '360', go: at(`/o/parties/${party.id}`) },
      {
        name: 'import',
        go: async (page, query) => {
          await page.goto(`/import${query}`);
          await page
            .locator('input[type="file"]')
            .setInputFiles({ name: 'q7.csv', mimeType: 'text/csv', buffer: Buffer.from('q7a,q7b\n1,2\n') });
          await page.locator('[role="combobox"], input[aria-haspopup="listbox"]').nth(3).waitFor();
        },
      },
      { name: 'imports', go: at('/imports') },
      { name: 'settings', go: at('/settings') },
      {
        name: 'create',
        go: async (page, query) => {
          await page.goto(`/o/opportunities${query}`);
          await page.locator('header, h1').first().waitFor();
          await page.waitForLoadState('networkidle');
          await page.keyboard.press('c');
          await page.getByRole('dialog').waitFor();
        },
      },
    ];
  };
  const settled = async (page: Page): Promise<void> => {
    await page.locator('main').first().waitFor();
    await page.waitForFunction(() => document.querySelector('.mantine-Skeleton-root, [data-skeleton]') === null);
    await page.waitForTimeout(400);
  };

  /** Looks at each screen as wide as a desk and as narrow as a phone: it is loaded in the width that the last one ended in, then turned. */
  const inBothWidths = async (page: Page, query: string, look: (name: string, width: number) => Promise<void>): Promise<void> => {
    const widths = [1440, 390];
    await page.setViewportSize({ width: 1440, height: 900 });
    for (const { name, go } of screens()) {
      await go(page, query);
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        await settled(page);
        await look(name, width);
      }
      widths.reverse();
    }
  };

  const speak = async (context: BrowserContext, own: string): Promise<Page> => {
    const { page } = await stage.page(context);
    await page.goto('/o/parties');
    await page.getByRole('button', { name: admin.name }).click();
    await page.getByRole('menuitem', { name: own, exact: true }).click();
    await page.waitForFunction(
      (name) => new Intl.DisplayNames('en', { type: 'language' }).of(document.documentElement.lang) !== name,
      'English',
    );
    return page;
  };

  test('German is chosen in the account menu, stands at once, stays, and leaves no English word', async () => {
    const en = catalogue('en');
    const de = catalogue('de');
    const germanToo = new Set(Object.values(de));
    const english = new Set(Object.values(en).filter((text) => !germanToo.has(text) && !text.includes('{{')));
    const context = await stage.context({ locale: 'en-GB' });
    const page = await speak(context, 'Deutsch');
    await page.getByRole('heading', { name: 'Kunden', exact: true }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
    const chosen = async () => (await stage.api.get<{ user: { language: string } }>('/api/v1/session')).body.user.language;
    await expect.poll(chosen).toBe('de');
    const named = await given();
    await inBothWidths(page, '', async (name, width) => {
      const seen = await texts(page);
      expect(seen.length, name).toBeGreaterThan(5);
      expect(
        seen.filter((text) => english.has(text) && !named.has(text)),
        `${name} at ${width}`,
      ).toEqual([]);
      await shoot(page, `de-${name}-${width}`);
    });
    // Figures and dates, too.
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`/o/parties/${party.id}`);
    await page.getByText(/Rechnung 1042 ist seit 2[34] Tagen überfällig/).waitFor();
    await page
      .getByText(/1\.280(,00)?\s€/)
      .first()
      .waitFor();
    // What the server refuses is refused in German.
    await page.goto('/o/parties');
    await page.getByRole('heading', { name: 'Kunden', exact: true }).waitFor();
    await page.keyboard.press('c');
    await page.getByRole('dialog').getByRole('button', { name: 'Kunde anlegen' }).click();
    await page.getByRole('dialog').getByText('Hier fehlt eine Angabe.').first().waitFor();
    // The sign-in speaks it as well, for this browser spoke it last.
    await context.clearCookies();
    await page.goto('/sign-in');
    await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
    expect((await texts(page)).filter((text) => english.has(text))).toEqual([]);
    await shoot(page, 'de-sign-in-1440');
    await context.close();
  });

  test('Arabic runs from the right: the sidebar, the lists, the calendar, with nothing for axe to find', async () => {
    const context = await stage.context();
    const page = await speak(context, 'العربية');
    await page.getByRole('heading', { name: 'العملاء', exact: true }).waitFor();
    expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir])).toEqual(['ar', 'rtl']);
    const nav = await page.getByRole('navigation').first().boundingBox();
    expect(nav?.x).toBeGreaterThan(1000);
    await page.waitForFunction(() =>
      [...document.fonts].some((font) => font.family.includes('Noto Sans Arabic') && font.status === 'loaded'),
    );
    await inBothWidths(page, '', async (name, width) => {
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(sideways, `${name} at ${width}`).toBeLessThanOrEqual(0);
      expect(await faultsOf(page), `${name} at ${width}`).toEqual([]);
      await shoot(page, `ar-${name}-${width}`);
    });
    await stage.api.patch('/api/v1/session', { language: null });
    await context.close();
  });

  test('a language a third longer than English fits, and every text comes from a catalogue', { timeout: 600_000 }, async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'perigon-words-'));
    try {
      const app = path.join(repositoryRoot, 'apps', 'web');
      await build({
        root: app,
        configFile: path.join(app, 'vite.config.ts'),
        logLevel: 'error',
        mode: 'test',
        build: { outDir: folder, emptyOutDir: true, minify: false },
      });
      const context = await stage.context();
      await context.route(
        (url) => !url.pathname.startsWith('/api/'),
        async (route) => {
          const asked = path.join(folder, new URL(route.request().url()).pathname);
          const file = fs.existsSync(asked) && fs.statSync(asked).isFile() ? asked : path.join(folder, 'index.html');
          await route.fulfill({ path: file });
        },
      );
      const named = await given();
      const { page } = await stage.page(context);
      // Data, names that are the same in every language, and what Intl says.
      const data =
        /⟦|^\P{L}+$|Hafen 7|q7|Q7|1042|ada@|Ada Admin|^AA$|Perigon|Europe\/|^(UTC|CSV|Excel|NDJSON|English|Deutsch|Euro|العربية|H7|EUR.*|[A-Z]{1,2})$|Windmill|(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|autosize measurement|day|ago|hour|minute|Ctrl|Esc/u;
      await inBothWidths(page, '?lang=en-XA', async (name, width) => {
        await shoot(page, `xa-${name}-${width}`);
        const strange = (await texts(page)).filter((text) => !data.test(text) && !named.has(text));
        expect.soft(strange, `${name} at ${width}`).toEqual([]);
        expect.soft(await clipped(page), `${name} at ${width}`).toEqual([]);
      });
      await page.goto('/settings?lang=en-XB');
      await settled(page);
      expect(await page.evaluate(() => document.documentElement.dir)).toBe('rtl');
      await context.close();
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
