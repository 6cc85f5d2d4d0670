import { isObject, type JobState, type Named } from '../wire.ts';

/** One change as the live stream tells it: what, never to what. */
export interface LiveChange {
  seq: number;
  object: string;
  id?: string;
  op: 'created' | 'updated' | 'deleted' | 'restored' | 'left' | 'many';
  changed?: string[];
  party?: string | null;
  version?: number;
  /** Who may see this record, and what follows it, may have changed. */
  scope?: boolean;
  by?: Named | null;
  cause?: string;
}

/** Somebody at a record. */
export interface Visitor extends Named {
  state: 'viewing' | 'editing';
}

export interface LiveJob {
  id: string;
  kind: string;
  state: JobState;
  label: string | null;
  done: number;
  total: number | null;
}

/** One message of the stream, as it is handed on between tabs. */
export interface LiveMessage {
  event: string;
  id: string;
  data: unknown;
}

export function isChange(data: unknown): data is LiveChange {
  return isObject(data) && typeof data.object === 'string' && typeof data.op === 'string';
}

export function isPlace(data: unknown): data is { object: string; id: string; here: Visitor[] } {
  return isObject(data) && typeof data.object === 'string' && typeof data.id === 'string' && Array.isArray(data.here);
}

export function isJob(data: unknown): data is LiveJob {
  return isObject(data) && typeof data.id === 'string' && typeof data.state === 'string';
}
