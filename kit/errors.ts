/**
 * The seven ways in which anything in Perigon may fail. Every floor throws these and only the HTTP edge turns them
 * into a status, so that a rule, an import row and a request speak of the same fault in the same words.
 */
export type ErrorCode = 'invalid' | 'denied' | 'notFound' | 'conflict' | 'limited' | 'upstream' | 'bug';

/** One fault at one place. `path` is a field key, a dotted path into a value, or `''` for the record as a whole. */
export interface Problem {
  path: string;
  code: string;
  detail: string;
  /** For conflicts: the value that stands now and the value that was wanted. */
  current?: unknown;
  wanted?: unknown;
}

export class PerigonError extends Error {
  readonly code: ErrorCode;
  readonly errors: Problem[];
  /** Further members for the problem+json body, such as `current` of a version conflict. */
  readonly more: Record<string, unknown>;
  constructor(code: ErrorCode, detail: string, errors: Problem[] = [], more: Record<string, unknown> = {}) {
    super(detail);
    this.name = 'PerigonError';
    this.code = code;
    this.errors = errors;
    this.more = more;
  }
}

/** The input cannot be accepted; `errors` say where and why. */
export const invalid = (detail: string, errors: Problem[] = []) => new PerigonError('invalid', detail, errors);
/** The actor may see the thing but not do this to it. */
export const denied = (detail = 'Your roles do not allow this.', errors: Problem[] = []) => new PerigonError('denied', detail, errors);
/** Who asks is not who they say they are. */
export const unrecognised = (detail: string) => new PerigonError('denied', detail, [], { unrecognised: true });
/** It does not exist, or the actor may not read it: the two are told apart nowhere. */
export const notFound = (detail = 'There is no such record.') => new PerigonError('notFound', detail);
/** Somebody else was first; `errors` hold both values field by field. */
export const conflict = (detail: string, errors: Problem[] = [], more: Record<string, unknown> = {}) =>
  new PerigonError('conflict', detail, errors, more);
/** Too much at once; the caller may come back after `seconds`. */
export const limited = (detail: string, seconds = 1) => new PerigonError('limited', detail, [], { retryAfter: seconds });
/** Another system that Perigon needs did not do its part. */
export const upstream = (detail: string) => new PerigonError('upstream', detail);
/** A fault of Perigon itself. */
export const bug = (detail: string) => new PerigonError('bug', detail);

/** Whether a value is one of Perigon's own errors, optionally of one code. */
export function isPerigonError(error: unknown, code?: ErrorCode): error is PerigonError {
  return error instanceof PerigonError && (code === undefined || error.code === code);
}
