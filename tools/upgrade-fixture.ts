/**
 * `npm run upgrade-fixture -- REF`: builds the base of an earlier version with that very version, and keeps it in `tests/upgrade/` as a
 * backup with what it must hold. `tests/scenarios/upgrade.test.ts` brings each kept base up to the version of today.
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Facts } from '../tests/upgrade/facts.ts';

const root = join(import.meta.dirname, '..');
const MOST_BYTES = 1_000_000;
const ref = process.argv[2];
if (!ref) throw new Error('Name a commit or a tag: npm run upgrade-fixture -- v0.1.0');

const made = mkdtempSync(join(tmpdir(), 'perigon-upgrade-'));
try {
  await make(ref, made);
} finally {
  rmSync(made, { recursive: true, force: true });
}

async function make(ref: string, folder: string): Promise<void> {
  const source = join(folder, 'source');
  run(root, 'git', ['clone', '--quiet', '--no-checkout', root, source]);
  run(source, 'git', ['checkout', '--quiet', '--detach', run(root, 'git', ['rev-parse', ref])]);
  const commit = run(source, 'git', ['rev-parse', '--short=7', 'HEAD']);
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string };
  install(source);
  const data = join(folder, 'data');
  const port = await freePort();
  const { DATABASE_URL: _other, ...inherited } = process.env;
  const env = { ...inherited, PERIGON_PREPARED: '1', PERIGON_DEV: '1', PERIGON_DATA: data, PORT: String(port), HOST: '127.0.0.1' };
  const perigon = (...args: string[]) => run(source, process.execPath, ['bin/perigon.mjs', ...args], env);
  const who = { email: 'ana@perigon.example', password: 'kept-from-then-1' };
  perigon(
    'setup',
    '--company',
    'Kept',
    '--currency',
    'EUR',
    '--language',
    'en',
    '--time-zone',
    'Europe/Berlin',
    '--email',
    who.email,
    '--name',
    'Ana',
    '--password',
    who.password,
  );
  perigon('seed', '--parties', '60');
  const key = perigon('key', 'create', '--email', who.email, '--name', 'kept').split('\n').at(-1)?.trim() ?? '';
  const server = spawn(process.execPath, ['bin/perigon.mjs', 'start'], { cwd: source, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  try {
    await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok);
    const facts = await fill(`http://127.0.0.1:${port}/api/v1`, key);
    const name = `${version}-${commit}`;
    const into = join(root, 'tests/upgrade');
    mkdirSync(into, { recursive: true });
    const backup = join(folder, `${name}.perigon`);
    perigon('backup', backup);
    const { size } = statSync(backup);
    if (size > MOST_BYTES) throw new Error(`The base takes ${size} bytes, and a kept one at most ${MOST_BYTES}.`);
    copyFileSync(backup, join(into, `${name}.perigon`));
    writeFileSync(join(into, `${name}.json`), `${JSON.stringify({ commit, version, ...who, key, ...facts }, null, 2)}\n`);
    console.log(`tests/upgrade/${name}.perigon (${size} bytes)`);
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
}

/** What a company does: beside the seeded world, everything that lies in a table of its own. */
async function fill(api: string, key: string): Promise<Omit<Facts, 'commit' | 'version' | 'email' | 'password' | 'key'>> {
  const ask = async <T>(method: string, where: string, body?: unknown): Promise<{ body: T; cause: string }> => {
    const bytes = body instanceof Uint8Array;
    const answer = await fetch(`${api}${where}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': bytes ? 'text/plain' : 'application/json' }),
      },
      body: body === undefined ? undefined : bytes ? Buffer.from(body) : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${where} answered ${answer.status}: ${text}`);
    return { body: (text === '' ? null : JSON.parse(text)) as T, cause: answer.headers.get('perigon-cause') ?? '' };
  };
  const create = async (where: string, body: unknown) => (await ask<{ id: string }>('POST', where, body)).body.id;
  const flow = await create('/flows', {
    name: 'Greets',
    definition: {
      object: 'party',
      trigger: { on: 'change', deeds: ['created'] },
      start: 'one',
      steps: { one: { do: 'set', values: { description: { value: 'Greeted' } } } },
    },
  });
  await ask('POST', `/flows/${flow}/activate`, {});
  const party = await create('/parties', { kind: 'organisation', name: 'Kontor Hansa', emails: [{ value: 'post@kontor-hansa.example' }] });
  await until(async () => (await ask<{ description: string }>('GET', `/parties/${party}`)).body.description === 'Greeted');
  const { cause } = await ask('PATCH', `/parties/${party}`, { name: 'Kontor Hanse' });
  const loser = await create('/parties', {
    kind: 'organisation',
    name: 'Kontor Hanse GmbH',
    emails: [{ value: 'info@kontor-hansa.example' }],
  });
  const merged = await ask('POST', '/merges', { object: 'party', survivor: party, loser });
  const trashed = await create('/parties', { kind: 'person', name: 'Gone Already' });
  await ask('DELETE', `/parties/${trashed}`);
  await ask('POST', '/catalogue/objects', { key: 'xShip', plural: 'xShips', words: { en: { name: 'Ship', plural: 'Ships' } } });
  const ship = await create('/xShips', { xName: 'Seute Deern' });
  const text = 'what was agreed then';
  const file = await create('/files?name=agreed.txt', new TextEncoder().encode(text));
  await ask('PATCH', `/parties/${party}`, { files: [file] });
  const view = await create('/views', {
    object: 'party',
    name: 'In the north',
    definition: { where: { field: 'name', op: 'contains', value: 'Kontor' } },
  });
  const webhook = await create('/webhooks', {
    name: 'ERP',
    url: 'https://erp.example/hook',
    objects: ['party'],
    actions: ['create'],
    active: false,
  });
  const word = 'hanse';
  await until(async () => (await ask<{ items: { id: string }[] }>('GET', `/search?q=${word}`)).body.items.some(({ id }) => id === party));
  const { objects } = (await ask<{ objects: { key: string; plural: string }[] }>('GET', '/meta')).body;
  const counts: Record<string, number> = {};
  for (const { plural } of objects)
    counts[plural] = (await ask<{ count: { value: number } }>('GET', `/${plural}?limit=1&count=true`)).body.count.value;
  return {
    counts,
    party: { id: party, name: 'Kontor Hanse', word },
    renamed: { cause, before: 'Kontor Hansa' },
    merged: { loser, survivor: party, cause: merged.cause },
    trashed,
    own: { plural: 'xShips', id: ship, field: 'xName', value: 'Seute Deern' },
    file: { id: file, text },
    view,
    webhook,
    flow: { id: flow, description: 'Greeted' },
  };
}

/** Its own packages: those that are here, linked, where its lock file names the same, else from the registry. */
function install(source: string): void {
  const packages = (folder: string): string => {
    const { '': _self, ...others } = (
      JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as { packages: Record<string, unknown> }
    ).packages;
    return JSON.stringify(others);
  };
  if (existsSync(join(root, 'node_modules')) && packages(source) === packages(root))
    run(source, 'cp', ['-al', join(root, 'node_modules'), 'node_modules']);
  else run(source, 'npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']);
}

function run(cwd: string, program: string, args: string[], env: NodeJS.ProcessEnv = process.env): string {
  const ran = spawnSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (ran.status !== 0) throw new Error(`${program} ${args.join(' ')}\n${ran.stdout}${ran.stderr}${ran.error?.message ?? ''}`);
  return ran.stdout.trim();
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds().catch(() => false)); tries++) {
    if (tries > 600) throw new Error('It did not come to that within a minute.');
    await sleep(100);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
