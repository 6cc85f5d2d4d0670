import type { Actor } from '#engine/access/actor.ts';
import type { Model } from '#engine/declare/model.ts';
import type { Queryable } from '#engine/store/db.ts';
import type { FeedRow } from './feed.ts';
import { type LiveEvent, reachOf, rowOf } from './reach.ts';

/**
 * What readers are told of records that were given to them for a while, or are not any more. Neither a share nor the clock writes a
 * row of the record itself, so the log does not tell of it.
 */

/** One record that somebody, or a team, has or has no more. */
interface Given {
  object: string;
  id: string;
  user: string | null;
  team: string | null;
}

/** What of it the clock brought: it began, or it ended. */
export interface Turn extends Given {
  ends: boolean;
}

const concerns = ({ object, user, team }: Given, reader: Actor): boolean =>
  (user === null ? reader.teamIds.includes(team ?? '') : reader.userId === user) && reader.rights.scope(object, 'read') !== 'none';

/** Events of the rows of the log that share a record or take a share back, by the reader's reach. */
export async function sharedEvents(
  q: Queryable,
  model: Model,
  rows: readonly FeedRow[],
  readers: readonly Actor[],
): Promise<Map<string, LiveEvent[]>> {
  const moved = rows.filter((row) => row.object === 'share');
  if (moved.length === 0 || !model.objects.has('share')) return new Map();
  const shares = await q.query<Given & { share: string }>(
    'select s.id as share, s.object, s.record as id, s.user_id as "user", s.team_id as team from shares s where s.id = any($1::uuid[])',
    [[...new Set(moved.map((row) => row.id))]],
  );
  const byId = new Map(shares.map((one) => [one.share, one]));
  const given = moved.flatMap(({ seq, id }) => {
    const share = byId.get(id);
    return share ? [{ ...share, seq, ends: true }] : [];
  });
  const told = await tell(q, model, given, readers);
  return new Map([...told].map(([reach, list]) => [reach, list.map(({ of, event }) => ({ seq: of.seq, ...event }))]));
}

/** Events of what began and ended by the clock; they have no place in the log. */
export async function turnEvents(
  q: Queryable,
  model: Model,
  turns: readonly Turn[],
  readers: readonly Actor[],
): Promise<Map<string, Told[]>> {
  const told = await tell(q, model, turns, readers);
  return new Map([...told].map(([reach, list]) => [reach, list.map(({ event }) => event)]));
}

type Told = Omit<LiveEvent, 'seq'>;

/** To each whom it concerns: that the record is in reach, as it may have come there, or that it has left. */
async function tell<G extends Turn>(
  q: Queryable,
  model: Model,
  given: readonly G[],
  readers: readonly Actor[],
): Promise<Map<string, { of: G; event: Told }[]>> {
  const found = new Map<string, { of: G; event: Told }[]>();
  for (const key of new Set(given.map(({ object }) => object))) {
    const object = model.objects.get(key);
    const own = given.filter((one) => one.object === key);
    const concerned = readers.filter((reader) => own.some((one) => concerns(one, reader)));
    if (!object || concerned.length === 0) continue;
    const rows = [...new Set(own.map(({ id }) => id))].map((id) => rowOf(object, id));
    const { now } = await reachOf(q, model, object, rows, concerned);
    for (const reader of concerned) {
      const seen = now.get(reader.reach);
      const events = own.flatMap((of): { of: G; event: Told }[] => {
        if (!concerns(of, reader)) return [];
        if (seen === 'all' || seen?.has(of.id)) return [{ of, event: { object: key, id: of.id, op: 'updated', changed: [], scope: true } }];
        // Of what began and is not in reach all the same nobody learns.
        return of.ends ? [{ of, event: { object: key, id: of.id, op: 'left' } }] : [];
      });
      found.set(reader.reach, [...(found.get(reader.reach) ?? []), ...events]);
    }
  }
  return found;
}
