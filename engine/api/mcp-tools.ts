import type { Context } from '#engine/record/context.ts';
import { isObject, type JsonObject } from '#kit/json.ts';
import { describeModel } from './meta.ts';
import { actionSchema } from './openapi.ts';

/** A request to Perigon's own API, under the caller's name: nothing here knows of rights. */
export interface Asked {
  method: 'GET' | 'POST' | 'PATCH';
  url: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Something an assistant can do: a name, what it takes, and the request that does it. */
export interface Tool {
  name: string;
  description: string;
  inputSchema: { type: 'object'; properties: Record<string, JsonObject>; required?: string[] };
  readOnly: boolean;
  asks(input: Record<string, unknown>): Asked;
}

/** Records an answer at most: what is more comes by cursor. */
const MOST = 100;
const text = (description: string): JsonObject => ({ type: 'string', description });
const WHERE: JsonObject = {
  description:
    'A condition: {"field":"stage.category","op":"eq","value":"won"}; groups {"all":[…]}, {"any":[…]}, {"none":[…]}; {"count":"orders","gte":2}. Relative dates: "today", {"days":-30}.',
};
const LIMIT: JsonObject = { type: 'integer', minimum: 1, maximum: MOST };
const OBJECT = text('Key of the object, as `describe` tells it: party, opportunity, case, …');
const ID = text('Id of the record');

const limited = (value: unknown): number => Math.min(MOST, Math.max(1, typeof value === 'number' ? Math.trunc(value) : 20));
const asQuery = (values: Record<string, unknown>): string =>
  new URLSearchParams(
    Object.entries(values).flatMap(([key, value]) => (value === undefined || value === null ? [] : [[key, String(value)]])),
  ).toString();

interface Described {
  objects: { key: string; plural: string; verbs: Record<string, boolean> }[];
  actions: { key: string; object: string | null }[];
}

/** What the caller may know of objects, fields and actions. */
export const described = (ctx: Context): Described => describeModel(ctx) as Described;

/** The tools that a caller has: those that write only where their rights, and the scopes of their key, let them write something. */
export function toolsFor(ctx: Context): Tool[] {
  const { objects, actions } = described(ctx);
  const may = (verb: string) => objects.some(({ verbs }) => verbs[verb] === true);
  // What is not an object of the model leads to an address that is not there.
  const at = (key: unknown) => `/api/v1/${encodeURIComponent(ctx.model.objects.get(String(key))?.plural ?? 'none')}`;
  const one = (key: unknown, id: unknown) => `${at(key)}/${encodeURIComponent(String(id))}`;
  const of = (id: unknown, what: string) => `${one('party', id)}/${what}`;
  const tools: Tool[] = [
    {
      name: 'search',
      description: 'Find records of any kind by words, names, numbers, addresses.',
      inputSchema: {
        type: 'object',
        properties: { q: text('What to look for'), objects: text('Keys of objects, with commas between'), limit: LIMIT },
        required: ['q'],
      },
      readOnly: true,
      asks: ({ q, objects: keys, limit }) => ({
        method: 'GET',
        url: `/api/v1/search?${asQuery({ q, objects: keys, limit: Math.min(50, limited(limit)) })}`,
      }),
    },
    {
      name: 'read',
      description: 'One record by its id.',
      inputSchema: { type: 'object', properties: { object: OBJECT, id: ID }, required: ['object', 'id'] },
      readOnly: true,
      asks: ({ object, id }) => ({ method: 'GET', url: one(object, id) }),
    },
    {
      name: 'query',
      description: 'Records that meet a condition, a page at a time; `next` of the answer is the cursor of the next page.',
      inputSchema: {
        type: 'object',
        properties: {
          object: OBJECT,
          where: WHERE,
          fields: { type: 'array', items: text('Field or path: name, customer.name') },
          sort: { type: 'array', items: text('Field, with a leading minus for descending') },
          limit: LIMIT,
          cursor: text('`next` of the page before'),
          count: { type: 'boolean' },
        },
        required: ['object'],
      },
      readOnly: true,
      asks: ({ object, limit, ...query }) => ({
        method: 'POST',
        url: `${at(object)}/query`,
        body: { ...query, limit: limited(limit) },
      }),
    },
    {
      name: 'aggregate',
      description: 'Counts and sums over records that meet a condition, in groups.',
      inputSchema: {
        type: 'object',
        properties: {
          object: OBJECT,
          where: WHERE,
          groupBy: { type: 'array', items: { description: 'A field or path, or {"path":"closeDate","by":"month"}' } },
          measures: { type: 'object', description: '{"n":{"op":"count"},"sum":{"op":"sum","field":"amount","in":"base"}}' },
          limit: LIMIT,
        },
        required: ['object', 'measures'],
      },
      readOnly: true,
      asks: ({ object, limit, ...query }) => ({
        method: 'POST',
        url: `${at(object)}/aggregate`,
        body: { ...query, limit: limited(limit ?? MOST) },
      }),
    },
    {
      name: 'overview',
      description: 'A customer whole: what matters now, figures, sections, relations.',
      inputSchema: { type: 'object', properties: { party: ID }, required: ['party'] },
      readOnly: true,
      asks: ({ party }) => ({ method: 'GET', url: of(party, 'overview') }),
    },
    {
      name: 'timeline',
      description: 'All touches and events of a customer, newest first.',
      inputSchema: { type: 'object', properties: { party: ID, limit: LIMIT, cursor: text('`next` of before') }, required: ['party'] },
      readOnly: true,
      asks: ({ party, limit, cursor }) => ({
        method: 'GET',
        url: `${of(party, 'timeline')}?${asQuery({ limit: limited(limit), cursor })}`,
      }),
    },
  ];
  const values: JsonObject = { type: 'object', description: 'Values by field key, as `describe` tells them' };
  if (may('create'))
    tools.push({
      name: 'create',
      description: 'Make a record.',
      inputSchema: { type: 'object', properties: { object: OBJECT, values }, required: ['object', 'values'] },
      readOnly: false,
      asks: ({ object, values: given }) => ({ method: 'POST', url: at(object), body: given }),
    });
  if (may('update'))
    tools.push({
      name: 'update',
      description: 'Change fields of a record. With `version` as it was read, nothing that changed meanwhile is overwritten.',
      inputSchema: {
        type: 'object',
        properties: { object: OBJECT, id: ID, values, version: { type: 'integer' } },
        required: ['object', 'id', 'values'],
      },
      readOnly: false,
      asks: ({ object, id, values: given, version }) => ({
        method: 'PATCH',
        url: one(object, id),
        body: given,
        ...(typeof version === 'number' ? { headers: { 'if-match': `"${version}"` } } : {}),
      }),
    });
  for (const { key, object } of actions) {
    const declared = ctx.model.actions.get(key);
    // An action without an object of its own writes as well: a caller who may write nothing is not offered it.
    if (!declared || (declared.object === undefined && !may('create') && !may('update'))) continue;
    const schema = actionSchema(ctx.model, key);
    tools.push({
      name: `do_${key}`,
      description: `The action “${key}”${object === null ? '' : ` on records of ${object}`}.`,
      inputSchema: { type: 'object', properties: (isObject(schema.properties) ? schema.properties : {}) as Record<string, JsonObject> },
      readOnly: false,
      asks: (input) => ({ method: 'POST', url: `/api/v1/actions/${encodeURIComponent(key)}`, body: input }),
    });
  }
  return tools;
}
