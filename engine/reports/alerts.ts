import type { Actor } from '#engine/access/actor.ts';
import { systemAs } from '#engine/access/actor.ts';
import { loadActor } from '#engine/access/sign-in.ts';
import type { Predicate } from '#engine/declare/condition.ts';
import type { Period } from '#engine/declare/report.ts';
import { addNotices } from '#engine/notify/notices.ts';
import type { Context } from '#engine/record/context.ts';
import { writeIn } from '#engine/record/write.ts';
import type { Db } from '#engine/store/db.ts';
import { isPerigonError } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { amountOf, readReport } from './read.ts';

/** Figures that somebody wants to be told of: looked at every few minutes, in the rights of who asked, told once when they go past their bound. */

type Bound = 'above' | 'below' | 'change';

interface Row {
  id: string;
  owner: string | null;
  measure: string;
  filter: Predicate | null;
  period: Period | null;
  bound: Bound;
  threshold: string;
  met: boolean | null;
}

/** Each is looked at once in so many minutes, spread over them. */
const EVERY_MINUTES = 5;
const CHUNK = 500;

/** Whether a figure is past its bound; null where nothing can be said. Pure. */
export function isPast(bound: Bound, threshold: number, now: number | null, before: number | null): boolean | null {
  if (now === null) return null;
  if (bound === 'above') return now > threshold;
  if (bound === 'below') return now < threshold;
  return before === null || before === 0 ? null : Math.abs(now - before) / Math.abs(before) > threshold;
}

interface Doors {
  db: Db;
  context(actor: Actor): Promise<Context>;
  log(message: string, error?: unknown): void;
}

/** Looks at the alerts that are due, or at all; gives whom there is something new for. */
export async function lookAtAlerts(o: Doors, { all = false }: { all?: boolean } = {}): Promise<string[]> {
  const told: string[] = [];
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const rows = await o.db.query<Row>(
      `select id, owner_id as owner, measure, filter, period, bound, threshold::text as threshold, met from measure_alerts
       where active and deleted_at is null and id > $1::uuid and ($2::boolean or abs(hashtext(id::text)) % ${EVERY_MINUTES} = extract(minute from now())::int % ${EVERY_MINUTES})
       order by id limit ${CHUNK}`,
      [after, all],
    );
    for (const row of rows) {
      try {
        told.push(...(await look(o, row)));
      } catch (error) {
        o.log(`the alert ${row.id} could not be looked at`, error);
      }
    }
    const last = rows.at(-1);
    if (!last || rows.length < CHUNK) return told;
    after = last.id;
  }
}

async function look(o: Doors, row: Row): Promise<string[]> {
  const actor = row.owner ? await loadActor(o.db, row.owner) : null;
  if (!actor || row.owner === null) return [];
  const figures = await figuresOf(await o.context(actor), row);
  const past = figures && isPast(row.bound, Number(row.threshold), figures.now, figures.before);
  if (!figures || past === null || past === (row.met ?? false)) return [];
  const owner = row.owner;
  const system = await o.context(systemAs('alerts'));
  return o.db.transaction(async (tx) => {
    // Another server may have looked meanwhile.
    const [held] = await tx.query<{ met: boolean | null }>(
      'select met from measure_alerts where id = $1::uuid and active and deleted_at is null for update',
      [row.id],
    );
    if (!held || (held.met ?? false) === past) return [];
    const values = { met: past, metAt: past ? system.env.now.toISOString() : null };
    await writeIn(tx, system, system.model.object('measureAlert'), [{ op: 'update', id: row.id, values }], { trusted: true });
    tx.afterCommit(system.wrote);
    if (!past) return [];
    return addNotices(tx, [
      {
        user: owner,
        kind: 'alert',
        object: 'measureAlert',
        record: row.id,
        count: 1,
        actor: null,
        cause: newId(),
        job: null,
        text: saidOf(row, figures),
      },
    ]);
  });
}

async function figuresOf(ctx: Context, row: Row): Promise<{ now: number | null; before: number | null } | null> {
  try {
    const told = await readReport(
      ctx,
      {
        measures: [row.measure],
        ...(row.filter ? { where: row.filter } : {}),
        ...(row.period ? { period: row.period } : {}),
        ...(row.bound === 'change' ? { compare: 'previous' as const } : {}),
      },
      { form: 'number' },
    );
    return { now: amountOf(told.total?.figures[row.measure]), before: amountOf(told.before?.total.figures[row.measure]) };
  } catch (error) {
    // What its owner may no longer ask is not looked at.
    if (isPerigonError(error, 'invalid') || isPerigonError(error, 'notFound')) return null;
    throw error;
  }
}

/** The figure and its bound, in signs that every language reads. Pure. */
function saidOf(row: Row, { now, before }: { now: number | null; before: number | null }): string {
  const short = (value: number): string => String(Math.round(value * 1e4) / 1e4);
  if (row.bound === 'change') return `${short(before ?? 0)} → ${short(now ?? 0)}`;
  return `${short(now ?? 0)} ${row.bound === 'above' ? '>' : '<'} ${short(Number(row.threshold))}`;
}
