import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

interface Axe {
  /** Not spoken of in its own description: without it all rules are run, and the light ones fall out afterwards. */
  _audit?: { rules: { id: string; impact?: string }[] };
  run(
    context: { include: string[]; exclude: string[] },
    options: object,
  ): Promise<{ violations: { id: string; impact: string; nodes: { html: string; any: { message: string }[] }[] }[] }>;
}

/** What axe looks at and for; nothing said is all of the page by all rules. */
export interface Look {
  /** Only these rules. */
  rules?: readonly string[] | null;
  /** All but these. */
  without?: readonly string[];
  include?: string;
  /** Left out where it is there. */
  exclude?: readonly string[];
  /** Only what axe calls serious or critical. */
  grave?: boolean;
}

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Runs in the page, and so names nothing of its own. */
async function analyse({
  rules,
  without,
  include,
  exclude,
  grave,
}: {
  rules: readonly string[];
  without: readonly string[];
  include: string | null;
  exclude: readonly string[];
  grave: boolean;
}): Promise<string[]> {
  await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
  const { axe } = window as unknown as { axe: Axe };
  // What a rule finds is as grave as the rule: one that is not looked for need not be run.
  const light = grave ? (axe._audit?.rules ?? []).filter(({ impact }) => impact === 'minor' || impact === 'moderate') : [];
  const { violations } = await axe.run(
    {
      // Under a dialog lies a screen that was checked without it.
      include: [include ?? (document.querySelector('[aria-modal="true"]') ? '[aria-modal="true"]' : 'html')],
      exclude: exclude.filter((one) => document.querySelector(one)),
    },
    {
      resultTypes: ['violations'],
      // It would fetch every style sheet anew for one rule about the orientation, which no sheet here locks.
      preload: false,
      iframes: false,
      rules: Object.fromEntries([...without, ...light.map(({ id }) => id)].map((rule) => [rule, { enabled: false }])),
      runOnly: [...rules],
    },
  );
  return violations
    .filter(({ impact }) => !grave || impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => {
      const places = nodes.slice(0, 3).map((node) => `${node.html.slice(0, 300)} (${node.any[0]?.message ?? ''})`);
      return `${id}: ${places.join(' | ')}`;
    });
}

/**
 * What axe finds wrong with a page as it stands, a line each. It is run in the page itself: what the library does around it (another page
 * for each result, style sheets fetched anew) takes longer than the looking.
 */
export async function faultsOf(
  page: Page,
  { rules = null, without = [], include, exclude = [], grave = false }: Look = {},
): Promise<string[]> {
  // The first analysis brings axe into the page.
  if (await page.evaluate(() => !('axe' in window))) await new AxeBuilder({ page }).setLegacyMode().withRules('document-title').analyze();
  return page.evaluate(analyse, { rules: rules ?? TAGS, without, include: include ?? null, exclude, grave });
}

/** Expects that axe finds nothing at all. */
export async function expectAccessible(page: Page, look: Look = {}): Promise<void> {
  expect(await faultsOf(page, look)).toEqual([]);
}
