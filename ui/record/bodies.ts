import type { ComponentType } from 'react';
import type { ObjectMeta } from '../wire.ts';

/** How a record of one object shows itself whole, on a page or in a peek. */
export interface RecordBody {
  Body: ComponentType<{ object: ObjectMeta; id: string }>;
  /** A hook: fetches what the body shows first, and says whether it has come. */
  useReady: (object: ObjectMeta, id: string) => boolean;
}

/** Objects with a screen of their own; modules hand it in through the app, which alone knows them all. */
const bodies = new Map<string, RecordBody>();

export function setRecordBody(object: string, body: RecordBody): void {
  bodies.set(object, body);
}

export function recordBody(object: string): RecordBody | undefined {
  return bodies.get(object);
}
