import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder of the package. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const sourceFolders = ['kit', 'engine', 'ui', 'modules', 'apps'];

/** Makes what is missing (packages, build), then runs the command in this very process. */
export async function main(args) {
  try {
    if (!process.env.PERIGON_PREPARED) {
      installIfNeeded();
      if (!process.env.PERIGON_DEV) await buildIfNeeded();
    }
    let program;
    if (process.env.PERIGON_DEV) {
      const { register } = await import('tsx/esm/api');
      register();
      program = await import(pathToFileURL(path.join(root, 'apps/server/cli.ts')).href);
    } else {
      if (fs.existsSync(path.join(root, 'dist/server/cli.js.map'))) process.setSourceMapsEnabled(true);
      program = await import(pathToFileURL(path.join(root, 'dist/server/cli.js')).href);
    }
    process.exitCode = await program.main(args);
  } catch (error) {
    console.error(error instanceof Refusal ? error.message : error);
    process.exitCode = 1;
  }
}

class Refusal extends Error {}

/** Installs the packages of the lock file where they are absent or of other versions. */
function installIfNeeded() {
  const lockFile = path.join(root, 'package-lock.json');
  // Installed from an archive of its own, not from a clone: the package manager has done this already.
  if (!fs.existsSync(lockFile)) return;
  const lock = fs.readFileSync(lockFile);
  const stamp = createHash('sha256').update(lock).digest('hex');
  const stampFile = path.join(root, 'node_modules', '.perigon-lock');
  if (readOr(stampFile, '') === stamp) return;
  if (!installedAsLocked(JSON.parse(lock.toString()))) {
    console.error('Installing the packages that Perigon needs (once, about a minute) …');
    const ran = runNpm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
    if (ran.error || ran.status !== 0) {
      const said = `${ran.stdout ?? ''}${ran.stderr ?? ''}${ran.error ? ran.error.message : ''}`.trim();
      throw new Refusal(
        `${said}\nThe packages could not be installed. Mend what npm says above (often the network or a proxy), then start again.`,
      );
    }
  }
  try {
    fs.writeFileSync(stampFile, stamp);
  } catch {
    // A read-only installation is compared in full each time.
  }
}

/** Whether node_modules holds what the lock file names. Packages of other platforms may be absent. */
function installedAsLocked(lock) {
  const installed = JSON.parse(readOr(path.join(root, 'node_modules', '.package-lock.json'), '{}')).packages ?? {};
  return Object.entries(lock.packages).every(([name, wanted]) => {
    if (name === '') return true;
    const have = installed[name];
    return have ? have.version === wanted.version && fs.existsSync(path.join(root, name)) : Boolean(wanted.optional || wanted.devOptional);
  });
}

function runNpm(args) {
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 };
  const npm = process.env.npm_execpath;
  if (npm && /npm-cli\.[cm]?js$/.test(npm)) return spawnSync(process.execPath, [npm, ...args], options);
  const beside = path.join(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  if (fs.existsSync(beside)) return spawnSync(process.execPath, [beside, ...args], options);
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

/** Builds where there is no build of these sources. */
async function buildIfNeeded() {
  const stamp = sourceStamp();
  if (stamp === null || readOr(path.join(root, 'dist', '.stamp'), '') === stamp) return;
  console.error('Building Perigon (once, some seconds) …');
  const { build } = await import('./build.mjs');
  await build();
}

/** Names this state of the sources by path, size and time of every file; null when there are no sources. */
export function sourceStamp() {
  if (!fs.existsSync(path.join(root, 'apps/server/cli.ts'))) return null;
  const hash = createHash('sha256');
  const files = ['package-lock.json', 'tools/build.mjs', 'tsconfig.json'];
  for (const folder of sourceFolders) {
    if (!fs.existsSync(path.join(root, folder))) continue;
    for (const entry of fs.readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile() && !/\.test\.tsx?$/.test(entry.name)) files.push(path.relative(root, path.join(entry.parentPath, entry.name)));
    }
  }
  for (const file of files.sort()) {
    const { size, mtimeMs } = fs.statSync(path.join(root, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function readOr(file, otherwise) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
