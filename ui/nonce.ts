/**
 * The word that this page's own style sheets carry: the server draws one for each answer and allows no inline style without it, so that
 * whatever else gets into the page cannot dress it. Undefined where nobody serves the page (tests).
 */
export const styleNonce = (): string | undefined =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce || undefined;
