import type { Db } from '#engine/store/db.ts';
import { isDatabaseAway } from '#engine/store/db.ts';
import type { JsonObject } from '#kit/json.ts';

/** Something in the outbox whose turn it is. */
export interface Thing {
  id: string;
  kind: string;
  target: string;
  payload: JsonObject;
  source: string | null;
  attempts: number;
  at: string;
}

export type Sent = { ok: true; status?: number } | { ok: false; status?: number; error: string; final?: boolean };

/** Seconds until something is sent again; behind the last it is a dead letter, which stands in the list until somebody tells otherwise. */
const BACK_OFF = [10, 60, 300, 1800, 7200, 21_600, 86_400];
/** Taken at once, and for how long nobody else takes them: longer than a send may last. */
const BATCH = 32;
const LEASE_S = 30;

/** Changes of a record reach a webhook one after another, and a receiver that fails rests as a whole. */
const ITS_TURN = `not exists (select 1 from outbox b where b.source = x.source and b.record_id = x.record_id and b.place < x.place and b.next_at is not null)
           and not exists (select 1 from webhook_states s where s.webhook = x.source and s.rest_until > now())`;

/**
 * Sends what is in the outbox (design, promise 10). A row is taken in a transaction of its own before it is sent, and its outcome is
 * written after: a server that dies in between leaves it *in doubt*, and it is sent again under the same id.
 */
export class OutboxSender {
  private stopping = false;
  private loop: Promise<void> | null = null;
  private wakeUp: () => void = () => undefined;
  constructor(
    private readonly o: {
      db: Db;
      kinds: { readonly [kind: string]: (thing: Thing) => Promise<Sent> };
      /** Told of what came of a round. */
      noted(things: readonly Thing[], outcomes: readonly Sent[]): Promise<void>;
      log(message: string, error?: unknown): void;
    },
  ) {}

  start(): void {
    this.loop = this.run();
  }
  /** There may be something to send. */
  wake(): void {
    this.wakeUp();
  }
  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeUp();
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        if ((await this.round()) > 0) continue;
      } catch (error) {
        if (!isDatabaseAway(error)) this.o.log('the sender of the outbox met a fault', error);
      }
      if (this.stopping) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 500);
        this.wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Sends what is due once; gives how many there were. */
  async round(): Promise<number> {
    const things = await this.o.db.query<Thing>(
      `update outbox o set state = case when o.state in ('sending', 'inDoubt') then 'inDoubt' else 'sending' end, attempts = o.attempts + 1, next_at = now() + interval '${LEASE_S} seconds'
       from (
         select id from outbox x where next_at <= now() and kind = any($1::text[]) and ${ITS_TURN} order by next_at limit ${BATCH} for update skip locked) due
       where o.id = due.id returning o.id, o.kind, o.target, o.payload, o.source, o.attempts, o.at`,
      [Object.keys(this.o.kinds)],
    );
    if (things.length === 0) return 0;
    const outcomes = await Promise.all(things.map((thing) => this.send(thing)));
    const rows = things.map((thing, i) => {
      const sent = outcomes[i] ?? { ok: false, error: 'Nothing came of it.' };
      if (sent.ok) return { id: thing.id, state: 'sent', status: sent.status ?? null, error: null, in: null };
      const again = sent.final ? undefined : BACK_OFF[thing.attempts - 1];
      return {
        id: thing.id,
        state: again === undefined ? 'dead' : 'waiting',
        status: sent.status ?? null,
        error: sent.error,
        in: again ?? null,
      };
    });
    await this.o.db.query(
      `update outbox o set state = x.state, status = x.status, error = x.error, next_at = now() + make_interval(secs => x.in), sent_at = case when x.state = 'sent' then now() end
       from json_to_recordset($1::json) as x(id uuid, state text, status integer, error text, "in" double precision) where o.id = x.id`,
      [JSON.stringify(rows)],
    );
    await this.o.noted(things, outcomes);
    return things.length;
  }

  private async send(thing: Thing): Promise<Sent> {
    try {
      return (await this.o.kinds[thing.kind]?.(thing)) ?? { ok: false, error: 'Nobody sends this.', final: true };
    } catch (error) {
      this.o.log(`something in the outbox could not be sent (${thing.id})`, error);
      return { ok: false, error: 'A fault of Perigon; the log has the details.' };
    }
  }
}
