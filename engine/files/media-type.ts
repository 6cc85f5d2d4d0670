/** What a file is, by its content: what a sender claims is not believed. Pure. */

const SIGNATURES: readonly [string, number, readonly number[]][] = [
  ['image/png', 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', 0, [0xff, 0xd8, 0xff]],
  ['image/gif', 0, [0x47, 0x49, 0x46, 0x38, 0x37, 0x61]],
  ['image/gif', 0, [0x47, 0x49, 0x46, 0x38, 0x39, 0x61]],
  ['image/bmp', 0, [0x42, 0x4d]],
  ['image/tiff', 0, [0x49, 0x49, 0x2a, 0x00]],
  ['image/tiff', 0, [0x4d, 0x4d, 0x00, 0x2a]],
  ['application/pdf', 0, [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['application/zip', 0, [0x50, 0x4b, 0x03, 0x04]],
  ['application/zip', 0, [0x50, 0x4b, 0x05, 0x06]],
  ['application/gzip', 0, [0x1f, 0x8b]],
  ['application/x-7z-compressed', 0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['application/vnd.rar', 0, [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
  ['application/x-ole', 0, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ['application/rtf', 0, [0x7b, 0x5c, 0x72, 0x74, 0x66]],
  ['audio/mpeg', 0, [0x49, 0x44, 0x33]],
  ['audio/mpeg', 0, [0xff, 0xfb]],
  ['audio/ogg', 0, [0x4f, 0x67, 0x67, 0x53]],
  ['video/webm', 0, [0x1a, 0x45, 0xdf, 0xa3]],
];

/** Forms that share a container are told apart by their ending; a wrong one among them does no harm. */
const IN_ZIP: Record<string, string> = {
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  odt: 'application/vnd.oasis.opendocument.text',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  odp: 'application/vnd.oasis.opendocument.presentation',
  epub: 'application/epub+zip',
};
const IN_OLE: Record<string, string> = {
  doc: 'application/msword',
  xls: 'application/vnd.ms-excel',
  ppt: 'application/vnd.ms-powerpoint',
  msg: 'application/vnd.ms-outlook',
};
const IN_TEXT: Record<string, string> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  md: 'text/markdown',
  json: 'application/json',
  ics: 'text/calendar',
  vcf: 'text/vcard',
  eml: 'message/rfc822',
  xml: 'application/xml',
};

/** How much of a file's beginning is looked at. */
export const HEAD_BYTES = 4096;

/** The media type of a file from its first bytes; the name decides only between forms of one container. */
export function mediaType(head: Uint8Array, name: string): string {
  const ending = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const ascii = (from: number, to: number) => String.fromCharCode(...head.subarray(from, to));
  if (ascii(0, 4) === 'RIFF') {
    const form = ascii(8, 12);
    return form === 'WEBP'
      ? 'image/webp'
      : form === 'WAVE'
        ? 'audio/wav'
        : form === 'AVI '
          ? 'video/x-msvideo'
          : 'application/octet-stream';
  }
  if (ascii(4, 8) === 'ftyp') {
    const brand = ascii(8, 12);
    if (brand === 'avif' || brand === 'avis') return 'image/avif';
    if (/^(heic|heix|mif1|msf1)$/.test(brand)) return 'image/heic';
    if (brand.startsWith('M4A')) return 'audio/mp4';
    return brand.startsWith('qt') ? 'video/quicktime' : 'video/mp4';
  }
  const hit = SIGNATURES.find(([, at, bytes]) => bytes.every((byte, i) => head[at + i] === byte))?.[0];
  if (hit === 'application/zip') return IN_ZIP[ending] ?? hit;
  if (hit === 'application/x-ole') return IN_OLE[ending] ?? hit;
  // Two letters are little proof: a text may begin with them.
  if (hit && !(hit === 'image/bmp' && textOf(head) !== null)) return hit;
  const text = textOf(head);
  if (text === null) return 'application/octet-stream';
  const start = text.slice(0, 1000).toLowerCase();
  if (/<svg[\s>]/.test(start)) return 'image/svg+xml';
  if (/<(!doctype\s+html|html|head|body|script|iframe|a\s|img\s|p>|div)/.test(start)) return 'text/html';
  if (start.trimStart().startsWith('<?xml')) return 'application/xml';
  return IN_TEXT[ending] ?? 'text/plain';
}

/** The beginning of a file as text; null where it is none. */
function textOf(head: Uint8Array): string | null {
  if (head.includes(0)) return null;
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 27) || byte === 127) return null;
  try {
    // Cut at the end: a letter of several bytes may be torn.
    return new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
  } catch {
    return null;
  }
}

/** A sent name as it is kept: without folders and control signs, 200 characters at most. */
export function plainName(name: string): string {
  const last = name.normalize('NFC').split(/[\\/]/).at(-1) ?? '';
  const clean = last
    .replace(/\p{Cc}|\p{Cf}/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .trim()
    .replace(/^\.+/, '');
  const [, base = '', ending = ''] = /^(.*?)(\.[^.]{1,10})?$/s.exec(clean) ?? [];
  return `${[...base].slice(0, 200 - ending.length).join('')}${ending}` || 'file';
}

/** The header that says under which name a file is saved, and whether a browser may show it. RFC 6266. */
export function disposition(kind: 'inline' | 'attachment', name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*!]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** The part of a file that a `Range` header asks for: null for the whole, false where there is no such part. */
export function rangeOf(header: string | undefined, size: number): { from: number; to: number } | null | false {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const from = match[1] === '' ? Math.max(size - Number(match[2]), 0) : Number(match[1]);
  const to = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return from <= to && from < size ? { from, to } : false;
}
