import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { backupRow } from './backup.ts';
import type { Bench } from './bench.ts';
import { boardRow } from './board.ts';
import { figuresRow } from './figures.ts';
import { flowsRow } from './flows.ts';
import { growthRow } from './growth.ts';
import { importRow } from './import.ts';
import { leadScoresRow } from './lead-scores.ts';
import { liveRow } from './live.ts';
import { manyRow } from './many.ts';
import { qualityRow } from './quality.ts';
import { screensRow } from './screens.ts';
import { searchingRow } from './searching.ts';
import { serversRow } from './servers.ts';
import { territoriesRow } from './territories.ts';
import { webhooksRow } from './webhooks.ts';

/** Measures that are not one request after another: many clients, export, import. */
export interface BulkRow {
  name: string;
  run(bench: Bench): Promise<string[]>;
}

/** Requests a second of some clients over some seconds. */
async function throughput(clients: number, seconds: number, ask: (turn: number, agent: Agent) => Promise<void>): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const until = performance.now() + seconds * 1000;
  let done = 0;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let turn = client * 7919; performance.now() < until; turn++) {
        await ask(turn, agent);
        done++;
      }
    }),
  );
  agent.destroy();
  return done / seconds;
}

/** One request; its body is read and thrown away. Gives the number of bytes. */
const hit = (url: string, agent: Agent | undefined, headers: Record<string, string> = {}): Promise<number> =>
  new Promise((done, fail) => {
    request(url, { agent, headers }, (answer) => {
      let bytes = 0;
      answer.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      answer.on('end', () => ((answer.statusCode ?? 500) < 300 ? done(bytes) : fail(new Error(`${url}: ${answer.statusCode}`))));
    })
      .on('error', fail)
      .end();
  });

const CLIENTS = 50;
const SECONDS = 8;

async function manyClients(bench: Bench, name: string, floor: string, path: (id: string) => string): Promise<string> {
  const { rows } = await bench.floor.query<{ id: string }>('select id from parties where deleted_at is null limit 2000');
  const ids = rows.map((row) => row.id);
  const idOf = (turn: number) => ids[turn % ids.length] ?? '';
  const child = spawn(process.execPath, ['--import', 'tsx', 'bench/floor-server.ts'], {
    env: { ...process.env, FLOOR: floor, FLOOR_DB: bench.floorUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<string>((done) =>
    child.stdout.on('data', (chunk: Buffer) => done(/port (\d+)/.exec(chunk.toString())?.[1] ?? '')),
  );
  const headers = { authorization: `Bearer ${bench.key}` };
  const product = (turn: number, agent: Agent) => hit(`${bench.url}${path(idOf(turn))}`, agent, headers).then(() => undefined);
  const bare = (turn: number, agent: Agent) => hit(`http://127.0.0.1:${port}/${idOf(turn)}`, agent).then(() => undefined);
  // Turn about, so that both see the same machine; the first of each warms up.
  const taken: number[] = [];
  const floors: number[] = [];
  for (let i = 0; i < 3; i++) {
    const a = await throughput(CLIENTS, i === 0 ? 2 : SECONDS, product);
    const b = await throughput(CLIENTS, i === 0 ? 2 : SECONDS, bare);
    if (i > 0) {
      taken.push(a);
      floors.push(b);
    }
  }
  child.kill('SIGTERM');
  const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  return `${CLIENTS} clients, ${name}: ${Math.round(mean(taken)).toLocaleString('en')}/s, floor ${Math.round(mean(floors)).toLocaleString('en')}/s, share ${(mean(taken) / mean(floors)).toFixed(2)} (goal ≥ 0.5)`;
}

export const bulkRows: readonly BulkRow[] = [
  {
    name: 'clients',
    run: async (bench) => [
      await manyClients(bench, 'read one', 'read-one', (id) => `/api/v1/parties/${id}`),
      await manyClients(bench, 'list of 60', 'list', () => '/api/v1/parties?limit=60&sort=name&fields=name,city,owner,cases'),
    ],
  },
  {
    name: 'export',
    run: async (bench) => {
      const { rows } = await bench.floor.query<{ n: string }>('select count(*) as n from parties where deleted_at is null');
      const n = Number(rows[0]?.n);
      const perSecond = (ms: number) => Math.round((n / ms) * 1000).toLocaleString('en');
      const lines: string[] = [];
      const eight = 'name,emails,phones,city,country,website,jobTitle,owner';
      for (const [what, fields] of [
        ['8 columns', `&fields=${eight}`],
        ['all columns', ''],
      ]) {
        const began = performance.now();
        const bytes = await hit(`${bench.url}/api/v1/parties/export?format=csv${fields}`, undefined, {
          authorization: `Bearer ${bench.key}`,
        });
        lines.push(
          `export CSV, ${what}: ${n.toLocaleString('en')} rows, ${perSecond(performance.now() - began)} rows/s, ${(bytes / 1e6).toFixed(0)} MB (goal 50,000 rows/s)`,
        );
      }
      const began = performance.now();
      await bench.copyOut(
        'copy (select p.name, p.emails, p.phones, p.city, p.country, p.website, p.job_title, o.name as owner from parties p left join users o on o.id = p.owner_id where p.deleted_at is null order by p.id) to stdout csv header',
      );
      lines.push(`  floor, 8 columns by copy to stdout: ${perSecond(performance.now() - began)} rows/s`);
      return lines;
    },
  },
  importRow,
  manyRow,
  backupRow,
  searchingRow,
  liveRow,
  figuresRow,
  qualityRow,
  leadScoresRow,
  territoriesRow,
  flowsRow,
  serversRow,
  webhooksRow,
  screensRow,
  boardRow,
  growthRow,
];
