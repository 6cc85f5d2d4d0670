import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Queryable, Tx } from '#engine/store/db.ts';
import { fold } from '#kit/fold.ts';

/** Traces of an erased person outside records and their log: jobs, imports, answers kept for repeated requests, files that lie about. */

/** By what a text is known to be about the person: whole names, addresses, numbers. Short ones would meet others. */
export const needlesOf = (values: readonly (string | null | undefined)[]): string[] => [
  ...new Set(values.flatMap((value) => (value ? [fold(value.trim())] : [])).filter((value) => value.length >= 4)),
];

const SAYS = (text: string, needles: string) =>
  `exists (select 1 from unnest(${needles}::text[]) n where position(n in perigon_fold(${text})) > 0)`;

/** Empties what jobs, imports, causes and kept answers say of the person. `causes` wrote to records about them. */
export async function eraseTraces(
  tx: Tx,
  o: { causes: readonly string[]; ids: readonly string[]; needles: readonly string[]; imports: readonly string[]; job: string },
): Promise<void> {
  const needles = [...o.needles, ...o.ids];
  await tx.query(
    `update jobs set payload = '{}', progress = '{}', label = null, error = null, result = case when result is null then null else '{}'::jsonb end
     where state not in ('queued', 'running') and id <> $1::uuid
       and (cause = any($2::uuid[]) or ${SAYS("concat_ws(' ', label, error, payload::text, progress::text, result::text)", '$3')})`,
    [o.job, o.causes, needles],
  );
  await tx.query(
    `update causes set label = null, details = null where id = any($1::uuid[]) and (kind = 'merge' or ${SAYS("concat_ws(' ', label, details::text)", '$2')})`,
    [o.causes, needles],
  );
  await tx.query(
    `update imports set state = state || '{"problems": [], "likes": [], "errorBytes": 0}'
     where id = any($3::uuid[]) or job_id in (select id from jobs where cause = any($1::uuid[])) or ${SAYS('state::text', '$2')}`,
    [o.causes, needles, o.imports],
  );
  await tx.query(`update idempotency set response = 'null' where ${SAYS('response', '$1')}`, [needles]);
}

/** The causes that wrote to these records. */
export const causesOf = async (q: Queryable, ids: readonly string[]): Promise<string[]> =>
  (await q.query<{ cause: string }>('select distinct cause from changes where record_id = any($1::uuid[])', [ids])).map((row) => row.cause);

/**
 * Removes copies that lie in the data folder for a while and may hold the person: files sent for an import, exports to be fetched
 * (both can be made again), and error files of imports that took them in or name them. Gives the imports whose error file is gone.
 */
export async function eraseCopies(
  q: Queryable,
  dataFolder: string,
  causes: readonly string[],
  needles: readonly string[],
): Promise<string[]> {
  for (const folder of ['uploads', 'exports', 'deliveries'])
    for (const name of await namesIn(join(dataFolder, folder))) await rm(join(dataFolder, folder, name), { force: true });
  const own = await q.query<{ id: string }>('select id from imports where job_id in (select id from jobs where cause = any($1::uuid[]))', [
    causes,
  ]);
  const gone = new Set(own.map((row) => row.id));
  const folder = join(dataFolder, 'imports');
  for (const name of await namesIn(folder)) {
    const [, id] = /^([\da-f-]{36})\.errors\.csv$/.exec(name) ?? [];
    if (id === undefined || !(gone.has(id) || (await says(join(folder, name), needles)))) continue;
    gone.add(id);
    await rm(join(folder, name), { force: true });
  }
  return [...gone];
}

const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });

async function says(path: string, needles: readonly string[]): Promise<boolean> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    const folded = fold(line);
    if (needles.some((needle) => folded.includes(needle))) return true;
  }
  return false;
}
