import type PDFDocument from 'pdfkit';
import type { Style, Type } from './pdf-type.ts';
import type { Sheet } from './sheet.ts';

/** The margin of a page, and what its foot takes. */
export const EDGE = 40;
const FOOT = 28;

/** Where on which page one stands, and how one gets to the next. */
export interface Cursor {
  doc: PDFDocument;
  type: Type;
  sheet: Sheet;
  left: number;
  width: number;
  /** The lower edge of what may be written on. */
  bottom: number;
  y: number;
  /** Begins a page where less than that height is left; whether it did. */
  room(height: number): boolean;
  /** Writes a line from where lines begin in this language. */
  line(text: string, style: Style, lead?: number): void;
}

/** Stands at the top of the first page. */
export function cursorOn(doc: PDFDocument, type: Type, sheet: Sheet): Cursor {
  return {
    doc,
    type,
    sheet,
    left: EDGE,
    width: doc.page.width - 2 * EDGE,
    bottom: doc.page.height - EDGE - FOOT,
    y: EDGE,
    room(height) {
      if (this.y + height <= this.bottom) return false;
      doc.addPage();
      this.y = EDGE;
      return true;
    },
    line(text, style, lead = style.size * 1.4) {
      type.draw(text, sheet.fromRight ? this.left + this.width - type.width(text, style) : this.left, this.y, style);
      this.y += lead;
    },
  };
}
