import { type BoundField, cleanText, FieldProblem, type FieldType, fieldOf, type Operator, scalarType } from '../../field.ts';
import { cleanHtml, filesIn, isMarkup, paragraphs, plainText } from './html.ts';

export interface RichTextOptions {
  /** Longest value in characters of HTML; 100,000 unless given. */
  max?: number;
}

/** The largest picture within a text. */
export const PICTURE_BYTES = 10_000_000;

const OPERATORS: readonly Operator[] = ['contains', 'startsWith', 'eq', 'ne', 'isEmpty', 'isNotEmpty'];

/** Text with headings, lists, links and mentions: clean HTML on the wire, its words in conditions, search and tables. */
export const richText = fieldOf<string, RichTextOptions>('richText');

const most = (field: BoundField): number => (field.with.max as number | undefined) ?? 100_000;

/** A text without a tag is taken as it stands, in paragraphs: what a field held while it was plain comes back by undo. */
function parse(input: unknown, field: BoundField): string | null {
  const text = cleanText(input, most(field), true);
  if (text === null) return null;
  const clean = cleanHtml(isMarkup(text) ? text : paragraphs(text));
  // Bare words stand in a paragraph, so that what is read is written back as it was.
  const html = clean === '' || isMarkup(clean) ? clean : `<p>${clean}</p>`;
  if (html.length > most(field)) throw new FieldProblem('tooLong', `Longer than ${most(field).toLocaleString('en')} characters.`);
  return plainText(html) === '' && !/<(?:img|hr) /.test(html) ? null : html;
}

const scalar = scalarType<string>({
  key: 'richText',
  column: 'text',
  kind: 'text',
  parse,
  toText: plainText,
  scalar: plainText,
  operators: OPERATORS,
  schema: (field) => ({ type: 'string', format: 'html', maxLength: most(field) }),
  samples: () => ({
    good: [
      { input: '<p>Called <b>Zoë</b> &amp; agreed</p>', value: '<p>Called <strong>Zoë</strong> &amp; agreed</p>' },
      { input: 'One line\n\nand 1 < 2', value: '<p>One line</p><p>and 1 &lt; 2</p>' },
      { input: '<ul><li>first</li></ul><script>alert(1)</script>', value: '<ul><li>first</li></ul>' },
    ],
    bad: [7, ['<p>a</p>'], `<p>${'x'.repeat(100_001)}</p>`],
  }),
});

/**
 * The words lie in the column that a plain long text has, the HTML beside it. So a `longText` becomes a `richText` by a new column,
 * as any new field does: a value without HTML is read as paragraphs, and a server of before goes on reading words.
 */
export const richTextType: FieldType<string> = {
  ...scalar,
  columns: () => [
    { suffix: '', type: 'text' },
    { suffix: '_html', type: 'text' },
  ],
  store: (value) => (value === null ? [null, null] : [plainText(value), value]),
  reckons: null,
  read: (field, t) => `coalesce(${t}.${field.column}_html, perigon_paragraphs(${t}.${field.column}))`,
  sortable: false,
  cell: 'text',
  files: (value) => (typeof value === 'string' ? filesIn(value) : []),
};
