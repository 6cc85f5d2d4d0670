import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this working copy. */
export const repositoryRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** In CI nothing may be left out in silence. */
export const isCi = process.env['CI'] === 'true' || process.env['CI'] === '1';

const said = new Set<string>();

/** Says once which tests are left out and why; in CI that is a fault. */
export function skipped(what: string, mend: string): void {
  const line = `SKIPPED: ${what}. ${mend}`;
  if (isCi) throw new Error(line);
  if (said.has(line)) return;
  said.add(line);
  console.warn(line);
}

/**
 * The folder of real data with this name (`sales`, `retail`, …). Null where the folder is absent: use it with `describe.skipIf(!folder)`.
 * With `CI=true` absence fails.
 */
export function realData(name: string): string | null {
  const base = path.resolve(repositoryRoot, process.env['PERIGON_TEST_DATA'] ?? '../shared/data');
  const folder = path.join(base, name);
  if (fs.existsSync(folder)) return folder;
  skipped(`the tests with the real data "${name}"`, 'Set PERIGON_TEST_DATA to the folder that holds it.');
  return null;
}

/** A new empty folder that is removed when the file of tests ends, or the process where there is none; in memory where a run lies there. */
export function temporaryFolder(prefix = 'perigon-test-'): string {
  const memory = process.env['PERIGON_TEST_FOLDER'];
  const base = memory ? path.join(memory, 'temporary') : os.tmpdir();
  fs.mkdirSync(base, { recursive: true });
  const folder = fs.mkdtempSync(path.join(base, prefix));
  // Like a folder that people make: others may pass. The tests of a closed one close it themselves.
  fs.chmodSync(folder, 0o755);
  temporary.push(folder);
  return folder;
}

const temporary: string[] = [];
/** Removes them; whoever still works in one is to be ended before. */
export function removeTemporaryFolders(): void {
  for (const folder of temporary.splice(0)) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.once('exit', removeTemporaryFolders);
