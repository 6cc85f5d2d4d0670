import createClient, { type Client, type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema.d.ts';

export type { components, paths } from './schema.d.ts';
/** Records by the key of their object: `Records['party']`. */
export type Records = components['schemas'];
type Problem = Records['Problem'];

/** What Perigon refused, with the faults by field (problem+json). */
export class PerigonError extends Error {
  readonly status: number;
  readonly code: Problem['code'];
  readonly errors: NonNullable<Problem['errors']>;
  constructor(problem: Partial<Problem>, status: number) {
    super(problem.detail ?? `Perigon answered ${status}.`);
    this.name = 'PerigonError';
    this.status = status;
    this.code = problem.code ?? (status >= 500 ? 'bug' : 'invalid');
    this.errors = problem.errors ?? [];
  }
}

export interface Options {
  /** Where Perigon is: `https://crm.example`. */
  url: string;
  /** An API key; it carries the rights of its user, or fewer. */
  key: string;
  fetch?: (request: Request) => Promise<Response>;
}

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * A client whose paths, parameters and answers are typed. Every write goes under an idempotency key, its own unless one is given in
 * `headers`; whatever is not good is thrown as `PerigonError`.
 */
export function perigon({ url, key, fetch }: Options): Client<paths> {
  const client = createClient<paths>({ baseUrl: url, headers: { authorization: `Bearer ${key}` }, ...(fetch ? { fetch } : {}) });
  const middleware: Middleware = {
    onRequest({ request }) {
      if (WRITES.has(request.method) && !request.headers.has('idempotency-key'))
        request.headers.set('idempotency-key', crypto.randomUUID());
      return request;
    },
    async onResponse({ response }) {
      if (response.ok) return undefined;
      const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
      throw new PerigonError(problem, response.status);
    },
  };
  client.use(middleware);
  return client;
}

/** Every item of a list, page after page: `for await (const party of all((cursor) => client.GET('/api/v1/parties', …)))`. */
export async function* all<T>(
  page: (cursor: string | undefined) => Promise<{ data?: { items: T[]; next: string | null } }>,
): AsyncGenerator<T, void, undefined> {
  for (let cursor: string | undefined; ; ) {
    const { data } = await page(cursor);
    if (!data) return;
    yield* data.items;
    if (data.next === null) return;
    cursor = data.next;
  }
}
