import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ATTACKS, SOMEBODY as id } from '#tests/harness/markup-attacks.ts';
import { cleanHtml, isMarkup, paragraphs, plainText } from './html.ts';

describe('HTML from outside', () => {
  it.each(ATTACKS)('%s leaves nothing that runs or loads', (attack) => {
    const clean = cleanHtml(attack);
    for (const [tag] of clean.matchAll(/<[^>]*>/g)) {
      expect(tag).toMatch(/^<\/?(p|br|hr|h[234]|strong|em|u|s|code|pre|blockquote|ul|ol|li|a|span|img)( [^>]*)?>$/);
      expect(tag).not.toMatch(/\son\w+\s*=|style=|class=|\sid=|\sname=/i);
      for (const [, name = '', value = ''] of tag.matchAll(/ ([\w-]+)="([^"]*)"/g)) {
        if (name === 'href') expect(value).toMatch(/^(https?|mailto|tel):/i);
        if (name === 'src') expect(value).toMatch(/^\/api\/v1\/files\/[0-9a-f-]{36}/);
        if (name === 'data-mention') expect(value).toBe(id);
      }
    }
    expect(cleanHtml(clean)).toBe(clean);
  });

  it('keeps what the editor makes', () => {
    const html = `<h2>Plan</h2><p>Call <strong>Ana</strong>, <em>then</em> <a href="https://a.example/?x=1&amp;y=2" rel="noopener nofollow" target="_blank">read</a></p><ul><li><p>one</p></li></ul><ol start="3"><li><p>three</p></li></ol><blockquote><p>said</p></blockquote><pre><code>a &lt; b</code></pre><p><span data-mention="${id}">@Ana</span></p><img src="/api/v1/files/${id}/a.png" alt="a" />`;
    expect(cleanHtml(html)).toBe(html);
    expect(plainText(html)).toBe('Plan\nCall Ana, then read\n\none\n\nthree\nsaid\n\na < b\n@Ana');
  });

  it('gives a link that opens elsewhere no way back', () => {
    expect(cleanHtml('<a href="mailto:a@b.de" rel="opener">x</a>')).toBe(
      '<a href="mailto:a@b.de" rel="noopener nofollow" target="_blank">x</a>',
    );
    expect(cleanHtml('<p><a href="javascript:alert(1)">words stay</a></p>')).toBe('<p>words stay</p>');
  });

  it('cleaning what is clean changes nothing, and plain text survives as it is', () => {
    const piece = fc.constantFrom(...ATTACKS, '<p>', '</p>', '<b>', '</i>', '&', '&lt;', 'a', '\n', ' ', '<ul><li>', '">', "'", '<!--');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const clean = cleanHtml(pieces.join(''));
        return cleanHtml(clean) === clean;
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'Z', ' b', '&', '<', '>', '"', '&amp;', '\n', 'é') }), (text) => {
        const trimmed = text
          .replace(/ *\n */g, '\n')
          .replace(/\n{2,}/g, '\n')
          .replace(/ {2,}/g, ' ')
          .trim();
        return trimmed === '' || (cleanHtml(paragraphs(trimmed)) === paragraphs(trimmed) && plainText(paragraphs(trimmed)) === trimmed);
      }),
    );
  });

  it('tells a text with a sign from markup', () => {
    expect(['1 < 2', 'a<b and c', 'x -> y', '<3', 'AT&amp;T'].map(isMarkup)).toEqual([false, false, false, false, false]);
    expect(['<p>a</p>', 'a<br>b', '</b>', '<!-- x', '<img src=x'].map(isMarkup)).toEqual([true, true, true, true, false]);
  });
});
