import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { FastifyRequest } from 'fastify';
import type { Context } from '#engine/record/context.ts';
import { invalid, notFound } from '#kit/errors.ts';
import { type Asked, described, toolsFor } from './mcp-tools.ts';
import type { Answer } from './route.ts';

/** Longest answer of a tool; an assistant asks more narrowly then. */
const MOST_CHARACTERS = 200_000;
/** Who asks, carried on to the requests that tools make. */
const IDENTITY = ['authorization', 'cookie', 'origin', 'host', 'sec-fetch-site'] as const;
const SCHEMA = 'perigon://schema';

/** Answers one message of the protocol: a server of its own, which ends with the answer. */
export async function answerAssistant(ctx: Context, request: FastifyRequest, body: unknown): Promise<Answer> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  const server = serverFor(ctx, request);
  await server.connect(transport);
  try {
    const headers = new Headers({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' });
    const version = request.headers['mcp-protocol-version'];
    if (typeof version === 'string') headers.set('mcp-protocol-version', version);
    const answer = await transport.handleRequest(new Request('http://perigon/mcp', { method: 'POST', headers }), { parsedBody: body });
    const type = answer.headers.get('content-type') ?? 'application/json; charset=utf-8';
    return { status: answer.status, text: { type, body: await answer.text() } };
  } finally {
    await server.close();
  }
}

function serverFor(ctx: Context, request: FastifyRequest): Server {
  const server = new Server(
    { name: 'perigon', version: '1' },
    {
      capabilities: { tools: {}, resources: {} },
      instructions: 'A CRM. Begin with `search`, or `describe` for objects and fields. Answers hold what the caller may read.',
    },
  );
  const tools = toolsFor(ctx);
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [
      {
        name: 'describe',
        description: 'Without `object`: all objects. With it: its fields, their types, and what may be done with it.',
        inputSchema: { type: 'object', properties: { object: { type: 'string' } } },
        annotations: { readOnlyHint: true },
      },
      ...tools.map(({ name, description, inputSchema, readOnly }) => ({
        name,
        description,
        inputSchema,
        annotations: { readOnlyHint: readOnly },
      })),
    ],
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const input = params.arguments ?? {};
    if (params.name === 'describe') {
      const found = schemaOf(ctx, typeof input.object === 'string' ? input.object : null);
      return found === null ? refusal('notFound: There is no such object.') : good(JSON.stringify(found));
    }
    const tool = tools.find(({ name }) => name === params.name);
    return tool ? ask(request, tool.asks(input)) : refusal('notFound: There is no such tool.');
  });
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: [
      { uri: SCHEMA, name: 'All objects', mimeType: 'application/json' },
      ...described(ctx).objects.map(({ key }) => ({ uri: `${SCHEMA}/${key}`, name: key, mimeType: 'application/json' })),
    ],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) => {
    if (uri !== SCHEMA && !uri.startsWith(`${SCHEMA}/`)) throw invalid('There is no such resource.');
    const found = schemaOf(ctx, uri === SCHEMA ? null : uri.slice(SCHEMA.length + 1));
    if (found === null) throw notFound('There is no such resource.');
    return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(found) }] };
  });
  return server;
}

/** Objects the caller may read, or one of them with its fields; null where there is none. */
function schemaOf(ctx: Context, key: string | null): unknown {
  const { objects, actions } = described(ctx);
  if (key !== null) return objects.find((object) => object.key === key) ?? null;
  return {
    objects: objects.map(({ key: name, plural, verbs }) => ({ key: name, plural, verbs })),
    actions: actions.map((action) => action.key),
  };
}

const good = (text: string): CallToolResult => ({ content: [{ type: 'text', text }] });
const refusal = (text: string): CallToolResult => ({ content: [{ type: 'text', text }], isError: true });

/** Asks the API as the caller would; what it refuses is an error of the tool, with its code and the faults by field. */
async function ask(request: FastifyRequest, asked: Asked): Promise<CallToolResult> {
  const identity = Object.fromEntries(
    IDENTITY.flatMap((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
  const answer = await request.server.inject({
    method: asked.method,
    url: asked.url,
    headers: { ...identity, ...asked.headers, ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }) },
    payload: asked.body === undefined ? undefined : JSON.stringify(asked.body),
  });
  if (answer.statusCode >= 400) return refusal(answer.body.slice(0, MOST_CHARACTERS));
  if (answer.body.length > MOST_CHARACTERS) return refusal('limited: The answer is too long. Ask for fewer records or fields.');
  return good(answer.body);
}
