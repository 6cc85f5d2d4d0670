import sanitizeHtml from 'sanitize-html';

/**
 * What of HTML may be kept: the marks that the editor makes, and nothing that runs, loads from elsewhere, looks like part of the
 * page, or names it. Everything that comes in (API, import, undo, action) passes here; what leaves was cleaned on its way in.
 */
const ID = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';
const OWN_FILE = new RegExp(`^/api/v1/files/${ID}(?:/[\\w.%~-]{1,300})?$`, 'i');
const USER = new RegExp(`^${ID}$`, 'i');
const none: Record<string, string> = {};

const RULES: sanitizeHtml.IOptions = {
  allowedTags: [
    'p',
    'br',
    'hr',
    'h2',
    'h3',
    'h4',
    'strong',
    'em',
    'u',
    's',
    'code',
    'pre',
    'blockquote',
    'ul',
    'ol',
    'li',
    'a',
    'span',
    'img',
  ],
  allowedAttributes: { a: ['href', 'rel', 'target'], span: ['data-mention'], img: ['src', 'alt'], ol: ['start'] },
  allowedSchemes: ['http', 'https', 'mailto', 'tel'],
  allowedSchemesByTag: { img: [] },
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  enforceHtmlBoundary: false,
  nestingLimit: 40,
  transformTags: {
    b: 'strong',
    i: 'em',
    strike: 's',
    del: 's',
    div: 'p',
    h1: 'h2',
    h5: 'h4',
    h6: 'h4',
    a: (tagName, { href }) => ({ tagName, attribs: href ? { href, rel: 'noopener nofollow', target: '_blank' } : none }),
    span: (tagName, { 'data-mention': id = '' }) => ({ tagName, attribs: USER.test(id) ? { 'data-mention': id.toLowerCase() } : none }),
    img: (tagName, { src = '', alt = '' }) => ({
      tagName,
      attribs: OWN_FILE.test(src) ? { src, alt: alt.slice(0, 300) } : none,
    }),
    ol: (tagName, { start }) => ({ tagName, attribs: start && /^\d{1,6}$/.test(start) ? { start } : none }),
  },
  // A link whose address was refused is no link any more, a mention of nobody none, and a picture from elsewhere is left out.
  exclusiveFilter: ({ tag, attribs }) =>
    (tag === 'a' && !attribs.href) || (tag === 'span' && !attribs['data-mention']) ? 'excludeTag' : tag === 'img' && !attribs.src,
};

/**
 * HTML with everything removed that is not on the list. Cleaning what was cleaned changes nothing: where a first pass leaves
 * something that a second would still change, as absurdly nested tags do, only the words are kept.
 */
export function cleanHtml(html: string): string {
  const clean = sanitizeHtml(html, RULES).trim();
  const again = sanitizeHtml(clean, RULES).trim();
  if (again === clean) return clean;
  const words = plainText(again);
  return words === '' ? '' : paragraphs(words);
}

/** Whether a text is meant as HTML: it has a tag, a comment or a declaration somewhere. */
export const isMarkup = (text: string): boolean => /<\/?[a-z][^<]*>|<!|<\?/i.test(text);

/** Plain text as paragraphs. The database's perigon_paragraphs is the same. */
export function paragraphs(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<p>${escaped.replace(/\n{2,}/g, '</p><p>').replaceAll('\n', '<br />')}</p>`;
}

/** The words of cleaned HTML: an item or heading a line, a paragraph with space behind it; what conditions, search, lists and tables see. */
export function plainText(html: string): string {
  return html
    .replace(/<pre>.*?<\/pre>/gs, (code) => code.replaceAll('\n', '<br />'))
    .replace(/[\t\n ]+/g, ' ')
    .replace(/<br \/>/g, '\n')
    .replace(/<\/p>(?!<\/li>)/g, '\n\n')
    .replace(/<\/(?:h[234]|li|blockquote|pre)>|<(?:ul|ol|hr)\b[^>]*>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('\u00a0', ' ')
    .replaceAll('&amp;', '&')
    .replace(/ *\n */g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Ids of our own files that cleaned HTML shows. */
export const filesIn = (html: string): string[] => [
  ...new Set([...html.matchAll(/<img src="\/api\/v1\/files\/([0-9a-f-]{36})/gi)].map(([, id = '']) => id.toLowerCase())),
];
