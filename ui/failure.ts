import { ApiError, type FieldProblem } from './api.ts';
import { words } from './words.ts';

/**
 * What failed, in the reader's language. The server speaks English and names each fault by a code: readers of English get
 * its own, more exact words, all others the catalogue's sentence for the code (`problem.<code>`), or the server's where
 * there is none.
 */
export function failureText(failure: unknown): string {
  const { has, language } = words();
  const faults = failure instanceof ApiError && failure.code === 'invalid' && language !== 'en' ? failure.errors : [];
  const own = new Set(faults.filter((one) => has(`problem.${one.code}`)).map(problemText));
  return own.size > 0 ? [...own].join(' ') : refusalText(failure);
}

/** The same without the faults of single fields, for where those are shown besides. */
export function refusalText(failure: unknown): string {
  const { t, has, language } = words();
  if (!(failure instanceof ApiError)) return t('failure.unexpected');
  if (failure.status === 0) return t('failure.offline');
  if (language === 'en') return failure.message;
  const key = `problem.${wholeCode(failure)}`;
  return has(key) ? t(key) : failure.message;
}

/** Some codes mean more together with the status. */
function wholeCode({ status, code }: ApiError): string {
  if (status === 401) return 'signedOut';
  if (status === 412) return 'changed';
  return status === 503 && code === 'upstream' ? 'databaseAway' : code;
}

/** What is wrong with one field, in the reader's language. */
export function problemText(problem: FieldProblem): string {
  const { t, has, language } = words();
  const key = `problem.${problem.code}`;
  return language !== 'en' && has(key) ? t(key) : problem.detail;
}

/** The field problems of a refusal by path, ready for a form. */
export function problemsByField(failure: ApiError): Record<string, string> {
  return Object.fromEntries(failure.errors.map((problem) => [problem.path, problemText(problem)]));
}
