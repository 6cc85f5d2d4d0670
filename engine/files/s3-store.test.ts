import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as ask, createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
// @ts-expect-error the package has no types
import S3rver from 's3rver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPerigonError } from '#kit/errors.ts';
import { contentKey } from './file-store.ts';
import { openFileStore } from './store.ts';

interface Store {
  run(): Promise<unknown>;
  close(): Promise<void>;
}

const folder = mkdtempSync(join(tmpdir(), 'perigon-s3-'));
const about = (content: Buffer) => ({ sha256: createHash('sha256').update(content).digest('hex'), type: 'text/plain' });
const fileOf = (content: Buffer) => {
  const path = join(folder, 'sent');
  writeFileSync(path, content);
  return path;
};
const failure = async (work: Promise<unknown>) => {
  try {
    await work;
  } catch (error) {
    return isPerigonError(error, 'upstream') ? error.message : error;
  }
  return 'nothing failed';
};

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');

/** Whether a request is signed with this secret, reckoned from the rules of SigV4 as a store does. s3rver leaves that out. */
function isSigned(request: IncomingMessage, body: Buffer, secret: string): boolean {
  const [, key = '', day = '', region = '', service = '', signed = '', given = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    ) ?? [];
  const claimed = String(request.headers['x-amz-content-sha256']);
  if (key === '' || !signed.split(';').includes('host') || (claimed !== 'UNSIGNED-PAYLOAD' && claimed !== sha256(body))) return false;
  const url = new URL(request.url ?? '/', 'http://x');
  const names = signed.split(';');
  const canonical = [
    request.method,
    url.pathname,
    [...url.searchParams]
      .map((pair) => pair.map(encodeURIComponent).join('='))
      .sort()
      .join('&'),
    ...names.map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    signed,
    claimed,
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', String(request.headers['x-amz-date']), scope, sha256(canonical)].join('\n');
  const signing = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, day));
  return hmac(signing, text).toString('hex') === given;
}

describe('a store that speaks S3', () => {
  let server: Store;
  /** Stands before the store and lets through only what is signed. */
  let guard: Server;
  const sent: string[] = [];
  let endpoint: string;
  const env = (more: NodeJS.ProcessEnv = {}) => ({
    PERIGON_FILES: `s3://perigon/crm?endpoint=${encodeURIComponent(endpoint)}&region=eu-central-1`,
    AWS_ACCESS_KEY_ID: 'S3RVER',
    AWS_SECRET_ACCESS_KEY: 'S3RVER',
    ...more,
  });
  beforeAll(async () => {
    server = new S3rver({
      address: '127.0.0.1',
      port: 0,
      silent: true,
      directory: join(folder, 'store'),
      configureBuckets: [{ name: 'perigon' }],
    });
    const { port } = (await server.run()) as AddressInfo;
    guard = createServer(async (request, response) => {
      const body = await buffer(request);
      if (!isSigned(request, body, 'S3RVER')) return void response.writeHead(403).end();
      sent.push(`${request.method} ${String(request.headers['x-amz-content-sha256']).slice(0, 8)}`);
      const onward = ask(
        { host: '127.0.0.1', port, method: request.method, path: request.url, headers: { ...request.headers, host: `127.0.0.1:${port}` } },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        },
      );
      onward.end(body);
    }).listen(0, '127.0.0.1');
    await new Promise((done) => guard.once('listening', done));
    endpoint = `http://127.0.0.1:${(guard.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    guard.closeAllConnections();
    guard.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps, gives whole or in part, and removes, with signed requests', async () => {
    const store = openFileStore(folder, env());
    const content = Buffer.from('0123456789 of Zürich');
    const key = contentKey(about(content).sha256);
    expect(await store.get(key)).toBeNull();
    await store.put(key, fileOf(content), about(content));
    // The same again changes nothing and costs no sending.
    await store.put(key, '/nowhere/at/all', about(content));
    const whole = await store.get(key);
    expect(whole && (await buffer(whole)).equals(content)).toBe(true);
    const part = await store.get(key, { from: 2, to: 4 });
    expect(part && (await buffer(part)).toString()).toBe('234');
    await store.remove(key);
    expect(await store.get(key)).toBeNull();
    await store.remove(key);
    // What was sent was signed with its content.
    expect(sent.filter((line) => line.startsWith('PUT'))).toEqual([`PUT ${about(content).sha256.slice(0, 8)}`]);
  });

  it('says that the store refuses, has no such bucket, or is away; and does not start without its keys', async () => {
    const content = Buffer.from('x');
    const put = (more: NodeJS.ProcessEnv) => failure(openFileStore(folder, env(more)).put('aa/bb', fileOf(content), about(content)));
    expect(await put({ AWS_SECRET_ACCESS_KEY: 'wrong' })).toBe('The file store answered 403.');
    expect(await put({ PERIGON_FILES: `s3://nosuch?endpoint=${endpoint}` })).toBe('The file store has no bucket “nosuch”.');
    // A port that was just free.
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => closed.once('listening', done));
    const { port } = closed.address() as AddressInfo;
    await new Promise((done) => closed.close(done));
    expect(await put({ PERIGON_FILES: `s3://perigon?endpoint=http://127.0.0.1:${port}` })).toBe('The file store cannot be reached.');
    expect(() => openFileStore(folder, env({ AWS_SECRET_ACCESS_KEY: '' }))).toThrow(/AWS_SECRET_ACCESS_KEY/);
    expect(() => openFileStore(folder, { PERIGON_FILES: 'ftp://x' })).toThrow(/PERIGON_FILES/);
  });
});
