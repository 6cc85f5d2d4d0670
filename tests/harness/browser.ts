import * as fs from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { skipped } from './places.ts';

/** The one without a window of its own comes first: it draws the same with a third less work. */
const candidates = [
  process.env['PERIGON_TEST_CHROMIUM'],
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The path of a Chromium on this machine; null where there is none: use it with `describe.skipIf(!path)`. With `CI=true` absence fails. */
export function browserPath(): string | null {
  const found = candidates.find((file) => file && fs.existsSync(file));
  if (found) return found;
  skipped(
    'the tests in a browser',
    'Install Chromium (Debian: apt-get install chromium-headless-shell, or chromium) or set PERIGON_TEST_CHROMIUM to its path.',
  );
  return null;
}

/** Starts a browser that asks nobody for updates; close it when the tests end. */
export async function browser(): Promise<Browser> {
  const executablePath = browserPath();
  if (!executablePath) throw new Error('There is no Chromium on this machine: skip these tests by browserPath().');
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
