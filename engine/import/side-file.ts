import { type FileHandle, open } from 'node:fs/promises';

/**
 * A file that grows beside an import: its errors, its open references. How far it counts is kept with the position of the
 * import; what a crash left behind that is written over, so the file never says anything twice.
 */
export class SideFile {
  private handle: FileHandle | null = null;
  constructor(
    readonly path: string,
    /** Bytes that count. */
    public size: number,
  ) {}

  /** Writes behind the counted part and gives the size that counts once this is kept. */
  async append(text: string): Promise<number> {
    if (text === '') return this.size;
    this.handle ??= await open(this.path, this.size === 0 ? 'w+' : 'r+');
    const bytes = Buffer.from(text, 'utf8');
    await this.handle.write(bytes, 0, bytes.length, this.size);
    // It must be on the disk before the position that counts it.
    await this.handle.datasync();
    return this.size + bytes.length;
  }

  /** Drops what does not count and closes. */
  async close(): Promise<void> {
    await this.handle?.truncate(this.size);
    await this.handle?.close();
    this.handle = null;
  }
}
