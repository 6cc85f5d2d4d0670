import type { Db } from '#engine/store/db.ts';

/** For how long nobody else takes what was taken: longer than it may wait here and be sent. */
export const LEASE_S = 30;
/** Characters of bodies that are remembered: what ten webhooks tell of a change is one and the same. */
const REMEMBERED = 4_000_000;

/** Something in the outbox whose turn it is. */
export interface Thing {
  id: string;
  kind: string;
  target: string;
  /** What is said: JSON of an object that is not empty, without the id. */
  body: string;
  source: string;
  /** What it is signed with. */
  secret: string | null;
  /** Whether its receiver rests as a whole when it fails. */
  rests: boolean;
  attempts: number;
  /** By `performance.now()`. */
  leaseEnds: number;
}

/** What came of a thing: it was sent, it is tried again in so many seconds, it is given up; or it was not tried, and may be taken again then. */
export type Outcome =
  | { thing: Thing; sent: true; status: number | null }
  | { thing: Thing; sent: false; status: number | null; error: string; again: number | null }
  | { thing: Thing; back: true; afterS: number };

/** How much may be taken. */
export interface Rooms {
  /** Of receivers that are known; of the others `unknown`. */
  of: ReadonlyMap<string, number>;
  unknown: number;
  total: number;
}

/**
 * Takes what is due, receiver by receiver, each up to the room it has: what waits for one that is full or rests is not even looked at.
 * Changes of a record reach a webhook one after another: none is taken while an earlier one is open.
 */
const TAKE = `
  with recursive sources(source) as (
    (select source from outbox_open order by source limit 1)
    union all
    select (select q.source from outbox_open q where q.source > s.source order by q.source limit 1) from sources s where s.source is not null),
  receivers as materialized (
    -- One that fails is tried one at a time.
    select s.source, case when w.failing_since is null then coalesce(r.room, $4::int) else least(coalesce(r.room, 1), 1) end as room
    from sources s left join unnest($2::uuid[], $3::int[]) as r(source, room) on r.source = s.source left join webhook_states w on w.webhook = s.source
    where s.source is not null and (w.rest_until is null or w.rest_until <= now()) order by random()),
  due as (
    select x.id from receivers r cross join lateral (
      select q.id from outbox_open q
      where r.room > 0 and q.source = r.source and q.next_at <= now() and (q.until is null or q.until <= now()) and q.kind = any($1::text[])
        and not exists (select 1 from outbox_open b where b.source = q.source and b.record_id = q.record_id and b.place < q.place)
      order by q.next_at limit r.room for update skip locked) x
    limit $5::int),
  taken as (
    update outbox_open q set state = case when q.state in ('sending', 'inDoubt') then 'inDoubt' else 'sending' end, attempts = q.attempts + 1,
      until = now() + interval '${LEASE_S} seconds' from due where q.id = due.id returning q.id, q.kind, q.source, q.attempts)
  select t.id, t.kind, t.source, t.attempts, o.target, o.body from taken t join outbox o on o.id = t.id`;

const SECRETS = `select flow as source, secret, false as rests from flow_secrets where flow = any($1::uuid[]) and kind = 'webhook'
  union all select webhook, secret, true from webhook_states where webhook = any($1::uuid[])`;

/** The table of what is still to be sent, as the sender sees it. */
export class OpenThings {
  private readonly bodies = new Map<string, string>();
  private characters = 0;
  constructor(private readonly db: Db) {}

  async take(kinds: readonly string[], rooms: Rooms): Promise<Thing[]> {
    const leaseEnds = performance.now() + LEASE_S * 1000;
    const rows = await this.db.query<{ id: string; kind: string; source: string; attempts: number; target: string; body: string }>(TAKE, [
      kinds,
      [...rooms.of.keys()],
      [...rooms.of.values()],
      rooms.unknown,
      rooms.total,
    ]);
    if (rows.length === 0) return [];
    const [said, secrets] = await Promise.all([
      this.said([...new Set(rows.map(({ body }) => body))]),
      this.db.query<{ source: string; secret: string; rests: boolean }>(SECRETS, [[...new Set(rows.map(({ source }) => source))]]),
    ]);
    const bySource = new Map(secrets.map(({ source, secret, rests }) => [source, { secret, rests }]));
    // Whose body is gone was itself erased meanwhile.
    return rows.flatMap(({ body, ...row }) => {
      const text = said.get(body);
      return text === undefined ? [] : [{ ...row, body: text, secret: null, rests: false, ...bySource.get(row.source), leaseEnds }];
    });
  }

  /** Writes what came of things, however many. */
  async write(outcomes: readonly Outcome[]): Promise<void> {
    const sent: Extract<Outcome, { sent: true }>[] = [];
    const rest: { id: string; back: boolean; status?: number | null; error?: string; again: number | null; attempts: number }[] = [];
    for (const outcome of outcomes) {
      const { id, attempts } = outcome.thing;
      if ('back' in outcome) rest.push({ id, back: true, again: outcome.afterS, attempts: attempts - 1 });
      else if (outcome.sent) sent.push(outcome);
      else rest.push({ id, back: false, status: outcome.status, error: outcome.error, again: outcome.again, attempts });
    }
    if (sent.length > 0)
      await this.db.query(
        `with x as (select * from unnest($1::uuid[], $2::int[], $3::int[]) as x(id, status, attempts)), gone as (delete from outbox_open q using x where q.id = x.id)
         update outbox o set sent_at = now(), dead_at = null, status = x.status, error = null, attempts = x.attempts from x where o.id = x.id`,
        [sent.map(({ thing }) => thing.id), sent.map(({ status }) => status), sent.map(({ thing }) => thing.attempts)],
      );
    if (rest.length > 0)
      await this.db.query(
        `with x as (select * from json_to_recordset($1::json) as x(id uuid, back boolean, status integer, error text, again double precision, attempts integer)),
           gone as (delete from outbox_open q using x where q.id = x.id and x.again is null returning q.id),
           later as (
             update outbox_open q set state = 'waiting', until = null, attempts = x.attempts, next_at = greatest(q.next_at, now() + make_interval(secs => x.again))
             from x where q.id = x.id and x.again is not null)
         update outbox o set status = x.status, error = x.error, attempts = x.attempts, dead_at = case when x.again is null then now() end
         from x where o.id = x.id and not x.back and (x.again is not null or x.id in (select id from gone))`,
        [JSON.stringify(rest)],
      );
  }

  private async said(ids: readonly string[]): Promise<Map<string, string>> {
    const said = new Map<string, string>();
    const missing: string[] = [];
    for (const id of ids) {
      const known = this.bodies.get(id);
      if (known === undefined) missing.push(id);
      else said.set(id, known);
    }
    if (missing.length === 0) return said;
    const found = await this.db.query<{ id: string; payload: string }>(
      'select id, payload::text as payload from outbox_bodies where id = any($1::uuid[])',
      [missing],
    );
    for (const { id, payload } of found) {
      said.set(id, payload);
      this.bodies.set(id, payload);
      this.characters += payload.length;
    }
    for (const [id, payload] of this.bodies) {
      if (this.characters <= REMEMBERED) break;
      this.bodies.delete(id);
      this.characters -= payload.length;
    }
    return said;
  }
}
