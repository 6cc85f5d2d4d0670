import type { Readable } from 'node:stream';

/** Where bytes lie, by key. Keys are made of hexadecimal digits, `/`, `-` and an ending: never of what a sender wrote. */
export interface FileStore {
  /** Keeps the file at `path` under the key; the same key again changes nothing. It is there for good when this returns. */
  put(key: string, path: string, about: { sha256: string; type: string }): Promise<void>;
  /** The bytes, or a part of them (`to` included); null where there is no such key. */
  get(key: string, part?: { from: number; to: number }): Promise<Readable | null>;
  remove(key: string): Promise<void>;
}

/** The key of a content. */
export const contentKey = (sha256: string): string => `${sha256.slice(0, 2)}/${sha256}`;
