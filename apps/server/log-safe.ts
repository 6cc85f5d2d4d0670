import { sqlState } from '#engine/store/db.ts';

/** What of an error and a statement may be written down. Pure: text in, text out. */

/** An error as it is logged. */
export interface Fault {
  type: string;
  code?: string;
  message: string;
  /** Tables, columns and constraints that PostgreSQL names; never the values. */
  about?: string;
  stack?: string;
}

/**
 * What of an error may be logged. PostgreSQL puts values into `detail`, `where` and, when data cannot be read (class 22) or a function
 * refuses them (P0), into the message: those are left out. What other libraries say is freed of addresses' passwords and queries,
 * tokens and keys.
 */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { type: typeof error, message: safe(String(error)) };
  const code = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? String(error.code) : undefined;
  const fault: Fault = { type: error.name, message: '' };
  if (code) fault.code = code;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const state = sqlState(error);
  if (state !== null) {
    fault.message = /^(22|P0)/.test(state) ? unquoted(error.message) : error.message;
    const named: Record<string, unknown> = { ...error };
    const about = ['table', 'column', 'constraint', 'routine']
      .flatMap((key) => (typeof named[key] === 'string' ? [named[key]] : []))
      .join(' ');
    if (about) fault.about = about;
  } else fault.message = error.message;
  fault.message = safe(fault.message);
  fault.stack = [`${fault.type}: ${fault.message}`, ...frames].join('\n');
  return fault;
}

const unquoted = (text: string): string => text.replace(/["'“„«][^"'”“»]*["'”“»]/g, '…').replace(/:\s.*$/s, ': …');

/** Text without what looks like a secret. */
export const safe = (text: string): string =>
  text
    .replace(/(\w+:\/\/)[^\s/@]*@/g, '$1…@')
    .replace(/(\w+:\/\/[^\s?#]*)[?#][^\s"')]*/g, '$1?…')
    .replace(/\b(Bearer|Basic)\s+[\w+/=.~-]+/gi, '$1 …')
    .replace(/\b(password|secret|token|authorization|cookie|api[-_]?key)(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&}]+)/gi, '$1$2…')
    // Tokens and keys of ours are 32 random bytes; nothing that is worth reading has so many letters without a break.
    .replace(/[\w-]{40,}/g, '…');

const LONGEST_SQL = 2000;

/** A statement on one line, without the texts that stand in it: what a user typed never does, but who writes the next one may slip. */
export function sqlOf(text: string): string {
  const one = text
    .replace(/'(?:[^']|'')*'/g, "'…'")
    .replace(/\s+/g, ' ')
    .trim();
  return one.length > LONGEST_SQL ? `${one.slice(0, LONGEST_SQL)} …` : one;
}

/** Where in the code a statement was asked for: the first frame outside the database's own files. */
export function placeOf(stack: string): string | null {
  for (const line of stack.split('\n').slice(1)) {
    if (
      !/\s+at /.test(line) ||
      /node:internal|node_modules|engine\/store\/(db|origin)\.ts|apps\/server\/(log|log-safe|slow-queries)\.ts/.test(line)
    )
      continue;
    const found = /at (?:async )?(?:(.+?) \()?(?:file:\/\/)?(.*?):(\d+):\d+\)?$/.exec(line.trim());
    if (!found) continue;
    const file = (found[2] ?? '').replace(/^.*\/(?=(?:engine|modules|apps|kit|tests|dist)\/)/, '');
    return `${found[1] ? `${found[1]} ` : ''}${file}:${found[3]}`;
  }
  return null;
}
