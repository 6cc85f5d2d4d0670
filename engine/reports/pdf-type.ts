import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import anyAscii from 'any-ascii';
import type PDFDocument from 'pdfkit';

/**
 * Type on the pages of a PDF: which of the shipped fonts has a sign, in what order pieces of text stand where scripts run against each
 * other, how wide it all is. What no font has is written in Latin letters rather than as boxes.
 */

/** Families by what they cover, the commonest first; each has two weights. */
const FAMILIES = [
  { name: 'inter', of: '@fontsource/inter', subsets: ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext', 'greek', 'vietnamese'] },
  { name: 'arabic', of: '@fontsource/noto-sans-arabic', subsets: ['arabic'] },
] as const;
type Weight = 400 | 600;

const require = createRequire(import.meta.url);
const FROM_RIGHT = /[\u0590-\u08ff\ufb1d-\ufefc]/;

interface Range {
  from: number;
  to: number;
  font: string;
}
interface Run {
  text: string;
  font: string;
  fromRight: boolean;
}
export interface Style {
  size: number;
  bold?: boolean;
  /** Digits of one width, so that they stand below each other. */
  figures?: boolean;
  color?: string;
}
export interface Bidi {
  getEmbeddingLevels(text: string, direction?: 'ltr' | 'rtl'): { levels: Uint8Array };
  getMirroredCharacter(sign: string): string | null;
}

/** Of the size, from the upper edge down: one line for all fonts. */
const BASELINE = 0.95;

/** Named features have a run laid out as a whole: what is written from the right would otherwise keep its words in the wrong order. */
const featuresOf = ({ fromRight }: Run, figures?: boolean): { features?: readonly string[] } =>
  figures ? { features: ['tnum'] } : fromRight ? { features: [] } : {};

let held: Promise<{ ranges: Range[]; files: Map<string, Buffer> }> | undefined;

/** The fonts as they lie on the disk, read once. */
const fonts = (): NonNullable<typeof held> => {
  held ??= loadFonts();
  return held;
};

async function loadFonts(): Promise<{ ranges: Range[]; files: Map<string, Buffer> }> {
  const ranges: Range[] = [];
  const files = new Map<string, Buffer>();
  for (const { of, subsets } of FAMILIES) {
    const family = of.slice(of.indexOf('/') + 1);
    const covered = JSON.parse(await readFile(require.resolve(`${of}/unicode.json`), 'utf8')) as Record<string, string>;
    for (const subset of subsets) {
      for (const weight of [400, 600])
        files.set(`${subset} ${weight}`, await readFile(require.resolve(`${of}/files/${family}-${subset}-${weight}-normal.woff`)));
      for (const part of (covered[subset] ?? '').split(',')) {
        const [from = 0, to = from] = part
          .replace('U+', '')
          .split('-')
          .map((hex) => Number.parseInt(hex, 16));
        ranges.push({ from, to, font: subset });
      }
    }
  }
  return { ranges, files };
}

/** Puts type on one document. */
export class Type {
  private readonly fontOf = new Map<number, string | null>();
  private readonly widths = new Map<string, number>();
  private constructor(
    private readonly doc: PDFDocument,
    private readonly bidi: Bidi,
    private readonly ranges: readonly Range[],
    private readonly fromRight: boolean,
  ) {}

  static async on(doc: PDFDocument, bidi: Bidi, fromRight: boolean): Promise<Type> {
    const { ranges, files } = await fonts();
    for (const [name, bytes] of files) doc.registerFont(name, bytes);
    return new Type(doc, bidi, ranges, fromRight);
  }

  width(text: string, { size, bold, figures }: Style): number {
    const weight: Weight = bold ? 600 : 400;
    const key = `${weight} ${figures ? 'tnum' : ''} ${text}`;
    const known = this.widths.get(key);
    if (known !== undefined) return known * size;
    const width = this.runs(text).reduce((sum, run) => sum + this.runWidth(run, weight, 1000, figures), 0) / 1000;
    this.widths.set(key, width);
    return width * size;
  }

  /** As much of a text as fits, with a sign where there was more. */
  fit(text: string, style: Style, most: number): string {
    if (this.width(text, style) <= most) return text;
    let [low, high] = [0, text.length];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.width(`${text.slice(0, middle).trimEnd()}…`, style) <= most) low = middle;
      else high = middle - 1;
    }
    return `${text.slice(0, low).trimEnd()}…`;
  }

  /** A text in lines of a width, at most so many of them. */
  lines(text: string, style: Style, most: number, count: number): string[] {
    const lines: string[] = [];
    let line = '';
    const words = text.split(/\s+/).filter(Boolean);
    for (const [i, word] of words.entries()) {
      const next = line === '' ? word : `${line} ${word}`;
      if (line === '' || this.width(next, style) <= most) {
        line = next;
        continue;
      }
      if (lines.length + 1 === count) return [...lines, this.fit(`${line} ${words.slice(i).join(' ')}`, style, most)];
      lines.push(this.fit(line, style, most));
      line = word;
    }
    return line === '' ? lines : [...lines, this.fit(line, style, most)];
  }

  /** Writes one line from its left end on; `y` is its upper edge. */
  draw(text: string, x: number, y: number, { size, bold, figures, color = '#1B1C1E' }: Style): void {
    const weight: Weight = bold ? 600 : 400;
    let at = x;
    this.doc.fillColor(color);
    const runs = this.runs(text);
    for (const [i, run] of runs.entries()) {
      this.doc.font(`${run.font} ${weight}`, size).text(run.text, at, y + size * BASELINE, {
        lineBreak: false,
        baseline: 'alphabetic',
        ...featuresOf(run, figures),
      });
      if (i + 1 < runs.length) at += this.runWidth(run, weight, size, figures);
    }
  }

  private runWidth(run: Run, weight: Weight, size: number, figures?: boolean): number {
    return this.doc.font(`${run.font} ${weight}`, size).widthOfString(run.text, featuresOf(run, figures));
  }

  /** A text in pieces of one font and one direction, in the order in which they stand on the page. */
  private runs(text: string): Run[] {
    const plain = this.coverable(text.normalize('NFC').replace(/[\p{Cc}\u200e\u200f\u2066-\u2069]/gu, ' '));
    if (!this.fromRight && !FROM_RIGHT.test(plain)) return this.byFont(plain, false);
    const { levels } = this.bidi.getEmbeddingLevels(plain, this.fromRight ? 'rtl' : undefined);
    const pieces: { text: string; level: number }[] = [];
    for (let i = 0; i < plain.length; i++) {
      const last = pieces.at(-1);
      const level = levels[i] ?? 0;
      if (last?.level === level) last.text += plain[i];
      else pieces.push({ text: plain[i] ?? '', level });
    }
    // From the deepest level on, what lies at it or deeper is turned round (rule L2 of Unicode's algorithm).
    const deepest = Math.max(0, ...pieces.map(({ level }) => level));
    for (let level = deepest; level > 0; level--)
      for (let i = 0; i < pieces.length; i++) {
        if ((pieces[i]?.level ?? 0) < level) continue;
        let end = i;
        while ((pieces[end + 1]?.level ?? -1) >= level) end++;
        pieces.splice(i, end - i + 1, ...pieces.slice(i, end + 1).reverse());
        i = end;
      }
    return pieces.flatMap(({ text: piece, level }) => this.byFont(piece, level % 2 === 1));
  }

  private byFont(text: string, fromRight: boolean): Run[] {
    const runs: Run[] = [];
    for (const sign of text) {
      const font = this.fontFor(sign.codePointAt(0) ?? 32) ?? 'latin';
      const last = runs.at(-1);
      // Spaces and points go with what stands before them, so that words stay whole.
      if (last && (last.font === font || (sign === ' ' && !fromRight))) last.text += sign;
      else runs.push({ text: sign, font, fromRight: fromRight && font === 'arabic' });
    }
    if (!fromRight) return runs;
    // Signs that no Arabic font has are turned by hand; its own are by the font.
    const turned = runs.map((run) => {
      if (run.fromRight) return run;
      const signs = [...run.text].reverse().map((sign) => this.bidi.getMirroredCharacter(sign) ?? sign);
      return { ...run, text: signs.join('') };
    });
    return turned.reverse();
  }

  private coverable(text: string): string {
    let all = '';
    for (const sign of text) all += this.fontFor(sign.codePointAt(0) ?? 32) === null ? anyAscii(sign) : sign;
    return all;
  }

  private fontFor(code: number): string | null {
    const known = this.fontOf.get(code);
    if (known !== undefined) return known;
    const font = this.ranges.find(({ from, to }) => code >= from && code <= to)?.font ?? null;
    this.fontOf.set(code, font);
    return font;
  }
}
