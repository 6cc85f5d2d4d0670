import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProduct, type Product } from '#apps/server/product.ts';
import type { Context } from '#engine/record/context.ts';
import { newCause } from '#engine/record/context.ts';
import type { Module } from '#engine/record/module.ts';
import { bareDatabase } from './bare.ts';
import { freshDatabase } from './database.ts';
import { atEndOfFile } from './end-of-file.ts';
import { fullDatabase } from './full.ts';
import { administrator } from './product.ts';

/** A whole product inside the test's own process, set up, over a database of its own. */
export interface Inside {
  product: Product;
  /** A new cause for each call, acting as the administrator. */
  ctx(): Promise<Context>;
  /** A request to the HTTP server, without a network. */
  ask(
    method: string,
    url: string,
    o?: { key?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<{ status: number; body: unknown; text: string; headers: Record<string, unknown> }>;
  /** Waits until the figures are where the log is; something must keep them. */
  figured(): Promise<void>;
  stop(): Promise<void>;
}

export const ADMIN = { name: 'Ana Admin', email: 'ana@perigon.example', password: 'perigon-1234' };

/** With `full` the company is there already, with the sample company in it; its administrator is that of `setUp` (product.ts). */
export async function insideProduct(
  o: { modules?: readonly Module[]; background?: boolean; connections?: number; full?: boolean } = {},
): Promise<Inside> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'perigon-inside-'));
  const product = await openProduct({
    // Modules of a test's own are there from the first start on.
    url: await (o.modules ? freshDatabase() : o.full ? fullDatabase() : bareDatabase()),
    dataFolder,
    modules: o.modules,
    connections: o.connections ?? 4,
  });
  if (!o.full) await product.setUp({ company: 'Test', baseCurrency: 'EUR', language: 'en', timeZone: 'Europe/Berlin', admin: ADMIN });
  const { email } = o.full ? administrator : ADMIN;
  if (o.background) await product.start();
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await product.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  };
  // The next file runs in the same process: nothing may go on behind it.
  atEndOfFile(stop);
  return {
    product,
    ctx: () => product.commandContext(email, newCause('request')),
    async ask(method, url, { key, body, headers } = {}) {
      const answer = await product.http.inject({
        method: method as 'GET',
        url,
        headers: {
          // One number for all requests, so that two answers that must not differ can be compared whole.
          'x-request-id': 'one-of-the-tests',
          ...(key ? { authorization: `Bearer ${key}` } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        payload: body === undefined ? undefined : JSON.stringify(body),
      });
      const isJson = /[/+]json/.test(String(answer.headers['content-type'] ?? ''));
      return {
        status: answer.statusCode,
        text: answer.body,
        body: isJson && answer.body ? (JSON.parse(answer.body) as unknown) : answer.body,
        headers: answer.headers,
      };
    },
    async figured() {
      for (;;) {
        const [row] = await product.db.query<{ behind: boolean }>(
          `select (select cursor from consumers where name = 'figures') < (select coalesce(max(seq), 0) from changes) as behind`,
        );
        if (!row?.behind) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    stop,
  };
}
