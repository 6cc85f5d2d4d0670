import { invalid } from '#kit/errors.ts';
import type { ExportColumn } from './columns.ts';
import { ZipStream } from './zip.ts';

/**
 * A workbook of one sheet, written as it comes: rows are compressed page by page and nothing is held, so a million rows need
 * no more memory than one page. (write-excel-file holds all cells as objects, some 1 GB for a million rows.)
 */
export async function* writeWorkbook(
  name: string,
  columns: readonly ExportColumn[],
  pages: AsyncIterable<string[][]>,
): AsyncGenerator<Uint8Array> {
  const zip = new ZipStream();
  for (const [path, text] of Object.entries(parts(name))) yield* zip.entry(path, [text]);
  yield* zip.entry('xl/worksheets/sheet1.xml', sheet(columns, pages));
  yield zip.end();
}

/** What Excel can hold in one sheet, the header counted. */
const MOST_ROWS = 1_048_576;
const MOST_TEXT = 32_767;

async function* sheet(columns: readonly ExportColumn[], pages: AsyncIterable<string[][]>): AsyncGenerator<string> {
  const letters = columns.map((_, i) => columnLetters(i));
  yield `${HEAD}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`;
  let number = 1;
  yield `<row r="1">${columns.map((column, i) => textCell(`${letters[i]}1`, column.name, 1)).join('')}</row>`;
  for await (const rows of pages) {
    let xml = '';
    for (const cells of rows) {
      if (++number > MOST_ROWS) throw invalid('A workbook holds 1,048,575 records. Export as CSV, or narrow the filter.');
      xml += `<row r="${number}">`;
      for (let i = 0; i < columns.length; i++) xml += cellXml(columns[i], `${letters[i]}${number}`, cells[i] ?? '');
      xml += '</row>';
    }
    yield xml;
  }
  yield '</sheetData></worksheet>';
}

function cellXml(column: ExportColumn | undefined, at: string, text: string): string {
  if (text === '' || !column) return '';
  switch (column.kind) {
    case 'number':
      // A number of more than fifteen digits would lose some in a spreadsheet.
      return text.replace(/\D/g, '').length <= 15 ? `<c r="${at}"><v>${text}</v></c>` : textCell(at, text, 0);
    case 'boolean':
      return `<c r="${at}" t="b"><v>${text === 'true' ? 1 : 0}</v></c>`;
    case 'date':
      return serial(text) >= 1 ? `<c r="${at}" s="2"><v>${serial(text)}</v></c>` : textCell(at, text, 0);
    default:
      return textCell(at, (column.show ? column.show(text) : text).slice(0, MOST_TEXT), 0);
  }
}

/** Days since the beginning of spreadsheets; dates before 1 March 1900 are counted wrongly there and stay text. */
const serial = (date: string): number => {
  const days = Date.parse(`${date}T00:00:00Z`) / 86_400_000 + 25_569;
  return days >= 61 ? days : 0;
};

const textCell = (at: string, text: string, style: number) =>
  `<c r="${at}" t="inlineStr"${style ? ` s="${style}"` : ''}><is><t xml:space="preserve">${xmlText(text)}</t></is></c>`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 cannot hold them
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const xmlText = (text: string) => text.replace(UNWRITABLE, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function columnLetters(index: number): string {
  let letters = '';
  for (let n = index + 1; n > 0; n = Math.floor((n - 1) / 26)) letters = String.fromCharCode(65 + ((n - 1) % 26)) + letters;
  return letters;
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const parts = (name: string): Record<string, string> => ({
  '[Content_Types].xml': `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`,
  '_rels/.rels': `${HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `${HEAD}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="${xmlText(name.slice(0, 31))}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`,
  // Style 1 is the header, style 2 a date.
  'xl/styles.xml': `${HEAD}<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`,
});
