import * as fs from 'node:fs';
import * as path from 'node:path';
import type { APIRequestContext, Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { browser } from '../harness/browser.ts';
import { fullDatabase } from '../harness/full.ts';
import { repositoryRoot } from '../harness/places.ts';
import { type Api, administrator, type Booted, type BootOptions, bootProduct, enter, setUp } from '../harness/product.ts';

/** Long enough for a machine that does other things besides. */
export const patience = 30_000;

/** Who `setUp` makes administrator. */
export const admin = administrator;

/** One for all files of a worker, with profiles that share nothing: to begin one takes a second of work. */
let shared: Promise<Browser> | null = null;
async function openBrowser(): Promise<Browser> {
  const open = await shared;
  if (open?.isConnected()) return open;
  shared = browser();
  return shared;
}

/** The address of a product by the name that passkeys are bound to: one of digits has none. */
export const byName = (url: string): string => url.replace('127.0.0.1', 'localhost');

/** A page and everything it complained about. */
export interface Watched {
  page: Page;
  /** What went wrong without being seen: console errors, thrown errors, breaches of the content security policy. */
  complaints: string[];
}

/** A product with its own database and a browser beside it. */
export class Stage {
  private readonly contexts: BrowserContext[] = [];
  private constructor(
    readonly product: Booted,
    readonly chromium: Browser,
    /** The administrator's session; nobody's while the company is not set up. */
    readonly api: Api,
  ) {}

  /** Boots both; with `fresh` the company is not set up yet, with `full` it holds the sample company. */
  static async open({ fresh = false, full = false, ...options }: BootOptions & { fresh?: boolean; full?: boolean } = {}): Promise<Stage> {
    if (!fs.existsSync(path.join(repositoryRoot, 'dist', 'web', 'index.html')))
      throw new Error('The app is not built: run `npm run build`.');
    const database = full ? await fullDatabase() : options.database;
    const [product, chromium] = await Promise.all([bootProduct({ withinMs: 100_000, ...options, database }), openBrowser()]);
    return new Stage(product, chromium, fresh ? product.api() : await (full ? enter : setUp)(product));
  }

  async close(): Promise<void> {
    await Promise.all(this.contexts.map((one) => one.close()));
    // A worker of the tests ends its browser when it ends.
    if (!process.env['VITEST']) await this.chromium.close();
    await this.product.stop();
  }

  /** A browser profile of its own, signed in as the administrator or not. */
  async context(options: BrowserContextOptions & { signedIn?: boolean } = {}): Promise<BrowserContext> {
    const { signedIn = true, ...own } = options;
    const context = await this.chromium.newContext({
      baseURL: this.product.url,
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      ...own,
    });
    this.contexts.push(context);
    context.setDefaultTimeout(patience);
    if (signedIn) {
      const [name = '', value = ''] = (this.api.identity['cookie'] ?? '').split('=');
      await context.addCookies([{ name, value, url: this.product.url }]);
    }
    return context;
  }

  /** A page that is listened to. */
  async page(context?: BrowserContext): Promise<Watched> {
    const page = await (context ?? (await this.context())).newPage();
    return { page, complaints: listen(page) };
  }

  /** Creates a record through the API. */
  async create(plural: string, values: Record<string, unknown>): Promise<{ id: string; version: number }> {
    const made = await this.api.post<{ id: string; version: number }>(`/api/v1/${plural}`, values);
    if (made.status !== 201) throw new Error(`${plural} answered ${made.status}: ${made.text}`);
    return made.body;
  }

  /** Waits until search knows a title: it follows the log a moment behind, and a palette that asked before is not told again. */
  async found(title: string): Promise<void> {
    for (const until = Date.now() + patience; Date.now() < until; await new Promise((later) => setTimeout(later, 50)))
      if ((await this.api.get(`/api/v1/search?q=${encodeURIComponent(title)}`)).text.includes(title)) return;
    throw new Error(`Search does not find “${title}”.`);
  }
}

/** Loads the sample company as the administrator of a request context and waits until it is there. */
export async function loadSample(request: APIRequestContext, url: string): Promise<void> {
  const began = await request.post(`${url}/api/v1/sample`, { headers: { origin: url } });
  if (!began.ok()) throw new Error(`The sample company answered ${began.status()}: ${await began.text()}`);
  const until = Date.now() + 5 * 60_000;
  for (let state = 'loading'; state !== 'loaded'; ) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    // On a machine that has much to do an answer may be late, or "later": who waits asks again.
    const answer = await request.get(`${url}/api/v1/sample`, { timeout: patience }).catch(() => null);
    if (Date.now() > until) throw new Error('The sample company did not load in time.');
    if (!answer?.ok()) continue;
    state = ((await answer.json()) as { state: string }).state;
    if (state === 'none' || state === 'broken') throw new Error('The sample company did not load.');
  }
}

function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    // A refusal is an answer: the browser logs each one, the app shows it to the user.
    const refusal = /status of (401|403|409|412|422)\b/.test(message.text()) && message.location().url.includes('/api/v1/');
    if (!refusal) complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  return complaints;
}

/** The calendar day so many days from now. */
export function dayFromNow(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
