import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { AwsClient } from 'aws4fetch';
import { upstream } from '#kit/errors.ts';
import type { FileStore } from './file-store.ts';

/** How long one request may take. */
const PATIENCE_MS = 60_000;

/**
 * Any store that speaks S3, addressed by path: AWS, MinIO, Ceph, Garage, R2. Requests are signed (SigV4) with `AWS_ACCESS_KEY_ID`,
 * `AWS_SECRET_ACCESS_KEY` and, where there is one, `AWS_SESSION_TOKEN`; what is sent is signed with its sha256.
 */
export function s3Store(address: string, env: NodeJS.ProcessEnv): FileStore {
  const url = new URL(address);
  const region = url.searchParams.get('region') ?? env.AWS_REGION ?? 'us-east-1';
  const endpoint = (url.searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`).replace(/\/+$/, '');
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env;
  if (!accessKeyId || !secretAccessKey)
    throw new Error('PERIGON_FILES names an S3 store, and AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is missing.');
  const client = new AwsClient({ accessKeyId, secretAccessKey, sessionToken, region, service: 's3', retries: 3 });
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '');
  const at = (key: string) => `${endpoint}/${url.hostname}/${prefix === '' ? '' : `${prefix}/`}${key}`;
  const ask = async (key: string, init: RequestInit): Promise<Response> => {
    let answer: Response;
    try {
      answer = await client.fetch(at(key), { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch {
      throw upstream('The file store cannot be reached.');
    }
    if (answer.ok || answer.status === 404 || answer.status === 416) return answer;
    await answer.body?.cancel();
    throw upstream(`The file store answered ${answer.status}.`);
  };
  const drop = (answer: Response) => answer.body?.cancel();
  return {
    async put(key, path, { sha256, type }) {
      const there = await ask(key, { method: 'HEAD' });
      await drop(there);
      if (there.ok) return;
      const answer = await ask(key, {
        method: 'PUT',
        body: new Uint8Array(await readFile(path)),
        headers: { 'content-type': type, 'x-amz-content-sha256': sha256 },
      });
      await drop(answer);
      if (!answer.ok) throw upstream(`The file store has no bucket “${url.hostname}”.`);
    },
    async get(key, part) {
      const answer = await ask(key, { method: 'GET', headers: part ? { range: `bytes=${part.from}-${part.to}` } : {} });
      if (!answer.ok || !answer.body) {
        await drop(answer);
        return null;
      }
      return Readable.fromWeb(answer.body as ReadableStream<Uint8Array>);
    },
    async remove(key) {
      await drop(await ask(key, { method: 'DELETE' }));
    },
  };
}
