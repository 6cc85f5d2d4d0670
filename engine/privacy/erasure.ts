import { createHmac, randomBytes } from 'node:crypto';
import type { ModelObject } from '#engine/declare/object.ts';
import { erasedFields } from '#engine/declare/personal.ts';
import type { FileStore } from '#engine/files/file-store.ts';
import { removeLoose } from '#engine/files/files.ts';
import { enqueueJob, type JobHandler } from '#engine/jobs/jobs.ts';
import { type Belongings, belongingsOf } from '#engine/record/belongings.ts';
import { type Context, newCause } from '#engine/record/context.ts';
import { eraseRecords, type LooseFile } from '#engine/record/erase.ts';
import { purge } from '#engine/record/purge.ts';
import { readOne } from '#engine/record/read.ts';
import { forgetWords } from '#engine/search/words.ts';
import { LIVE_CHANNEL } from '#engine/store/channel.ts';
import type { Queryable, Tx } from '#engine/store/db.ts';
import { conflict, invalid } from '#kit/errors.ts';
import { fold } from '#kit/fold.ts';
import type { JsonObject } from '#kit/json.ts';
import { keepAct, mayHandlePersonalData, type Reason } from './acts.ts';
import { causesOf, eraseCopies, eraseTraces, needlesOf } from './traces.ts';

/**
 * Takes a person out of the base for good (GDPR, article 17): what was only about them goes whole, what sums and the keeping of
 * books stand on stays under a pseudonym without a word of theirs. It cannot be undone: no image of what was there is left.
 */

const CHUNK = 500;

export interface ErasurePreview {
  party: string;
  /** As it must be typed to confirm. */
  name: string;
  pseudonym: string;
  /** What goes whole, and what stays: emptied of the fields named, or as it is, since books are kept by law. */
  removed: { object: string; count: number }[];
  emptied: { object: string; count: number; fields: string[] }[];
  kept: { object: string; count: number }[];
  files: number;
  /** Records that were merged into it. */
  merged: number;
}

interface Plan {
  held: Belongings;
  name: string;
  removed: [ModelObject, readonly string[]][];
  emptied: [ModelObject, readonly string[]][];
}

async function planOf(ctx: Context, party: string): Promise<Plan> {
  mayHandlePersonalData(ctx);
  await readOne(ctx, ctx.model.object('party'), party, ['id']);
  const [row] = await ctx.db.query<{ kind: string; name: string; held: boolean | null }>(
    'select kind, name, legal_hold as held from parties where id = $1::uuid',
    [party],
  );
  if (row?.kind !== 'person')
    throw invalid('Only a person is erased; an organisation is deleted.', [{ path: 'party', code: 'variant', detail: 'Choose a person.' }]);
  if (row.held) throw conflict('A legal hold keeps this person. Take it off first, if nothing speaks against it any more.');
  const held = await belongingsOf(ctx.db, ctx.model, party);
  const others = [...held.records].filter(([object]) => object.key !== 'party');
  const goes = ([object]: [ModelObject, readonly string[]]) => object.personal === true || object.about !== undefined;
  return { held, name: row.name, removed: others.filter(goes), emptied: others.filter((one) => !goes(one)) };
}

/** What an erasure would do. */
export async function previewErasure(ctx: Context, party: string): Promise<ErasurePreview> {
  const { held, name, removed, emptied } = await planOf(ctx, party);
  const ids = [...held.records.values()].flat();
  const [files] = await ctx.db.query<{ n: number }>(
    'select count(distinct file_id)::int as n from file_uses where record_id = any($1::uuid[])',
    [ids],
  );
  const counted = ([object, list]: [ModelObject, readonly string[]]) => ({ object: object.key, count: list.length });
  const fieldsOf = (object: ModelObject) => erasedFields(object).map(({ key }) => key);
  return {
    party,
    name,
    pseudonym: pseudonymOf(ctx, party),
    removed: removed.map(counted),
    emptied: emptied.filter(([object]) => hasText(object)).map((one) => ({ ...counted(one), fields: fieldsOf(one[0]) })),
    kept: emptied.filter(([object]) => !hasText(object)).map(counted),
    files: files?.n ?? 0,
    merged: held.ids.length - 1,
  };
}

/** Whether such a record holds words at all that somebody wrote. */
const hasText = (object: ModelObject): boolean => erasedFields(object).length > 0;

const pseudonymOf = (ctx: Context, party: string) => `Erased person ${ctx.env.now.getUTCFullYear()}-${party.slice(-6)}`;

/** Puts the erasure into the queue; gives its job. The name must be typed as it stands, so that no slip erases somebody. */
export async function startErasure(ctx: Context, o: { party: string; name: string; reason: Reason }): Promise<string> {
  const { name } = await planOf(ctx, o.party);
  if (o.name.trim() !== name.trim())
    throw invalid('The name is not the one of this person.', [
      { path: 'name', code: 'same', detail: 'Type the name exactly as it stands.' },
    ]);
  const [same] = await ctx.db.query(
    `select 1 as ok from jobs where kind = 'erasure' and state in ('queued', 'running') and payload->>'party' = $1::text limit 1`,
    [o.party],
  );
  if (same) throw conflict('This person is being erased already.');
  return enqueueJob(ctx.db, {
    kind: 'erasure',
    payload: { party: o.party, reason: o.reason, causeKind: 'erasure' },
    actor: ctx.actor,
    causeId: newCause('erasure').id,
  });
}

/** The job. Broken off it goes on with what is left: the person's own record, by which the rest is found, goes last. */
export const erasureJob =
  (files: FileStore): JobHandler =>
  async ({ job, ctx, dataFolder, save, cancelled }) => {
    const party = String(job.payload.party);
    const after = async (loose: readonly LooseFile[], result: JsonObject) => {
      const gone = await removeLoose(ctx.db, { store: files }, loose);
      await forgetWords(ctx.db);
      return { ...result, files: gone };
    };
    const before = job.progress as { causes?: string[]; loose?: LooseFile[]; result?: JsonObject };
    // The person's own record is done with, and only what follows was broken off.
    if (before.result) return after(before.loose ?? [], before.result);
    const { held, name, removed, emptied } = await planOf(ctx, party);
    const all = [...held.records.values()].flat();
    const known = await knownAs(ctx.db, held.ids);
    const needles = needlesOf([name, ...known.names, ...known.marks.map(({ value }) => value)]);
    // Before their log goes; those of an attempt that was broken off are remembered.
    const causes = [...new Set([...(before.causes ?? []), ...(await causesOf(ctx.db, all))])];
    const loose = [...(before.loose ?? []), ...(await filesOf(ctx.db, all))];
    await save(null, { progress: { causes, loose } as unknown as JsonObject, total: all.length });
    let done = 0;
    const step = async (ids: readonly string[], work: (tx: Tx, chunk: string[]) => Promise<void>): Promise<boolean> => {
      for (let at = 0; at < ids.length; at += CHUNK) {
        if (cancelled()) return false;
        const chunk = ids.slice(at, at + CHUNK);
        await ctx.db.transaction(async (tx) => {
          await work(tx, chunk);
          await save(tx, { done: done + chunk.length });
          tx.afterCommit(ctx.wrote);
        });
        done += chunk.length;
      }
      return true;
    };
    for (const [object, ids] of removed) if (!(await step(ids, (tx, chunk) => purge(tx, ctx, object, chunk)))) return { unfinished: true };
    for (const [object, ids] of emptied)
      if (!(await step(ids, async (tx, chunk) => void (await eraseRecords(tx, ctx, object, chunk))))) return { unfinished: true };
    const imports = await eraseCopies(ctx.db, dataFolder, causes, needles);
    const result = { removed: countsOf(removed), emptied: countsOf(emptied) };
    await ctx.db.transaction(async (tx) => {
      const object = ctx.model.object('party');
      await eraseRecords(tx, ctx, object, held.ids, () => pseudonymOf(ctx, party));
      await eraseTraces(tx, { causes, ids: held.ids, needles, imports, job: job.id });
      await tx.query(`update personal_acts set details = '{}' where party_id = any($1::uuid[])`, [held.ids]);
      const act = await keepAct(tx, {
        kind: 'erasure',
        party,
        actor: ctx.actor,
        reason: String(job.payload.reason) as Reason,
        job: job.id,
        details: result,
      });
      await tx.query('update personal_acts set known_by = $2::text[] where id = $1::uuid', [act, await digests(tx, known.marks)]);
      await save(tx, { done: all.length, progress: { loose, result } as unknown as JsonObject });
      // What was taken away stands in no log: open pages fetch anew.
      await tx.query('select pg_notify($1::text, $2::text)', [LIVE_CHANNEL, JSON.stringify({ reset: true })]);
      tx.afterCommit(ctx.wrote);
    });
    return after(loose, result);
  };

const countsOf = (list: readonly [ModelObject, readonly string[]][]) =>
  Object.fromEntries(list.filter(([, ids]) => ids.length > 0).map(([object, ids]) => [object.key, ids.length]));

const filesOf = (q: Queryable, ids: readonly string[]) =>
  q.query<LooseFile>(
    'select distinct f.id, f.sha256 from file_uses u join files f on f.id = u.file_id where u.record_id = any($1::uuid[])',
    [ids],
  );

interface Mark {
  kind: string;
  value: string;
}

/** By what the person would be known again, and what they are called. */
async function knownAs(q: Queryable, ids: readonly string[]): Promise<{ names: string[]; marks: Mark[] }> {
  const names = await q.query<{ name: string }>('select name from parties where id = any($1::uuid[])', [ids]);
  const marks = await q.query<Mark>(
    `select kind, value from identifiers where record_id = any($1::uuid[])
     union select 'external ' || system, value from external_ids where record_id = any($1::uuid[])`,
    [ids],
  );
  return { names: names.map((row) => row.name), marks };
}

/** Digests under a key of this base: an address or number cannot be guessed from them without it. */
const digests = async (q: Queryable, marks: readonly Mark[]): Promise<string[]> => digestsUnder(await digestKey(q), marks);

async function digestKey(q: Queryable): Promise<Buffer> {
  const [held] = await q.query<{ value: string }>(
    `with made as (insert into settings (key, value) values ('personalData.key', to_jsonb($1::text)) on conflict (key) do nothing returning value)
     select value from made union all select value from settings where key = 'personalData.key' limit 1`,
    [randomBytes(32).toString('base64')],
  );
  return Buffer.from(held?.value ?? '', 'base64');
}

function digestsUnder(key: Buffer, marks: readonly Mark[]): string[] {
  return [
    ...new Set(
      marks.map(({ kind, value }) =>
        createHmac('sha256', key)
          .update(`${kind} ${fold(value)}`)
          .digest('base64'),
      ),
    ),
  ];
}

/** When somebody known by one of these was erased: whoever takes them in anew is warned. Null where nobody was. */
export async function erasedBefore(ctx: Context, marks: readonly Mark[]): Promise<string | null> {
  mayHandlePersonalData(ctx);
  const [row] = await ctx.db.query<{ at: string }>(
    `select to_char(max(at) at time zone 'UTC', 'YYYY-MM-DD') as at from personal_acts where kind = 'erasure' and known_by && $1::text[] having max(at) is not null`,
    [await digests(ctx.db, marks)],
  );
  return row?.at ?? null;
}

/** The same for many at once, while they are taken in: whether somebody known by one of the marks of each was erased. */
export async function erasedAmong(ctx: Context, list: readonly (readonly Mark[])[]): Promise<boolean[]> {
  const [any] = await ctx.db.query(`select 1 as one from personal_acts where kind = 'erasure' and known_by is not null limit 1`);
  if (!any) return list.map(() => false);
  const key = await digestKey(ctx.db);
  const each = list.map((marks) => digestsUnder(key, marks));
  const rows = await ctx.db.query<{ mark: string }>(
    `select distinct k as mark from personal_acts a, unnest(a.known_by) k where a.kind = 'erasure' and a.known_by && $1::text[] and k = any($1::text[])`,
    [each.flat()],
  );
  const found = new Set(rows.map(({ mark }) => mark));
  return each.map((marks) => marks.some((mark) => found.has(mark)));
}
