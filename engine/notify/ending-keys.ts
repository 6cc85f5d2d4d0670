import { takeEndingKeys } from '#engine/access/sign-in.ts';
import type { Db } from '#engine/store/db.ts';
import { addNotices } from './notices.ts';

/** Tells the makers of keys that end within a week, each key once. Gives whom there is something new for. */
export const tellEndingKeys = (db: Db): Promise<string[]> =>
  db.transaction(async (tx) =>
    addNotices(
      tx,
      (await takeEndingKeys(tx)).map(({ user, name }) => ({
        user,
        kind: 'key',
        object: null,
        record: null,
        count: 1,
        actor: null,
        cause: null,
        job: null,
        text: name,
      })),
    ),
  );
