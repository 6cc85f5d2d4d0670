import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { createTarDecoder, createTarPacker } from 'modern-tar';
import { invalid } from '#kit/errors.ts';

/** The last entry of an archive: what it is, and the digest of every other one. Without it the archive broke off. */
export interface Manifest {
  format: 1;
  perigon: string;
  postgres: string;
  /** The number of the last migration the base had taken. */
  migration: number;
  company: string | null;
  at: string;
  tables: Record<string, { rows: number }>;
  /** `missing` are contents that the store has not, or not as they were put there: none of them is put back. */
  files: { count: number; bytes: number; missing: readonly string[] };
  /** SHA-256 of each entry as it lies in the archive. */
  entries: Record<string, string>;
}

export const MANIFEST = 'manifest.json';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Writes a tar archive from beginning to end, noting the digest of each entry. Memory stays flat: what the file does not take holds the writer up. */
export class ArchiveWriter {
  private readonly packer = createTarPacker();
  private readonly written: Promise<void>;
  readonly entries: Record<string, string> = {};
  bytes = 0;

  constructor(
    path: string,
    private readonly at: Date,
  ) {
    this.written = this.packer.readable.pipeTo(Writable.toWeb(createWriteStream(path, { mode: 0o600 })) as WritableStream<Uint8Array>);
    // A full disk is told where the next entry is awaited.
    this.written.catch(() => undefined);
  }

  async add(name: string, bytes: Uint8Array): Promise<void> {
    this.entries[name] = sha256(bytes);
    await this.put(name, bytes);
  }

  /** A file, piece by piece, as exactly so many bytes: what is beyond is left, what lacks is zeros. Gives the digest of what it wrote. */
  async stream(name: string, size: number, source: Readable): Promise<string> {
    const digest = createHash('sha256');
    const writer = this.packer.controller.add({ name, size, mtime: this.at, mode: 0o600 }).getWriter();
    let left = size;
    const put = async (piece: Uint8Array): Promise<void> => {
      digest.update(piece);
      this.bytes += piece.length;
      left -= piece.length;
      await this.orBroken(writer.write(piece));
    };
    for await (const piece of source as AsyncIterable<Buffer>) if (left > 0) await put(piece.subarray(0, left));
    while (left > 0) await put(new Uint8Array(Math.min(left, 1 << 16)));
    await this.orBroken(writer.close());
    const found = digest.digest('hex');
    this.entries[name] = found;
    return found;
  }

  /** The manifest and the end; the bytes are on the disk when it returns. */
  async end(path: string, manifest: object): Promise<void> {
    await this.put(MANIFEST, Buffer.from(JSON.stringify({ ...manifest, entries: this.entries }, null, 1)));
    this.packer.controller.finalize();
    await this.written;
    const file = await open(path, 'r+');
    await file.sync();
    await file.close();
  }

  /** Gives up; what was written stands half. */
  async abort(reason: unknown): Promise<void> {
    this.packer.controller.error(reason);
    await this.written.catch(() => undefined);
  }

  private async put(name: string, bytes: Uint8Array): Promise<void> {
    const writer = this.packer.controller.add({ name, size: bytes.length, mtime: this.at, mode: 0o600 }).getWriter();
    this.bytes += bytes.length;
    await this.orBroken(writer.write(bytes));
    await this.orBroken(writer.close());
  }

  /** The fault of the file behind, where there is one, rather than that the packer was stopped. */
  private async orBroken(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      await this.written;
      throw error;
    }
  }
}

/** The entries of an archive in their order. Each body must be read to its end, or be cancelled, before the next one is asked for. */
export async function* readArchive(path: string): AsyncGenerator<{ name: string; size: number; body: Readable }> {
  const bytes = Readable.toWeb(createReadStream(path, { highWaterMark: 1 << 20 })) as ReadableStream<Uint8Array>;
  const reader = bytes.pipeThrough(createTarDecoder({ strict: true })).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield {
        name: value.header.name,
        size: value.header.size,
        body: Readable.fromWeb(value.body as import('node:stream/web').ReadableStream),
      };
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/**
 * Reads a whole archive and holds every entry to its digest.
 * @throws PerigonError `invalid` where it broke off, was damaged or is no backup; its words name the entry.
 */
export async function verifyArchive<M extends Pick<Manifest, 'format' | 'entries'> = Manifest>(path: string): Promise<M> {
  const found: Record<string, string> = {};
  let manifest: M | null = null;
  try {
    for await (const { name, body } of readArchive(path)) {
      const digest = createHash('sha256');
      const kept: Buffer[] = [];
      for await (const piece of body as AsyncIterable<Buffer>) {
        digest.update(piece);
        if (name === MANIFEST) kept.push(piece);
      }
      if (name === MANIFEST) manifest = JSON.parse(Buffer.concat(kept).toString('utf8')) as M;
      else found[name] = digest.digest('hex');
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw invalid(`There is no file ${path}.`);
    throw invalid(`${path} is no whole backup: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (!manifest) throw invalid(`${path} is no whole backup: it ends before its list of contents.`);
  if (manifest.format !== 1) throw invalid(`${path} is a backup of a newer kind; a newer Perigon reads it.`);
  for (const [name, digest] of Object.entries(manifest.entries)) {
    if (!found[name]) throw invalid(`${path} is damaged: ${name} is missing.`);
    if (found[name] !== digest) throw invalid(`${path} is damaged: ${name} is not what was written.`);
  }
  const strange = Object.keys(found).find((name) => !manifest.entries[name]);
  if (strange) throw invalid(`${path} is damaged: ${strange} does not belong to it.`);
  return manifest;
}
