import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Api } from '../harness/product.ts';

/** An import as the API tells of it. */
export interface ImportAnswer {
  id: string;
  state: string;
  done: number;
  total: number;
  created: number;
  updated: number;
  skipped: number;
  failed: number;
  cause: string;
  errors: string | null;
  problems: { row: number; column: string | null; detail: string }[];
}

/** Sends a file and follows its import to the end. */
export async function importFile(
  api: Api,
  file: string | { name: string; text: string },
  parts: Record<string, string>,
): Promise<ImportAnswer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) form.append(name, value);
  const content = typeof file === 'string' ? new Blob([fs.readFileSync(file)]) : new Blob([file.text]);
  form.append('file', content, typeof file === 'string' ? path.basename(file) : file.name);
  const begun = await api.post<{ id: string }>('/api/v1/imports', form);
  expect(begun.status, begun.text).toBe(202);
  return importEnd(api, begun.body.id);
}

/** Waits for an import to be over. */
export async function importEnd(api: Api, id: string): Promise<ImportAnswer> {
  const until = Date.now() + 100_000;
  for (;;) {
    const { body, text } = await api.get<ImportAnswer>(`/api/v1/imports/${id}`);
    if (!['queued', 'running'].includes(body.state)) return body;
    if (Date.now() > until) throw new Error(`The import stays at ${text}`);
    await sleep(50);
  }
}

/** Undoes a cause, waiting for the job that a large one is. */
export async function undo(api: Api, cause: string): Promise<Record<string, unknown>> {
  const begun = await api.post<{ id: string; result: Record<string, unknown> }>(`/api/v1/causes/${cause}/undo`);
  if (begun.status === 200) return begun.body.result;
  expect(begun.status, begun.text).toBe(202);
  const until = Date.now() + 100_000;
  for (;;) {
    const { body, text } = await api.get<{ state: string; result: Record<string, unknown> }>(`/api/v1/jobs/${begun.body.id}`);
    if (!['queued', 'running'].includes(body.state)) {
      expect(body.state, text).toBe('done');
      return body.result;
    }
    if (Date.now() > until) throw new Error(`The undo stays at ${text}`);
    await sleep(50);
  }
}

/** Groups and measures, as the product answers them. */
export async function aggregate(api: Api, plural: string, question: unknown): Promise<Record<string, unknown>[]> {
  const answer = await api.post<{ rows: Record<string, unknown>[] }>(`/api/v1/${plural}/aggregate`, question);
  expect(answer.status, answer.text).toBe(200);
  return answer.body.rows;
}

/** How many records meet a condition. */
export async function count(api: Api, plural: string, where?: unknown): Promise<number> {
  const rows = await aggregate(api, plural, { where, measures: { n: { op: 'count' } } });
  return Number(rows[0]?.n);
}
