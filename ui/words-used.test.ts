import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

function files(folder: string, end: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && end.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

const screens = [
  ...files('ui', /\.tsx?$/),
  ...files('apps/web', /\.tsx?$/),
  ...files('modules', /\.tsx?$/).filter((path) => path.includes('/ui/')),
].filter((path) => !path.endsWith('.test.ts'));
const catalogue: Record<string, string> = Object.assign(
  {},
  ...[...files('ui/words', /^en\.json$/), ...files('modules', /^en\.json$/)].map((path) => JSON.parse(readFileSync(path, 'utf8'))),
);

describe('words', () => {
  it('every sentence that a screen names is in the catalogues', () => {
    const missing: string[] = [];
    for (const path of screens) {
      for (const [, key = ''] of readFileSync(path, 'utf8').matchAll(/\bt\(\s*'([^']+)'/g)) {
        if (!(key in catalogue) && !(`${key}_other` in catalogue)) missing.push(`${key} in ${path.slice(root.length)}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it('no screen has words of its own between its tags', () => {
    const literal: string[] = [];
    for (const path of screens.filter((one) => one.endsWith('.tsx'))) {
      const text = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
      for (const [, words = ''] of text.matchAll(/<[A-Za-z][^<>{}]*>\s*([A-Z][a-z]+(?: [a-z]+)*[.!]?)\s*<\//g))
        literal.push(`“${words}” in ${path.slice(root.length)}`);
    }
    expect(literal).toEqual([]);
  });

  it('plurals come in pairs', () => {
    const alone = Object.keys(catalogue).filter((key) => key.endsWith('_one') && !(key.replace(/_one$/, '_other') in catalogue));
    expect(alone).toEqual([]);
  });
});
