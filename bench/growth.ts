import { newId } from '#kit/ids.ts';
import { type Bench, median, ms } from './bench.ts';
import type { BulkRow } from './bulk.ts';

/**
 * `npm run bench -- --growth 10` (or 50): whether what one waits for stays as it is when the tables that grow without bound do: a million
 * interactions and their rows of the log, then ten (and fifty) million, over the same customers and ten years, some customers with very
 * many. Made by SQL into the real tables with all their indexes; the readers of the log are led past those rows, so figures of customers,
 * webhooks and flows say nothing of them: they are measured where they are at home (`figures`, `webhooks`, `flows`). Of more than ten
 * million interactions the log grows to eleven only: its rows are larger than theirs. Beside each figure its floor, lean SQL on a bare
 * connection and a request to an empty route, and at the end what each is to what it was at the first size.
 */
const BATCH = 500_000;
const YEARS = 10;
const LOGGED = 10_000_000;
/** Customers with the most of all. */
const HEAVY = 20;

const LED_PAST = 'update consumers set cursor = greatest(cursor, (select max(seq) from changes)), updated_at = now()';

interface Measure {
  name: string;
  ask(i: number): { method?: string; path: string; body?: unknown };
  floor?(i: number): { text: string; values: unknown[] };
}

export const growthRow: BulkRow = {
  name: 'growth',
  run: async (bench) => {
    const lines: string[] = [];
    const first = new Map<string, { product: number; floor: number }>();
    await bench.floor.query('create unlogged table if not exists growth_parties (n integer primary key, id uuid not null)');
    await bench.floor.query(
      `insert into growth_parties (n, id) select row_number() over (order by id) - 1, id from parties where deleted_at is null on conflict do nothing`,
    );
    await bench.floor.query('analyze growth_parties');
    await bench.floor.query(LED_PAST);
    for (const size of bench.growth) {
      const wanted = size * 1e6;
      const there = await count(bench);
      if (there > wanted * 1.05) {
        lines.push(`growth: the base has ${millions(there)} million interactions already; ${size} million are passed over`);
        continue;
      }
      const began = performance.now();
      if (there < wanted * 0.95) await grow(bench, there, wanted);
      lines.push(
        `growth, ${millions(await count(bench))} million interactions, ${await weight(bench)}; made in ${((performance.now() - began) / 1000).toFixed(0)} s`,
      );
      process.stdout.write(`${lines.at(-1)}\n`);
      for (const measure of await measures(bench)) {
        const found = await timed(bench, measure);
        const before = first.get(measure.name) ?? found;
        first.set(measure.name, before);
        const p50 = median(found.products);
        const ratio = (p50 / before.product).toFixed(2);
        const floor = found.floors.length > 0 ? `, floor ${ms(found.floor)} (${(found.floor / before.floor).toFixed(2)})` : '';
        lines.push(
          `  ${measure.name.padEnd(34)} p50 ${ms(p50)} p95 ${ms(median(found.products, 0.95))}, to the first size ${ratio}${floor}`,
        );
        process.stdout.write(`${lines.at(-1)}\n`);
      }
    }
    return lines;
  },
};

const millions = (n: number) => (n / 1e6).toFixed(1);

async function timed(bench: Bench, measure: Measure): Promise<{ products: number[]; floors: number[]; product: number; floor: number }> {
  const products: number[] = [];
  const floors: number[] = [];
  const warm = Math.min(20, bench.rounds);
  for (let i = -warm; i < bench.rounds; i++) {
    const turn = i + warm;
    const product = async () => {
      const asked = measure.ask(turn);
      const answer = await bench.ask(asked.method ?? 'GET', asked.path, asked.body);
      if (answer.status >= 300) throw new Error(`${measure.name}: ${answer.status} ${answer.text.slice(0, 300)}`);
      if (i >= 0) products.push(answer.ms);
    };
    const floor = async () => {
      const asked = measure.floor?.(turn);
      if (!asked) return;
      const began = performance.now();
      await bench.floor.query({ name: `growth ${measure.name}`, ...asked });
      const took = performance.now() - began + (await bench.empty());
      if (i >= 0) floors.push(took);
    };
    // Who asks first fetches the pages from the disk for the other: they take turns.
    for (const one of turn % 2 === 0 ? [product, floor] : [floor, product]) await one();
  }
  return { products, floors, product: median(products), floor: median(floors) };
}

async function measures(bench: Bench): Promise<Measure[]> {
  const column = async (sql: string) => (await bench.floor.query<{ id: string }>(sql)).rows.map(({ id }) => id);
  const plain = await column(`select id from growth_parties where n >= 20000 order by md5(id::text) limit 200`);
  const heavy = await column(`select id from growth_parties where n < ${HEAVY} order by n`);
  const some = await column(`select id from interactions tablesample system (1) where deleted_at is null order by md5(id::text) limit 400`);
  const agents = await column(`select id from users where deleted_at is null order by id limit 40`);
  const of = (list: readonly string[], i: number) => list[i % list.length] ?? '';
  const TIMELINE = `select json_agg(x)::text as json from (select id, at, channel, kind, subject, agent_id from interactions where party_id = $1::uuid and deleted_at is null order by at desc, id desc limit 51) x`;
  const LIST = (where: string) =>
    `select json_agg(row_to_json(x))::text as json from (select t.id, t.version, t.at, t.channel, t.subject, t.outcome, p.name from (select i.* from interactions i where ${where} and i.deleted_at is null order by i.at desc, i.id desc limit 61) t join parties p on p.id = t.party_id) x`;
  const FIELDS = 'limit=60&fields=at,party,channel,subject,outcome';
  const channels = ['phone', 'email', 'visit', 'chat'];
  const body = (i: number) => ({
    party: of(plain, i),
    at: new Date(Date.now() - i * 1000).toISOString(),
    channel: 'phone',
    kind: 'call',
    subject: `Growth ${i}`,
    outcome: 'answered',
  });
  const timeline = (name: string, list: readonly string[], more = ''): Measure => ({
    name,
    ask: (i) => ({ path: `/api/v1/parties/${of(list, i)}/timeline?limit=50${more}` }),
    ...(more ? {} : { floor: (i: number) => ({ text: TIMELINE, values: [of(list, i)] }) }),
  });
  return [
    timeline('timeline', plain),
    timeline('timeline, customers with most', heavy),
    timeline('timeline of a channel, with most', heavy, '&channel=visit'),
    { name: 'overview', ask: (i) => ({ path: `/api/v1/parties/${of(plain, i)}/overview` }) },
    { name: 'overview, customers with most', ask: (i) => ({ path: `/api/v1/parties/${of(heavy, i)}/overview` }) },
    { name: 'brief, customers with most', ask: (i) => ({ path: `/api/v1/parties/${of(heavy, i)}/brief` }) },
    {
      name: 'list, newest',
      ask: () => ({ path: `/api/v1/interactions?${FIELDS}` }),
      floor: () => ({ text: LIST('true'), values: [] }),
    },
    {
      name: 'list by channel and outcome',
      ask: (i) => ({ path: `/api/v1/interactions?${FIELDS}&channel=${of(channels, i)}&outcome=unresolved` }),
      floor: (i) => ({ text: LIST(`i.channel = $1::text and i.outcome = 'unresolved'`), values: [of(channels, i)] }),
    },
    {
      name: 'list by agent',
      ask: (i) => ({ path: `/api/v1/interactions?${FIELDS}&agent=${of(agents, i)}` }),
      floor: (i) => ({ text: LIST('i.agent_id = $1::uuid'), values: [of(agents, i)] }),
    },
    {
      name: 'list of a customer',
      ask: (i) => ({ path: `/api/v1/interactions?${FIELDS}&party=${of(plain, i)}` }),
      floor: (i) => ({ text: LIST('i.party_id = $1::uuid'), values: [of(plain, i)] }),
    },
    { name: 'list by agent, counted', ask: (i) => ({ path: `/api/v1/interactions?${FIELDS}&agent=${of(agents, i)}&count=true` }) },
    {
      name: 'read one',
      ask: (i) => ({ path: `/api/v1/interactions/${of(some, i)}` }),
      floor: (i) => ({ text: `select row_to_json(t)::text as json from interactions t where t.id = $1::uuid`, values: [of(some, i)] }),
    },
    {
      name: 'history of one',
      ask: (i) => ({ path: `/api/v1/interactions/${of(some, i)}/history` }),
      floor: (i) => ({
        text: `select json_agg(x)::text as json from (select c.seq, c.at, c.action, c.before, c.after, u.kind, u.actor_id from changes c join causes u on u.id = c.cause where c.record_id = $1::uuid order by c.seq desc limit 51) x`,
        values: [of(some, i)],
      }),
    },
    { name: 'changes behind a position', ask: (i) => ({ path: `/api/v1/changes?after=${1000 + i * 997}&limit=200` }) },
    { name: 'causes, newest', ask: () => ({ path: '/api/v1/causes?limit=50' }) },
    {
      name: 'create',
      ask: (i) => ({ method: 'POST', path: '/api/v1/interactions', body: body(i) }),
      floor: (i) => ({
        text: `with i as (insert into interactions (id, party_id, at, channel, direction, kind, subject, outcome) values ($1::uuid, $2::uuid, now(), 'phone', 'inbound', 'call', $3::text, 'answered') returning id, party_id, version),
            u as (insert into causes (id, kind, actor_kind) select gen_random_uuid(), 'request', 'system' returning id)
          insert into changes (cause, object, record_id, party_id, action, version, after) select u.id, 'interaction', i.id, i.party_id, 'create', i.version, jsonb_build_object('subject', $3::text, 'channel', 'phone', 'kind', 'call') from i, u`,
        values: [newId(), of(plain, i), `Floor ${i}`],
      }),
    },
    {
      name: 'update',
      ask: (i) => ({ method: 'PATCH', path: `/api/v1/interactions/${of(some, i)}`, body: { subject: `Growth ${Date.now()} ${i}` } }),
    },
  ];
}

const count = async (bench: Bench): Promise<number> =>
  Number((await bench.floor.query<{ n: string }>('select count(*) as n from interactions')).rows[0]?.n);

async function weight(bench: Bench): Promise<string> {
  const { rows } = await bench.floor.query<{ own: string; log: string; logged: string; parts: string }>(
    `select pg_size_pretty(sum(pg_total_relation_size(h.inhrelid))) as own, count(*)::text as parts, pg_size_pretty(pg_total_relation_size('changes')) as log,
       (select round(reltuples::numeric / 1e6, 1)::text from pg_class where oid = 'changes'::regclass) as logged
     from pg_inherits h where h.inhparent = 'interactions'::regclass`,
  );
  return `${rows[0]?.own} in ${rows[0]?.parts} partitions; ${rows[0]?.logged} million rows of the log, ${rows[0]?.log}`;
}

/** From so many more on, indexes are taken away first and made again over all. */
const MANY = 2_000_000;

/** Makes interactions up to that many, each batch with its cause, its rows of the log and the readers' positions behind them. */
async function grow(bench: Bench, there: number, wanted: number): Promise<void> {
  const { floor } = bench;
  for (const setting of ['synchronous_commit = off', `maintenance_work_mem = '1GB'`, 'max_parallel_maintenance_workers = 2'])
    await floor.query(`set ${setting}`);
  const indexes = wanted - there < MANY ? [] : await takeIndexes(bench);
  for (let at = there; at < wanted; at += BATCH) {
    const n = Math.min(BATCH, wanted - at);
    await floor.query('begin');
    if (at < LOGGED) {
      await floor.query(`create temp table batch on commit drop as ${MADE}`, [n]);
      await floor.query(INSERTED('batch'));
      await floor.query(
        `with cause as (insert into causes (id, kind, label, actor_kind) values (uuidv7(), 'seed', 'growth', 'system') returning id)
         insert into changes (cause, object, record_id, party_id, action, version, after, at)
         select cause.id, 'interaction', b.id, b.party, 'create', 1, jsonb_build_object('party', b.party, 'at', b.at, 'channel', b.channel, 'kind', b.kind, 'outcome', b.outcome, 'agent', b.agent), now() from batch b cross join cause`,
      );
      await floor.query(LED_PAST);
    } else await floor.query(INSERTED(`(${MADE})`), [n]);
    await floor.query('commit');
    process.stdout.write(`\r  ${millions(at + n)} million …`);
  }
  for (const [i, index] of indexes.entries()) {
    process.stdout.write(`\r  index ${i + 1} of ${indexes.length} …`);
    await floor.query(index);
  }
  process.stdout.write('\r');
  for (const setting of ['synchronous_commit', 'maintenance_work_mem', 'max_parallel_maintenance_workers'])
    await floor.query(`reset ${setting}`);
  await floor.query('vacuum (analyze) interactions');
  await floor.query('vacuum (analyze) changes');
  await floor.query('checkpoint');
}

/** Drops all indexes of interactions but their key; gives the statements that make them again. */
async function takeIndexes({ floor }: Bench): Promise<string[]> {
  const { rows } = await floor.query<{ name: string; sql: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as sql from pg_index where indrelid = 'interactions'::regclass and not indisprimary`,
  );
  for (const { name } of rows) await floor.query(`drop index ${name}`);
  return rows.map(({ sql }) => sql.replace(' ON ONLY ', ' ON '));
}

/** $1 interactions in no order; the square of a chance: the first customer of a hundred thousand has a three-hundredth of all. */
const MADE = `select uuidv7() as id, p.id as party, now() - random() * interval '${YEARS} years' as at, g.channel,
    case g.channel when 'phone' then 'call' when 'visit' then 'visit' else 'message' end as kind, g.outcome, g.agent, g.i
  from (select i, (select count(*) from growth_parties) as parties, random() as r, (array['web','email','phone','chat','visit','portal','sms'])[1 + floor(random() * 7)::int] as channel,
      (array['resolved','answered','unresolved','followUp'])[1 + floor(random() * 4)::int] as outcome, u.ids[1 + i % cardinality(u.ids)] as agent
    from generate_series(1, $1::int) i cross join (select array_agg(id) as ids from users where deleted_at is null) u offset 0) g
  join growth_parties p on p.n = floor(g.r * g.r * g.parties)::int`;

const INSERTED = (batch: string): string =>
  `insert into interactions (id, party_id, at, channel, direction, kind, purpose, subject, agent_id, cost, cost_currency, cost_base, outcome, created_at, updated_at)
   select id, party, at, channel, case when i % 5 < 3 then 'inbound' else 'outbound' end, kind, (array['sales','service','marketing','billing'])[1 + i % 4],
     (array['Delivery','Password','Invoice','Appointment','Offer'])[1 + i % 5] || ' ' || i, agent, (i % 2000) / 100.0, 'EUR', (i % 2000) / 100.0, outcome, at, at from ${batch} b`;
