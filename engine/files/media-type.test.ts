import { describe, expect, it } from 'vitest';
import { disposition, mediaType, plainName, rangeOf } from './media-type.ts';

const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part)));

describe('what a file is', () => {
  it.each([
    ['image/png', bytes([0x89], 'PNG\r\n', [0x1a, 0x0a]), 'a.txt'],
    ['image/jpeg', bytes([0xff, 0xd8, 0xff, 0xe0]), 'a.exe'],
    ['image/webp', bytes('RIFF', [1, 0, 0, 0], 'WEBPVP8 '), 'a.webp'],
    ['image/avif', bytes([0, 0, 0, 28], 'ftypavif'), 'a'],
    ['application/pdf', bytes('%PDF-1.7\n'), 'invoice.html'],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', bytes('PK', [3, 4, 0]), 'Letter.DOCX'],
    ['application/zip', bytes('PK', [3, 4, 0]), 'page.html'],
    ['image/svg+xml', bytes('<?xml version="1.0"?>\n<svg onload="alert(1)">'), 'logo.png'],
    ['text/html', bytes('  <script>alert(1)</script>'), 'picture.png'],
    ['text/html', bytes('GIF87 not <html>'), 'a.gif'],
    ['text/csv', bytes('Name;City\nÄrger;Köln\n'), 'list.csv'],
    ['text/plain', bytes('BM is how this text begins'), 'a.bmp'],
    ['text/plain', bytes('just words'), 'a.html'],
    ['application/octet-stream', bytes([0x4d, 0x5a, 0, 1, 2]), 'setup.png'],
    ['text/plain', bytes(''), 'empty'],
  ])('%s by its content', (type, head, name) => {
    expect(mediaType(head, name)).toBe(type);
  });

  it('keeps a name that no file system or header stumbles over', () => {
    expect(plainName('../../etc/passwd')).toBe('passwd');
    expect(plainName('C:\\Users\\x\\Bild\u202egnp.exe')).toBe('Bildgnp.exe');
    expect(plainName('a\r\nSet-Cookie: x=1.txt')).toBe('aSet-Cookie_ x=1.txt');
    expect(plainName('...')).toBe('file');
    expect(plainName(`${'ä'.repeat(400)}.pdf`)).toHaveLength(200);
    expect(disposition('attachment', 'Größe "neu" 100%.pdf')).toBe(
      `attachment; filename="Gr__e _neu_ 100_.pdf"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22neu%22%20100%25.pdf`,
    );
  });

  it('reads the part that is asked for', () => {
    expect(rangeOf('bytes=0-9', 100)).toEqual({ from: 0, to: 9 });
    expect(rangeOf('bytes=90-', 100)).toEqual({ from: 90, to: 99 });
    expect(rangeOf('bytes=-5', 100)).toEqual({ from: 95, to: 99 });
    expect(rangeOf('bytes=90-500', 100)).toEqual({ from: 90, to: 99 });
    expect(rangeOf('bytes=100-', 100)).toBe(false);
    expect(rangeOf('bytes=9-3', 100)).toBe(false);
    for (const header of [undefined, 'bytes=-', 'bytes=1-2,4-5', 'lines=1-2']) expect(rangeOf(header, 100)).toBeNull();
  });
});
