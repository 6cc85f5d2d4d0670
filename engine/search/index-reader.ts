import type pg from 'pg';
import type { Model } from '#engine/declare/model.ts';
import { LogReader } from '#engine/record/log.ts';
import { indexNow } from '#engine/record/search-rows.ts';
import { type Db, isDatabaseAway } from '#engine/store/db.ts';

const LOCK = 0x73656172;

/**
 * Makes the search rows of bulk writes, from the log. One server does it at a time (advisory lock on a connection of its
 * own); the cursor is saved with the rows it stands for.
 */
export class SearchIndexer {
  private stopping = false;
  private loop: Promise<void> | null = null;
  private client: pg.Client | null = null;
  private wakeUp: () => void = () => undefined;
  constructor(
    private readonly db: Db,
    private readonly model: Model,
    private readonly log: (message: string, error?: unknown) => void,
  ) {}

  start(): void {
    this.loop = this.run();
  }
  /** There may be something new in the log. */
  wake(): void {
    this.wakeUp();
  }
  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeUp();
    await this.loop;
    await this.client?.end().catch(() => undefined);
  }

  private async run(): Promise<void> {
    const reader = new LogReader(this.db, 'search');
    while (!this.stopping) {
      try {
        if (!this.client) {
          const client = await this.db.connect();
          const { rows } = await client.query<{ ok: boolean }>('select pg_try_advisory_lock($1::bigint) as ok', [LOCK]);
          if (!rows[0]?.ok) {
            await client.end();
            await this.sleep(2000);
            continue;
          }
          client.on('end', () => {
            if (this.client === client) this.client = null;
          });
          this.client = client;
        }
        const began = performance.now();
        const more = await reader.step<{ object: string; record_id: string; pending_search: boolean }>(
          'object, record_id, pending_search',
          async (tx, rows) => {
            const byObject = new Map<string, Set<string>>();
            for (const row of rows) {
              if (!row.pending_search) continue;
              const ids = byObject.get(row.object);
              if (ids) ids.add(row.record_id);
              else byObject.set(row.object, new Set([row.record_id]));
            }
            for (const [key, ids] of byObject) {
              const object = this.model.objects.get(key);
              if (object) await indexNow(tx, this.model, object, [...ids]);
            }
          },
          2500,
        );
        if (!more) await this.sleep(1000);
        else if (await this.importUnderWay()) await this.rest(9 * (performance.now() - began));
      } catch (error) {
        if (!isDatabaseAway(error)) this.log('the search index met a fault', error);
        await this.sleep(500);
      }
    }
  }

  /** Rows that come in by the thousand are wanted in the base first: meanwhile the index takes a tenth of its time. */
  private async importUnderWay(): Promise<boolean> {
    const rows = await this.db.query(`select 1 as ok from jobs where state = 'running' and kind = 'import' limit 1`);
    return rows.length > 0;
  }

  /** Waits, whatever comes into the log, up to four seconds. */
  private async rest(ms: number): Promise<void> {
    const until = Date.now() + Math.min(ms, 4000);
    while (!this.stopping && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
