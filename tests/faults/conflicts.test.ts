import pg from 'pg';
import { expect, test } from 'vitest';
import { bareDatabase } from '../harness/bare.ts';
import { bootProduct, setUp } from '../harness/product.ts';

const WRITERS = 1_000;

/** A thousand clients write one record at the same moment, over two servers. */
test(`${WRITERS} conflicting writers on one record: each is written or told, and the log says all of it in order`, {
  timeout: 240_000,
}, async () => {
  const database = await bareDatabase();
  const one = await bootProduct({ database });
  const two = await bootProduct({ database });
  const api = await setUp(one);
  const { id, version } = (
    await api.post<{ id: string; version: number }>('/api/v1/parties', { kind: 'organisation', name: 'Wanted', city: 'Bonn' })
  ).body;
  const where = `/api/v1/parties/${id}`;
  const all = (headers: Record<string, string>, values: (n: number) => Record<string, unknown>) =>
    Promise.all(
      Array.from({ length: WRITERS }, async (_, n) => {
        const server = n % 2 === 0 ? one : two;
        for (let tries = 0; ; tries++) {
          const answer = await server
            .api()
            .patch<Record<string, unknown>>(where, values(n), { ...api.identity, origin: server.url, ...headers });
          // "Others are writing the same records. Try again."
          if (answer.status !== 503 || tries > 20) return answer;
        }
      }),
    );

  // All of them read the same version: one wins, the others are told what stands there and what they wanted.
  const bound = await all({ 'if-match': `"${version}"` }, (n) => ({ city: `City ${n}` }));
  const won = bound.filter(({ status }) => status === 200);
  expect(won.length).toBe(1);
  const winner = won[0]?.body['city'];
  const lost = bound.filter(({ status }) => status === 412);
  expect(lost.length).toBe(WRITERS - 1);
  for (const { body } of lost)
    expect(body).toMatchObject({ code: 'conflict', version: version + 1, errors: [{ path: 'city', current: winner }] });

  // None of them looked first: each is written, one after the other.
  const free = await all({}, (n) => ({ city: `Free ${n}` }));
  expect(free.filter(({ status }) => status !== 200).map(({ status, text }) => `${status} ${text}`)).toEqual([]);

  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const { rows } = await client.query<{ version: number; before: { city?: string } | null; after: { city?: string } }>(
    'select version, before, after from changes where record_id = $1 order by seq',
    [id],
  );
  await client.end();
  expect(rows.map((row) => row.version)).toEqual(Array.from({ length: WRITERS + 2 }, (_, n) => n + 1));
  for (const [at, row] of rows.entries()) if (at > 0) expect(row.before?.city).toBe(rows[at - 1]?.after.city);
  expect(new Set(rows.map((row) => row.after.city)).size).toBe(WRITERS + 2);
  expect((await api.get<{ city: string; version: number }>(where)).body).toMatchObject({
    version: WRITERS + 2,
    city: rows.at(-1)?.after.city,
  });
});
