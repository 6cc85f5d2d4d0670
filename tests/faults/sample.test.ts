import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { bareDatabase } from '../harness/bare.ts';
import { type Api, type Booted, bootProduct, freePort, setUp } from '../harness/product.ts';

interface Status {
  state: string;
  total: number;
  counts: Record<string, number>;
}

/** What the product notes beside the company's records, whether they are the sample's or not. */
const NOT_COUNTED: Record<string, string> = {
  // That the removal is over is told where it took long.
  notices: `where job_id is null or job_id not in (select id from jobs where kind = 'sampleRemove')`,
  // What a start after the first one looked through, and when leads were scored last.
  settings: `where key not in ('fills', 'leadsScoredAt')`,
};

/** A load and a removal of the sample company whose server is killed on the way: the next one goes on where it stopped. */
describe.sequential('the sample company, killed without warning', () => {
  test('is loaded whole and removed whole all the same', async () => {
    const database = await bareDatabase();
    const port = await freePort();
    let product: Booted = await bootProduct({ database, port });
    const api: Api = await setUp(product);
    const client = new pg.Client({ connectionString: database });
    await client.connect();
    const one = async (text: string): Promise<number> => Number((await client.query<{ n: string }>(text)).rows[0]?.n);
    const tables = (
      await client.query<{ t: string }>(
        `select relname as t from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`,
      )
    ).rows.map(({ t }) => t);
    const counts = async () => {
      const found: Record<string, number> = {};
      for (const t of tables)
        if (!['consumers', 'jobs', 'quality_scores', 'quality_measured'].includes(t))
          found[t] = await one(`select count(*) as n from ${t} ${NOT_COUNTED[t] ?? ''}`);
      return found;
    };
    // A new base notes all its objects for the search, and is soon through with them.
    await expect.poll(() => one('select count(*) as n from search_followed'), { timeout: 60_000 }).toBe(0);
    const before = await counts();
    const killAt = async (job: string, part: number): Promise<void> => {
      const deadline = Date.now() + 60_000;
      for (;;) {
        const { rows } = await client.query<{ done: string; total: string | null }>('select done, total from jobs where id = $1', [job]);
        if (rows[0]?.total && Number(rows[0].done) > part * Number(rows[0].total)) break;
        expect(Date.now()).toBeLessThan(deadline);
        await sleep(5);
      }
      await product.kill9();
      product = await bootProduct({ database, port });
    };
    const ended = async (job: string): Promise<{ state: string; error: string | null; attempts: number }> => {
      const deadline = Date.now() + 90_000;
      for (;;) {
        const { rows } = await client.query<{ state: string; error: string | null; attempts: number }>(
          'select state, error, attempts from jobs where id = $1',
          [job],
        );
        if (rows[0] && !['queued', 'running'].includes(rows[0].state)) return rows[0];
        expect(Date.now(), product.run.output).toBeLessThan(deadline);
        await sleep(100);
      }
    };

    const loading = (await api.post<{ id: string }>('/api/v1/sample')).body.id;
    await killAt(loading, 0.2);
    await killAt(loading, 0.6);
    expect(await ended(loading)).toMatchObject({ state: 'done', error: null, attempts: 3 });
    const status = (await api.get<Status>('/api/v1/sample')).body;
    expect(status.state).toBe('loaded');
    // Nothing twice, nothing missing: each object holds what the log says, and the story's own sums hold.
    expect(status.counts.party).toBe(2000);
    expect(await one('select count(*) as n from parties')).toBe(2000);
    expect(
      await one("select count(*) as n from (select record_id from changes where action = 'create' group by 1 having count(*) > 1) x"),
    ).toBe(0);
    expect(
      await one(
        `select count(*) as n from invoices i where i.kind = 'invoice' and i.balance <> i.total - (select coalesce(sum(amount), 0) from payments p where p.invoice_id = i.id)`,
      ),
    ).toBe(0);

    // Figures were kept from the log all the while, by a reader that was killed with its server: each is what is there.
    const deadline = Date.now() + 60_000;
    while (await one(`select count(*) as n from consumers where name = 'figures' and cursor < (select max(seq) from changes)`)) {
      expect(Date.now()).toBeLessThan(deadline);
      await sleep(100);
    }
    const booked = `select coalesce(sum(i.total_base), 0) from invoices i where i.customer_id = p.id and i.deleted_at is null and i.status in ('issued', 'paid')`;
    const open = `select count(*) from cases c where c.customer_id = p.id and c.deleted_at is null and c.status not in ('solved', 'closed')`;
    const last = 'select max(at) from interactions i where i.party_id = p.id and i.deleted_at is null';
    const deals = `select count(*) from opportunities o join stages s on s.id = o.stage_id where o.customer_id = p.id and o.deleted_at is null and s.category = 'open'`;
    expect(
      await one(
        `select count(*) as n from parties p left join party_figures g on g.id = p.id where row(g.lifetime_revenue, g.open_cases, g.last_contact_at, g.open_opportunities)
           is distinct from row((${booked}), (${open}), (${last}), (${deals}))`,
      ),
    ).toBe(0);

    const removing = (await api.delete<{ id: string }>('/api/v1/sample')).body.id;
    await killAt(removing, 0.3);
    await killAt(removing, 0.7);
    expect(await ended(removing)).toMatchObject({ state: 'done', error: null, attempts: 3 });
    await sleep(3000);
    expect(await counts()).toEqual(before);
    await client.end();
    await product.stop();
  }, 240_000);
});
