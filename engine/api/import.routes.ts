import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type {} from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { ImportMode } from '#engine/declare/import-mapping.ts';
import {
  type ImportPlace,
  importErrors,
  importJobId,
  importStatus,
  inspectUpload,
  listImports,
  startImport,
  sweepUploads,
  uploadPath,
} from '#engine/import/imports.ts';
import { cancelJob } from '#engine/jobs/jobs.ts';
import { invalid } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import { type Route, requirePermission } from './route.ts';

const STATUS: JsonObject = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    state: { type: 'string', enum: ['queued', 'running', 'done', 'failed', 'cancelled', 'undone'] },
    done: { type: 'integer' },
    total: { type: 'integer' },
    created: { type: 'integer' },
    updated: { type: 'integer' },
    skipped: { type: 'integer' },
    failed: { type: 'integer' },
    cause: { type: ['string', 'null'] },
    errors: { type: ['string', 'null'] },
    problems: {
      type: 'array',
      items: { type: 'object', properties: { row: { type: 'integer' }, column: { type: ['string', 'null'] }, detail: { type: 'string' } } },
    },
  },
};

interface Upload {
  token: string | null;
  name: string;
  fields: Record<string, string>;
}

/** Takes a multipart body apart: the file goes to its upload place, in whatever order the parts come. */
async function receive(request: FastifyRequest, place: ImportPlace): Promise<Upload> {
  const upload: Upload = { token: null, name: 'file', fields: {} };
  if (!request.isMultipart()) {
    const body = request.body;
    if (typeof body !== 'object' || body === null)
      throw invalid('Send the file as multipart/form-data.', [
        { path: 'file', code: 'required', detail: 'Expected a part called “file”.' },
      ]);
    for (const [key, value] of Object.entries(body)) upload.fields[key] = typeof value === 'string' ? value : JSON.stringify(value);
    return upload;
  }
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      upload.fields[part.fieldname] = String(part.value);
      continue;
    }
    const to = await uploadPath(place);
    await pipeline(part.file, createWriteStream(to.path));
    if (part.file.truncated) {
      await rm(to.path, { force: true });
      throw invalid('The file is too large.', [
        { path: 'file', code: 'tooLarge', detail: 'Import it in parts, or from the command line.' },
      ]);
    }
    upload.token = to.token;
    upload.name = part.filename || 'file';
  }
  return upload;
}

const flag = (text: string | undefined): boolean => text === 'true' || text === '1';

function jsonOf(text: string | undefined, path: string): unknown {
  if (text === undefined || text === '' || text === 'null') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid('The mapping cannot be read.', [{ path, code: 'json', detail: 'Not valid JSON.' }]);
  }
}

function modeOf(text: string | undefined): ImportMode | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === 'create' || text === 'update' || text === 'upsert') return text;
  throw invalid('There is no such mode.', [{ path: 'mode', code: 'option', detail: 'One of create, update, upsert.' }]);
}

/** Importing files: looking at one, beginning, following, the errors. */
export const importRoutes = (place: ImportPlace): readonly Route[] => [
  {
    method: 'POST',
    path: '/api/v1/imports/inspect',
    tag: 'imports',
    scope: 'import',
    multipart: true,
    answer: { type: 'object' },
    summary: 'Look at a file: encoding, columns, types, rows, and a proposed mapping (parts: file, sheet, header, skipRows)',
    handler: async ({ ctx, request }) => {
      requirePermission(ctx, 'import');
      const upload = await receive(request, place);
      void sweepUploads(place, Date.now()).catch(() => undefined);
      if (upload.token === null)
        throw invalid('Which file?', [{ path: 'file', code: 'required', detail: 'Expected a part called “file”.' }]);
      const { sheet, header, skipRows } = upload.fields;
      return {
        value: await inspectUpload(ctx, place, upload.token, upload.name, {
          sheet: sheet ?? null,
          ...(header === undefined ? {} : { header: flag(header) }),
          ...(skipRows === undefined ? {} : { skipRows: Number(skipRows) || 0 }),
        }),
      };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/imports',
    tag: 'imports',
    scope: 'import',
    multipart: true,
    status: 202,
    answer: { type: 'object', properties: { id: { type: 'string' } } },
    summary: 'Import a file (parts: file or fileToken, preset or object, map, mode create|update|upsert, dryRun, leaveOutLikely, sheet)',
    handler: async ({ ctx, request }) => {
      requirePermission(ctx, 'import');
      const { token, name, fields } = await receive(request, place);
      const map = jsonOf(fields.map, 'map');
      const given = token ?? fields.fileToken;
      if (!given)
        throw invalid('Which file?', [{ path: 'file', code: 'required', detail: 'Expected a part called “file”, or “fileToken”.' }]);
      const id = await startImport(ctx, place, {
        token: given,
        ...(token === null ? {} : { name }),
        object: fields.object || undefined,
        preset: fields.preset || undefined,
        map,
        mode: modeOf(fields.mode),
        dryRun: flag(fields.dryRun),
        leaveOutLikely: flag(fields.leaveOutLikely),
        sheet: fields.sheet || undefined,
      });
      return { status: 202, value: { id }, headers: { location: `/api/v1/imports/${id}` } };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/imports',
    tag: 'imports',
    scope: 'import',
    summary: 'The last imports, newest first',
    answer: { type: 'object', properties: { items: { type: 'array', items: STATUS } } },
    handler: async ({ ctx }) => {
      requirePermission(ctx, 'import');
      return { value: await listImports(ctx) };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/imports/{id}',
    tag: 'imports',
    scope: 'import',
    summary: 'How far an import is, and its counts',
    answer: STATUS,
    handler: async ({ ctx, params }) => {
      requirePermission(ctx, 'import');
      return { value: await importStatus(ctx, params.id ?? '') };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/imports/{id}/cancel',
    tag: 'imports',
    scope: 'import',
    summary: 'Stop an import at its next step; undo its cause to take back what it did',
    answer: STATUS,
    handler: async ({ ctx, params }) => {
      requirePermission(ctx, 'import');
      await cancelJob(ctx, await importJobId(ctx, params.id ?? ''));
      return { value: await importStatus(ctx, params.id ?? '') };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/imports/{id}/errors',
    tag: 'imports',
    scope: 'import',
    summary: 'The bad rows of an import as CSV, each with its row number and problems',
    answer: { type: 'string' },
    handler: async ({ ctx, params }) => {
      requirePermission(ctx, 'import');
      const errors = await importErrors(ctx, place, params.id ?? '');
      return { stream: { type: 'text/csv; charset=utf-8', body: errors.stream(), filename: errors.name } };
    },
  },
];
