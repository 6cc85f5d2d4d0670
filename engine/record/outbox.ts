import type { Tx } from '#engine/store/db.ts';
import { newId } from '#kit/ids.ts';
import type { JsonObject } from '#kit/json.ts';

/** Something that is to leave Perigon: what it is, where to, and with what. */
export interface Outgoing {
  /** Which sender takes it: `webhook`, later others. */
  kind: string;
  target: string;
  payload: JsonObject;
  /** What it belongs to (a flow), and which record it is about. */
  source?: string | null;
  object?: string | null;
  record?: string | null;
  cause?: string | null;
  /** Position in the log of what it tells: with a source it is once, and those of a record leave one after another. */
  place?: number | null;
}

/**
 * Puts things that are to leave into the outbox, in the transaction that decides that they do (design, promise 10). The receiver gets the
 * id as well, and sends go on until one is acknowledged or given up visibly. What tells the same change again keeps its first id. Gives the ids.
 */
export async function queueOut(tx: Tx, things: readonly Outgoing[]): Promise<string[]> {
  if (things.length === 0) return [];
  const rows = things.map((thing) => ({ id: newId(), ...thing }));
  await tx.query(
    `insert into outbox as o (id, kind, target, payload, source, object, record_id, cause, place)
     select x.id, x.kind, x.target, x.payload, x.source, x.object, x.record, x.cause, x.place
     from json_to_recordset($1::json) as x(id uuid, kind text, target text, payload jsonb, source uuid, object text, record uuid, cause uuid, place bigint)
     on conflict (source, place) where place is not null do update
       set target = excluded.target, payload = excluded.payload, state = 'waiting', next_at = now(), attempts = 0, error = null
       where o.state in ('sent', 'dead')`,
    [JSON.stringify(rows)],
  );
  return rows.map(({ id }) => id);
}
