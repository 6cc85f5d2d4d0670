import type { Readable } from 'node:stream';
import type {} from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PICTURES } from '#engine/declare/fields/file/file.ts';
import { type FilePlace, fileBytes, readFileRow, takeFile, thumbnailOf } from '#engine/files/files.ts';
import { disposition, rangeOf } from '#engine/files/media-type.ts';
import type { Context } from '#engine/record/context.ts';
import { denied, invalid } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import type { Call, Route } from './route.ts';

const FILE: JsonObject = {
  type: 'object',
  properties: {
    id: { type: 'string', format: 'uuid' },
    name: { type: 'string' },
    type: { type: 'string' },
    size: { type: 'integer' },
    url: { type: 'string' },
    width: { type: 'integer' },
    height: { type: 'integer' },
    thumbnail: { type: 'string' },
  },
  required: ['id', 'name', 'type', 'size', 'url'],
};

/** A file opened by itself is nobody's page: it runs nothing, loads nothing and belongs to no origin. */
const SAFE = {
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; frame-ancestors 'none'",
  'cache-control': 'private, max-age=300',
  vary: 'cookie, authorization',
};

/** Files in and out: sent by themselves, named by records, read by who may read those. */
export const fileRoutes = (place: FilePlace): Route[] => [
  {
    method: 'POST',
    path: '/api/v1/files',
    summary: 'Send a file, to be named by a record',
    tag: 'files',
    query: z.object({ name: z.string().max(500).optional() }),
    multipart: true,
    raw: true,
    status: 201,
    answer: FILE,
    handler: async ({ ctx, query, request, reply }) => {
      requireWriter(ctx);
      try {
        const name = query.name as string | undefined;
        return { status: 201, value: await received(request, place, (content, own) => takeFile(ctx, place, content, name ?? own)) };
      } catch (error) {
        // What is still coming is not waited for.
        reply.header('connection', 'close');
        throw error;
      }
    },
  },
  ...(['/api/v1/files/{id}', '/api/v1/files/{id}/{name}'] as const).map(
    (path): Route => ({
      method: 'GET',
      path,
      summary: path.endsWith('{name}') ? 'A file under a name of one’s own choice' : 'A file',
      tag: 'files',
      answer: { type: 'string', format: 'binary' },
      handler: (call) => sendFile(call, place),
    }),
  ),
  {
    method: 'GET',
    path: '/api/v1/files/{id}/thumbnail',
    summary: 'A small picture of a picture',
    tag: 'files',
    query: z.object({ size: z.coerce.number().int().min(1).max(1024).optional() }),
    answer: { type: 'string', format: 'binary' },
    handler: async ({ ctx, params, query, request }) => {
      const file = await readFileRow(ctx, params.id ?? '');
      const asked = (query.size as number | undefined) ?? 128;
      const etag = `"${file.sha256}-${asked}"`;
      if (request.headers['if-none-match'] === etag) return { status: 304, headers: { ...SAFE, etag } };
      const { bytes } = await thumbnailOf(place, file, asked);
      return { stream: { type: 'image/webp', body: bytes as Readable }, headers: { ...SAFE, etag, 'content-disposition': 'inline' } };
    },
  },
];

async function sendFile({ ctx, params, request }: Call, place: FilePlace) {
  const file = await readFileRow(ctx, params.id ?? '');
  const etag = `"${file.sha256}"`;
  // What a browser only draws may be shown in place; everything else is saved, whatever it calls itself.
  const kind = PICTURES.includes(file.type) ? 'inline' : 'attachment';
  const headers = { ...SAFE, etag, 'accept-ranges': 'bytes', 'content-disposition': disposition(kind, file.name) };
  if (request.headers['if-none-match'] === etag) return { status: 304, headers };
  const part = rangeOf(request.headers.range, file.bytes);
  if (part === false) return { status: 416, headers: { ...headers, 'content-range': `bytes */${file.bytes}` } };
  const body = await fileBytes(place, file, part ?? undefined);
  const length = part ? part.to - part.from + 1 : file.bytes;
  return {
    status: part ? 206 : 200,
    headers: {
      ...headers,
      'content-length': String(length),
      ...(part ? { 'content-range': `bytes ${part.from}-${part.to}/${file.bytes}` } : {}),
    },
    stream: { type: file.type, body },
  };
}

/** Who may write nothing has nothing to put a file into. */
function requireWriter({ model, actor }: Context): void {
  for (const object of model.objects.keys())
    if (actor.rights.scope(object, 'create') !== 'none' || actor.rights.scope(object, 'update') !== 'none') return;
  throw denied('Your roles do not let you write records, so there is nothing to put a file into.');
}

/** Hands over the file of a multipart request, or the body itself, and reads the request to its end. */
async function received<T>(request: FastifyRequest, place: FilePlace, take: (content: Readable, name: string) => Promise<T>): Promise<T> {
  let taken: { value: T } | null = null;
  if (!request.isMultipart()) {
    const content = request.body as Readable | undefined;
    if (content && typeof content.pipe === 'function') taken = { value: await take(content, 'file') };
  } else
    for await (const part of request.parts({ limits: { fileSize: place.maxBytes + 1, files: 1 } }))
      if (part.type === 'file') taken = { value: await take(part.file, part.filename || 'file') };
  if (taken) return taken.value;
  throw invalid('Send the file as the body, or as multipart/form-data in a part called “file”.', [
    { path: 'file', code: 'required', detail: 'Nothing was sent.' },
  ]);
}
