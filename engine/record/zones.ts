import type { Queryable } from '#engine/store/db.ts';
import type { Context } from './context.ts';

/** The time zone of each of these users; the company's for whoever has none of their own, or one that is not known. */
export async function zonesOf(q: Queryable, ctx: Pick<Context, 'env'>, users: readonly unknown[]): Promise<(user: unknown) => string> {
  const ids = [...new Set(users.filter((id): id is string => typeof id === 'string'))];
  const rows =
    ids.length === 0
      ? []
      : await q.query<{ id: string; zone: string }>(
          'select id, time_zone as zone from users where id = any($1::uuid[]) and time_zone is not null',
          [ids],
        );
  const held = new Map(rows.filter(({ zone }) => isZone(zone)).map(({ id, zone }) => [id, zone]));
  return (user) => held.get(String(user)) ?? ctx.env.timeZone;
}

/** Whether there is such a time zone. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone !== '';
  } catch {
    return false;
  }
}
