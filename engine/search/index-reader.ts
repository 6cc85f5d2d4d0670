import type { Model } from '#engine/declare/model.ts';
import { LogConsumer } from '#engine/record/log-consumer.ts';
import { indexNow } from '#engine/record/search-rows.ts';
import type { Db } from '#engine/store/db.ts';

const LOCK = 0x73656172;

interface Row {
  object: string;
  record_id: string;
}

/** Makes the search rows of bulk writes, from the log. */
export function searchIndexer(db: Db, model: Model, log: (message: string, error?: unknown) => void): LogConsumer<Row> {
  return new LogConsumer<Row>({
    db,
    name: 'search',
    lock: LOCK,
    columns: 'object, record_id',
    where: 'pending_search',
    batch: 2500,
    log,
    async take(tx, rows) {
      const byObject = new Map<string, Set<string>>();
      for (const row of rows) {
        const ids = byObject.get(row.object);
        if (ids) ids.add(row.record_id);
        else byObject.set(row.object, new Set([row.record_id]));
      }
      for (const [key, ids] of byObject) {
        const object = model.objects.get(key);
        if (object) await indexNow(tx, model, object, [...ids]);
      }
    },
    // Rows that come in by the thousand are wanted in the base first: meanwhile the index takes a tenth of its time.
    pause: async (took) => {
      const imports = await db.query(`select 1 as ok from jobs where state = 'running' and kind = 'import' limit 1`);
      return imports.length > 0 ? Math.min(9 * took, 4000) : 0;
    },
  });
}
