import { pino } from 'pino';
import type { Answered } from '#engine/api/server.ts';
import { currentOrigin, type Origin, type SentQuery } from '#engine/store/origin.ts';
import type { LogSettings } from './environment.ts';
import { faultOf, sqlOf } from './log-safe.ts';

/**
 * The log of a server. It has a door for each kind of thing and takes nothing else: no headers, bodies, addresses or values ever
 * reach it, so nothing has to be found in it and crossed out (decision 0036).
 */
export interface Log {
  /** Something went wrong, or ought to be known. The words are Perigon's own. */
  fault(message: string, error?: unknown): void;
  answered(told: Answered): void;
  /** A statement that took long, with who asked for it. */
  slow(sent: SentQuery, place: string | null): void;
  /** Writes what is still on its way. */
  flush(): void;
}

type Line = Record<string, string | number | null | object>;

/** Addresses that machines ask every few seconds, and the files of the app: told only when somebody wants to know everything. */
const quiet = (route: string): boolean => !/^\/(api|mcp)\b/.test(route) || route.startsWith('/api/docs');

/** Opens the log on standard error: a JSON object a line, or words where a person looks on. */
export function openLog(settings: LogSettings, write?: (line: string) => void): Log {
  // In pieces: a write for each line costs a read by id a tenth of its time. What is a fault goes out at once.
  const destination =
    write || settings.format === 'text' ? undefined : pino.destination({ dest: 2, sync: false, minLength: 4096, periodicFlush: 100 });
  const put = write ?? ((line: string) => process.stderr.write(line));
  const stream = destination ?? { write: (line: string) => put(settings.format === 'text' ? asText(line) : line) };
  const out = pino(
    {
      level: settings.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => of(currentOrigin()),
    },
    stream,
  );
  return {
    fault(message, error) {
      const about = error === undefined ? {} : { error: faultOf(error) };
      if (error === undefined) out.warn(about, message);
      else out.error(about, message);
      destination?.flush();
    },
    answered({ origin, method, route, status, ms }) {
      const level = status >= 500 ? 'error' : quiet(route) && status < 400 ? 'debug' : 'info';
      if (!out.isLevelEnabled(level)) return;
      out[level]({ ...of(origin), method, route, status, ms: round(ms) }, 'answered');
    },
    slow({ text, pool, ms, waited, rows }, place) {
      const line: Line = { ms: round(ms), rows, pool, sql: sqlOf(text) };
      if (waited >= 1) line.waited = round(waited);
      if (place) line.at = place;
      out.warn(line, 'slow query');
    },
    flush() {
      destination?.flushSync();
    },
  };
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

/** For what a line was written. */
function of(origin: Origin | undefined): Line {
  if (!origin) return {};
  const who: Line = origin.user === null ? {} : { user: origin.user };
  if (origin.kind === 'work') return { work: origin.name };
  if (origin.kind === 'job') return { job: origin.id, kind: origin.name, ...who };
  return { request: origin.id, asked: origin.name, ...who };
}

const COLOURS: Record<string, string> = { error: '\u001b[31m', warn: '\u001b[33m', debug: '\u001b[2m' };

/** A line for people: when, what, and after it what belongs to it. */
function asText(line: string): string {
  const { time, level, msg, error, asked, method, route, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const colour = COLOURS[String(level)] ?? '';
  const about = Object.entries(rest).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const stack = isStacked(error) ? `\n${error.stack}` : '';
  const what = [msg === 'answered' ? '' : msg, route === undefined ? asked : `${String(method)} ${String(route)}`].filter(Boolean);
  return `${String(time).slice(11, 23)} ${colour}${String(level).padEnd(5)}${colour ? '\u001b[0m' : ''} ${what.join(' · ')} ${about.join(' ')}${stack}\n`;
}
const isStacked = (error: unknown): error is { stack: string } => typeof error === 'object' && error !== null && 'stack' in error;
