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
}

/**
 * Puts things that are to leave into the outbox, in the transaction that decides that they do (design, promise 10). The receiver gets the
 * id as well, and sends go on until one is acknowledged or given up visibly. Gives the ids.
 */
export async function queueOut(tx: Tx, things: readonly Outgoing[]): Promise<string[]> {
  if (things.length === 0) return [];
  const rows = things.map((thing) => ({ id: newId(), ...thing }));
  await tx.query(
    `insert into outbox (id, kind, target, payload, source, object, record_id, cause)
     select x.id, x.kind, x.target, x.payload, x.source, x.object, x.record, x.cause
     from json_to_recordset($1::json) as x(id uuid, kind text, target text, payload jsonb, source uuid, object text, record uuid, cause uuid)`,
    [JSON.stringify(rows)],
  );
  return rows.map(({ id }) => id);
}
