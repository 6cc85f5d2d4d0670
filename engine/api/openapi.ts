import { z } from 'zod';
import { OPERATORS } from '#engine/declare/field.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { type Model, SYSTEM_FIELDS } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { JsonObject } from '#kit/json.ts';
import type { Route } from './route.ts';

/** The OpenAPI 3.1 description, from the routes and the declarations; `{plural}` and `{action}` are written out. */
export function describeApi(model: Model, routes: readonly Route[]): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  const schemas: Record<string, JsonObject> = { Problem: PROBLEM };
  for (const route of routes) {
    for (const { path, object, action } of expand(model, route.path)) {
      const operation = describeRoute(model, route, path, object, action, schemas);
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation };
    }
  }
  for (const object of model.objects.values()) {
    if (object.retired) continue;
    schemas[object.key] = recordSchema(object, 'read');
    schemas[`${object.key}Input`] = recordSchema(object, 'write');
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Perigon',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: `One customer record over every channel. Conditions are JSON: {"field":"stage.category","op":"eq","value":"won"}, groups all, any, none, and {"count":"orders","gte":2}. Operators: ${OPERATORS.join(', ')}. Relative dates: "today", "startOfMonth", {"days":-30}.`,
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { session: [] }],
    paths: paths as unknown as JsonObject,
    components: {
      schemas,
      securitySchemes: { key: { type: 'http', scheme: 'bearer' }, session: { type: 'apiKey', in: 'cookie', name: 'perigon_session' } },
    },
  };
}

function expand(model: Model, path: string): { path: string; object?: ModelObject; action?: string }[] {
  if (path.includes('{plural}'))
    return [...model.objects.values()]
      .filter((object) => !object.retired)
      .map((object) => ({ path: path.replace('{plural}', object.plural), object }));
  if (path.includes('{action}')) return [...model.actions.keys()].map((action) => ({ path: path.replace('{action}', action), action }));
  return [{ path }];
}

/** The schema of a body; parts that refer to themselves go among the shared ones, for a reference reads from the whole description. */
function bodySchema(body: z.ZodType, operation: string, shared: Record<string, JsonObject>): JsonObject {
  const made = JSON.stringify(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }));
  const { $defs, ...schema } = JSON.parse(
    made.replace(/"#\/\$defs\/(\w+)"/g, (_, name: string) => `"#/components/schemas/${operation}${name}"`),
  ) as JsonObject & { $defs?: Record<string, JsonObject> };
  for (const [name, part] of Object.entries($defs ?? {})) shared[`${operation}${name}`] = part;
  return schema;
}

function describeRoute(
  model: Model,
  route: Route,
  path: string,
  object: ModelObject | undefined,
  action: string | undefined,
  shared: Record<string, JsonObject>,
): JsonObject {
  const parameters: JsonObject[] = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name ?? '',
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const query = route.query
    ? (z.toJSONSchema(route.query, { io: 'input' }) as { properties?: Record<string, JsonObject>; required?: string[] })
    : {};
  for (const [name, schema] of Object.entries(query.properties ?? {}))
    parameters.push({ name, in: 'query', required: query.required?.includes(name) === true, schema });
  if (route.writes) {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      schema: { type: 'string', maxLength: 200 },
      description: 'The same key and request again gives the first outcome.',
    });
    if (route.method === 'PATCH' || route.method === 'DELETE')
      parameters.push({
        name: 'If-Match',
        in: 'header',
        required: false,
        schema: { type: 'string' },
        description: 'The ETag as read; another version answers 412 with both values.',
      });
  }
  const operation: JsonObject = {
    operationId: [
      route.method.toLowerCase(),
      ...path
        .replace('/api/v1', '')
        .split(/[/{}]+/)
        .filter(Boolean),
    ]
      .join('_')
      .replace(/[^\w]/g, '_'),
    summary: object ? `${route.summary} (${object.plural})` : action ? `${route.summary}: ${action}` : route.summary,
    tags: [object ? object.plural : route.tag],
    ...(parameters.length > 0 ? { parameters } : {}),
    responses: responses(route, object),
    ...(route.open ? { security: [] } : {}),
    ...(route.proof ? { 'x-proof': true, description: PROOF } : {}),
  };
  if (route.multipart)
    operation.requestBody = {
      required: true,
      content: {
        'multipart/form-data': { schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } } } },
        ...(route.raw ? { '*/*': { schema: { type: 'string', format: 'binary' } } } : {}),
      },
    };
  else if (action) operation.requestBody = { required: true, content: { 'application/json': { schema: actionSchema(model, action) } } };
  else if (object && (route.summary === 'Create a record' || route.summary === 'Change fields of a record'))
    operation.requestBody = {
      required: true,
      content: { 'application/json': { schema: { $ref: `#/components/schemas/${object.key}Input` } } },
    };
  else if (route.body)
    operation.requestBody = {
      required: true,
      content: { 'application/json': { schema: bodySchema(route.body, String(operation.operationId), shared) } },
    };
  return operation;
}

function responses(route: Route, object: ModelObject | undefined): JsonObject {
  const problem = { description: 'Problem', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
  const record = { $ref: `#/components/schemas/${object?.key ?? 'Problem'}` };
  const schema: JsonObject | null =
    route.answer === 'none'
      ? null
      : route.answer === 'record'
        ? record
        : route.answer === 'page'
          ? {
              type: 'object',
              properties: {
                items: { type: 'array', items: record },
                next: { type: ['string', 'null'] },
                count: { type: 'object', properties: { value: { type: 'integer' }, exact: { type: 'boolean' } } },
              },
              required: ['items', 'next'],
            }
          : (route.answer ?? {});
  const good: JsonObject =
    schema === null ? { description: 'Done' } : { description: 'Done', content: { [route.answerType ?? 'application/json']: { schema } } };
  return {
    [String(route.status ?? 200)]: good,
    ...(route.open ? {} : { '401': problem, '404': problem }),
    ...(route.proof ? { '403': problem } : {}),
    '422': problem,
  };
}

const PROOF =
  'A dangerous act: whoever is signed in must have proved within ten minutes that it is them (POST /api/v1/sign-in/proof), or the answer is 403 with the code `proofNeeded` among its errors; a key needs the scope `admin`, or none that narrows it.';

/** What every record has. */
const ALWAYS = new Set(['id', 'version']);

function recordSchema(object: ModelObject, kind: 'read' | 'write'): JsonObject {
  const properties: Record<string, JsonObject> = {};
  const required: string[] = [];
  for (const field of object.fields.values()) {
    const type = typeOf(field);
    if (type.storage === 'inverse' || field.retired || (kind === 'write' && (field.readOnly || SYSTEM_FIELDS.includes(field.key))))
      continue;
    const schema = kind === 'write' ? (type.writeSchema?.(field) ?? type.schema(field)) : type.schema(field);
    const isSure = ALWAYS.has(field.key) || (field.required && (kind === 'write' || !field.gaps));
    properties[field.key] = isSure ? schema : { anyOf: [schema, { type: 'null' }] };
    if (isSure && (kind === 'read' || field.default === undefined)) required.push(field.key);
  }
  return {
    type: 'object',
    properties,
    ...(kind === 'read' ? { required } : { additionalProperties: false }),
  };
}

/** What an action takes. */
export function actionSchema(model: Model, key: string): JsonObject {
  const action = model.actions.get(key);
  const properties: Record<string, JsonObject> = action?.object
    ? { ids: { type: 'array', items: { type: 'string', format: 'uuid' } } }
    : { ids: { type: 'array', items: { type: 'string', format: 'uuid' } } };
  for (const [name, field] of Object.entries(action?.input ?? {})) {
    const bound = { ...field, key: name, column: name, table: key };
    properties[name] = typeOf(bound).writeSchema?.(bound) ?? typeOf(bound).schema(bound);
  }
  return { type: 'object', properties };
}

const PROBLEM: JsonObject = {
  type: 'object',
  properties: {
    status: { type: 'integer' },
    title: { type: 'string' },
    detail: { type: 'string' },
    code: { type: 'string', enum: ['invalid', 'denied', 'notFound', 'conflict', 'limited', 'upstream', 'bug'] },
    request: { type: 'string', description: 'The id of the request, as in X-Request-Id and in the log' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { path: { type: 'string' }, code: { type: 'string' }, detail: { type: 'string' }, current: {}, wanted: {} },
      },
    },
  },
  required: ['status', 'code', 'detail'],
};
