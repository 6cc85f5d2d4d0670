import * as http from 'node:http';
import * as https from 'node:https';
import { upstream } from '#kit/errors.ts';
import { publicAddresses } from './addresses.ts';

const TIMEOUT_MS = 10_000;
/** Far more than the descriptions and answers that are asked for here. */
const MOST_BYTES = 1024 * 1024;

export type GuardedFetch = (url: string, options: { method?: string; headers?: unknown; body?: unknown }) => Promise<Response>;

/**
 * A `fetch` for addresses that somebody typed: the address that was judged is the one connected to, private ones are refused unless
 * they are allowed, no redirect is followed, and no answer is longer than is sensible. Plain http is for private addresses alone.
 */
export const guardedFetch =
  (o: { privateToo: boolean }): GuardedFetch =>
  async (url, options) => {
    const target = new URL(url);
    if (target.protocol !== 'https:' && !(target.protocol === 'http:' && o.privateToo)) throw upstream('Only https addresses are asked.');
    const [at] = (await publicAddresses(target.hostname, o)) ?? [];
    if (!at) throw upstream('The address is a private one, and nothing is asked there.');
    const body = options.body === undefined || options.body === null ? null : Buffer.from(String(options.body));
    const headers = Object.fromEntries(new Headers(options.headers as HeadersInit | undefined));
    return new Promise((resolve, reject) => {
      const request = (target.protocol === 'https:' ? https : http).request(
        target,
        {
          method: options.method ?? 'GET',
          agent: false,
          lookup: (_host, asked, done) =>
            asked.all ? done(null, [{ address: at.address, family: at.family }]) : done(null, at.address, at.family),
          signal: AbortSignal.timeout(TIMEOUT_MS),
          headers: { ...headers, 'user-agent': 'Perigon', ...(body ? { 'content-length': body.length } : {}) },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          answer.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > MOST_BYTES) request.destroy(upstream('The answer is too long.'));
            else chunks.push(chunk);
          });
          answer.on('error', reject);
          answer.on('end', () => {
            const status = answer.statusCode ?? 502;
            const bare = status === 204 || status === 304 || status < 200;
            const held = new Headers();
            for (const [name, value] of Object.entries(answer.headers)) if (value !== undefined) held.set(name, String(value));
            resolve(new Response(bare ? null : Buffer.concat(chunks), { status: status < 200 ? 502 : status, headers: held }));
          });
        },
      );
      request.on('error', reject);
      request.end(body ?? undefined);
    });
  };
