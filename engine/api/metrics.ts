import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { SentQuery, Watcher } from '#engine/store/origin.ts';

/** The figures of `/metrics`: fed by whatever is watched, read by whoever asks. */
export class Metrics implements Watcher {
  readonly registry = new Registry();
  private readonly requests: Histogram<'method' | 'route' | 'status'>;
  private readonly jobs: Histogram<'kind' | 'state'>;
  private readonly pools: Record<SentQuery['pool'], { observe(seconds: number): void }>;
  private readonly waits: Histogram;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry, prefix: 'perigon_' });
    const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
    this.requests = new Histogram({
      name: 'perigon_http_seconds',
      help: 'Time to answer, by route',
      labelNames: ['method', 'route', 'status'],
      buckets,
      registers,
    });
    this.jobs = new Histogram({
      name: 'perigon_job_seconds',
      help: 'Time that this server worked at a job, by its kind',
      labelNames: ['kind', 'state'],
      buckets: [0.1, 1, 10, 60, 600, 3600],
      registers,
    });
    const queries = new Histogram({
      name: 'perigon_query_seconds',
      help: 'Time of a statement, by the pool of connections it ran in',
      labelNames: ['pool'],
      buckets: [0.0005, ...buckets],
      registers,
    });
    this.waits = new Histogram({
      name: 'perigon_connection_wait_seconds',
      help: 'Time that a statement waited for a connection, where it did',
      buckets,
      registers,
    });
    const of = (pool: SentQuery['pool']) => queries.labels({ pool });
    // Looked up once: a label costs more than what is measured.
    this.pools = { work: of('work'), keyed: of('keyed'), lists: of('lists'), counts: of('counts'), transaction: of('transaction') };
  }

  request(told: { method: string; route: string; status: number; ms: number }): void {
    this.requests.observe({ method: told.method, route: told.route, status: String(told.status) }, told.ms / 1000);
  }

  ended: Watcher['ended'] = (origin, { ms, status }) => {
    if (origin.kind === 'job') this.jobs.observe({ kind: origin.name, state: status }, ms / 1000);
  };

  query: Watcher['query'] = ({ pool, ms, waited }) => {
    this.pools[pool].observe(ms / 1000);
    if (waited > 1) this.waits.observe(waited / 1000);
  };

  /** A figure that is read when it is asked for. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        this.set(await read());
      },
    });
  }
}
