/** What other programs say by style alone, and the element that says it here. */
const MARKS: readonly [style: RegExp, tag: string][] = [
  [/font-weight\s*:\s*(bold|bolder|[6-9]00)/i, 'strong'],
  [/font-style\s*:\s*italic/i, 'em'],
  [/text-decoration[^;]*:[^;]*underline/i, 'u'],
  [/text-decoration[^;]*:[^;]*line-through/i, 's'],
];

/**
 * HTML from the clipboard without styles, which this page's policy would not even read: those that mean bold, italic, underlined or struck
 * out (as text from documents and mails comes) become the elements of that name. It is read in a template, where nothing loads or runs.
 */
export function withoutStyles(html: string): string {
  const template = document.createElement('template');
  template.innerHTML = html.replace(/(<[a-z][^<>]*?\s)style(\s*=)/gi, '$1data-style$2');
  for (const element of template.content.querySelectorAll('[data-style]')) {
    const style = element.getAttribute('data-style') ?? '';
    element.removeAttribute('data-style');
    for (const [means, tag] of MARKS) {
      if (!means.test(style)) continue;
      const mark = document.createElement(tag);
      mark.append(...element.childNodes);
      element.append(mark);
    }
    // Some put all of a text into a bold that says it is not.
    if (/^(B|STRONG)$/.test(element.tagName) && /font-weight\s*:\s*(normal|[1-5]00)/i.test(style))
      element.replaceWith(...element.childNodes);
  }
  return template.innerHTML;
}
