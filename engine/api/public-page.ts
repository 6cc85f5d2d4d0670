import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { invalid } from '#kit/errors.ts';
import { escapeHtml } from '#kit/html.ts';
import { isObject } from '#kit/json.ts';
import type { Answer } from './route.ts';

/**
 * What pages for people without an account share: a frame that works without a script, and how what they post is read. Programs are
 * kept out by `engine/access/public-guard.ts`.
 */

const STYLE = `:root{color-scheme:light dark;--t:#1B1C1E;--s:#5A5C60;--c:#F7F7F5;--f:#FFFFFF;--h:#E4E4E0;--b:#85857D;--a:#0B6B6B;--o:#FFFFFF;--d:#C0322B;--e:#FDECEB;--g:#17723F}
@media(prefers-color-scheme:dark){:root{--t:#ECEDEE;--s:#A9ACB2;--c:#131416;--f:#191A1D;--h:#2C2E33;--b:#74777E;--a:#4FC4BC;--o:#06201F;--d:#F28B82;--e:#3A1C1B;--g:#5CC98D}}
*{box-sizing:border-box}body{margin:0;background:var(--c);color:var(--t);font:14px/22px Inter,system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:680px;margin:0 auto;padding:32px 24px 48px}
h1{font-size:20px;line-height:28px;font-weight:600;margin:0 0 4px}h2{font-size:14px;line-height:20px;font-weight:600;margin:24px 0 8px}
p{margin:0 0 12px}.s{color:var(--s)}.lines{white-space:pre-line}a{color:var(--a)}
ul.row{list-style:none;display:grid;grid-template-columns:repeat(auto-fill,minmax(88px,1fr));gap:8px;margin:0;padding:0}
.slot,button{display:inline-block;border:1px solid var(--b);border-radius:6px;background:var(--f);color:var(--t);font:inherit;font-variant-numeric:tabular-nums;padding:4px 12px;min-height:32px;text-align:center;text-decoration:none;cursor:pointer}
ul.row .slot{display:block;width:100%}.slot:hover,button:hover{border-color:var(--a);color:var(--a)}
button.main{background:var(--a);border-color:var(--a);color:var(--o);font-weight:500}button.main:hover{color:var(--o)}
form.field,div.field{margin:0 0 16px}label{display:block;font-weight:500;margin:0 0 4px}
input,select,textarea{width:100%;max-width:440px;border:1px solid var(--b);border-radius:6px;background:var(--f);color:var(--t);font:inherit;padding:4px 8px;min-height:32px}
.inline{display:flex;flex-wrap:wrap;gap:8px;align-items:end;margin:0 0 16px}.inline select{width:auto;max-width:100%}
:focus-visible{outline:2px solid var(--a);outline-offset:1px}[aria-invalid=true]{border-color:var(--d)}.wrong{color:var(--d);margin:4px 0 0}
.note{border-inline-start:3px solid var(--a);padding:4px 12px;margin:0 0 16px}.note.bad{border-color:var(--d);background:var(--e)}
.acts{display:flex;flex-wrap:wrap;gap:12px;align-items:center;margin:16px 0}nav{display:flex;gap:16px;margin:24px 0 0}
.away{position:absolute;inset-inline-start:-9999px}dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0 0 16px}dt{color:var(--s)}dd{margin:0}
@media(max-width:767px){body{font-size:15px}main{padding:24px 16px}input,select,textarea{font-size:16px;min-height:44px}button,.slot{min-height:44px;padding:10px 12px}}`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const STYLE_HASH = hashOf(STYLE);

export interface PublicPage {
  title: string;
  language: string;
  /** HTML, with everything in it escaped. */
  body: string;
  /** A script of ours that makes the page handier; it works without. */
  script?: string;
  status?: number;
}

/** A page for everybody who has its address; other sites may frame it, and it fetches nothing. */
export function publicPage(reply: FastifyReply, { title, language, body, script, status }: PublicPage): Answer {
  // Who may frame it is said by its own policy.
  reply.removeHeader('x-frame-options');
  const policy = `default-src 'none'; style-src ${STYLE_HASH};${script ? ` script-src ${hashOf(script)};` : ''} base-uri 'none'; form-action 'self'; frame-ancestors *`;
  const html = `<!doctype html><html lang="${escapeHtml(language)}" dir="${language.startsWith('ar') ? 'rtl' : 'ltr'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main>${body}</main>${script ? `<script>${script}</script>` : ''}</body></html>`;
  return {
    status: status ?? 200,
    text: { type: 'text/html; charset=utf-8', body: html },
    headers: {
      'content-security-policy': policy,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    },
  };
}

const MOST_BYTES = 64 * 1024;

/** What was posted, by a form of a page or as JSON, as text by name; the first of a name counts. */
export async function readPosted(type: string | undefined, body: unknown): Promise<Map<string, string>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as Readable) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BYTES) throw invalid('That is more than this form takes.', [{ path: '', code: 'tooLong', detail: 'Write less.' }]);
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString();
  const fields = new Map<string, string>();
  const keep = (name: string, value: string): void => {
    // What no text in the base can hold is not kept.
    if (!fields.has(name)) fields.set(name, value.replaceAll('\0', '').toWellFormed());
  };
  if (/^application\/json\b/i.test(type ?? '')) {
    let given: unknown;
    try {
      given = JSON.parse(text);
    } catch {
      throw invalid('This is not JSON.');
    }
    if (!isObject(given)) throw invalid('Expected an object.');
    for (const [name, value] of Object.entries(given))
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') keep(name, String(value));
    return fields;
  }
  if (!/^application\/x-www-form-urlencoded\b/i.test(type ?? '')) throw invalid('Send a form or JSON.');
  for (const [name, value] of new URLSearchParams(text)) keep(name, value);
  return fields;
}
