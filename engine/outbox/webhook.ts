import { createHmac } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Queryable } from '#engine/store/db.ts';
import { publicAddress } from './addresses.ts';
import type { Sent, Thing } from './sender.ts';

const TIMEOUT_MS = 10_000;

/** Signs as Standard Webhooks describe it: over id, moment and body, under the secret (`whsec_` and base64). */
export function signature(secret: string, id: string, seconds: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}

/**
 * Posts JSON to an address of somebody else. No redirect is followed and no private address reached; the id goes along, so that the
 * receiver can tell what comes twice.
 */
export async function sendWebhook(q: Queryable, thing: Thing, o: { privateToo: boolean }): Promise<Sent> {
  const [held] = await q.query<{ secret: string }>(
    `select secret from flow_secrets where flow = $1::uuid and kind = 'webhook' union all select secret from webhook_states where webhook = $1::uuid`,
    [thing.source],
  );
  let url: URL;
  try {
    url = new URL(thing.target);
  } catch {
    return { ok: false, error: 'Not an address.', final: true };
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { ok: false, error: 'Only http and https are sent to.', final: true };
  try {
    const at = await publicAddress(url.hostname, o);
    if (!at) return { ok: false, error: 'The address is a private one, and nothing is sent there.', final: true };
    return await post(url, at, thing, held?.secret ?? null);
  } catch (error) {
    // What the network says, never the address: it may hold a secret.
    const code = (error as { code?: unknown }).code;
    return { ok: false, error: typeof code === 'string' ? `It could not be reached: ${code}.` : 'It could not be reached.' };
  }
}

function post(url: URL, at: { address: string; family: 4 | 6 }, thing: Thing, secret: string | null): Promise<Sent> {
  const body = JSON.stringify({ id: thing.id, at: thing.at, ...thing.payload });
  const seconds = Math.floor(Date.now() / 1000);
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(
      url,
      {
        method: 'POST',
        agent: false,
        // The address that was judged, whatever the name stands for by now.
        lookup: (_host, options, done) =>
          options.all ? done(null, [{ address: at.address, family: at.family }]) : done(null, at.address, at.family),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'Perigon',
          'idempotency-key': thing.id,
          'webhook-id': thing.id,
          'webhook-timestamp': String(seconds),
          ...(secret === null ? {} : { 'webhook-signature': signature(secret, thing.id, seconds, body) }),
        },
      },
      (response) => {
        const status = response.statusCode ?? 0;
        response.destroy();
        if (status >= 200 && status < 300) resolve({ ok: true, status });
        else resolve({ ok: false, status, error: `It answered ${status}.`, final: status === 410 });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
