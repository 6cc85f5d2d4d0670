import type { Tx } from '#engine/store/db.ts';
import { newId } from '#kit/ids.ts';
import type { FlowVersion } from './versions.ts';

/** How many flows may follow from one another before a run is stopped as a loop. */
export const MAX_DEPTH = 8;

/** One record that enters a flow. */
export interface Entrant {
  record: string;
  /** Under which it enters once, however often it is tried. */
  origin: string;
  /** The act that started it. */
  cause: string | null;
  /** The first act on the way to it; the act itself unless a flow did it. */
  root: string | null;
  /** How many flows lie on the way. */
  depth: number;
}

/**
 * Begins runs. One that a flow set off is not begun where too many flows lie on the way, or where the same flow had the same record on
 * that way already: it stands in the list as stopped, with the reason. Gives how many began, at once or in their hour.
 */
export async function startRuns(
  tx: Tx,
  version: FlowVersion,
  entrants: readonly Entrant[],
  step: string | null = version.shape.start,
): Promise<number> {
  if (entrants.length === 0) return 0;
  const rows = entrants.map((entrant) => ({ id: newId(), ...entrant }));
  const made = await tx.query<{ id: string; state: string }>(
    `insert into flow_runs (id, flow, version, object, record_id, state, step, wake_at, error, origin, cause, root, depth, finished_at)
     select x.id, $2::uuid, $3::int, $4::text, x.record, case when l.why is null then 'due' else 'stopped' end, $5::text,
       case when l.why is null then now() end, l.why, x.origin, x.cause, x.root, x.depth, case when l.why is not null then now() end
     from json_to_recordset($1::json) as x(id uuid, record uuid, origin text, cause uuid, root uuid, depth int)
     cross join lateral (select case
       when x.depth >= ${MAX_DEPTH} then 'loop: ${MAX_DEPTH} flows followed from one another'
       when x.depth > 0 and exists (select 1 from flow_runs r where r.flow = $2::uuid and r.record_id = x.record and r.root = x.root)
         then 'loop: this flow led back to itself' end as why) l
     on conflict (flow, record_id, origin) do nothing returning id, state`,
    [JSON.stringify(rows), version.flow, version.version, version.shape.object, step],
  );
  const begun = made.filter(({ state }) => state === 'due').map(({ id }) => id);
  await hold(tx, version, begun);
  return begun.length;
}

/** Spreads runs above the limit of a flow over the hours to come; none is dropped. */
export async function hold(tx: Tx, { flow, shape }: FlowVersion, ids: readonly string[]): Promise<void> {
  const perHour = shape.limits?.perHour;
  if (perHour === undefined || ids.length === 0) return;
  const [rate] = await tx.query<{ used: number }>(
    `insert into flow_rates (flow, hour, used) values ($1::uuid, now(), 0)
     on conflict (flow) do update set used = case when flow_rates.hour + interval '1 hour' <= now() then 0 else flow_rates.used end,
       hour = case when flow_rates.hour + interval '1 hour' <= now() then now() else flow_rates.hour end
     returning used`,
    [flow],
  );
  const used = rate?.used ?? 0;
  if (used + ids.length > perHour)
    await tx.query(
      `update flow_runs r set wake_at = h.hour + make_interval(hours => ((x.n - 1 + h.used) / $3::int)::int)
       from (select id, row_number() over (order by id)::int as n from unnest($2::uuid[]) id) x, flow_rates h
       where r.id = x.id and h.flow = $1::uuid and (x.n - 1 + h.used) / $3::int > 0`,
      [flow, ids, perHour],
    );
  // The hour that is being filled now; those before it are full.
  await tx.query(
    `update flow_rates set hour = hour + make_interval(hours => ((used + $2::int) / $3::int)::int), used = (used + $2::int) % $3::int where flow = $1::uuid`,
    [flow, ids.length, perHour],
  );
}
