import type { Tx } from '#engine/store/db.ts';
import { newId } from '#kit/ids.ts';
import type { JsonObject } from '#kit/json.ts';

/** The state of a row of `outbox o` with `outbox_open q` left-joined by its id: what is still to be sent has a row there, and only that. */
export const OUT_STATE = `case when o.dead_at is not null then 'dead' when o.sent_at is not null then 'sent' else q.state end`;

/** Something that is to leave Perigon: what it is, where to, and with what. */
export interface Outgoing {
  /** Which sender takes it: `webhook`, later others. */
  kind: string;
  target: string;
  /** One and the same object is kept once, for however many it goes to. */
  payload: JsonObject;
  /** What it belongs to (a flow), and which record it is about. */
  source?: string | null;
  object?: string | null;
  record?: string | null;
  cause?: string | null;
  /** Position in the log of what it tells: with a source it is once, and those of a record leave one after another. */
  place?: number | null;
}

/** Rows of one statement. */
const AT_ONCE = 5000;

/**
 * Puts things that are to leave into the outbox, in the transaction that decides that they do (design, promise 10). The receiver gets the
 * id as well, and sends go on until one is acknowledged or given up visibly. What tells the same change again keeps its first id. Gives the ids.
 */
export async function queueOut(tx: Tx, things: readonly Outgoing[]): Promise<string[]> {
  const bodies = new Map<JsonObject, string>();
  const ids: string[] = [];
  for (let from = 0; from < things.length; from += AT_ONCE) {
    const said: { id: string; record: string | null; payload: JsonObject }[] = [];
    const rows = things.slice(from, from + AT_ONCE).map(({ payload, ...thing }) => {
      const body = bodies.get(payload) ?? newId();
      if (!bodies.has(payload)) {
        bodies.set(payload, body);
        said.push({ id: body, record: thing.record ?? null, payload: { at: new Date().toISOString(), ...payload } });
      }
      return { id: newId(), ...thing, body };
    });
    await tx.query(
      `with said as (
         insert into outbox_bodies (id, record_id, payload)
         select x.id, x.record, x.payload from json_to_recordset($2::json) as x(id uuid, record uuid, payload json)),
       out as (
         insert into outbox as o (id, kind, target, body, source, object, record_id, cause, place)
         select x.id, x.kind, x.target, x.body, x.source, x.object, x.record, x.cause, x.place
         from json_to_recordset($1::json) as x(id uuid, kind text, target text, body uuid, source uuid, object text, record uuid, cause uuid, place bigint)
         on conflict (source, place) where place is not null do update
           set target = excluded.target, body = excluded.body, attempts = 0, status = null, error = null, sent_at = null, dead_at = null
           where o.sent_at is not null or o.dead_at is not null
         returning id, kind, source, record_id, place)
       insert into outbox_open (id, kind, source, record_id, place) select id, kind, coalesce(source, id), record_id, place from out`,
      [JSON.stringify(rows), JSON.stringify(said)],
    );
    for (const { id } of rows) ids.push(id);
  }
  return ids;
}

/** Takes away what was to be sent, or was sent, of records or of what it belongs to. */
export async function forgetOut(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query(
    `with gone as (delete from outbox where record_id = any($1::uuid[]) or source = any($1::uuid[]) returning id)
     delete from outbox_open where id in (select id from gone)`,
    [ids],
  );
  await tx.query('delete from outbox_bodies where record_id = any($1::uuid[])', [ids]);
}
