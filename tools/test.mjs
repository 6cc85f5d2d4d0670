import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { root } from './launch.mjs';

/**
 * `npm test`: types, lint, floors, dead code, build, then every kind of vitest tests. The last line sums all of it up.
 *
 * `--only types,lint,floors,dead,build,unit,database,browser,faults` runs a part; what follows `--` goes to vitest.
 */
const checks = {
  types: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'],
  lint: ['node_modules/@biomejs/biome/bin/biome', 'check', '.', '--max-diagnostics=50'],
  floors: ['tools/check-floors.mjs'],
  dead: ['node_modules/knip/bin/knip.js', '--no-progress'],
  build: ['tools/build.mjs'],
};
const suites = ['unit', 'database', 'browser', 'faults'];

const args = process.argv.slice(2);
const cut = args.indexOf('--');
const own = cut === -1 ? args : args.slice(0, cut);
const forVitest = cut === -1 ? [] : args.slice(cut + 1);
const at = own.indexOf('--only');
const only = at === -1 ? [...Object.keys(checks), ...suites] : (own[at + 1] ?? '').split(',');
const unknown = only.filter((name) => !(name in checks) && !suites.includes(name));
if (unknown.length > 0) {
  console.error(`There is no check or suite named ${unknown.join(', ')}.`);
  process.exit(1);
}

const sum = { passed: 0, failed: 0, skipped: 0 };
/** What is told again at the end, where it is not buried under a thousand lines. */
const told = [];
process.chdir(root);
fs.mkdirSync('.cache', { recursive: true });

for (const [name, command] of Object.entries(checks)) {
  if (!only.includes(name)) continue;
  const code = await run(name, command);
  sum[code === 0 ? 'passed' : 'failed']++;
  if (code !== 0) told.push(`failed: ${name}`);
}
const wanted = suites.filter((name) => only.includes(name));
if (wanted.length > 0) await runVitest(wanted);

for (const line of told) console.log(line);
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
process.exit(sum.failed === 0 ? 0 : 1);

async function runVitest(names) {
  const report = path.join('.cache', `tests-${process.pid}.json`);
  const code = await run(
    `tests (${names.join(', ')})`,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      ...names.flatMap((name) => ['--project', name]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...forVitest,
    ],
    // The tests that start Perigon start what was built above, as people do.
    only.includes('build') ? { PERIGON_TEST_BUILT: '1' } : {},
  );
  let counted = 0;
  if (fs.existsSync(report)) {
    const { testResults } = JSON.parse(fs.readFileSync(report, 'utf8'));
    for (const file of testResults) {
      for (const test of file.assertionResults) {
        const named = `${path.relative(root, file.name)} > ${test.fullName}`;
        const [message] = test.failureMessages ?? [];
        const why = message ? `: ${firstLine(message)}` : '';
        if (test.status === 'passed') {
          sum.passed++;
          // What an earlier try said is kept beside a test that passed at the second one.
          if (why) told.push(`unsteady: ${named}${why}`);
        } else if (test.status === 'failed') {
          counted++;
          told.push(`failed: ${named}${why}`);
        } else sum.skipped++;
      }
      // A file that could not even be read has no tests to name.
      if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
        counted++;
        told.push(`failed: ${path.relative(root, file.name)}${file.message ? `: ${firstLine(file.message)}` : ''}`);
      }
    }
    fs.rmSync(report);
  }
  // Errors outside of any test count too.
  if (code !== 0 && counted === 0) told.push('failed: an error outside of any test');
  sum.failed += code !== 0 && counted === 0 ? 1 : counted;
}

/** What went wrong, what was waited for, and where in the test: of a run elsewhere this line is all that is left. */
function firstLine(message) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the terminal begin with one
  const lines = message.replace(/\u001b\[[0-9;]*m/g, '').split('\n');
  const waited = lines.find((line) => /^\s*- waiting for /.test(line))?.replace(/^\s*- /, '; ') ?? '';
  const where = /\((?:file:\/\/)?[^()]*\/(tests\/[^()]+:\d+):\d+\)|at (?:file:\/\/)?\S*\/(tests\/\S+:\d+):\d+$/m.exec(
    lines.slice(1).join('\n'),
  );
  return `${(lines[0] ?? '').slice(0, 600)}${waited.slice(0, 300)}${where ? ` (${where[1] ?? where[2]})` : ''}`;
}

function run(name, command, environment = {}) {
  const began = Date.now();
  console.log(`\n── ${name}`);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, command, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...environment },
    });
    child.once('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.once('exit', (code) => {
      console.log(`── ${name}: ${code === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
      resolve(code ?? 1);
    });
  });
}
