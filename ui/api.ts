import { beginWrite } from './live/own.ts';
import { isObject } from './wire.ts';

export interface FieldProblem {
  path: string;
  code: string;
  detail: string;
}

/** A refusal of the server in its own words; `errors` say which field and why. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly errors: FieldProblem[] = [],
    readonly body: Record<string, unknown> = {},
  ) {
    super(detail);
    this.name = 'ApiError';
  }
}

/** An answer with the two headers the client acts on. */
export interface Answer<T> {
  data: T;
  /** The cause to hand to undo, if this request wrote anything. */
  cause: string | null;
  status: number;
}

type Query = Record<string, string | number | boolean | null | undefined>;

interface Options {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** A 401 of the sign-in itself is an answer, not the end of a session. */
  expectSignedOut?: boolean;
}

let signedOut: () => void = () => {};

/** Tells the client what to do when the session has ended. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

let askProof: () => Promise<boolean> = async () => false;

/** Tells the client how to ask who sits there to prove that it is them; gives the way to take that back. */
export function onProofNeeded(ask: () => Promise<boolean>): () => void {
  askProof = ask;
  return () => {
    askProof = async () => false;
  };
}

/** The address of an API resource with its query, for links that the browser follows itself. */
export function address(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return `/api/v1${path}${text ? `?${text}` : ''}`;
}

function readProblem(status: number, body: unknown): ApiError {
  const problem = isObject(body) ? body : {};
  const errors = Array.isArray(problem.errors)
    ? problem.errors.filter(isObject).map((entry) => ({
        path: String(entry.path ?? ''),
        code: String(entry.code ?? ''),
        detail: String(entry.detail ?? ''),
      }))
    : [];
  const text =
    typeof problem.detail === 'string' && problem.detail ? problem.detail : typeof problem.title === 'string' ? problem.title : `${status}`;
  return new ApiError(status, typeof problem.code === 'string' ? problem.code : 'bug', text, errors, problem);
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * One request to the API; a dangerous act that demands a proof of who sits there is repeated once they gave it. The shape of the answer is the contract's word, given by the caller as `T`;
 * field values inside stay `unknown` until their field type reads them.
 */
export async function request<T>(method: string, path: string, options: Options = {}): Promise<Answer<T>> {
  try {
    return await send<T>(method, path, options);
  } catch (failure) {
    const demanded = failure instanceof ApiError && failure.status === 403 && failure.errors.some(({ code }) => code === 'proofNeeded');
    if (!demanded || !(await askProof())) throw failure;
    return send<T>(method, path, options);
  }
}

async function send<T>(method: string, path: string, options: Options): Promise<Answer<T>> {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  let body: BodyInit | undefined;
  if (options.body instanceof FormData) {
    body = options.body;
  } else if (options.body !== undefined) {
    headers['content-type'] = 'application/json';
    body = JSON.stringify(options.body);
  }
  let response: Response;
  const answered = beginWrite(method, path);
  try {
    response = await fetch(address(path, options.query), { method, headers, body, signal: options.signal, credentials: 'same-origin' });
  } catch (failure) {
    answered(null);
    if (options.signal?.aborted) throw failure;
    throw offline();
  }
  answered(response.headers.get('perigon-cause'));
  const data = await readAnswer<T>(response, options.expectSignedOut);
  return { data, cause: response.headers.get('perigon-cause'), status: response.status };
}

/** The failure of a request that got no answer at all. */
export function offline(): ApiError {
  return new ApiError(0, 'upstream', 'offline');
}

/** The body of an answer, or its problem thrown; the end of the session is told to the app. */
export async function readAnswer<T>(response: Response, expectSignedOut = false): Promise<T> {
  const data = await readBody(response);
  if (response.ok) return data as T;
  if (response.status === 401 && !expectSignedOut) signedOut();
  throw readProblem(response.status, data);
}

/** Reads a resource. */
export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return (await request<T>('GET', path, { query, signal })).data;
}

/** Posts and returns the body alone. */
export async function post<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  return (await request<T>('POST', path, { body, signal })).data;
}
