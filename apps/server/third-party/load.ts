import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isCustomKey } from '#engine/declare/catalogue.ts';
import type { Words } from '#engine/declare/words.ts';
import type { Module } from '#engine/record/module.ts';
import { StartRefusal } from '#engine/store/start-refusal.ts';
import { isObject } from '#kit/json.ts';
import { type ModuleFactory, toolkit } from './toolkit.ts';

/** Files that a module may begin with, the built one first. */
const ENTRIES = ['module.js', 'module.mjs', 'module.ts'];
const KEY = /^[a-z][a-zA-Z0-9]{0,40}$/;

/**
 * Loads the modules that stand in these folders, each in a folder of its own. What cannot be loaded refuses the start in a line that
 * names the module: a CRM without half of its objects would be worse than none.
 */
export async function loadModules(folders: readonly string[], cache: string): Promise<Module[]> {
  const modules: Module[] = [];
  const from = new Map<string, string>();
  for (const folder of folders) {
    if (!existsSync(folder) || !statSync(folder).isDirectory())
      throw new StartRefusal(`PERIGON_MODULES names ${folder}, and there is no such folder.`);
    const inside = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.') && entry.name !== 'node_modules')
      .map((entry) => join(folder, entry.name))
      .sort();
    for (const place of inside) {
      const entry = ENTRIES.map((name) => join(place, name)).find((file) => existsSync(file));
      if (!entry) continue;
      const module = await loadOne(place, entry, cache);
      const other = from.get(module.key);
      if (other) throw new StartRefusal(`Two modules are called “${module.key}”: ${other} and ${place}.`);
      from.set(module.key, place);
      modules.push(module);
    }
  }
  return modules;
}

async function loadOne(place: string, entry: string, cache: string): Promise<Module> {
  const refuse = (why: string): never => {
    throw new StartRefusal(`The module in ${place} cannot be loaded: ${why}`);
  };
  let made: unknown;
  try {
    const loaded = (await import(pathToFileURL(entry.endsWith('.ts') ? await compiled(place, entry, cache) : entry).href)) as {
      default?: unknown;
    };
    if (typeof loaded.default !== 'function') return refuse('its default export is not a function that takes the toolkit of Perigon.');
    made = await (loaded.default as ModuleFactory)(toolkit);
  } catch (error) {
    if (error instanceof StartRefusal) throw error;
    return refuse(error instanceof Error ? error.message : String(error));
  }
  if (!isObject(made) || typeof made.key !== 'string' || !KEY.test(made.key) || !Array.isArray(made.objects))
    return refuse('it gives no module, which has a key and objects.');
  const module = made as unknown as Module;
  for (const object of module.objects) {
    const reserved = [object.key, object.plural, ...Object.keys(object.fields)].find(isCustomKey);
    if (reserved) refuse(`${reserved} begins with x and a capital, as only names do that a company makes in the browser.`);
  }
  const runs = new Set((module.runs ?? []).map((run) => run.declaration.key));
  const idle = (module.actions ?? []).find((action) => !runs.has(action.key));
  if (idle) refuse(`its action ${idle.key} does nothing: bind it with runAction and list it under runs.`);
  return { ...module, words: { ...wordsIn(place, refuse), ...module.words } };
}

/** The words of a module lie beside it, a file a language: `words/en.json`. */
function wordsIn(place: string, refuse: (why: string) => never): Words {
  const folder = join(place, 'words');
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(
    files.map((name) => {
      try {
        return [name.slice(0, -'.json'.length), JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, string>];
      } catch (error) {
        return refuse(`words/${name} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
      }
    }),
  );
}

/** A module written in TypeScript as one file of JavaScript, what it imports included. */
async function compiled(place: string, entry: string, cache: string): Promise<string> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [entry],
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'silent',
  });
  const text = outputFiles[0]?.text ?? '';
  const file = join(cache, `${basename(place)}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.mjs`);
  if (existsSync(file)) return file;
  mkdirSync(cache, { recursive: true });
  // Another process may load it at this very moment: it is there whole or not at all.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
  return file;
}
