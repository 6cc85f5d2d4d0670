import type { Model } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { LogConsumer, restBesideJobs } from '#engine/record/log-consumer.ts';
import type { ModelSource } from '#engine/record/model-source.ts';
import type { Db, Tx } from '#engine/store/db.ts';
import { meeting } from './meeting.ts';
import { judgesOf, KEPT } from './model.ts';
import { judge, type Pair, savePairs } from './pairs.ts';
import { type PrintRow, readPrints, writePrints } from './prints.ts';

const LOCK = 0x64757065;

interface Row {
  object: string;
  record_id: string;
}

/** Keeps prints in step with the records, from the log, and looks for the like of whatever is new or changed. */
export function duplicateFollower(db: Db, models: ModelSource, log: (message: string, error?: unknown) => void): LogConsumer<Row> {
  return new LogConsumer<Row>({
    db,
    name: 'identity',
    lock: LOCK,
    columns: 'object, record_id',
    where: async () => concerning(await models.newest()),
    batch: 1000,
    gather: 250,
    log,
    async take(tx, rows) {
      const model = models.current;
      for (const [object, ids] of byObject(model, rows)) await follow(tx, model, object, ids);
    },
    pause: (took) => restBesideJobs(db, took),
  });
}

/** Rows of the log that change what is compared. */
function concerning(model: Model): string {
  const parts = [...model.objects.values()].flatMap((object) => {
    const fields = [...Object.keys(object.duplicates?.compare ?? {}), ...(object.variants ? [object.variants.field] : [])];
    if (!object.duplicates) return [];
    return `(object = '${object.key}' and (action <> 'update' or after ?| array[${fields.map((key) => `'${key}'`).join(', ')}]))`;
  });
  return parts.length > 0 ? `(${parts.join(' or ')})` : 'false';
}

function byObject(model: Model, rows: readonly Row[]): Map<ModelObject, string[]> {
  const found = new Map<ModelObject, Set<string>>();
  for (const { object: key, record_id } of rows) {
    const object = model.objects.get(key);
    if (object) found.set(object, (found.get(object) ?? new Set<string>()).add(record_id));
  }
  return new Map([...found].map(([object, ids]) => [object, [...ids].sort()]));
}

async function follow(tx: Tx, model: Model, object: ModelObject, ids: readonly string[]): Promise<void> {
  const prints = await readPrints(tx, model, object, ids);
  await writePrints(tx, object, ids, prints);
  // Pairs nobody has decided about are judged anew.
  await tx.query(`delete from duplicates where state = 'open' and (one = any($1::uuid[]) or other = any($1::uuid[]))`, [ids]);
  await savePairs(tx, object.key, await likeThese(tx, object, prints));
}

/** Pairs of these records with any that have a print. */
async function likeThese(tx: Tx, object: ModelObject, prints: readonly PrintRow[]): Promise<Pair[]> {
  const judges = await judgesOf(tx, object);
  const pairs = new Map<string, Pair>();
  for (const { mine, theirs } of await meeting(tx, object, prints)) {
    const by = judges.get(mine.variant);
    const pair = by && judge(by, mine, theirs, KEPT);
    if (pair) pairs.set(`${pair.one}${pair.other}`, pair);
  }
  return [...pairs.values()];
}
