import type { Actor } from '#engine/access/actor.ts';
import { loadActor } from '#engine/access/sign-in.ts';
import type { FlowShape } from '#engine/declare/flow.ts';
import { type Cause, type Context, newCause } from '#engine/record/context.ts';
import { type Db, type Queryable, type Tx, within } from '#engine/store/db.ts';
import { denied } from '#kit/errors.ts';

/** A flow as somebody switched it on. It never changes. */
export interface FlowVersion {
  flow: string;
  version: number;
  name: string;
  shape: FlowShape;
  by: string | null;
  /** Changes up to here were before it. */
  fromSeq: number;
}

const COLUMNS = 'v.flow, v.version, v.name, v.shape, v.by_user as by, v.from_seq as "fromSeq"';

/** The versions that are switched on and start by `on`. */
export const activeVersions = (q: Queryable, on: FlowShape['trigger']['on']): Promise<FlowVersion[]> =>
  q.query<FlowVersion>(
    `select ${COLUMNS} from flows f join flow_versions v on v.flow = f.id and v.version = f.active_version
     where f.active and f.deleted_at is null and v.shape->'trigger'->>'on' = $1::text order by v.flow`,
    [on],
  );

/** The version of a flow that is switched on; null where it is switched off or not there. */
export async function activeVersion(q: Queryable, flow: string): Promise<FlowVersion | null> {
  const [row] = await q.query<FlowVersion>(
    `select ${COLUMNS} from flows f join flow_versions v on v.flow = f.id and v.version = f.active_version where f.active and f.deleted_at is null and f.id = $1::uuid`,
    [flow],
  );
  return row ?? null;
}

/** Versions by flow and number, read once each. */
export class Versions {
  private readonly held = new Map<string, FlowVersion>();

  async of(
    q: Queryable,
    keys: readonly { flow: string; version: number }[],
  ): Promise<(key: { flow: string; version: number }) => FlowVersion | undefined> {
    const name = (key: { flow: string; version: number }) => `${key.flow} ${key.version}`;
    const missing = [...new Map(keys.filter((key) => !this.held.has(name(key))).map((key) => [name(key), key])).values()];
    if (missing.length > 0) {
      if (this.held.size > 500) this.held.clear();
      const rows = await q.query<FlowVersion>(
        `select ${COLUMNS} from flow_versions v join json_to_recordset($1::json) as x(flow uuid, version integer) on v.flow = x.flow and v.version = x.version`,
        [JSON.stringify(missing.map(({ flow, version }) => ({ flow, version })))],
      );
      for (const row of rows) this.held.set(name(row), row);
    }
    return (key) => this.held.get(name(key));
  }
}

/**
 * A flow acts with today's rights of whoever switched it on, and under its own name. Where they are no longer there, it may nothing:
 * somebody else switches it on again.
 */
export async function flowActor(q: Queryable, { by, name }: Pick<FlowVersion, 'by' | 'name'>): Promise<Actor> {
  const user = by === null ? null : await loadActor(q, by);
  if (!user) throw denied('Whoever switched this flow on is no longer active. Switch it on anew and try again.');
  return { ...user, kind: 'flow', name };
}

/** The context in which a flow works inside a transaction. */
export function flowContext(base: Context, db: Db, tx: Tx, actor: Actor, cause: Cause): Context {
  return { ...base, db: within(db, tx), actor, cause, once: undefined };
}

/** The act of a step: what comes about by it is undone with it, and offered where what started the run is undone. */
export const flowCause = (name: string, parent: string | null): Cause => newCause('flow', name, parent);
