import { BASE_CURRENCY } from '#engine/declare/fields/money/money.ts';
import type { Model } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { effectsOf, type LogRow, type RollUp, rollUpsOf } from '#engine/declare/roll-ups.ts';
import { type Added, addToFigures, concernsFigures, FIGURES, figuresBehind, LOG_ROW, reckonFigures } from '#engine/record/figures.ts';
import { LogConsumer, restBesideJobs } from '#engine/record/log-consumer.ts';
import type { ModelSource } from '#engine/record/model-source.ts';
import type { Db, Tx } from '#engine/store/db.ts';
import { aliases, and } from '#engine/store/sql.ts';
import { type Enqueue, startBuilding, takeOver } from './building.ts';

const LOCK = 0x66696775;

/** Above this many records behind one change at the far end of a condition they are reckoned anew by a job. */
const AT_ONCE = 2000;
/** Rows that come within this time are taken in together: a customer who is written about all the time is reckoned once. */
const GATHER_MS = 25;

/** Figures of some records of one object that are others now. */
export interface MovedFigures {
  object: string;
  ids: string[];
  keys: string[];
}

export interface FiguresOptions {
  db: Db;
  models: Pick<ModelSource, 'current' | 'newest'>;
  enqueue: Enqueue;
  log(message: string, error?: unknown): void;
  /** Told after a commit. */
  moved(moved: readonly MovedFigures[]): void;
}

/** Keeps figures in step with the records they are reckoned of, from the log. */
export function figureFollower({ db, models, enqueue, log, moved }: FiguresOptions): LogConsumer<LogRow> {
  let told: MovedFigures[] = [];
  return new LogConsumer<LogRow>({
    db,
    name: FIGURES,
    lock: LOCK,
    columns: LOG_ROW,
    where: async () => concernsFigures(await models.newest()),
    batch: 1000,
    gather: GATHER_MS,
    log,
    began: () => takeOver(db, models.current, enqueue),
    async take(tx, rows, to) {
      const [base] = await tx.query<{ currency: string }>(`select ${BASE_CURRENCY} as currency`);
      const pass = new Pass(tx, models.current, enqueue, to, base?.currency ?? '');
      for (const row of rows) pass.read(row);
      told = await pass.write(rows);
    },
    taken() {
      const some = told.filter(({ ids }) => ids.length > 0);
      told = [];
      if (some.length > 0) moved(some);
    },
    pause: (took) => restBesideJobs(db, took),
  });
}

/** What some rows of the log do to figures, gathered and then written once for each record. */
class Pass {
  private readonly added = new Map<ModelObject, Map<string, Map<RollUp, Added>>>();
  /** Records whose marked figures are reckoned anew, by what they are reckoned of. */
  private readonly marked = new Map<ModelObject, Map<RollUp, Set<string>>>();
  /** Records of which rows say too little: all figures that they are part of are reckoned anew. */
  private readonly unclear = new Map<string, Set<string>>();
  constructor(
    private readonly tx: Tx,
    private readonly model: Model,
    private readonly enqueue: Enqueue,
    private readonly to: number,
    private readonly baseCurrency: string,
  ) {}

  read(row: LogRow): void {
    const clear = effectsOf(rollUpsOf(this.model), row, this.baseCurrency, {
      add: (rollUp, id, amount, foreign) => {
        const records = entryOf(this.added, rollUp.object, () => new Map<string, Map<RollUp, Added>>());
        const amounts = entryOf(records, id, () => new Map<RollUp, Added>());
        const was = amounts.get(rollUp);
        amounts.set(rollUp, was ? { amount: was.amount.plus(amount), foreign: was.foreign + foreign } : { amount, foreign });
      },
      mark: (rollUp, id) => this.mark(rollUp, id),
    });
    if (!clear) entryOf(this.unclear, row.object, () => new Set()).add(row.id);
  }

  private mark(rollUp: RollUp, id: string): void {
    const records = entryOf(this.marked, rollUp.object, () => new Map<RollUp, Set<string>>());
    entryOf(records, rollUp, () => new Set()).add(id);
  }

  async write(rows: readonly LogRow[]): Promise<MovedFigures[]> {
    await this.markBehind(rows);
    const moved: MovedFigures[] = [];
    for (const [object, amounts] of this.added) {
      for (const [id, one] of amounts) {
        for (const [rollUp, { amount, foreign }] of one) if (amount.eq(0) && foreign === 0) one.delete(rollUp);
        if (one.size === 0) amounts.delete(id);
      }
      const keys = [...new Set([...amounts.values()].flatMap((one) => [...one.keys()].map(({ field }) => field.key)))];
      moved.push({ object: object.key, ids: await addToFigures(this.tx, object, amounts), keys });
    }
    for (const [object, records] of this.marked) {
      // Roll-ups of the same records are reckoned in one pass.
      const passes = new Map<string, { rollUps: Set<RollUp>; ids: Set<string> }>();
      for (const [rollUp, ids] of records) {
        const pass = entryOf(passes, `${rollUp.source.key}.${rollUp.by.key}`, () => ({
          rollUps: new Set<RollUp>(),
          ids: new Set<string>(),
        }));
        pass.rollUps.add(rollUp);
        for (const id of ids) pass.ids.add(id);
      }
      for (const { rollUps, ids } of passes.values())
        moved.push({
          object: object.key,
          ids: await reckonFigures(this.tx, this.model, object, [...ids], { only: (rollUp) => rollUps.has(rollUp), settled: this.to }),
          keys: [...rollUps].map(({ field }) => field.key),
        });
    }
    for (const [key, ids] of this.unclear)
      for (const behind of await figuresBehind(this.tx, this.model, this.model.object(key), [...ids]))
        await reckonFigures(this.tx, this.model, behind.object, behind.ids, { settled: this.to });
    return moved;
  }

  /** A change at the far end of a condition concerns all whose records lead there. */
  private async markBehind(rows: readonly LogRow[]): Promise<void> {
    const plan = rollUpsOf(this.model);
    const changed = new Map<{ rollUp: RollUp; steps: RollUp['ways'][number]['steps'] }, Set<string>>();
    for (const row of rows)
      for (const way of plan.through(row.object))
        if (row.action !== 'update' || way.key === null || way.key in (row.after ?? {})) entryOf(changed, way, () => new Set()).add(row.id);
    for (const [{ rollUp, steps }, ids] of changed) {
      const alias = aliases('w');
      let at = 'i';
      const joins = steps.slice(0, -1).map((step) => {
        const next = alias();
        const join = `join ${step.to.table} ${next} on ${next}.id = ${at}.${step.field.column}_id`;
        at = next;
        return join;
      });
      const by = `i.${rollUp.by.column}_id`;
      const where = and([`${at}.${steps.at(-1)?.field.column}_id = any($1::uuid[])`, `${by} is not null`, 'i.deleted_at is null']);
      const found = await this.tx.query<{ id: string }>(
        `select distinct ${by} as id from ${rollUp.source.table} i ${joins.join(' ')} where ${where} limit ${AT_ONCE + 1}`,
        [[...ids]],
      );
      if (found.length > AT_ONCE) await startBuilding(this.tx, this.enqueue, rollUp.object, [rollUp.field.key]);
      else for (const { id } of found) this.mark(rollUp, id);
    }
  }
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
