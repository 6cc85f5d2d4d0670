/** What of pdfkit is used here; it brings no types. */
declare module 'pdfkit' {
  import type { Readable } from 'node:stream';

  interface TextOptions {
    lineBreak?: boolean;
    /** What `y` means; the upper edge unless given. */
    baseline?: 'alphabetic';
    features?: readonly string[];
  }
  export default class PDFDocument extends Readable {
    constructor(options: {
      size: string;
      layout?: 'portrait' | 'landscape';
      margin: number;
      bufferPages: boolean;
      lang: string;
      displayTitle: boolean;
      info: Record<string, string | Date>;
    });
    page: { width: number; height: number };
    registerFont(name: string, source: string | Uint8Array): this;
    font(name: string, size: number): this;
    fillColor(color: string): this;
    strokeColor(color: string): this;
    lineWidth(width: number): this;
    text(text: string, x: number, y: number, options: TextOptions): this;
    widthOfString(text: string, options: TextOptions): number;
    rect(x: number, y: number, width: number, height: number): this;
    roundedRect(x: number, y: number, width: number, height: number, radius: number): this;
    moveTo(x: number, y: number): this;
    lineTo(x: number, y: number): this;
    circle(x: number, y: number, radius: number): this;
    fill(color: string): this;
    stroke(color: string): this;
    addPage(): this;
    bufferedPageRange(): { start: number; count: number };
    switchToPage(page: number): this;
    end(): void;
  }
}

declare module 'bidi-js' {
  export default function bidi(): {
    getEmbeddingLevels(text: string, direction?: 'ltr' | 'rtl'): { levels: Uint8Array };
    getMirroredCharacter(sign: string): string | null;
  };
}
