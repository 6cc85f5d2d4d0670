import type { Actor } from '#engine/access/actor.ts';
import { loadActor } from '#engine/access/sign-in.ts';
import { instantText } from '#engine/declare/field.ts';
import type { Context } from '#engine/record/context.ts';
import { shownChanges } from '#engine/record/history.ts';
import { LogConsumer } from '#engine/record/log-consumer.ts';
import { meeting } from '#engine/record/meeting.ts';
import type { ModelSource } from '#engine/record/model-source.ts';
import { type Outgoing, queueOut } from '#engine/record/outbox.ts';
import { writeIn } from '#engine/record/write.ts';
import { type Db, type Tx, within } from '#engine/store/db.ts';
import { isPerigonError } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import { activeSubscriptions, type Subscription } from './webhooks.ts';

const LOCK = 0x77656268;
const COLUMNS = `seq, ${instantText('at')} as at, object, record_id, action, version, cause, before, after`;
/** Positions of the log that a replay goes over at once. */
const STRETCH = 2000;

interface LogRow {
  seq: number;
  at: string;
  object: string;
  record_id: string;
  action: 'create' | 'update' | 'delete' | 'restore';
  version: number;
  cause: string;
  before: JsonObject | null;
  after: JsonObject | null;
}

/** Who did it, by cause. */
type Causes = ReadonlyMap<string, { kind: string; actor: { kind: string; id: string | null } }>;

const VERBS = { create: 'created', update: 'updated', delete: 'deleted', restore: 'restored' } as const;

/** Whether a webhook tells of a row of the log, as far as the row itself says. What comes back from the trash counts as made. Pure. */
export const concernsWebhook = (one: Pick<Subscription, 'objects' | 'actions'>, row: Pick<LogRow, 'object' | 'action'>): boolean =>
  one.objects.includes(row.object) && one.actions.includes(row.action === 'restore' ? 'create' : row.action);

/**
 * Puts what webhooks tell into the outbox, from the log, in the transaction that moves its cursor: each change once, under one id. What
 * a webhook tells is what whoever it acts for may read when the row is read, a moment after the change.
 */
export function webhookFollower(o: {
  db: Db;
  models: ModelSource;
  /** A context of Perigon's own, whose actor is replaced. */
  context(): Promise<Context>;
  queued(): void;
  log(message: string, error?: unknown): void;
}): LogConsumer<LogRow> {
  let active: Subscription[] = [];
  let queued = 0;
  const list = (keys: readonly string[]) => keys.map((key) => `'${key.replaceAll("'", "''")}'`).join(', ');
  return new LogConsumer<LogRow>({
    db: o.db,
    name: 'webhooks',
    lock: LOCK,
    columns: COLUMNS,
    where: async () => {
      active = await activeSubscriptions({ query: o.db.keyed });
      if (active.length === 0) return 'false';
      await o.models.newest();
      return `object in (${list([...new Set(active.flatMap(({ objects }) => objects))])})`;
    },
    batch: 1000,
    gather: 25,
    log: o.log,
    async take(tx, rows) {
      queued = 0;
      if (rows.length === 0) return;
      const telling = await Telling.begin(tx, o.db, await o.context(), rows);
      const things: Outgoing[] = [];
      for (const one of active)
        things.push(
          ...(await telling.tell(
            one,
            rows.filter((row) => row.seq > one.fromSeq),
          )),
        );
      queued = things.length;
      await queueOut(tx, things);
    },
    taken() {
      if (queued > 0) o.queued();
    },
    // Replays, a stretch at a time.
    async idle() {
      const [one] = (await activeSubscriptions({ query: o.db.keyed })).filter(({ replayAfter }) => replayAfter !== null);
      if (!one) return false;
      await o.models.newest();
      const base = await o.context();
      await o.db.transaction(async (tx) => {
        const [held] = await tx.query<{ after: number | null; to: number }>(
          'select replay_after as after, replay_to as to from webhook_states where webhook = $1::uuid for update',
          [one.id],
        );
        if (!held || held.after === null) return;
        const end = Math.min(held.after + STRETCH, held.to);
        const rows = await tx.query<LogRow>(
          `select ${COLUMNS} from changes where seq > $1::bigint and seq <= $2::bigint and object = any($3::text[]) order by seq`,
          [held.after, end, one.objects],
        );
        if (rows.length > 0) await queueOut(tx, await (await Telling.begin(tx, o.db, base, rows)).tell(one, rows));
        await tx.query(
          'update webhook_states set replay_after = case when $2::bigint < replay_to then $2::bigint end where webhook = $1::uuid',
          [one.id, end],
        );
      });
      o.queued();
      return true;
    },
  });
}

/** What some rows of the log look like to those whose rights webhooks have, asked once for all webhooks of the same reader. */
class Telling {
  private readonly actors = new Map<string, Actor | null>();
  private readonly reached = new Map<string, Promise<Set<string>>>();
  private readonly said = new Map<string, Promise<Map<number, JsonObject>>>();
  private constructor(
    private readonly tx: Tx,
    private readonly db: Db,
    private readonly base: Context,
    private readonly rows: readonly LogRow[],
    private readonly causes: Causes,
  ) {}

  static async begin(tx: Tx, db: Db, base: Context, rows: readonly LogRow[]): Promise<Telling> {
    const found = await tx.query<{ id: string; kind: string; actor_kind: string; actor_id: string | null }>(
      'select id, kind, actor_kind, actor_id from causes where id = any($1::uuid[])',
      [[...new Set(rows.map(({ cause }) => cause))]],
    );
    const causes = new Map(found.map((row) => [row.id, { kind: row.kind, actor: { kind: row.actor_kind, id: row.actor_id } }]));
    return new Telling(tx, db, base, rows, causes);
  }

  /** What one webhook tells of some of the rows. */
  async tell(one: Subscription, rows: readonly LogRow[]): Promise<Outgoing[]> {
    const own = rows.filter((row) => concernsWebhook(one, row));
    if (own.length === 0) return [];
    try {
      const actor = await this.actorOf(one.by);
      if (!actor) return await this.rest(one, 'Whoever this webhook acts for is no longer active. Switch it on anew.');
      const things: Outgoing[] = [];
      for (const row of own) {
        if (!(await this.reach(actor, one, row.object)).has(row.record_id)) continue;
        const payload = (await this.saidOf(actor, row.object)).get(row.seq);
        if (payload)
          things.push({
            kind: 'webhook',
            target: one.url,
            payload,
            source: one.id,
            object: row.object,
            record: row.record_id,
            cause: row.cause,
            place: row.seq,
          });
      }
      return things;
    } catch (error) {
      // A condition that can no longer be read: its field was retired or is hidden now.
      if (!isPerigonError(error)) throw error;
      return this.rest(one, error.errors[0]?.detail ?? error.message);
    }
  }

  private payload(row: LogRow, changes: JsonObject): JsonObject {
    const cause = this.causes.get(row.cause);
    return {
      type: `${row.object}.${VERBS[row.action]}`,
      at: row.at,
      seq: row.seq,
      object: row.object,
      record: row.record_id,
      action: row.action,
      version: row.version,
      changes,
      cause: { id: row.cause, kind: cause?.kind ?? null },
      actor: { kind: cause?.actor.kind ?? null, id: cause?.actor.id ?? null },
    };
  }

  private async actorOf(user: string | null): Promise<Actor | null> {
    if (user === null) return null;
    if (!this.actors.has(user)) this.actors.set(user, await loadActor(this.tx, user));
    return this.actors.get(user) ?? null;
  }

  private contextOf = (actor: Actor): Context => ({ ...this.base, db: within(this.db, this.tx), actor, once: undefined });

  /** Records of an object that the reader may read and that meet the webhook's condition, those in the trash too. */
  private reach(actor: Actor, one: Subscription, key: string): Promise<Set<string>> {
    return held(this.reached, `${actor.reach} ${key} ${JSON.stringify(one.condition)}`, async () => {
      const object = this.base.model.objects.get(key);
      if (!object || actor.rights.scope(key, 'read') === 'none') return new Set<string>();
      const ids = [...new Set(this.rows.filter((row) => row.object === key).map((row) => row.record_id))];
      return meeting(this.contextOf(actor), object, ids, one.condition ?? undefined, { deleted: true });
    });
  }

  /** What is said of each row of an object: one and the same for all webhooks of a reader. */
  private saidOf(actor: Actor, key: string): Promise<Map<number, JsonObject>> {
    return held(this.said, `${actor.reach} ${key}`, async () => {
      const rows = this.rows.filter((row) => row.object === key);
      const shown = await shownChanges(this.contextOf(actor), this.base.model.object(key), rows);
      return new Map(rows.map((row, i) => [row.seq, this.payload(row, (shown[i] ?? {}) as JsonObject)]));
    });
  }

  /** Says why a webhook told nothing; the log goes on, and a replay brings back what it missed. */
  private async rest(one: Subscription, problem: string): Promise<Outgoing[]> {
    if (one.problem !== problem)
      await writeIn(
        this.tx,
        this.contextOf(this.base.actor),
        this.base.model.object('webhook'),
        [{ op: 'update', id: one.id, values: { problem: problem.slice(0, 1000) } }],
        { trusted: true },
      );
    return [];
  }
}

function held<V>(map: Map<string, Promise<V>>, key: string, make: () => Promise<V>): Promise<V> {
  const known = map.get(key);
  if (known) return known;
  const made = make();
  map.set(key, made);
  return made;
}
