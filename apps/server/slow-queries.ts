import type { Watcher } from '#engine/store/origin.ts';
import type { Log } from './log.ts';
import { placeOf } from './log-safe.ts';

/** Logs statements that take at least so many milliseconds, with what asked for them. The stack is only looked at then. */
export function slowQueries(log: Log, fromMs: number): Watcher {
  return {
    query(sent) {
      if (sent.ms < fromMs) return;
      const held: { stack?: string } = {};
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 25;
      Error.captureStackTrace(held);
      Error.stackTraceLimit = limit;
      log.slow(sent, placeOf(held.stack ?? ''));
    },
  };
}
