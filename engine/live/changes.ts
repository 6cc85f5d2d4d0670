import type { Actor } from '#engine/access/actor.ts';
import { instantText } from '#engine/declare/field.ts';
import type { Context } from '#engine/record/context.ts';
import { shownChanges } from '#engine/record/history.ts';
import { Watermark } from '#engine/record/log.ts';
import { meeting } from '#engine/record/meeting.ts';
import type { Db } from '#engine/store/db.ts';
import { invalid, limited } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';

/** One change as another system reads it. */
export interface Change {
  seq: number;
  at: string;
  object: string;
  id: string;
  action: 'create' | 'update' | 'delete' | 'restore';
  version: number;
  changes: Record<string, { from: unknown; to: unknown }>;
  cause: string;
  actor: { kind: string };
}

interface Asked {
  after: number;
  limit: number;
  /** Null: all that the reader may read. */
  objects: readonly string[] | null;
  waitMs: number;
  /** Whether nobody listens any more. */
  gone(): boolean;
  /** Who asks, asked anew: null where they may not any more. */
  again(): Promise<Actor | null>;
}

interface Row extends Omit<Change, 'changes' | 'actor'> {
  before: JsonObject | null;
  after: JsonObject | null;
  actor: string;
}

/** Between two looks while somebody waits, for the whole server. */
const LOOK_MS = 100;
/** Positions that one answer goes over at most: who may read little is led on by `next`, not kept waiting. */
const STRETCH = 20_000;
/** Who waits at once on one server. */
const WAITING = 200;

/**
 * The log by a cursor (contract: a position is readable only when all lower ones are committed or aborted). Rows are held against the
 * reader's scope and field rights as they are when they are read, set-wise; what one may not read is not there, and `next` passes over it.
 */
export class ChangeFeed {
  private readonly watermark: Watermark;
  private looking: Promise<number> = Promise.resolve(-1);
  private lookedAt = Number.NEGATIVE_INFINITY;
  private waiting = 0;
  constructor(db: Db) {
    this.watermark = new Watermark({ query: db.keyed });
  }

  /** As far as the log may be read: asked anew, so that who wrote reads it; who waits takes what was found a moment ago. */
  private settledTo(fresh: boolean): Promise<number> {
    if (!fresh && performance.now() - this.lookedAt < LOOK_MS) return this.looking;
    this.lookedAt = performance.now();
    // One after another: a mark is set by one look and passed by the next.
    this.looking = this.looking.catch(() => -1).then(() => this.watermark.settledTo());
    return this.looking;
  }

  async read(ctx: Context, asked: Asked): Promise<{ items: Change[]; next: number; more: boolean }> {
    const objects = readable(ctx, asked.objects);
    const until = performance.now() + asked.waitMs;
    let reader = ctx;
    let { after } = asked;
    let fresh = true;
    if (asked.waitMs > 0 && this.waiting >= WAITING) throw limited('Too many wait for changes. Come back shortly.', 5);
    this.waiting++;
    try {
      for (;;) {
        const page = await this.page(reader, objects, after, asked.limit, fresh);
        fresh = false;
        if (page.items.length > 0 || page.more || performance.now() >= until || asked.gone()) return page;
        after = page.next;
        await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_MS, Math.max(1, until - performance.now()))));
        // Rights that ended while somebody waited are not lent for the rest of it.
        const actor = await asked.again();
        if (!actor) return { items: [], next: after, more: false };
        reader = { ...reader, actor };
      }
    } finally {
      this.waiting--;
    }
  }

  private async page(ctx: Context, objects: readonly string[], after: number, limit: number, fresh: boolean) {
    const settled = await this.settledTo(fresh);
    if (settled <= after) return { items: [], next: after, more: false };
    const end = Math.min(settled, after + STRETCH);
    const rows = await ctx.db.lists<Row>(
      `select c.seq, ${instantText('c.at')} as at, c.object, c.record_id as id, c.action, c.version, c.cause, c.before, c.after, u.actor_kind as actor
       from changes c join causes u on u.id = c.cause
       where c.seq > $1::bigint and c.seq <= $2::bigint and c.object = any($3::text[]) order by c.seq limit $4::int`,
      [after, end, objects, limit],
    );
    const next = rows.length === limit ? (rows.at(-1)?.seq ?? end) : end;
    return { items: await seenBy(ctx, rows), next, more: next < settled };
  }
}

/** Keys of the objects that are asked for and may be read at all. What may not is answered as what there is not. */
function readable(ctx: Context, asked: readonly string[] | null): string[] {
  const open = (key: string) => ctx.model.objects.has(key) && ctx.actor.rights.scope(key, 'read') !== 'none';
  const unknown = asked?.find((key) => !open(key));
  if (unknown !== undefined)
    throw invalid('The changes cannot be read.', [{ path: 'objects', code: 'unknownObject', detail: 'There is no such object.' }]);
  return asked === null ? [...ctx.model.objects.keys()].filter(open) : [...asked];
}

/** Rows of which the reader may know, with what they may know of them. */
async function seenBy(ctx: Context, rows: readonly Row[]): Promise<Change[]> {
  const seen = new Map<number, Change>();
  for (const key of new Set(rows.map(({ object }) => object))) {
    const object = ctx.model.object(key);
    const own = rows.filter((row) => row.object === key);
    // Records in the trash count: who could read them learns that they went there.
    const reached = await meeting(ctx, object, [...new Set(own.map(({ id }) => id))], undefined, { deleted: true });
    const told = own.filter(({ id }) => reached.has(id));
    const changes = await shownChanges(ctx, object, told);
    for (const [i, { before: _before, after: _after, actor, ...row }] of told.entries())
      seen.set(row.seq, { ...row, changes: changes[i] ?? {}, actor: { kind: actor } });
  }
  return rows.flatMap(({ seq }) => seen.get(seq) ?? []);
}
