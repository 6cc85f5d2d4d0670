import type { Context } from '#engine/record/context.ts';
import { type Db, isDatabaseAway, isPassing } from '#engine/store/db.ts';
import { Batch, type Run } from './batch.ts';
import type { Ports } from './doing.ts';
import { flowActor, Versions } from './versions.ts';

/** Runs that are taken at once, and for how long their transaction goes on taking further steps (design, promise 2). */
const BATCH = 1000;
const BUDGET_MS = 600;
export interface FlowRunnerOptions {
  db: Db;
  ports: Ports;
  /** A context of Perigon's own; its actor is replaced by the flow's. */
  context(): Promise<Context>;
  /** Other work to do in each round: schedules that are due, waits to be looked at. True while there is more of it. */
  beside?(): Promise<boolean>;
  log(message: string, error?: unknown): void;
}

/**
 * Takes runs that are due and moves them on. A batch is one transaction: runs are locked so that no other server takes them, worked on
 * in groups at the same step, each group in a savepoint, and what they did and where they now are is committed together. So an effect
 * happens once, whenever the server dies. A record that cannot be written is found by halving its group.
 */
export class FlowRunner {
  private stopping = false;
  private loop: Promise<void> | null = null;
  private wakeUp: () => void = () => undefined;
  private rung = false;
  private readonly versions = new Versions();
  constructor(private readonly o: FlowRunnerOptions) {}

  start(): void {
    this.loop = this.run();
  }
  /** There may be runs that are due. */
  wake(): void {
    this.rung = true;
    this.wakeUp();
  }
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        const more = (await this.o.beside?.()) ?? false;
        const took = await this.batch();
        if (took > 0 || more) continue;
        await this.sleep(500);
      } catch (error) {
        if (!isDatabaseAway(error) && !isPassing(error)) this.o.log('the runner of flows met a fault', error);
        await this.sleep(isPassing(error) ? 20 + Math.random() * 80 : 500, true);
      }
    }
  }

  /** Moves one batch on; gives how many runs it took. */
  async batch(): Promise<number> {
    const base = await this.o.context();
    return this.o.db.transaction(async (tx) => {
      const runs = await tx.query<Run>(
        `select id, flow, version, object, record_id as record, step, entered, steps, attempts, context, cause, parent from flow_runs
         where wake_at <= now() order by wake_at limit ${BATCH} for update skip locked`,
      );
      if (runs.length === 0) return 0;
      const batch = new Batch({ ...this.o, actorOf: (version) => flowActor(tx, version) }, tx, base, await this.versions.of(tx, runs));
      const until = performance.now() + BUDGET_MS;
      await batch.work(runs, () => this.stopping || performance.now() > until);
      await batch.keep();
      tx.afterCommit(base.wrote);
      return runs.length;
    });
  }

  private async sleep(ms: number, whatever = false): Promise<void> {
    if ((!this.rung || whatever) && !this.stopping)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.rung = false;
  }
}
