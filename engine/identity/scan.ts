import { type Actor, SYSTEM } from '#engine/access/actor.ts';
import type { Model } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context } from '#engine/record/context.ts';
import type { Db, Queryable } from '#engine/store/db.ts';
import { notFound } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import type { Print } from './matching.ts';
import { variantsOf } from './matching.ts';
import { isShownSql, type Judge, judgesOf, KEPT, saveJudge, thresholdOf, unlearnt } from './model.ts';
import { judge, type Pair, savePairs } from './pairs.ts';
import { comparedSql, printOf, writePrints } from './prints.ts';
import { chance, isSound, learn, Patterns, type Weights } from './weights.ts';

/** What the scan needs of the job it runs in. */
export interface ScanRun {
  job: { payload: JsonObject; progress: JsonObject };
  ctx: Context;
  save(tx: null, o: { progress?: JsonObject; done?: number; total?: number }): Promise<void>;
  cancelled(): boolean;
}

/** Puts a job into the queue. */
type Enqueue = (q: Queryable, o: { kind: string; label: string; payload: JsonObject; actor: Actor }) => Promise<string>;

/** Records with one key above which the key says nothing; the pairs of so many are 4,950. */
const CROWD = 100;
const CHUNK = 2000;
const SAMPLE = 4000;
/** Pairs from which weights are learnt, and how many of them must be true for it. */
const LEARN_FROM = 200_000;
const LEARN_LEAST = 200;

/**
 * Looks through the whole base for records that are the same: prints of those that have none, weights learnt from the pairs
 * that meet, then every pair judged. Memory does not grow with the base: prints come in chunks, pairs from a cursor. Nothing
 * here holds a transaction open that writes, so the readers of the log do not wait for it. Broken off, it begins again and
 * finds what is done.
 */
export const scanJob = async (run: ScanRun): Promise<JsonObject> => {
  const object = run.ctx.model.object(String(run.job.payload.object));
  if (!object.duplicates) throw notFound(`${object.plural} are not compared.`);
  const [row] = await run.ctx.db.query<{ n: number }>(`select count(*)::int as n from ${object.table} where deleted_at is null`);
  const total = row?.n ?? 0;
  // Half of the work is reading the records, half is comparing.
  await run.save(null, { done: 0, total: total * 2 });
  const printed = await printAll(run, object, run.job.payload.anew === true, (done) => run.save(null, { done }));
  if (!printed) return { unfinished: true };
  let compared = 0;
  let found = 0;
  let walked = 0;
  const judges = await judgesOf(run.ctx.db, object);
  for (const variant of variantsOf(object)) {
    const before = judges.get(variant);
    if (!before) continue;
    const by = await learnt(run, object, variant, before);
    const whole = await everyPair(run, object, variant, by, async (pairs, met, keys) => {
      await savePairs(run.ctx.db, object.key, pairs);
      compared += met;
      found += pairs.length;
      walked += keys;
      // How many keys there are is not known before they are walked; about as many as records.
      await run.save(null, { done: total + Math.min(total, walked) });
    });
    if (!whole) return { compared, found, unfinished: true };
  }
  await run.save(null, { done: total * 2 });
  const [open] = await run.ctx.db.query<{ n: number }>(
    `select count(*)::int as n from duplicates d where d.object = $1::text and d.state = 'open' and ${isShownSql('$2')}`,
    [object.key, await thresholdOf(run.ctx.db, object)],
  );
  return { compared, open: open?.n ?? 0 };
};

/**
 * Bases that were looked through by an older version know less: pairs from a higher likelihood on, names read otherwise. The
 * migration that brought the new way left a note; a look of its own makes all prints anew.
 */
export async function lookAgain(db: Db, model: Model, enqueue: Enqueue): Promise<void> {
  await db.transaction(async (tx) => {
    const noted = await tx.query(`delete from settings where key = 'duplicates.lookAgain' returning key`);
    if (noted.length === 0) return;
    for (const object of model.objects.values())
      if (object.duplicates)
        await enqueue(tx, { kind: 'duplicates', label: object.key, payload: { object: object.key, anew: true }, actor: SYSTEM });
  });
}

/** Makes the prints of records that have none, or of all, in the order of the ids. */
async function printAll(run: ScanRun, object: ModelObject, anew: boolean, progress: (done: number) => Promise<void>): Promise<boolean> {
  const { db, model } = run.ctx;
  const compared = comparedSql(model, object, 't');
  let after = '00000000-0000-0000-0000-000000000000';
  let done = 0;
  for (;;) {
    if (run.cancelled()) return false;
    const rows = await db.query<{ id: string; j: Record<string, unknown> | null }>(
      `select t.id, case when p.record_id is null or ${anew} then (select row_to_json(x) from (select ${compared}) x) end as j
       from (select * from ${object.table} where id > $1::uuid and deleted_at is null order by id limit ${CHUNK}) t
       left join match_prints p on p.record_id = t.id order by t.id`,
      [after],
    );
    const last = rows.at(-1);
    if (!last) return true;
    after = last.id;
    const fresh = rows.flatMap(({ id, j }) => (j ? (printOf(object, id, j) ?? []) : []));
    if (fresh.length > 0)
      await db.transaction((tx) =>
        writePrints(
          tx,
          object,
          fresh.map(({ id }) => id),
          fresh,
        ),
      );
    done += rows.length;
    await progress(done);
  }
}

/** The judge with weights learnt from this base, where it has enough to learn from. */
async function learnt(run: ScanRun, object: ModelObject, variant: string, before: Judge): Promise<Judge> {
  const { db } = run.ctx;
  const { matching } = before;
  const sample = await db.query<{ print: Print }>(
    `select print from match_prints where object = $1::text and variant = $2::text order by hashtext(record_id::text) limit ${SAMPLE}`,
    [object.key, variant],
  );
  if (sample.length < LEARN_LEAST) return before;
  const random = new Patterns();
  // Each with some that stand at a fixed distance: as good as chance, and the same every time.
  for (let step = 1; step <= 12; step++) {
    for (let i = 0; i < sample.length; i++) {
      const [a, b] = [sample[i], sample[(i + step * 331) % sample.length]];
      if (a && b && a !== b) random.add(matching.levels(a.print, b.print));
    }
  }
  const met = new Patterns();
  let pairs = 0;
  await walk(db, object, variant, async (block) => {
    eachPair(block, (a, b) => {
      met.add(matching.levels(a.print, b.print));
      pairs++;
    });
    return pairs < LEARN_FROM && !run.cancelled();
  });
  const patterns = met.all();
  const known = unlearnt(matching);
  const u = atLeast(chance(matching.questions, random.all()), known.u);
  const weights = learn(matching.questions, patterns, { ...known, u });
  if (!isSound(matching.questions, weights)) return before;
  if (weights.prior * pairs < LEARN_LEAST / 10) return before;
  await saveJudge(db, object, variant, { weights });
  return { ...before, weights };
}

/** Chance as the sample shows it; what so few pairs hardly show is taken from experience, also where nobody answered. */
const atLeast = (shown: Weights['u'], known: Weights['u']): Weights['u'] =>
  Object.fromEntries(
    Object.entries(shown).map(([id, shares]) => {
      const held = known[id] ?? shares;
      // The last level is “differ”: a question that few answer shows it too seldom.
      const answered = (shares.at(-1) ?? 0) > 0.5;
      return [id, shares.map((share, level) => (answered ? Math.max(share, held[level] ?? 0) : (held[level] ?? share)))];
    }),
  );

interface Printed {
  id: string;
  print: Print;
}

function eachPair(block: readonly Printed[], of: (a: Printed, b: Printed) => void): void {
  for (let i = 0; i < block.length; i++) {
    for (let j = i + 1; j < block.length; j++) {
      const [a, b] = [block[i], block[j]];
      if (a && b) of(a, b);
    }
  }
}

/** Judges every two records that meet under some key. `take` gets the likely pairs of a stretch, how many met, and how many keys were walked. */
async function everyPair(
  run: ScanRun,
  object: ModelObject,
  variant: string,
  by: Judge,
  take: (pairs: Pair[], met: number, keys: number) => Promise<void>,
): Promise<boolean> {
  let found: Pair[] = [];
  let met = 0;
  return walk(run.ctx.db, object, variant, async (block, ended) => {
    eachPair(block, (a, b) => {
      met++;
      const pair = judge(by, a, b, KEPT);
      if (pair) found.push(pair);
    });
    if (ended !== null) {
      // A pair that meets under several keys is one.
      const unique = new Map(found.map((pair) => [`${pair.one}${pair.other}`, pair]));
      await take([...unique.values()], met, ended);
      found = [];
      met = 0;
      return !run.cancelled();
    }
    return true;
  });
}

/**
 * Walks the keys that two to `CROWD` records share, in stretches; gives the prints of each key's records, and with the last of
 * a stretch how many keys it had. Ends early when told false. The cursor only reads, so it holds up nobody.
 */
async function walk(
  db: Db,
  object: ModelObject,
  variant: string,
  of: (block: Printed[], ended: number | null) => Promise<boolean>,
): Promise<boolean> {
  const client = await db.connect();
  try {
    await client.query(`set work_mem = '128MB'`);
    await client.query('begin read only');
    await client.query(
      `declare met no scroll cursor for
         select array_agg(record_id::text order by record_id) as ids
         from (select unnest(keys) as key, record_id from match_prints where object = $1::text and variant = $2::text) k
         group by key having count(*) between 2 and ${CROWD}`,
      [object.key, variant],
    );
    // The same records often share several keys: once is enough.
    for (;;) {
      const { rows } = await client.query<{ ids: string[] }>('fetch 2000 from met');
      if (rows.length === 0) return true;
      const blocks = [...new Map(rows.map(({ ids }) => [ids.join(), ids])).values()];
      const prints = new Map(
        (
          await client.query<{ id: string; print: Print }>(
            'select record_id::text as id, print from match_prints where record_id = any($1::uuid[])',
            [[...new Set(blocks.flat())]],
          )
        ).rows.map((row) => [row.id, row]),
      );
      for (let i = 0; i < blocks.length; i++) {
        const block = (blocks[i] ?? []).flatMap((id) => prints.get(id) ?? []);
        if (!(await of(block, i === blocks.length - 1 ? rows.length : null))) return false;
      }
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}
