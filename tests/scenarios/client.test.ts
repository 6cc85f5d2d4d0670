import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';
import { repositoryRoot } from '#tests/harness/places.ts';
import { example } from '../../clients/typescript/example.ts';
import { clientTypes } from '../../tools/client-types.ts';

let inside: Inside;
let url = '';
beforeAll(async () => {
  inside = await insideProduct();
  url = await inside.product.http.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => inside.stop());

it('is what the API says: `npm run client` would write the same', async () => {
  const { body } = await inside.ask('GET', '/api/openapi.json');
  const held = readFileSync(join(repositoryRoot, 'clients/typescript/src/schema.d.ts'), 'utf8');
  expect((await clientTypes(body)) === held, 'run `npm run client`').toBe(true);
});

it('holds together in its own compiler settings', async () => {
  const tsc = join(repositoryRoot, 'node_modules/typescript/bin/tsc');
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '--noEmit', '-p', join(repositoryRoot, 'clients/typescript')]);
  expect(stdout).toBe('');
});

it('creates, changes, walks through pages and tells what was refused', async () => {
  const ctx = await inside.ctx();
  const { secret } = await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'client' });
  for (const name of ['Alpha', 'Beta', 'Gamma', 'Zeta']) await inside.ask('POST', '/api/v1/parties', { key: secret, body: { name } });
  expect(await example(url, secret)).toEqual({ names: ['Alpha', 'Beta', 'Gamma', 'Made by the client', 'Zeta'], code: 'party' });
  await expect(example(url, 'perigon_wrong')).rejects.toMatchObject({ name: 'PerigonError', status: 401, code: 'denied' });
});
