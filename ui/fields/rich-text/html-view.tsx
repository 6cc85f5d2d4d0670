import { createElement, Fragment, type ReactNode } from 'react';

/**
 * Shows HTML of a field by building it anew: only the tags below become elements, with no attribute but a checked address. The
 * server has cleaned it already; no text of it ever becomes markup here.
 */
const tags = new Set(['p', 'br', 'hr', 'h2', 'h3', 'h4', 'strong', 'em', 'u', 's', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li']);

function parsed(html: string): HTMLElement {
  // A document without a window: nothing in it loads or runs.
  return new DOMParser().parseFromString(html, 'text/html').body;
}

function shown(node: Node, key: number): ReactNode {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (!(node instanceof Element)) return null;
  const tag = node.tagName.toLowerCase();
  const children = [...node.childNodes].map(shown);
  if (tags.has(tag)) return children.length > 0 ? createElement(tag, { key }, ...children) : createElement(tag, { key });
  if (tag === 'a') {
    const href = node.getAttribute('href') ?? '';
    if (!/^(https?|mailto|tel):/i.test(href)) return <Fragment key={key}>{children}</Fragment>;
    return (
      <a key={key} className="pg-link" href={href} target="_blank" rel="noopener nofollow noreferrer">
        {children}
      </a>
    );
  }
  if (tag === 'img') {
    const src = node.getAttribute('src') ?? '';
    return src.startsWith('/api/v1/files/') ? <img key={key} src={src} alt={node.getAttribute('alt') ?? ''} /> : null;
  }
  if (tag === 'span' && node.hasAttribute('data-mention'))
    return (
      <span key={key} data-mention>
        {children}
      </span>
    );
  if (tag === 'script' || tag === 'style' || tag === 'template') return null;
  return <Fragment key={key}>{children}</Fragment>;
}

export function HtmlView({ html }: { html: string }): ReactNode {
  return [...parsed(html).childNodes].map(shown);
}

/** The words of HTML in one line. */
export function htmlWords(html: string): string {
  return (parsed(html.replace(/<(?:br|\/p|\/li|\/h[1-6]|\/blockquote|\/pre)\b/gi, ' $&')).textContent ?? '').replace(/\s+/g, ' ').trim();
}
