import type { IncomingMessage } from 'node:http';
import type { FastifyError, FastifyInstance } from 'fastify';
import { DISK_FULL, isDatabaseAway, isDiskFull, sqlState } from '#engine/store/db.ts';
import { type ErrorCode, isPerigonError, PerigonError } from '#kit/errors.ts';
import { SignInNeeded } from './route.ts';
import { originOf } from './sign-in.routes.ts';

/** The one place where an error becomes an answer: problem+json (RFC 9457) with Perigon's code and the faults by field. */
const STATUS: Record<ErrorCode, number> = {
  invalid: 422,
  denied: 403,
  notFound: 404,
  conflict: 409,
  limited: 429,
  upstream: 502,
  bug: 500,
};

export function problemOf(error: unknown): { status: number; body: Record<string, unknown>; headers: Record<string, string> } {
  const made = (
    status: number,
    code: string,
    detail: string,
    more: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) => ({
    status,
    body: { type: 'about:blank', title: TITLES[status] ?? 'Error', status, code, detail, errors: [], ...more },
    headers,
  });
  if (error instanceof SignInNeeded)
    return made(401, 'denied', error.message || 'Sign in, or send an API key.', {}, { 'www-authenticate': 'Bearer' });
  if (isPerigonError(error)) {
    const { precondition, retryAfter, unrecognised, ...more } = error.more;
    const status = precondition === true ? 412 : unrecognised === true ? 401 : STATUS[error.code];
    return made(
      status,
      error.code,
      error.message,
      { errors: error.errors, ...more },
      typeof retryAfter === 'number' ? { 'retry-after': String(retryAfter) } : {},
    );
  }
  if (isDatabaseAway(error))
    return made(503, 'upstream', 'The database is away for the moment. Try again shortly.', {}, { 'retry-after': '1' });
  if (isDiskFull(error)) return made(507, 'upstream', DISK_FULL, {}, { 'retry-after': '60' });
  if (sqlState(error) === '57014')
    return made(
      503,
      'limited',
      'This question takes too long. Narrow it with a filter, or sort by an indexed field.',
      {},
      { 'retry-after': '1' },
    );
  if (sqlState(error) === '55P03' || sqlState(error) === '40P01' || sqlState(error) === '40001')
    return made(503, 'limited', 'Others are writing the same records. Try again.', {}, { 'retry-after': '1' });
  // A zero byte or half a character in an address: bodies are looked at before (json-body.ts).
  if (sqlState(error) === '22021' || sqlState(error) === '22P05')
    return made(422, 'invalid', 'A text has a character that cannot be kept or compared.');
  const status = (error as FastifyError).statusCode;
  if (status === 413) return made(413, 'invalid', 'The request is too large.');
  if (status === 415) return made(415, 'invalid', 'Send application/json.');
  if (status === 429) return made(429, 'limited', (error as Error).message, {}, { 'retry-after': '60' });
  if (typeof status === 'number' && status >= 400 && status < 500)
    return made(status === 400 ? 422 : status, 'invalid', 'The request cannot be read: it is not valid JSON.');
  return made(500, 'bug', 'A fault of Perigon. The log has the details.');
}

const TITLES: Record<number, string> = {
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Unknown format',
  422: 'Cannot be accepted',
  429: 'Too many requests',
  500: 'Fault',
  502: 'Another system failed',
  503: 'Away for the moment',
  507: 'No room',
};

/** A client that is still sending would break off before it hears why: the rest of what it sends is let go by, for a while. */
async function heardOut(request: IncomingMessage): Promise<void> {
  if (request.complete !== false || request.readableEnded || request.destroyed) return;
  request.unpipe();
  request.resume();
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    request.once('close', resolve).once('end', resolve);
    timer = setTimeout(resolve, HEAR_OUT_MS);
  });
  clearTimeout(timer);
}
const HEAR_OUT_MS = 5_000;

/** Answers every error and unknown address in that form, with the request's id for whoever asks about it. */
export function mountProblems(app: FastifyInstance, log: (message: string, error: unknown) => void): void {
  app.setErrorHandler(async (error, request, reply) => {
    await heardOut(request.raw);
    const { status, body, headers } = problemOf(error);
    // Where an application learns who gives tokens for this address (RFC 9728); who had one is told that it does not hold.
    if (error instanceof SignInNeeded) {
      const metadata = `${originOf(request)}/.well-known/oauth-protected-resource${request.url.startsWith('/mcp') ? '/mcp' : ''}`;
      const expired = request.headers.authorization === undefined ? '' : 'error="invalid_token", ';
      headers['www-authenticate'] = `Bearer ${expired}resource_metadata="${metadata}"`;
    }
    if (status === 500 || status === 507) log('a request failed', error);
    return reply
      .code(status)
      .headers(headers)
      .type('application/problem+json')
      .send(JSON.stringify({ ...body, request: request.id }));
  });
}

/** The answer to an address that is not there. */
export const notThere = () => problemOf(new PerigonError('notFound', 'There is no such address.'));
