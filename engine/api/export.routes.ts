import { z } from 'zod';
import { requireVerb } from '#engine/access/policy.ts';
import { defaultColumns, exportColumns } from '#engine/export/columns.ts';
import { exportFile, exportName, exportRecords, FORMATS, formatOf } from '#engine/export/exports.ts';
import { enqueueJob, jobStatus } from '#engine/jobs/jobs.ts';
import { bindContext, type Context } from '#engine/record/context.ts';
import { bind } from '#engine/record/read.ts';
import { invalid, notFound } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import { predicateOf } from './query-string.ts';
import { type Route, requirePermission } from './route.ts';

const list = (value: unknown): string[] | undefined =>
  typeof value === 'string' && value !== ''
    ? value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean)
    : undefined;

const ExportQuery = z.looseObject({
  format: z.enum(['csv', 'xlsx', 'ndjson']).optional().describe('csv unless given'),
  where: z
    .string()
    .max(50_000)
    .optional()
    .describe('A condition of the predicate language, as JSON; besides, `field=value` and `field[gte]=value`'),
  sort: z.string().max(500).optional().describe('Field keys or paths, a leading minus for descending'),
  fields: z
    .string()
    .max(8000)
    .optional()
    .describe('Columns, as field keys and paths: `name,customer.name`; everything readable unless given'),
});

const ExportBody = z.strictObject({
  object: z.string().max(60),
  format: z.enum(['csv', 'xlsx', 'ndjson']).optional(),
  where: z.unknown().optional(),
  sort: z.array(z.string().max(200)).max(4).optional(),
  fields: z.array(z.string().max(200)).max(200).optional(),
});

const STATUS: JsonObject = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    state: { type: 'string' },
    done: { type: 'integer' },
    total: { type: ['integer', 'null'] },
    rows: { type: ['integer', 'null'] },
    size: { type: ['integer', 'null'] },
    file: { type: ['string', 'null'] },
    error: { type: ['string', 'null'] },
  },
};

async function exportStatus(ctx: Context, id: string): Promise<JsonObject> {
  const job = await jobStatus(ctx, id);
  if (job.kind !== 'export') throw notFound();
  const result = job.state === 'done' ? (job.result ?? {}) : {};
  return {
    id: job.id,
    state: job.state,
    done: job.done,
    total: job.total,
    label: job.label,
    error: job.error,
    createdAt: job.createdAt,
    finishedAt: job.finishedAt,
    rows: result.rows ?? null,
    size: result.size ?? null,
    format: result.format ?? null,
    name: result.name ?? null,
    file: result.file ?? null,
  };
}

/** Exporting any query: at once as a stream, or as a job whose file is fetched later. */
export const exportRoutes = (dataFolder: string): readonly Route[] => [
  {
    method: 'GET',
    path: '/api/v1/{plural}/export',
    tag: 'exports',
    scope: 'export',
    summary: 'Export records as CSV, XLSX or NDJSON',
    query: ExportQuery,
    answer: { type: 'string' },
    handler: async ({ ctx, params, query }) => {
      const object = ctx.model.byPlural.get(params.plural ?? '');
      if (!object) throw notFound('There is no such address.');
      requireVerb(ctx.actor, object, 'read');
      const format = formatOf(query.format);
      const body = await exportRecords(ctx, object, {
        format,
        where: predicateOf(bindContext(ctx), object, query),
        sort: list(query.sort),
        fields: list(query.fields),
      });
      return { stream: { type: FORMATS[format], body, filename: exportName(object, format, ctx.env.now) } };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/exports',
    tag: 'exports',
    scope: 'export',
    summary: 'Export records in the background',
    body: ExportBody,
    status: 202,
    answer: { type: 'object', properties: { id: { type: 'string' } } },
    handler: async ({ ctx, body }) => {
      requirePermission(ctx, 'export');
      const asked = body as z.infer<typeof ExportBody>;
      const object = ctx.model.objects.get(asked.object);
      if (!object)
        throw invalid('There is no such object.', [
          { path: 'object', code: 'unknownObject', detail: `There is no object “${asked.object}”.` },
        ]);
      requireVerb(ctx.actor, object, 'read');
      exportColumns(ctx, object, asked.fields ?? defaultColumns(ctx, object));
      if (asked.where !== undefined && asked.where !== null) bind(ctx, object, asked.where);
      const id = await enqueueJob(ctx.db, {
        kind: 'export',
        label: object.plural,
        payload: { ...asked, format: formatOf(asked.format) } as JsonObject,
        actor: ctx.actor,
      });
      return { status: 202, value: { id }, headers: { location: `/api/v1/exports/${id}` } };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/exports/{id}',
    tag: 'exports',
    scope: 'export',
    summary: 'How far an export is, and where its file lies',
    answer: STATUS,
    handler: async ({ ctx, params }) => {
      requirePermission(ctx, 'export');
      return { value: await exportStatus(ctx, params.id ?? '') };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/exports/{id}/file',
    tag: 'exports',
    scope: 'export',
    summary: 'The file of a finished export',
    answer: { type: 'string' },
    handler: async ({ ctx, params }) => {
      requirePermission(ctx, 'export');
      const status = await exportStatus(ctx, params.id ?? '');
      if (status.file === null) throw notFound('The file is not there yet.');
      const format = formatOf(status.format);
      return {
        stream: { type: FORMATS[format], body: await exportFile(dataFolder, String(status.id), format), filename: String(status.name) },
      };
    },
  },
];
