import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import type { BulkRow } from './bulk.ts';

/**
 * The whole base into one file beside the running server, and that into a data folder of its own. The floor of the first is what
 * PostgreSQL needs to say all rows on a bare connection, thrown away: no compression, no digest, no disk.
 */
export const backupRow: BulkRow = {
  name: 'backup',
  run: async (bench) => {
    const folder = mkdtempSync(join(tmpdir(), 'perigon-bench-backup-'));
    const file = join(folder, 'base.perigon');
    try {
      const floor = await timed(async () => {
        for (const name of await tables(bench)) await bench.copyOut(`copy "${name}" to stdout`);
      });
      const made = await command(bench.env, 'backup', file);
      const back = await command({ ...bench.env, PERIGON_DATA: join(folder, 'data') }, 'restore', file);
      const rows = Number(/^(\d+) rows/.exec(made.said)?.[1] ?? Number.NaN);
      const each = (ms: number) => `${(ms / 1000).toFixed(1)} s, ${Math.round(rows / (ms / 1000)).toLocaleString('en')} rows/s`;
      return [
        `backup: ${rows.toLocaleString('en')} rows in ${(statSync(file).size / 1e6).toFixed(0)} MB: ${each(made.ms)}, ${made.peakMb} MB of Node at most; floor, all rows out bare: ${(floor / 1000).toFixed(1)} s, ratio ${(made.ms / floor).toFixed(2)}`,
        `restore: into an empty folder, indexes and a new PostgreSQL included: ${each(back.ms)}, ${back.peakMb} MB of Node at most`,
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function tables(bench: Bench): Promise<string[]> {
  const { rows } = await bench.floor.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = current_schema() and c.relkind = 'r' order by 1`,
  );
  return rows.map((row) => row.name);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** One command of its own process: what it said, how long it took, and the most memory it held (VmHWM; Linux). */
async function command(env: NodeJS.ProcessEnv, ...args: string[]): Promise<{ ms: number; said: string; peakMb: string }> {
  const began = performance.now();
  const child = spawn(process.execPath, ['bin/perigon.mjs', ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  let peakMb = '?';
  const watch = setInterval(() => {
    try {
      const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
      if (peak) peakMb = (Number(peak[1]) / 1024).toFixed(0);
    } catch {
      // It has ended, or this is no Linux.
    }
  }, 200);
  child.stdout.on('data', (part: Buffer) => (said += part.toString()));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  clearInterval(watch);
  if (code !== 0) throw new Error(`perigon ${args[0]} ended with ${code}: ${said}`);
  return { ms: performance.now() - began, said: said.trim(), peakMb };
}
