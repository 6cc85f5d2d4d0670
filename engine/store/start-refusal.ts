/**
 * A reason why Perigon cannot start or go on that the reader can mend: shown as one plain line, without a stack.
 * The message says what is wrong and what to do about it.
 */
export class StartRefusal extends Error {
  override readonly name = 'StartRefusal';
}

/** The error's system code (`EACCES`, `ENOENT`, …), or the empty string. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What went wrong in a few plain words, for use inside a sentence. */
export function reasonOf(error: unknown): string {
  switch (systemCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EROFS':
      return 'the disk is read-only';
    case 'ENOSPC':
      return 'the disk is full';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a file is in the way';
    case 'ENOENT':
      return 'there is no such place';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
