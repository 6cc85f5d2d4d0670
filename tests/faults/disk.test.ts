import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../harness/places.ts';
import { type Api, type Booted, bootProduct, setUp } from '../harness/product.ts';

/** A disk of its own, small enough to be filled; only who administers the machine can make one. */
function mountDisk(folder: string, megabytes: number): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'none', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const BATCH = 500;
const folder = temporaryFolder();
const mounted = mountDisk(folder, 700);
const ballast = path.join(folder, 'ballast');

describe.skipIf(!mounted)('a full disk', () => {
  let product: Booted;
  let api: Api;
  beforeAll(async () => {
    product = await bootProduct({ database: 'embedded', dataFolder: folder });
    api = await setUp(product);
  });
  afterAll(async () => {
    await product.stop();
    execFileSync('umount', ['-l', folder]);
  });

  /** Takes all room but so many megabytes. */
  const fill = (left: number): void => {
    fs.rmSync(ballast, { force: true });
    const file = fs.openSync(ballast, 'w');
    const piece = Buffer.alloc(256 * 1024);
    const free = (): number => {
      const { bavail, bsize } = fs.statfsSync(folder);
      return bavail * bsize;
    };
    // PostgreSQL writes meanwhile, too.
    try {
      while (free() > left * 1024 * 1024) fs.writeSync(file, piece);
    } finally {
      fs.closeSync(file);
    }
  };
  /** Records that do not compress. */
  const create = (name: string, at: number) =>
    api.post('/api/v1/parties/batch', {
      operations: Array.from({ length: BATCH }, (_, n) => ({
        op: 'create',
        values: { kind: 'organisation', name: `${name} ${at} ${n}`, description: randomBytes(600).toString('base64') },
      })),
    });
  const names = async (): Promise<number> => {
    const { body } = await api.post<{ rows: { n: number }[] }>('/api/v1/parties/aggregate', {
      where: { field: 'name', op: 'startsWith', value: 'Full' },
      measures: { n: { op: 'count' } },
    });
    return body.rows[0]?.n ?? 0;
  };

  test('says so, spoils nothing, and is over as soon as there is room again', { timeout: 240_000 }, async () => {
    fill(24);
    let kept = 0;
    let refused: { status: number; body: unknown } | null = null;
    for (let at = 0; at < 400 && !refused; at++) {
      const answer = await create('Full', at);
      if (answer.status === 200) kept += BATCH;
      else refused = answer;
    }
    // The database says it, or goes down over it and comes back.
    expect(JSON.stringify(refused?.body)).toMatch(/The disk is full|The database is away/);
    expect([503, 507]).toContain(refused?.status);
    // Perigon itself stands, and says how it is.
    expect(product.run.hasEnded).toBe(false);
    expect((await api.get('/healthz')).status).toBe(200);

    fs.rmSync(ballast);
    await expect
      .poll(async () => (await api.post('/api/v1/parties', { kind: 'person', name: 'Room again' })).status, { timeout: 60_000 })
      .toBe(201);
    // All that was acknowledged is there, and a batch that was refused is not, not even in part.
    expect(await names()).toBe(kept);
  });

  test('a file and a backup that find no room are refused or fail with that reason, and leave nothing behind', {
    timeout: 240_000,
  }, async () => {
    for (let at = 0; at < 16; at++) expect((await create('Large', at)).status).toBe(200);
    // Disks of their own, so that the database has room whatever comes first.
    const incoming = path.join(folder, 'incoming');
    const backups = path.join(folder, 'backups');
    for (const [place, megabytes] of [
      [incoming, 4],
      [backups, 2],
    ] as const) {
      fs.mkdirSync(place, { recursive: true });
      expect(mountDisk(place, megabytes)).toBe(true);
    }
    try {
      const form = new FormData();
      form.append('file', new Blob([new Uint8Array(12 * 1024 * 1024)], { type: 'application/pdf' }), 'large.pdf');
      const upload = await api.send<{ detail: string }>('POST', '/api/v1/files', form);
      expect(upload.status, upload.text).toBe(507);
      expect(upload.body.detail).toMatch(/disk/i);
      const begun = await api.post<{ job: string }>('/api/v1/backups', {});
      expect(begun.status, begun.text).toBeLessThan(300);
      const job = async () => (await api.get<{ state: string; error?: string }>(`/api/v1/jobs/${begun.body.job}`)).body;
      await expect.poll(async () => (await job()).state, { timeout: 60_000 }).toBe('failed');
      expect(JSON.stringify(await job())).toMatch(/disk/i);
      expect(fs.readdirSync(backups)).toEqual([]);
      expect(fs.readdirSync(incoming)).toEqual([]);
    } finally {
      for (const place of [incoming, backups]) execFileSync('umount', ['-l', place]);
    }
    expect((await api.post('/api/v1/parties', { kind: 'person', name: 'Room at last' })).status).toBe(201);
  });
});
