import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { bare } from './bare.ts';
import { freshDatabase, type Template } from './database.ts';
import { bootProduct, setUp } from './product.ts';

const full: Template = {
  key: 'full',
  from: bare,
  build: async (url) => {
    const product = await bootProduct({ database: url, withinMs: 100_000 });
    const client = new pg.Client({ connectionString: url });
    try {
      const api = await setUp(product);
      const began = await api.post<{ id: string }>('/api/v1/sample');
      if (began.status !== 202) throw new Error(`The sample company answered ${began.status}: ${began.text}`);
      await client.connect();
      const one = async <T extends pg.QueryResultRow>(text: string): Promise<T | undefined> => (await client.query<T>(text)).rows[0];
      for (const until = Date.now() + 5 * 60_000; ; await sleep(100)) {
        const job = await one<{ state: string; error: string | null }>(`select state, error from jobs where id = '${began.body.id}'`);
        if (job && !['queued', 'running', 'done'].includes(job.state)) throw new Error(`The sample company did not load: ${job.error}`);
        // Search, figures, likenesses and notices have followed, and what the load begins besides is over.
        const left = await one<{ n: number }>(
          `select (select count(*) from changes where seq > (select coalesce(min(cursor), 0) from consumers))::int
             + (select count(*) from search_followed)::int + (select count(*) from jobs where finished_at is null)::int as n`,
        );
        if (job?.state === 'done' && left?.n === 0) return;
        if (Date.now() > until) throw new Error('The sample company did not load in time.');
      }
    } finally {
      await client.end();
      await product.stop();
    }
  },
};

/**
 * A base of a company that `setUp` has set up and that holds the sample company, when everything has followed; its URL. All of a run are
 * copies of one: the company is loaded anew only where its loading is tested.
 */
export const fullDatabase = (): Promise<string> => freshDatabase({ template: full });
