import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../harness/places.ts';

it('the map of ASVS names files that are there, and every chapter', () => {
  const page = fs.readFileSync(path.join(repositoryRoot, 'docs', 'security.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| V'));
  for (let chapter = 1; chapter <= 14; chapter++)
    expect(
      rows.some((row) => new RegExp(`^\\| V${chapter}[ .]`).test(row)),
      `V${chapter}`,
    ).toBe(true);
  for (const row of rows) {
    const shown = row.split('|')[3] ?? '';
    const files = [...shown.matchAll(/`([^`]+)`/g)].map(([, file]) => file ?? '');
    expect(files.length, row).toBeGreaterThan(0);
    for (const file of files) expect(fs.existsSync(path.join(repositoryRoot, file)), file).toBe(true);
  }
});
