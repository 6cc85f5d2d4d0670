import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { mayReadField } from '#engine/access/policy.ts';
import { instantText } from '#engine/declare/field.ts';
import { targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { ZipStream } from '#engine/export/zip.ts';
import { contentKey, type FileStore } from '#engine/files/file-store.ts';
import { enqueueJob, type JobHandler, jobStatus } from '#engine/jobs/jobs.ts';
import { belongingsOf } from '#engine/record/belongings.ts';
import type { Context, Values } from '#engine/record/context.ts';
import { OUT_STATE } from '#engine/record/outbox.ts';
import { readOne } from '#engine/record/read.ts';
import { loadStored } from '#engine/record/rows.ts';
import { titleSql } from '#engine/store/projection.ts';
import { invalid, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { isObject, type JsonObject } from '#kit/json.ts';
import { keepAct, mayHandlePersonalData, type Reason } from './acts.ts';
import { summaryPage } from './summary.ts';

/**
 * Everything the base holds about a person in one ZIP (GDPR, articles 15 and 20): records, what tells them apart, their history
 * with who and when, what was sent to others about them, and the files themselves. Machines read the JSON, people `summary.html`.
 */

/** Records read in one statement. */
const CHUNK = 500;
/** What a ZIP without the extension for large ones can hold, with room for the rest. */
const MOST_FILE_BYTES = 3_900_000_000;

/** Puts the export into the queue and into the register; gives its job. */
export async function startPersonExport(ctx: Context, party: string, reason: Reason): Promise<string> {
  mayHandlePersonalData(ctx);
  await readOne(ctx, ctx.model.object('party'), party, ['id']);
  return ctx.db.transaction(async (tx) => {
    const job = await enqueueJob(tx, { kind: 'personExport', payload: { party }, actor: ctx.actor });
    await keepAct(tx, { kind: 'export', party, actor: ctx.actor, reason, job, details: {} });
    return job;
  });
}

const pathOf = (dataFolder: string, job: string) => join(dataFolder, 'exports', `${job}.zip`);

/** The file of a finished export, for who asked for it and other administrators. */
export async function personExportFile(ctx: Context, dataFolder: string, id: string): Promise<{ name: string; body: Readable }> {
  mayHandlePersonalData(ctx);
  const job = await jobStatus(ctx, id);
  const path = pathOf(dataFolder, job.id);
  if (job.kind !== 'personExport' || job.state !== 'done' || !isId(id) || !(await stat(path).catch(() => null)))
    throw notFound('The file is not there. Export again.');
  return { name: String(job.result?.name ?? 'personal-data.zip'), body: createReadStream(path) };
}

/** The job. Broken off it begins anew: half a file is worth nothing. */
export const personExportJob =
  (files: FileStore): JobHandler =>
  async ({ job, ctx, dataFolder, save, cancelled }) => {
    mayHandlePersonalData(ctx);
    await mkdir(join(dataFolder, 'exports'), { recursive: true });
    const path = pathOf(dataFolder, job.id);
    const told: Told = { records: {}, files: 0, missing: [] };
    const source = portrait(ctx, files, String(job.payload.party), told, async (done) => {
      if (cancelled()) throw new Stopped();
      await save(null, { done });
    });
    try {
      await pipeline(Readable.from(source, { objectMode: false }), createWriteStream(`${path}.draft`, { mode: 0o600 }));
    } catch (error) {
      if (error instanceof Stopped) return { unfinished: true };
      throw error;
    }
    await rename(`${path}.draft`, path);
    const { size } = await stat(path);
    const result = {
      name: `personal-data-${ctx.env.now.toISOString().slice(0, 10)}.zip`,
      file: `/api/v1/personal-data/exports/${job.id}/file`,
      size,
      records: told.records,
      files: told.files,
      missing: told.missing,
    };
    await ctx.db.query(`update personal_acts set details = $2::jsonb where job_id = $1::uuid and kind = 'export'`, [
      job.id,
      JSON.stringify({ records: told.records, files: told.files }),
    ]);
    return result;
  };

class Stopped extends Error {}

interface Told {
  records: Record<string, number>;
  files: number;
  /** Files whose content is not in the store. */
  missing: string[];
}

interface FileRow {
  id: string;
  name: string;
  type: string;
  bytes: number;
  sha256: string;
  object: string;
  record: string;
  field: string;
}

async function* portrait(
  ctx: Context,
  store: FileStore,
  party: string,
  told: Told,
  step: (done: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const held = await belongingsOf(ctx.db, ctx.model, party);
  const zip = new ZipStream();
  const names = new Names();
  const withheld: string[] = [];
  const samples: { object: string; rows: Values[] }[] = [];
  let done = 0;
  const reached: [ModelObject, readonly string[]][] = [];
  for (const [object, ids] of held.records) {
    // What the administrator may not see themselves they cannot hand out; it is named instead.
    if (ctx.actor.rights.scope(object.key, 'read') !== 'all') {
      withheld.push(object.key);
      continue;
    }
    reached.push([object, ids]);
    withheld.push(
      ...object.declared.filter((field) => !mayReadField(ctx.actor, object, field)).map((field) => `${object.key}.${field.key}`),
    );
    const shown: Values[] = [];
    const rows = async function* () {
      yield '[';
      for (let at = 0; at < ids.length; at += CHUNK) {
        const loaded = await ctx.db.transaction((tx) => loadStored(tx, ctx, object, ids.slice(at, at + CHUNK), { deleted: true }));
        const records = [...loaded.values()].map((values) => readable(ctx, object, values));
        for (const values of records) names.see(object, values);
        shown.push(...records.slice(0, Math.max(0, 200 - shown.length)));
        yield records.map((values, i) => `${at + i > 0 ? ',\n' : '\n'}${JSON.stringify(values)}`).join('');
        done += records.length;
        await step(done);
      }
      yield '\n]\n';
    };
    yield* zip.entry(`records/${object.plural}.json`, rows());
    told.records[object.key] = ids.length;
    samples.push({ object: object.key, rows: shown });
  }
  const ids = reached.flatMap(([, list]) => list);
  yield* zip.entry('history.json', history(ctx, reached));
  const files = await filesOf(ctx, reached);
  if (files.reduce((sum, file) => sum + file.bytes, 0) > MOST_FILE_BYTES)
    throw invalid('The files of this person are larger than one ZIP can hold (4 GB). Take some of them out by hand first.');
  const listed: JsonObject[] = [];
  for (const file of files) {
    const body = await store.get(contentKey(file.sha256));
    const path = `files/${file.id}-${file.name.replace(/[^\p{L}\p{N}._ -]/gu, '_')}`;
    if (!body) told.missing.push(file.name);
    else yield* zip.entry(path, body as AsyncIterable<Uint8Array>);
    listed.push({
      id: file.id,
      name: file.name,
      type: file.type,
      bytes: file.bytes,
      object: file.object,
      record: file.record,
      field: file.field,
      path: body ? path : null,
    });
    told.files++;
    await step(done);
  }
  const around = await besides(ctx, ids, held.ids);
  const links = held.named
    .filter(({ object }) => ctx.actor.rights.scope(object.key, 'read') === 'all')
    .map(({ object, field, ids: list }) => ({ object: object.key, field: field.key, ids: [...list] }));
  for (const { object, ids: list } of links) for (const id of list) names.add(object, id);
  const [self] = samples.find(({ object }) => object === 'party')?.rows ?? [];
  const about: JsonObject = {
    format: 1,
    party,
    knownAs: [...held.ids],
    exportedAt: ctx.env.now.toISOString(),
    exportedBy: ctx.actor.name,
    records: told.records,
    withheld,
    files: listed,
    namedBy: links,
    ...around,
    names: await names.read(ctx),
  };
  yield* zip.entry('person.json', [JSON.stringify(about, null, 1)]);
  yield* zip.entry('summary.html', summaryPage({ title: String(self?.name ?? ''), at: ctx.env.now, by: ctx.actor.name, samples, about }));
  yield zip.end();
}

/** A record without what the reader may not know. */
function readable(ctx: Context, object: ModelObject, values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([key]) => {
      const field = object.fields.get(key);
      return field === undefined || mayReadField(ctx.actor, object, field);
    }),
  );
}

/** Every change of these records: when, by whom, from what to what. */
async function* history(ctx: Context, reached: readonly [ModelObject, readonly string[]][]): AsyncGenerator<string> {
  yield '[';
  let any = false;
  for (const [object, ids] of reached)
    for (let at = 0; at < ids.length; at += CHUNK) {
      const rows = await ctx.db.query<{ id: string; before: JsonObject | null; after: JsonObject | null }>(
        `select c.seq, ${instantText('c.at')} as at, c.object, c.record_id as id, c.action, c.before, c.after,
           json_build_object('id', u.id, 'kind', u.kind, 'label', u.label) as cause,
           json_build_object('kind', u.actor_kind, 'id', u.actor_id, 'name', a.name) as actor
         from changes c join causes u on u.id = c.cause left join users a on a.id = u.actor_id
         where c.record_id = any($1::uuid[]) and c.object = $2::text order by c.seq`,
        [ids.slice(at, at + CHUNK), object.key],
      );
      for (const row of rows) {
        const [before, after] = [row.before, row.after].map((values) => values && readable(ctx, object, values));
        yield `${any ? ',\n' : '\n'}${JSON.stringify({ ...row, before, after })}`;
        any = true;
      }
    }
  yield '\n]\n';
}

async function filesOf(ctx: Context, reached: readonly [ModelObject, readonly string[]][]): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  for (const [object, ids] of reached) {
    const hidden = new Set(object.declared.filter((field) => !mayReadField(ctx.actor, object, field)).map(({ key }) => key));
    rows.push(
      ...(
        await ctx.db.query<FileRow>(
          `select f.id, f.name, f.type, f.bytes, f.sha256, u.object, u.record_id as record, u.field from file_uses u join files f on f.id = u.file_id
           where u.record_id = any($1::uuid[]) and u.object = $2::text order by f.id`,
          [ids, object.key],
        )
      ).filter(({ field }) => !hidden.has(field)),
    );
  }
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

/** What the engine knows beside the records: names in other systems, merges, likely doubles, automations, what left the house, who was told. */
async function besides(ctx: Context, ids: readonly string[], known: readonly string[]): Promise<JsonObject> {
  const ask = (sql: string, list: readonly string[]) => ctx.db.query<JsonObject>(sql, [list]);
  return {
    identifiers: await ask(
      'select kind, value, label, record_id as record from identifiers where record_id = any($1::uuid[]) order by 1, 2',
      ids,
    ),
    externalIds: await ask(
      `select system, value, record_id as record from external_ids where record_id = any($1::uuid[]) order by 1, 2`,
      ids,
    ),
    merges: await ask(
      `select loser as "merged", survivor as "into", ${instantText('at')} as at from merges where survivor = any($1::uuid[]) or loser = any($1::uuid[]) order by at`,
      known,
    ),
    likelyDoubles: await ask(
      `select one, other, likelihood, state, ${instantText('found_at')} as "foundAt" from duplicates where one = any($1::uuid[]) or other = any($1::uuid[]) order by found_at`,
      known,
    ),
    automations: await ask(
      `select id, flow, object, record_id as record, state, ${instantText('created_at')} as "beganAt", context from flow_runs where record_id = any($1::uuid[]) order by id`,
      ids,
    ),
    sentToOthers: await ask(
      `select o.kind, substring(o.target from '^[a-z]+://(?:[^/@]*@)?([^/?#]+)') as host, b.payload, ${OUT_STATE} as state, o.object, o.record_id as record, ${instantText('o.at')} as at, ${instantText('o.sent_at')} as "sentAt"
       from outbox o join outbox_bodies b on b.id = o.body left join outbox_open q on q.id = o.id where o.record_id = any($1::uuid[]) order by o.id`,
      ids,
    ),
    notices: await ask(
      `select n.kind, n.object, n.record_id as record, n.text, u.name as "to", ${instantText('n.at')} as at from notices n left join users u on u.id = n.user_id where n.record_id = any($1::uuid[]) order by n.at`,
      ids,
    ),
    handling: await ask(
      `select kind, ${instantText('at')} as at, actor_name as by, reason from personal_acts where party_id = any($1::uuid[]) order by id`,
      known,
    ),
  };
}

/** The names of what the records point to, so that an id is not all that is told. */
class Names {
  private readonly ids = new Map<string, Set<string>>();
  add(object: string, id: unknown): void {
    if (!isId(id)) return;
    const held = this.ids.get(object) ?? new Set();
    this.ids.set(object, held.add(id));
  }
  see(object: ModelObject, values: Values): void {
    for (const field of object.declared) {
      const target = targetOf(field);
      if (target === null) continue;
      for (const one of [values[field.key]].flat()) this.add(target, isObject(one) ? one.id : one);
    }
    this.add('user', values.createdBy);
    this.add('user', values.updatedBy);
  }
  async read(ctx: Context): Promise<Record<string, string>> {
    const names: Record<string, string> = {};
    for (const [key, ids] of this.ids) {
      const object = ctx.model.objects.get(key);
      if (!object || ctx.actor.rights.scope(key, 'read') !== 'all') continue;
      for (const row of await ctx.db.query<{ id: string; name: string | null }>(
        `select t.id, ${titleSql(object, 't')} as name from ${object.table} t where t.id = any($1::uuid[])`,
        [[...ids]],
      ))
        names[row.id] = row.name ?? '';
    }
    return names;
  }
}
