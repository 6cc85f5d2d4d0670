import { type Model, targetOf } from '#engine/declare/model.ts';
import { LogConsumer, restBesideJobs } from '#engine/record/log-consumer.ts';
import type { ModelSource } from '#engine/record/model-source.ts';
import { indexBehind } from '#engine/record/search-rows.ts';
import type { Db, Tx } from '#engine/store/db.ts';
import { followLater, followOne } from './followed.ts';
import { learnWords } from './words.ts';

const LOCK = 0x73656172;

interface Row {
  object: string;
  record_id: string;
  action: string;
  /** Written in bulk: its search row was left to the log. */
  pending: boolean;
  /** Its owner or team moved, which the rights in other search rows follow. */
  moved: boolean;
}

/**
 * What search takes from the log: the rows of bulk writes, the words of all, and the rights of records that follow one whose
 * owner or team moved.
 */
export function searchIndexer(db: Db, models: ModelSource, log: (message: string, error?: unknown) => void): LogConsumer<Row> {
  return new LogConsumer<Row>({
    db,
    name: 'search',
    lock: LOCK,
    columns: async () => `object, record_id, action, pending_search as pending, (${movedSql(await models.newest())}) as moved`,
    batch: 2500,
    gather: 100,
    log,
    async take(tx, rows) {
      const model = models.current;
      const written = new Set<string>();
      const byObject = new Map<string, Set<string>>();
      for (const row of rows) {
        if (row.action !== 'delete') written.add(row.record_id);
        if (!row.pending) continue;
        const ids = byObject.get(row.object);
        if (ids) ids.add(row.record_id);
        else byObject.set(row.object, new Set([row.record_id]));
      }
      for (const [key, ids] of byObject) {
        const object = model.objects.get(key);
        if (object) await indexBehind(tx, model, object, [...ids]);
      }
      await learnWords(tx, [...written]);
      await followLater(
        tx,
        rows.filter((row) => row.moved),
      );
      await followShares(
        tx,
        rows.filter((row) => row.object === 'share').map((row) => row.record_id),
      );
    },
    idle: () => followOne(db, models.current),
    pause: (took) => restBesideJobs(db, took),
  });
}

/**
 * What follows a record in the search follows its shares, too. Noted from the log, not by who shares: what others have yet to
 * commit by then, having looked before the share was there, is written when the log has come so far.
 */
async function followShares(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await followLater(
    tx,
    await tx.query<{ object: string; record_id: string }>(
      'select distinct s.object, s.record as record_id from shares s where s.id = any($1::uuid[])',
      [ids],
    ),
  );
}

/** Condition on a log row: a party that others are about got another owner or team, or a user another team. */
function movedSql(model: Model): string {
  const keys = new Map<string, Set<string>>([['user', new Set(['team'])]]);
  for (const object of model.objects.values()) {
    const field = object.party ? object.fields.get(object.party) : undefined;
    const far = model.objects.get((field && targetOf(field)) ?? '');
    if (!far) continue;
    keys.set(far.key, new Set([...(keys.get(far.key) ?? []), ...[far.owner, far.team, far.territory].filter((key) => key !== undefined)]));
  }
  return [...keys]
    .map(
      ([object, fields]) =>
        `(object = '${object}' and action = 'update' and after ?| array[${[...fields].map((key) => `'${key}'`).join(', ')}])`,
    )
    .join(' or ');
}
