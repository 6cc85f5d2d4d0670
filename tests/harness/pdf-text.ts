import { inflateSync } from 'node:zlib';

/** The words of a PDF as pdfkit writes them: streams inflated, glyphs read back by the tables that the file itself brings for copying. */
export function pdfText(bytes: Buffer): { pages: number; text: string } {
  const raw = bytes.toString('latin1');
  const objects = new Map<number, { head: string; body: string }>();
  for (const match of raw.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    const [, id, whole = ''] = match;
    const at = whole.indexOf('stream\n');
    const head = at < 0 ? whole : whole.slice(0, at);
    const packed = at < 0 ? '' : whole.slice(at + 7, whole.lastIndexOf('\nendstream'));
    const body = head.includes('/FlateDecode') ? inflateSync(Buffer.from(packed, 'latin1')).toString('latin1') : packed;
    objects.set(Number(id), { head, body });
  }
  const cmaps = new Map<string, Map<number, string>>();
  for (const { head } of objects.values())
    for (const [, fonts = ''] of head.matchAll(/\/Font <<([\s\S]*?)>>/g))
      for (const [, name = '', id] of fonts.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
        const unicode = /\/ToUnicode (\d+) 0 R/.exec(objects.get(Number(id))?.head ?? '')?.[1];
        cmaps.set(name, cmapOf(objects.get(Number(unicode))?.body ?? ''));
      }
  const lines: string[] = [];
  for (const { body } of objects.values()) {
    if (!/\bBT\n/.test(body)) continue;
    let cmap: Map<number, string> | undefined;
    for (const [, font, glyphs] of body.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)) {
      if (font) cmap = cmaps.get(font);
      else lines.push([...(glyphs ?? '').matchAll(/<([\da-f]+)>/g)].map(([, hex = '']) => decoded(hex, cmap)).join(''));
    }
  }
  return { pages: [...objects.values()].filter(({ head }) => /\/Type \/Page\b/.test(head)).length, text: lines.join('\n') };
}

const decoded = (hex: string, cmap: Map<number, string> | undefined): string =>
  (hex.match(/.{4}/g) ?? []).map((code) => cmap?.get(Number.parseInt(code, 16)) ?? '?').join('');

/** Ranges as `<0000> <00ff> [<0041> <0042> …]`. */
function cmapOf(body: string): Map<number, string> {
  const map = new Map<number, string>();
  for (const [, from = '0', , list = ''] of body.matchAll(/<([\da-f]+)> <([\da-f]+)> \[([^\]]*)\]/g))
    [...list.matchAll(/<([\da-f ]*)>/g)].forEach(([, hex = ''], i) => {
      const units = (hex.replace(/ /g, '').match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16));
      map.set(Number.parseInt(from, 16) + i, String.fromCharCode(...units));
    });
  return map;
}
