import { z } from 'zod';
import type { ModelObject } from '#engine/declare/object.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import { aggregate } from '#engine/record/aggregate.ts';
import { type BulkChange, checkBulk } from '#engine/record/bulk.ts';
import { bindContext, type Context } from '#engine/record/context.ts';
import { readHistory } from '#engine/record/history.ts';
import { followMerges } from '#engine/record/merges.ts';
import { readList, readOne } from '#engine/record/read.ts';
import { Replayed, transact } from '#engine/record/transact.ts';
import { resolveUpserts } from '#engine/record/upsert.ts';
import { type WriteOp, type WriteResult, write } from '#engine/record/write.ts';
import { invalid, isPerigonError, notFound, type PerigonError } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import type { JsonObject } from '#kit/json.ts';
import { problemOf } from './problems.ts';
import { predicateOf } from './query-string.ts';
import type { Answer, Call, Route } from './route.ts';

/** Reading and writing records of any object: the same eight addresses for each. */

export const objectOf = (call: Call): ModelObject => {
  const object = call.ctx.model.byPlural.get(call.params.plural ?? '');
  if (!object) throw notFound('There is no such address.');
  return object;
};
export const idOf = (call: Call): string => {
  if (!isId(call.params.id)) throw notFound();
  return call.params.id;
};

/**
 * Reads a record by its id; the id of one that was merged into another gives that other, whose own id and `Content-Location`
 * tell so. Only where nothing is found is it asked, so it costs nothing otherwise.
 */
export async function following<T>(call: Call, object: ModelObject, read: (id: string) => Promise<T>): Promise<{ value: T; id: string }> {
  const id = idOf(call);
  try {
    return { value: await read(id), id };
  } catch (error) {
    const now = isPerigonError(error, 'notFound') ? (await followMerges(call.ctx.db, object, [id])).get(id) : undefined;
    if (now === undefined) throw error;
    return { value: await read(now), id: now };
  }
}

/** Says where a record is that was asked for under the id it had before a merge. */
export const movedTo = (call: Call, id: string, address: (id: string) => string): Record<string, string> =>
  id === call.params.id ? {} : { 'content-location': address(id) };

const list = (value: unknown): string[] | undefined =>
  typeof value === 'string' && value !== ''
    ? value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean)
    : undefined;
const Sort = z.array(z.string().max(200)).max(4);
const Fields = z.array(z.string().max(200)).max(100);
const Values = z.record(z.string(), z.unknown());

const ListQuery = z.looseObject({
  limit: z.coerce.number().int().min(1).max(500).optional().describe('Records a page; 60 unless given'),
  cursor: z.string().max(2000).optional().describe('`next` of the page before'),
  sort: z.string().max(500).optional().describe('Field keys or paths, a leading minus for descending: `-createdAt,name`'),
  fields: z.string().max(4000).optional().describe('Field keys and paths to read: `name,customer.name`'),
  count: z.enum(['true', 'false']).optional().describe('Whether to count the records that meet the filter'),
  where: z
    .string()
    .max(50_000)
    .optional()
    .describe('A condition of the predicate language, as JSON; besides, `field=value` and `field[gte]=value`'),
});

const QueryBody = z.strictObject({
  where: z.unknown().optional(),
  sort: Sort.optional(),
  fields: Fields.optional(),
  limit: z.number().int().min(1).max(500).optional(),
  cursor: z.string().max(2000).nullish(),
  count: z.boolean().optional(),
});

/** Figures of one answer; PostgreSQL itself ends at 1,600 columns. */
const MEASURES = 100;

const AggregateBody = z.strictObject({
  where: z.unknown().optional(),
  groupBy: z
    .array(
      z.union([
        z.string().max(200),
        z.strictObject({ path: z.string().max(200), by: z.enum(['day', 'week', 'month', 'quarter', 'year']) }),
      ]),
    )
    .max(5)
    .optional(),
  measures: z
    .record(
      z.string(),
      z.strictObject({
        op: z
          .enum(['count', 'sum', 'avg', 'min', 'max', 'countDistinct'])
          .describe('count with a field: how many have a value; in base: how many could be converted'),
        field: z.string().max(200).optional(),
        in: z.literal('base').optional(),
        where: z.unknown().optional().describe('Only records that meet this condition count in it'),
      }),
    )
    .refine((measures) => Object.keys(measures).length <= MEASURES, `At most ${MEASURES} measures at once.`),
  sort: Sort.optional(),
  limit: z.number().int().min(1).max(10_000).optional(),
});

const BatchBody = z.strictObject({
  operations: z
    .array(
      z.strictObject({
        op: z.enum(['create', 'update', 'upsert', 'delete']),
        id: z.string().optional(),
        version: z.number().int().optional(),
        match: z.string().max(60).optional(),
        values: Values.optional(),
      }),
    )
    .min(1)
    .max(10_000),
  partial: z.boolean().optional(),
});

const BulkBody = z.strictObject({
  where: z.unknown().refine((where) => typeof where === 'object' && where !== null, {
    message: 'A condition is needed; `{"all":[]}` means every record.',
  }),
  set: Values.optional().describe('The values that all of them get'),
  delete: z.literal(true).optional(),
});

/** Runs a write; a request that came before gives its outcome of then. */
export async function once<T>(work: () => Promise<T>): Promise<{ outcome: T; replayed: boolean }> {
  try {
    return { outcome: await work(), replayed: false };
  } catch (error) {
    if (error instanceof Replayed) return { outcome: error.outcome as T, replayed: true };
    throw error;
  }
}

function versionOf(call: Call): number | undefined {
  const header = call.request.headers['if-match'];
  if (typeof header !== 'string' || header === '*') return undefined;
  const match = /^(?:W\/)?"(\d{1,9})"$/.exec(header.trim());
  if (!match)
    throw invalid('If-Match cannot be read.', [{ path: 'If-Match', code: 'type', detail: 'Send the ETag of the record as it was read.' }]);
  return Number(match[1]);
}

async function writeRecord(call: Call, object: ModelObject, op: WriteOp, status: number): Promise<Answer> {
  const { outcome, replayed } = await once(() => write(call.ctx, object, [op]));
  const [result] = outcome;
  if (!result) throw notFound();
  if (!result.ok) throw result.error;
  const headers: Record<string, string> = { 'perigon-cause': call.ctx.cause.id, ...(replayed ? { 'idempotent-replay': 'true' } : {}) };
  if (op.op === 'delete') return { status: 204, headers };
  try {
    const read = await readOne(call.ctx, object, result.id);
    return {
      status,
      json: read.json,
      headers: { ...headers, etag: `"${read.version}"`, ...(status === 201 ? { location: `/api/v1/${object.plural}/${result.id}` } : {}) },
    };
  } catch (error) {
    // Written, but not readable by its writer: the id is all they learn.
    if (isPerigonError(error, 'notFound')) return { status, value: { id: result.id, version: result.version }, headers };
    throw error;
  }
}

const errorBody = (error: PerigonError) => problemOf(error).body;

/** Results of a batch as the wire has them. */
export function batchAnswer(ctx: Context, results: readonly WriteResult[], replayed: boolean): Answer {
  const count = (op: string) => results.filter((result) => result.ok && result.op === op).length;
  const failed = results.filter((result) => !result.ok).length;
  const value = {
    created: count('create'),
    updated: count('update'),
    deleted: count('delete'),
    restored: count('restore'),
    failed,
    cause: ctx.cause.id,
    results: results.map((result, index) =>
      result.ok
        ? { index, ok: true, op: result.op, id: result.id, version: result.version }
        : { index, ok: false, op: result.op, id: result.id, error: isPerigonError(result.error) ? errorBody(result.error) : result.error },
    ),
  };
  return { value, headers: { 'perigon-cause': ctx.cause.id, ...(replayed ? { 'idempotent-replay': 'true' } : {}) } };
}

export const recordRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/{plural}',
    tag: 'records',
    summary: 'List records',
    query: ListQuery,
    answer: 'page',
    handler: async (call) => {
      const { ctx, query } = call;
      const object = objectOf(call);
      return {
        json: await readList(ctx, object, {
          where: predicateOf(bindContext(ctx), object, query),
          sort: list(query.sort),
          fields: list(query.fields),
          limit: query.limit as number | undefined,
          cursor: (query.cursor as string | undefined) ?? null,
          count: query.count === 'true',
        }),
      };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/{plural}',
    tag: 'records',
    summary: 'Create a record',
    body: Values,
    answer: 'record',
    status: 201,
    writes: true,
    handler: (call) => writeRecord(call, objectOf(call), { op: 'create', values: call.body as Record<string, unknown> }, 201),
  },
  {
    method: 'GET',
    path: '/api/v1/{plural}/{id}',
    tag: 'records',
    summary: 'Read a record',
    query: z.looseObject({ fields: z.string().max(4000).optional() }),
    answer: 'record',
    handler: async (call) => {
      const object = objectOf(call);
      const { value: read, id } = await following(call, object, (one) => readOne(call.ctx, object, one, list(call.query.fields)));
      return { json: read.json, headers: { etag: `"${read.version}"`, ...movedTo(call, id, (one) => `/api/v1/${object.plural}/${one}`) } };
    },
  },
  {
    method: 'PATCH',
    path: '/api/v1/{plural}/{id}',
    tag: 'records',
    summary: 'Change fields of a record',
    body: Values,
    answer: 'record',
    writes: true,
    handler: (call) =>
      writeRecord(
        call,
        objectOf(call),
        { op: 'update', id: idOf(call), values: call.body as Record<string, unknown>, version: versionOf(call) },
        200,
      ),
  },
  {
    method: 'DELETE',
    path: '/api/v1/{plural}/{id}',
    tag: 'records',
    summary: 'Move a record to the trash',
    answer: 'none',
    status: 204,
    writes: true,
    handler: (call) => writeRecord(call, objectOf(call), { op: 'delete', id: idOf(call), version: versionOf(call) }, 204),
  },
  {
    method: 'POST',
    path: '/api/v1/{plural}/query',
    tag: 'records',
    reads: true,
    summary: 'List records by a condition',
    body: QueryBody,
    answer: 'page',
    handler: async (call) => ({ json: await readList(call.ctx, objectOf(call), call.body as z.infer<typeof QueryBody>) }),
  },
  {
    method: 'POST',
    path: '/api/v1/{plural}/aggregate',
    tag: 'records',
    reads: true,
    summary: 'Group and measure records',
    body: AggregateBody,
    answer: {
      type: 'object',
      properties: { rows: { type: 'array', items: { type: 'object' } }, more: { type: 'boolean' } },
      required: ['rows'],
    },
    handler: async (call) => ({ json: await aggregate(call.ctx, objectOf(call), call.body as z.infer<typeof AggregateBody>) }),
  },
  {
    method: 'POST',
    path: '/api/v1/{plural}/batch',
    tag: 'records',
    summary: 'Create, change, upsert and delete up to 10,000 records',
    body: BatchBody,
    writes: true,
    answer: {
      type: 'object',
      properties: {
        created: { type: 'integer' },
        updated: { type: 'integer' },
        deleted: { type: 'integer' },
        failed: { type: 'integer' },
        cause: { type: 'string' },
        results: { type: 'array', items: { type: 'object' } },
      },
    },
    handler: async (call) => {
      const { ctx } = call;
      const object = objectOf(call);
      const body = call.body as z.infer<typeof BatchBody>;
      const bad = body.operations.findIndex((op) => op.id !== undefined && !isId(op.id));
      if (bad >= 0)
        throw invalid('An operation names no record.', [
          { path: `operations.${bad}.id`, code: 'type', detail: 'Expected the id of a record.' },
        ]);
      const { outcome, replayed } = await once(async () =>
        write(ctx, object, await resolveUpserts(ctx, object, body.operations), { partial: body.partial === true }),
      );
      return batchAnswer(ctx, outcome, replayed);
    },
  },
  {
    method: 'POST',
    path: '/api/v1/{plural}/bulk',
    tag: 'records',
    summary: 'Change or delete all records that meet a condition, as a job',
    body: BulkBody,
    writes: true,
    status: 202,
    answer: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    handler: async (call) => {
      const { ctx } = call;
      const object = objectOf(call);
      const body = call.body as z.infer<typeof BulkBody>;
      if ((body.set === undefined) === (body.delete === undefined))
        throw invalid('Say either what to set or that the records are to be deleted.', [
          { path: 'set', code: 'required', detail: 'Send `set` or `"delete": true`.' },
        ]);
      const change: BulkChange = body.set ? { set: body.set } : { delete: true };
      checkBulk(ctx, object, body.where, change);
      const { outcome, replayed } = await once(() =>
        transact(ctx, (tx) =>
          enqueueJob(tx, {
            kind: 'bulk',
            label: object.plural,
            payload: { object: object.key, where: body.where, change, causeKind: 'bulk' } as unknown as JsonObject,
            actor: ctx.actor,
            causeId: ctx.cause.id,
          }),
        ),
      );
      return {
        status: 202,
        value: { id: outcome },
        headers: {
          location: `/api/v1/jobs/${outcome}`,
          'perigon-cause': ctx.cause.id,
          ...(replayed ? { 'idempotent-replay': 'true' } : {}),
        },
      };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/{plural}/{id}/history',
    tag: 'records',
    summary: 'What happened to a record',
    query: z.looseObject({ cursor: z.string().max(40).optional(), limit: z.coerce.number().int().min(1).max(200).optional() }),
    answer: { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } }, next: { type: ['string', 'null'] } } },
    handler: async (call) => ({
      value: await readHistory(
        call.ctx,
        objectOf(call),
        idOf(call),
        (call.query.cursor as string | undefined) ?? null,
        call.query.limit as number | undefined,
      ),
    }),
  },
];
