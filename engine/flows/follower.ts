import type { Deed } from '#engine/declare/flow.ts';
import { meets } from '#engine/declare/local-condition.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context } from '#engine/record/context.ts';
import { LogConsumer } from '#engine/record/log-consumer.ts';
import { meeting } from '#engine/record/meeting.ts';
import type { ModelSource } from '#engine/record/model-source.ts';
import { loadStored } from '#engine/record/rows.ts';
import type { Db, Tx } from '#engine/store/db.ts';
import { isPerigonError } from '#kit/errors.ts';
import type { JsonObject } from '#kit/json.ts';
import { type Entrant, startRuns } from './start.ts';
import { activeVersions, type FlowVersion, flowActor, flowCause, flowContext } from './versions.ts';
import { wakeChanged } from './watching.ts';

const LOCK = 0x666c6f77;

export interface LogRow {
  seq: number;
  object: string;
  record_id: string;
  action: 'create' | 'update' | 'delete' | 'restore';
  cause: string;
  before: JsonObject | null;
  after: JsonObject | null;
}

/** Causes that start no flow: what is played back or came with the product did not happen just now. */
export const QUIET = ['undo', 'seed', 'sample', 'setup'];
const DEED: { readonly [action in LogRow['action']]: Deed } = {
  create: 'created',
  update: 'changed',
  delete: 'deleted',
  restore: 'created',
};

/** Whether a row of the log is what a flow waits for, as far as the row itself tells. Pure. */
export function concernsFlow({ shape, fromSeq }: Pick<FlowVersion, 'shape' | 'fromSeq'>, row: LogRow): boolean {
  const { trigger } = shape;
  if (trigger.on !== 'change' || row.object !== shape.object || row.seq <= fromSeq) return false;
  const deed = DEED[row.action];
  if (!trigger.deeds.includes(deed)) return false;
  return (
    deed !== 'changed' ||
    trigger.fields === undefined ||
    trigger.fields.length === 0 ||
    trigger.fields.some((key) => key in (row.after ?? {}))
  );
}

/**
 * Starts runs from the log, and wakes those that wait for a condition over what changed. The condition is asked of the record as it
 * stands when the row is read, a moment after the change; what it was before is known of its own fields. One act starts a flow once
 * for a record, however many rows it wrote.
 */
export function flowFollower(o: {
  db: Db;
  models: ModelSource;
  /** A context of Perigon's own, whose actor is replaced by the flow's. */
  context(): Promise<Context>;
  started(): void;
  log(message: string, error?: unknown): void;
}): LogConsumer<LogRow> {
  let active: FlowVersion[] = [];
  let begun = 0;
  return new LogConsumer<LogRow>({
    db: o.db,
    name: 'flows',
    lock: LOCK,
    columns: 'seq, object, record_id, action, cause, before, after',
    where: async () => {
      // On a connection that no writer holds: this is asked while the reader holds one of those.
      active = await activeVersions({ query: o.db.keyed }, 'change');
      if (active.length === 0) return 'false';
      await o.models.newest();
      const list = (values: readonly string[]) => [...new Set(values)].map((value) => `'${value.replaceAll("'", "''")}'`).join(', ');
      return `object in (${list(active.map(({ shape }) => shape.object))})
        and not exists (select 1 from causes c where c.id = changes.cause and c.kind in (${list(QUIET)}))`;
    },
    batch: 2000,
    gather: 50,
    log: o.log,
    async take(tx, rows, to, after) {
      begun = await wakeChanged(tx, after, to);
      if (rows.length === 0) return;
      const ways = await waysTo(tx, [...new Set(rows.map(({ cause }) => cause))]);
      const base = await o.context();
      for (const version of active) {
        const wanted = rows.filter((row) => concernsFlow(version, row));
        if (wanted.length === 0) continue;
        begun += await startRuns(tx, version, await entrants(tx, o.db, base, version, wanted, ways, o.log));
      }
    },
    taken() {
      if (begun > 0) o.started();
    },
  });
}

/** Where an act comes from: the first act on its way, and how many flows lie on it. */
export interface Way {
  root: string;
  depth: number;
}

/** The way to each of some acts, up through those that caused them. */
export async function waysTo(tx: Pick<Tx, 'query'>, causes: readonly string[]): Promise<Map<string, Way>> {
  const rows = await tx.query<{ id: string; root: string; depth: number }>(
    `with recursive up as (
       select id, id as at, parent, case when kind = 'flow' then 1 else 0 end as depth, 1 as n from causes where id = any($1::uuid[])
       union all select u.id, c.id, c.parent, u.depth + case when c.kind = 'flow' then 1 else 0 end, u.n + 1 from up u join causes c on c.id = u.parent where u.n < 50)
     select distinct on (id) id, at as root, depth from up order by id, n desc`,
    [causes],
  );
  return new Map(rows.map(({ id, root, depth }) => [id, { root, depth }]));
}

async function entrants(
  tx: Tx,
  db: Db,
  base: Context,
  version: FlowVersion,
  rows: readonly LogRow[],
  ways: ReadonlyMap<string, Way>,
  log: (message: string, error?: unknown) => void,
): Promise<Entrant[]> {
  const object = base.model.objects.get(version.shape.object);
  if (!object) return [];
  try {
    const ctx = flowContext(base, db, tx, await flowActor(tx, version), flowCause(version.name, null));
    const met = new Set<string>();
    for (const deleted of [false, true]) {
      const ids = [...new Set(rows.filter((row) => (row.action === 'delete') === deleted).map((row) => row.record_id))];
      for (const id of await meeting(ctx, object, ids, version.shape.when, { deleted })) met.add(id);
    }
    const before = await wasSo(
      tx,
      ctx,
      object,
      version,
      rows.filter((row) => met.has(row.record_id)),
    );
    const seen = new Set<string>();
    return before.flatMap((row): Entrant[] => {
      const origin = `change:${row.cause}`;
      if (seen.has(`${row.record_id} ${origin}`)) return [];
      seen.add(`${row.record_id} ${origin}`);
      const way = ways.get(row.cause);
      return [{ record: row.record_id, origin, cause: row.cause, root: way?.root ?? row.cause, depth: way?.depth ?? 0 }];
    });
  } catch (error) {
    // A condition that can no longer be read (its field was retired) or a person who left: the flow rests, the log goes on.
    if (!isPerigonError(error)) throw error;
    log(`the flow “${version.name}” could not be started: ${error.errors[0]?.detail ?? error.message}`);
    await tx.query(
      `update flow_versions set problem = left($3::text, 1000), problem_at = now() where flow = $1::uuid and version = $2::int`,
      [version.flow, version.version, error.errors[0]?.detail ?? error.message],
    );
    return [];
  }
}

/** Rows whose record met, before the change, what the trigger asks of that. */
async function wasSo(tx: Tx, ctx: Context, object: ModelObject, version: FlowVersion, rows: readonly LogRow[]): Promise<readonly LogRow[]> {
  const { trigger } = version.shape;
  const was = trigger.on === 'change' ? trigger.was : undefined;
  if (was === undefined) return rows;
  const now = await loadStored(tx, ctx, object, [...new Set(rows.map((row) => row.record_id))], { deleted: true });
  return rows.filter((row) => {
    const record = now.get(row.record_id);
    return record !== undefined && row.action !== 'create' && meets(ctx.model, object, was, { ...record, ...row.before }, ctx.env);
  });
}
