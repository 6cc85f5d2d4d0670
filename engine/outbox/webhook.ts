import { createHmac } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';
import { urlToHttpOptions } from 'node:url';
import type { Connections } from './connections.ts';
import { SEND_MS, type Sent } from './sender.ts';
import type { Thing } from './taking.ts';

/** Of an answer nothing but its status counts; the connection of one that is longer than this is given up. */
const MOST_BYTES = 64 * 1024;
/** A kept connection that ends so soon was closed while nothing went over it. */
const AT_ONCE_MS = 1_000;

/** Signs as Standard Webhooks describe it: over id, moment and body, under the secret (`whsec_` and base64). */
export function signature(secret: string, id: string, seconds: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}

/**
 * Posts JSON to an address of somebody else. No redirect is followed and no private address reached; the id goes along, so that the
 * receiver can tell what comes twice.
 */
export async function sendWebhook(connections: Connections, thing: Thing): Promise<Sent> {
  let url: URL;
  try {
    url = new URL(thing.target);
  } catch {
    return { ok: false, error: 'Not an address.', final: true };
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { ok: false, error: 'Only http and https are sent to.', final: true };
  try {
    const agent = await connections.agentFor(url.protocol, url.hostname);
    if (!agent) return { ok: false, error: 'The address is a private one, and nothing is sent there.', final: true };
    return await post(url, agent, thing);
  } catch (error) {
    // What the network says, never the address: it may hold a secret.
    const code = (error as { code?: unknown }).code;
    return { ok: false, error: typeof code === 'string' ? `It could not be reached: ${code}.` : 'It could not be reached.' };
  }
}

function post(url: URL, agent: http.Agent, thing: Thing): Promise<Sent> {
  const body = `{"id":"${thing.id}",${thing.body.slice(1)}`;
  const seconds = Math.floor(Date.now() / 1000);
  const options: http.RequestOptions = {
    ...urlToHttpOptions(url),
    method: 'POST',
    agent,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'Perigon',
      'idempotency-key': thing.id,
      'webhook-id': thing.id,
      'webhook-timestamp': String(seconds),
      ...(thing.secret === null ? {} : { 'webhook-signature': signature(thing.secret, thing.id, seconds, body) }),
    },
  };
  const send = (url.protocol === 'https:' ? https : http).request;
  return new Promise((resolve, reject) => {
    let request: http.ClientRequest;
    let answered = false;
    const began = performance.now();
    // From the first byte to the last of the answer, and however often it is begun.
    const limit = setTimeout(() => request.destroy(Object.assign(new Error('too late'), { code: 'ETIMEDOUT' })), SEND_MS);
    const begin = () => {
      request = send(options, (response) => {
        answered = true;
        const status = response.statusCode ?? 0;
        // The rest is read so that the connection can be used again.
        let bytes = 0;
        response.on('data', (piece: Buffer) => {
          bytes += piece.length;
          if (bytes > MOST_BYTES) response.destroy();
        });
        response.on('error', () => undefined);
        response.on('close', () => clearTimeout(limit));
        if (status >= 200 && status < 300) resolve({ ok: true, status });
        else resolve({ ok: false, status, error: `It answered ${status}.`, final: status === 410 });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The receiver closed a kept connection just then: what it may have had of it comes again under the same id.
        const atOnce = performance.now() - began < AT_ONCE_MS;
        if (!answered && atOnce && request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) return begin();
        clearTimeout(limit);
        reject(error);
      });
      request.end(body);
    };
    begin();
  });
}
