import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartRefusal } from '#engine/store/start-refusal.ts';

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export interface LogSettings {
  level: (typeof LEVELS)[number];
  /** `json`: an object a line, for programs; `text`: words, for people. */
  format: 'json' | 'text';
}

/** What Perigon is told from outside, checked and with its defaults. */
export interface Environment {
  port: number;
  /** Whether `PORT` was given: a worker listens only then. */
  portGiven: boolean;
  host: string;
  dataFolder: string;
  /** Null: Perigon brings its own PostgreSQL. */
  databaseUrl: string | null;
  /** For how long a server that stops still takes requests while `/readyz` says no, so that a balancer sends it none. */
  drainSeconds: number;
  /** Folders that hold modules beside Perigon's own. */
  moduleFolders: readonly string[];
  log: LogSettings;
  /** Statements that take at least so many milliseconds are logged; null: none. */
  slowQueryMs: number | null;
}

/** The folder that holds Perigon's package.json, whether it runs from sources or from `dist`. */
export function packageRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!fs.existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
}

/** Perigon's version, as in package.json. */
export function perigonVersion(): string {
  const { version } = JSON.parse(fs.readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** Level and form of the log: `PERIGON_LOG` and `PERIGON_LOG_FORMAT`; without a word from `info` on, and in words only on a terminal. */
export function readLogSettings(from: NodeJS.ProcessEnv = process.env): LogSettings {
  const level = from['PERIGON_LOG']?.trim() || 'info';
  const known = LEVELS.find((one) => one === level);
  if (!known) throw new StartRefusal(`PERIGON_LOG is "${level}", and a level is one of ${LEVELS.join(', ')}.`);
  const format = from['PERIGON_LOG_FORMAT']?.trim() || (process.stderr.isTTY ? 'text' : 'json');
  if (format !== 'json' && format !== 'text') throw new StartRefusal(`PERIGON_LOG_FORMAT is "${format}", and a form is json or text.`);
  return { level: known, format };
}

function readSlowQueryMs(typed: string): number | null {
  if (typed === 'off') return null;
  const ms = typed === '' ? 200 : Number(typed);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new StartRefusal(`PERIGON_SLOW_QUERY_MS is "${typed}", and it is a number of milliseconds, or off. Without it it is 200.`);
}

/** Reads the environment; a value that cannot be is refused in one line. */
export function readEnvironment(from: NodeJS.ProcessEnv = process.env): Environment {
  const typed = from['PORT']?.trim() ?? '';
  const port = typed === '' ? 3360 : Number(typed);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new StartRefusal(
      `PORT is "${typed}", and a port is a whole number from 1 to 65535. Set it so, or leave it out (then it is 3360).`,
    );
  }
  const drain = from['PERIGON_DRAIN_SECONDS']?.trim() ?? '';
  const drainSeconds = drain === '' ? 0 : Number(drain);
  if (!(drainSeconds >= 0 && drainSeconds <= 600)) {
    throw new StartRefusal(`PERIGON_DRAIN_SECONDS is "${drain}", and it is a number of seconds from 0 to 600.`);
  }
  const data = from['PERIGON_DATA']?.trim() ?? '';
  return {
    port,
    portGiven: typed !== '',
    host: from['HOST']?.trim() || '127.0.0.1',
    // Without a word it is the folder of the installation, wherever the command was typed: else a command would make a second, empty base.
    dataFolder: data === '' ? path.join(packageRoot(), 'data') : path.resolve(data),
    databaseUrl: from['DATABASE_URL']?.trim() || null,
    drainSeconds,
    moduleFolders: (from['PERIGON_MODULES'] ?? '')
      .split(path.delimiter)
      .map((folder) => folder.trim())
      .filter(Boolean)
      .map((folder) => path.resolve(folder)),
    log: readLogSettings(from),
    slowQueryMs: readSlowQueryMs(from['PERIGON_SLOW_QUERY_MS']?.trim() ?? ''),
  };
}
