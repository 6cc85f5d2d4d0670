import { crc32, createDeflateRaw } from 'node:zlib';

/** A ZIP archive whose entries are written without knowing their size beforehand (sizes follow each entry). */
export class ZipStream {
  private offset = 0;
  private readonly directory: Buffer[] = [];

  async *entry(path: string, source: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
    const name = Buffer.from(path);
    const start = this.offset;
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(20, 4);
    // Bit 3: sizes follow; bit 11: names are UTF-8.
    head.writeUInt16LE(0x0808, 6);
    head.writeUInt16LE(8, 8);
    head.writeUInt32LE(DOS_TIME, 10);
    head.writeUInt16LE(name.length, 26);
    yield this.count(Buffer.concat([head, name]));
    const deflate = createDeflateRaw({ level: 1 });
    const ready: Buffer[] = [];
    deflate.on('data', (piece: Buffer) => ready.push(piece));
    let crc = 0;
    let size = 0;
    let packed = 0;
    const take = function* () {
      for (const piece of ready.splice(0)) {
        packed += piece.length;
        yield piece;
      }
    };
    for await (const piece of source) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece;
      crc = crc32(bytes, crc);
      size += bytes.length;
      await new Promise<void>((resolve, reject) => deflate.write(bytes, (error) => (error ? reject(error) : resolve())));
      for (const piece of take()) yield this.count(piece);
    }
    await new Promise<void>((resolve, reject) => deflate.once('end', resolve).once('error', reject).end());
    for (const piece of take()) yield this.count(piece);
    const behind = Buffer.alloc(16);
    behind.writeUInt32LE(0x08074b50, 0);
    behind.writeUInt32LE(crc >>> 0, 4);
    behind.writeUInt32LE(packed, 8);
    behind.writeUInt32LE(size, 12);
    yield this.count(behind);
    const row = Buffer.alloc(46);
    row.writeUInt32LE(0x02014b50, 0);
    row.writeUInt16LE(20, 4);
    row.writeUInt16LE(20, 6);
    row.writeUInt16LE(0x0808, 8);
    row.writeUInt16LE(8, 10);
    row.writeUInt32LE(DOS_TIME, 12);
    row.writeUInt32LE(crc >>> 0, 16);
    row.writeUInt32LE(packed, 20);
    row.writeUInt32LE(size, 24);
    row.writeUInt16LE(name.length, 28);
    row.writeUInt32LE(start, 42);
    this.directory.push(Buffer.concat([row, name]));
  }

  private count(bytes: Buffer): Buffer {
    this.offset += bytes.length;
    return bytes;
  }

  end(): Uint8Array {
    const directory = Buffer.concat(this.directory);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(this.directory.length, 8);
    end.writeUInt16LE(this.directory.length, 10);
    end.writeUInt32LE(directory.length, 12);
    end.writeUInt32LE(this.offset, 16);
    return Buffer.concat([directory, end]);
  }
}

/** 1 January 1980, so that equal data makes equal files. */
const DOS_TIME = 0x00210000;
