import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Vault } from '#engine/access/vault.ts';
import type { Queryable } from '#engine/store/db.ts';
import { invalid, limited } from '#kit/errors.ts';
import { isObject } from '#kit/json.ts';
import type { Answer } from './route.ts';

/**
 * What pages for people without an account share: a frame that works without a script, forms that programs find hard to fill in, and
 * a measure of how often one may ask.
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

/** Text as it stands in HTML, also within an attribute. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[sign] ?? sign);

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

/** A field that people do not see: who fills it in is a program. */
export const HONEYPOT = 'website';
export const honeypotHtml = `<div class="away" aria-hidden="true"><label for="f-${HONEYPOT}">Website</label><input id="f-${HONEYPOT}" name="${HONEYPOT}" tabindex="-1" autocomplete="off"></div>`;

/** Quicker than this nobody fills in a form; and after so long it is loaded anew. */
const QUICKEST_MS = 1_000;
const LONGEST_MS = 6 * 3_600_000;

/** A token that says when a form was handed out, sealed for what it is about. */
export function formToken(vault: Vault, about: string, now: number): string {
  const at = Buffer.alloc(8);
  at.writeBigInt64BE(BigInt(now));
  return vault.seal(at, `form ${about}`).toString('base64url');
}

/** How a form stands that came back: `stale` where it was handed out long ago, for something else or by nobody, `program` where a program filled it in. */
export function judgeForm(vault: Vault, about: string, form: ReadonlyMap<string, string>, now: number): 'good' | 'stale' | 'program' {
  if ((form.get(HONEYPOT) ?? '') !== '') return 'program';
  const token = form.get('token') ?? '';
  const at = /^[\w-]{40,80}$/.test(token) ? vault.open(Buffer.from(token, 'base64url'), `form ${about}`) : null;
  if (at?.length !== 8) return 'stale';
  const age = now - Number(at.readBigInt64BE());
  if (age < QUICKEST_MS) return 'program';
  return age > LONGEST_MS ? 'stale' : 'good';
}

const MOST_BYTES = 32 * 1024;

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
    for (const [name, value] of Object.entries(given)) if (typeof value === 'string') keep(name, value);
    return fields;
  }
  if (!/^application\/x-www-form-urlencoded\b/i.test(type ?? '')) throw invalid('Send a form or JSON.');
  for (const [name, value] of new URLSearchParams(text)) keep(name, value);
  return fields;
}

/** Refuses calls above so many a minute at a door, and says when to come back. What a door is called tells nobody who came. */
export async function pacePublic(q: Queryable, door: string, most: number): Promise<void> {
  const [row] = await q.query<{ n: number; left: number }>(
    `with old as (delete from public_calls where minute < now() - interval '10 minutes')
     insert into public_calls (door, minute, n) values ($1::bytea, date_trunc('minute', now()), 1)
     on conflict (door, minute) do update set n = public_calls.n + 1 returning n, ceil(60 - extract(second from now()))::int as left`,
    [createHash('sha256').update(door).digest()],
  );
  if ((row?.n ?? 0) > most) throw limited('More calls than this address takes in a minute.', row?.left ?? 60);
}
