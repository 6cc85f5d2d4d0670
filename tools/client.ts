/** `npm run client`: writes the types of `clients/typescript` from the OpenAPI description of a fresh company, or of the one at `--url`. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientTypes } from './client-types.ts';

const root = join(import.meta.dirname, '..');
const at = process.argv.indexOf('--url');
const url = at < 0 ? null : process.argv[at + 1];
const description = url ? await describe(url) : await ofFreshCompany();
writeFileSync(join(root, 'clients/typescript/src/schema.d.ts'), await clientTypes(description));

async function describe(base: string): Promise<unknown> {
  return (await fetch(new URL('/api/openapi.json', base))).json();
}

async function ofFreshCompany(): Promise<unknown> {
  const data = mkdtempSync(join(tmpdir(), 'perigon-client-'));
  const port = await freePort();
  const { DATABASE_URL: _other, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'tests/harness/run-sources.ts', 'start'], {
    cwd: root,
    env: { ...env, PERIGON_DATA: data, PERIGON_PREPARED: '1', PORT: String(port), HOST: '127.0.0.1', PERIGON_LOG: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    const base = `http://127.0.0.1:${port}`;
    while (
      !(await fetch(`${base}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (child.exitCode !== null) throw new Error('Perigon did not start.');
      await sleep(100);
    }
    return await describe(base);
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
