import { createHash } from 'node:crypto';
import type { Db, Queryable } from '#engine/store/db.ts';
import { PerigonError } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';

/**
 * Failed tries to come in, counted in the base, so that all servers know of each. After a few a counter makes whoever it counts wait,
 * longer with each further failure. A try is counted before it is made and taken back where it was right: a thousand at the same
 * moment are no more than one after the other.
 */
export interface Counter {
  subject: string;
  /** Failures within the hour that cost nothing. */
  free: number;
}

const WINDOW_MINUTES = 60;
const FIRST_WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 900;
const TOLD_MINUTES = 15;

/** How long one waits after so many failures: half a minute, then twice as long each time, to a quarter of an hour. */
export const waitAfter = (failures: number, free: number): number =>
  failures < free ? 0 : Math.min(FIRST_WAIT_SECONDS * 2 ** Math.min(failures - free, 10), LONGEST_WAIT_SECONDS);

/** What is counted of a network: an address of version 4, or the part of one of version 6 that a line is given. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const groups = [...left, ...zeros, ...right].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(':')}::/64`;
}

/** The counter of an account, whether there is one or not: what was typed is not kept. */
export const accountSubject = (email: string): string => `account ${createHash('sha256').update(email).digest('base64')}`;

/** Tells who was made to wait, of whom that had not been told for a while. */
type Tell = () => Promise<void>;

/** Counts a try, or refuses it and says for how long. Gives what takes it back. */
export async function beginTry(db: Db, counters: readonly Counter[], tell?: Tell): Promise<string> {
  const attempt = newId();
  const subjects = counters.map(({ subject }) => subject);
  const refusal = await db.transaction(async (tx) => {
    // One after another for each counter, always in the same order.
    await tx.query(
      `select pg_advisory_xact_lock(hashtextextended(s, 38)) from (select s from unnest($1::text[]) s order by s) as ordered`,
      [subjects],
    );
    const rows = await tx.query<{ subject: string; failures: number; since: number }>(
      `select subject, count(*)::int as failures, extract(epoch from clock_timestamp() - max(at))::float8 as since
       from sign_in_failures where subject = any($1::text[]) and at > now() - make_interval(mins => $2::int) group by subject`,
      [subjects, WINDOW_MINUTES],
    );
    const waits = counters.map(({ subject, free }) => {
      const row = rows.find((one) => one.subject === subject);
      return { subject, seconds: row ? waitAfter(row.failures, free) - row.since : 0 };
    });
    const longest = waits.reduce((most, one) => (one.seconds > most.seconds ? one : most));
    if (longest.seconds <= 0) {
      await tx.query('insert into sign_in_failures (subject, try, at) select s, $2::uuid, clock_timestamp() from unnest($1::text[]) s', [
        subjects,
        attempt,
      ]);
      return null;
    }
    const told = await tx.query(
      `insert into sign_in_failures (subject) select $1::text
       where not exists (select from sign_in_failures where subject = $1::text and at > now() - make_interval(mins => $2::int)) returning subject`,
      [`told ${longest.subject}`, TOLD_MINUTES],
    );
    return { seconds: Math.ceil(longest.seconds), news: told.length > 0 };
  });
  if (refusal === null) return attempt;
  // Once a quarter of an hour, so that trying on does not fill the log.
  if (refusal.news) await tell?.();
  throw new PerigonError(
    'limited',
    `Too many failed tries. Try again in ${refusal.seconds < 100 ? `${refusal.seconds} seconds` : `${Math.ceil(refusal.seconds / 60)} minutes`}.`,
    [],
    { retryAfter: refusal.seconds, seconds: refusal.seconds },
  );
}

/** Takes a try back that was right; `cleared`: counters that begin anew with it. */
export async function forgiveTry(q: Queryable, attempt: string, cleared: readonly string[] = []): Promise<void> {
  await q.query('delete from sign_in_failures where try = $1::uuid or subject = any($2::text[])', [attempt, cleared]);
}

/** Removes what counts no more. */
export async function forgetOldTries(q: Queryable): Promise<void> {
  await q.query('delete from sign_in_failures where at < now() - make_interval(mins => $1::int)', [2 * WINDOW_MINUTES]);
}
