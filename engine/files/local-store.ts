import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileStore } from './file-store.ts';

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** A folder. A file appears there whole or not at all, and is on the disk when `put` returns. */
export function localStore(folder: string): FileStore {
  return {
    async put(key, path) {
      const to = join(folder, key);
      if (await isThere(to)) return;
      await mkdir(dirname(to), { recursive: true });
      // A temporary name beside it, then linked: a crash between leaves nothing under the key.
      const near = `${to}.${process.pid}-${Math.random().toString(36).slice(2)}`;
      await copyFile(path, near);
      await synced(near);
      try {
        await link(near, to);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      } finally {
        await rm(near, { force: true });
      }
      await synced(dirname(to));
    },
    async get(key, part) {
      const path = join(folder, key);
      if (!(await isThere(path))) return null;
      return createReadStream(path, part ? { start: part.from, end: part.to } : {});
    },
    async remove(key) {
      await rm(join(folder, key), { force: true });
    },
  };
}

async function synced(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some systems do not let a folder be synchronised.
    if (!['EINVAL', 'EPERM', 'EISDIR', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await handle.close();
  }
}
