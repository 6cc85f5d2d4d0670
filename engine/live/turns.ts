import type { Actor } from '#engine/access/actor.ts';
import { instantText } from '#engine/declare/field.ts';
import { linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import { membershipOf } from '#engine/declare/fields/many-to-many/membership.ts';
import type { Model } from '#engine/declare/model.ts';
import type { Queryable } from '#engine/store/db.ts';
import { type Turn, turnEvents } from './given.ts';
import { isNarrow } from './reach.ts';
import { type LiveStream, message } from './stream.ts';

/** How often is looked for what began or ended. */
export const TURNS_MS = 2_000;
/** So many at once are not told one by one: whom they may concern fetches anew. */
const MOST = 1000;

/**
 * Shares and memberships run out, and memberships begin, without anybody writing: this tells the streams of one server of it, by the
 * base's own clock. Every server asks for its own readers, so none waits for another. A share whose moment had passed before it was
 * committed is told by its own row of the log.
 */
export class Turns {
  /** Up to when all streams were told; null while nobody listens. */
  private told: string | null = null;
  private busy = false;

  constructor(
    private readonly q: Queryable,
    private readonly model: () => Model,
    private readonly readers: (streams: Iterable<LiveStream>) => Actor[],
    private readonly reset: (streams: Iterable<LiveStream>) => void,
  ) {}

  /** Tells what came since the last time. */
  async tell(streams: ReadonlySet<LiveStream>): Promise<void> {
    if (streams.size === 0) this.told = null;
    if (this.told === null || this.busy) return;
    this.busy = true;
    try {
      const found = await turnsSince(this.q, this.model(), this.told);
      await this.send(found.turns, [...streams]);
      this.told = found.at;
    } finally {
      this.busy = false;
    }
  }

  /** Tells a new stream what came since its reader last heard of anything: the moment of a position of the log, or so long ago. */
  async catchUp(stream: LiveStream, since: { seq: number } | { ms: number }): Promise<void> {
    if (stream.turned) return;
    const [row] =
      'seq' in since
        ? await this.q.query<{ at: string }>(
            `select ${instantText(`coalesce((select c.at from changes c where c.seq <= $1::bigint order by c.seq desc limit 1), '2000-01-01Z'::timestamptz)`)} as at`,
            [since.seq],
          )
        : await this.q.query<{ at: string }>(`select ${instantText('(now() - make_interval(secs => $1::float8))')} as at`, [
            since.ms / 1000,
          ]);
    const found = await turnsSince(this.q, this.model(), row?.at ?? '', stream.actor);
    await this.send(found.turns, [stream]);
    stream.turned = true;
    this.told ??= found.at;
  }

  private async send(turns: readonly Turn[], streams: readonly LiveStream[]): Promise<void> {
    if (turns.length === 0) return;
    if (turns.length > MOST) return this.reset(streams.filter((stream) => isNarrow(this.model(), stream.actor)));
    const events = await turnEvents(this.q, this.model(), turns, this.readers(streams));
    for (const stream of streams) stream.send((events.get(stream.actor.reach) ?? []).map((data) => message({ data })).join(''));
  }
}

/**
 * What began or ended after a moment and up to now. Each moment lies in an index of the few that have one, so this is a look at three
 * indexes however many shares and memberships there are. `mine` keeps to what concerns one reader.
 */
async function turnsSince(q: Queryable, model: Model, from: string, mine?: Actor): Promise<{ at: string; turns: Turn[] }> {
  const own = (condition: string): string => (mine ? ` and ${condition}` : '');
  const within = (moment: string): string => `${moment} > $1::timestamptz and ${moment} <= (select t from clock)`;
  const branches: string[] = [];
  if (model.objects.has('share'))
    branches.push(
      `select s.object, s.record as id, s.user_id as "user", s.team_id as team, true as ends from shares s
       where ${within('s.until')} and s.deleted_at is null${own('(s.user_id = $2::uuid or s.team_id = any($3::uuid[]))')}`,
    );
  for (const object of model.objects.values()) {
    const team = object.team ? object.fields.get(object.team) : undefined;
    if (!team || !membershipOf(team)) continue;
    for (const moment of ['since', 'until'])
      branches.push(
        `select '${object.key}' as object, l.from_id as id, l.to_id as "user", null::uuid as team, ${moment === 'until'} as ends from ${linkTable(team)} l
         where ${within(`l.${moment}`)}${own('l.to_id = $2::uuid')}`,
      );
  }
  const turns = branches.length > 0 ? `(select json_agg(x) from (${branches.join(' union all ')} limit ${MOST + 1}) x)` : 'null::json';
  const [row] = await q.query<{ at: string; turns: Turn[] | null }>(
    `with clock as materialized (select date_trunc('milliseconds', now()) as t) select ${instantText('t')} as at, ${turns} as turns from clock`,
    mine ? [from, mine.userId, mine.teamIds] : [from],
  );
  return { at: row?.at ?? from, turns: row?.turns ?? [] };
}
