import { typeOf } from '#engine/declare/fields/index.ts';
import { linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import type { Step } from '#engine/declare/flow.ts';
import { targetOf } from '#engine/declare/target-of.ts';
import { conditionSql } from '#engine/record/read.ts';
import type { Queryable } from '#engine/store/db.ts';
import { Params } from '#engine/store/sql.ts';
import { invalid } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import type { Doing, Outcome } from './doing.ts';

/** Related records that one run may loop over; more is a job of its own and refused here. */
const MOST = 1000;

/**
 * A loop gives every related record a run of its own, from the step the loop leads to; this run rests until the last of them ended.
 * So related records are worked on as set-wise as any others, and each is retried, resumed and shown by itself.
 */
export async function loopOver(d: Doing, step: Extract<Step, { do: 'loop' }>): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const begin = d.runs.filter((run) => !run.entered);
  for (const run of d.runs) outcomes.set(run.id, { edge: 'next' });
  const field = d.object.fields.get(step.over);
  const far = field && d.ctx.model.objects.get(targetOf(field) ?? '');
  if (!field || !far) throw invalid(`${d.object.key} has no related records “${step.over}” any more.`);
  if (begin.length === 0 || step.each === null) return outcomes;
  const params = new Params();
  const ids = params.add(
    begin.map(({ record }) => record),
    'uuid[]',
  );
  const by = typeOf(field).storage === 'inverse' ? far.fields.get(String(field.with.by)) : undefined;
  const [from, near] = by
    ? [`${far.table} t`, `t.${by.column}_id`]
    : [`${linkTable(field)} l join ${far.table} t on t.id = l.to_id`, 'l.from_id'];
  const rows = await d.ctx.db.query<{ id: string; near: string }>(
    `select distinct t.id, ${near} as near from ${from} where ${near} = any(${ids}) and ${conditionSql(d.ctx, far, step.when, 't', params)} order by 1 limit ${MOST * begin.length + 1}`,
    params.values,
  );
  // A group that has more is halved until the record stands alone.
  if (rows.length > MOST * begin.length && begin.length > 1) throw invalid(`More than ${MOST} related records.`);
  const children = begin.flatMap((run) => {
    const own = rows.filter((row) => row.near === run.record);
    if (own.length > MOST) {
      outcomes.set(run.id, { error: invalid(`More than ${MOST} related records.`) });
      return [];
    }
    if (own.length > 0) outcomes.set(run.id, { rest: 'children', until: null, detail: { of: own.length } });
    return own.map((row) => ({ id: newId(), record: row.id, parent: run.id, origin: `loop:${run.id}:${newId()}` }));
  });
  if (children.length > 0) await d.begin(children, far, step.each);
  return outcomes;
}

/** Wakes runs whose loops are over, once the last of their runs ended; `children` are runs that just did. */
export async function endLoops(tx: Queryable, children: readonly string[]): Promise<void> {
  if (children.length === 0) return;
  // In the order of their ids, and before it is asked: of two that end at once, the later sees the earlier.
  const parents = await tx.query<{ id: string }>(
    `select p.id from flow_runs p where p.id in (select parent from flow_runs where id = any($1::uuid[]) and parent is not null) and p.state = 'children' order by p.id for update`,
    [children],
  );
  if (parents.length === 0) return;
  await tx.query(
    `update flow_runs p set state = 'due', wake_at = now() where p.id = any($1::uuid[]) and p.state = 'children'
       and not exists (select 1 from flow_runs c where c.parent = p.id and c.state not in ('done', 'failed', 'stopped'))`,
    [parents.map(({ id }) => id)],
  );
}
