import { ApiError } from './api.ts';
import { words } from './words.ts';

/** What failed, in the server's words or, without an answer, in ours. */
export function failureText(failure: unknown): string {
  const { t } = words();
  if (failure instanceof ApiError) return failure.status === 0 ? t('failure.offline') : failure.message;
  return t('failure.unexpected');
}
