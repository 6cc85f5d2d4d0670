import { AsyncLocalStorage } from 'node:async_hooks';

/** What is being done when a statement is sent or a line is logged. It holds no names, addresses or values of anybody. */
export interface Origin {
  readonly kind: 'request' | 'job' | 'work';
  /** Of a request its id, as the asker sees it; of a job its own; null for what the server does by itself. */
  readonly id: string | null;
  /** `GET /api/v1/{plural}/{id}` as the pattern of a route, the kind of a job, the name of a work. */
  readonly name: string;
  /** The user's id, once it is known who asks. */
  user: string | null;
  /** `traceparent` (W3C) of whoever asked, as it came. */
  readonly parent?: string;
}

const held = new AsyncLocalStorage<Origin>();

/** What the running code works at; undefined outside of all. */
export const currentOrigin = (): Origin | undefined => held.getStore();

/** Runs `work`, and all that it begins, as done for `origin`. */
export const asOf = <T>(origin: Origin, work: () => T): T => held.run(origin, work);

/** Runs what the server does by itself under a name. */
export const asWork = <T>(name: string, work: () => T): T => held.run({ kind: 'work', id: null, name, user: null }, work);

/** A statement that was sent. */
export interface SentQuery {
  /** With placeholders: values never stand in it. */
  text: string;
  pool: 'work' | 'keyed' | 'lists' | 'counts' | 'transaction';
  /** From sending to the last row; without the wait for a connection. */
  ms: number;
  /** The wait for a connection. */
  waited: number;
  /** Null where it failed. */
  rows: number | null;
}

/** Somebody who looks on: figures, the log, traces. Called on the hot path, so it must be quick and never throws. */
export interface Watcher {
  /** A request or a job begins. */
  began?(origin: Origin): void;
  /** It is over. `status` is that of the answer, or `done` and `failed` of a job. */
  ended?(origin: Origin, told: { ms: number; status: string; failed: boolean }): void;
  /** A statement was answered; the origin is the current one. */
  query?(sent: SentQuery): void;
}

/** Many watchers as one. */
export function watchAll(watchers: readonly Watcher[]): Required<Watcher> {
  return {
    began(origin) {
      for (const one of watchers) one.began?.(origin);
    },
    ended(origin, told) {
      for (const one of watchers) one.ended?.(origin, told);
    },
    query(sent) {
      for (const one of watchers) one.query?.(sent);
    },
  };
}
