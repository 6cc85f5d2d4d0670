import { join } from 'node:path';
import type { FileStore } from './file-store.ts';
import { localStore } from './local-store.ts';
import { s3Store } from './s3-store.ts';

/** The store that `PERIGON_FILES` names: `s3://bucket/prefix?endpoint=…&region=…`, or a folder below the data folder. */
export function openFileStore(dataFolder: string, env: NodeJS.ProcessEnv = process.env): FileStore {
  const where = env.PERIGON_FILES?.trim() ?? '';
  if (where === '') return localStore(join(dataFolder, 'files'));
  if (where.startsWith('s3://')) return s3Store(where, env);
  throw new Error(`PERIGON_FILES is “${where}”; it is s3://bucket?endpoint=…&region=…, or left out for a folder below PERIGON_DATA.`);
}
