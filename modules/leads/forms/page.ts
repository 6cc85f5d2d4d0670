import { createHash } from 'node:crypto';
import { honeypotHtml } from '#engine/access/public-guard.ts';
import { escapeHtml } from '#kit/html.ts';
import type { Answers, Fault, Wrong } from './answers.ts';
import type { FormRow } from './form-row.ts';
import { pageWords } from './page-words.ts';
import type { Question } from './questions.ts';

/** A form as a page for everybody: works without a script; the one it has tells a frame around it how high it is. Pure. */

export interface FormShown {
  form: FormRow;
  company: string;
  questions: readonly Question[];
  stamp: string;
  answers: Answers;
  wrong: Wrong;
  consents: boolean;
  /** Beside what is wrong at the lines: that it has to be sent anew. */
  note: 'late' | 'early' | 'often' | null;
  framed: boolean;
}

const STYLE = `:root{color-scheme:light dark;--t:#1B1C1E;--s:#5A5C60;--c:#FFFFFF;--b:#85857D;--a:#0B6B6B;--o:#FFFFFF;--d:#C0322B;--h:#E4E4E0}
@media(prefers-color-scheme:dark){:root{--t:#ECEDEE;--s:#A9ACB2;--c:#191A1D;--b:#74777E;--a:#4FC4BC;--o:#06201F;--d:#F28B82;--h:#2C2E33}}
*{box-sizing:border-box}body{margin:0;background:var(--c);color:var(--t);font:15px/22px system-ui,sans-serif}
main{max-width:560px;margin:0 auto;padding:24px 16px 32px}h1{font-size:20px;line-height:28px;margin:0 0 4px;font-weight:600}
.c{color:var(--s);margin:0 0 16px;font-size:13px;line-height:20px}.i{white-space:pre-line;margin:0 0 16px}
.f{margin:0 0 16px}label{display:block;font-weight:500;margin:0 0 4px}.o{color:var(--s);font-weight:400}
input,textarea,select{width:100%;min-height:44px;padding:8px 12px;border:1px solid var(--b);border-radius:6px;background:var(--c);color:inherit;font:16px/24px system-ui,sans-serif}
textarea{min-height:116px}[aria-invalid=true]{border-color:var(--d)}.e{color:var(--d);margin:4px 0 0;font-size:13px;line-height:20px}
.k{display:flex;gap:8px;align-items:flex-start}.k input{width:20px;min-height:20px;height:20px;margin:1px 0 0;flex:none}.k label{font-weight:400;margin:0;white-space:pre-line}
:focus-visible{outline:2px solid var(--a);outline-offset:1px}button,.g{display:inline-block;min-height:44px;padding:10px 20px;border:0;border-radius:6px;background:var(--a);color:var(--o);font:500 15px/24px system-ui,sans-serif;text-decoration:none;cursor:pointer}
.w{border:1px solid var(--d);border-radius:6px;padding:12px 16px;margin:0 0 16px}.w h2{font-size:15px;line-height:22px;margin:0 0 4px}.w ul{margin:0;padding-inline-start:20px}.w a{color:inherit}
.away{position:absolute;inset-inline-start:-9999px;height:1px;overflow:hidden}`;
const SCRIPT = `if(parent!==window){var t=function(){parent.postMessage({perigonForm:document.body.dataset.form,height:document.documentElement.offsetHeight,go:document.body.dataset.go||null},'*')};new ResizeObserver(t).observe(document.documentElement);t()}`;
const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** What the page may do, and who may frame it. */
export const policyOf = (sites: readonly string[]): string =>
  `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; base-uri 'none'; form-action 'self'; frame-ancestors ${["'self'", ...sites].join(' ')}`;

function page(form: Pick<FormRow, 'language' | 'slug'>, title: string, body: string, go: string | null = null): string {
  const direction = form.language.startsWith('ar') ? 'rtl' : 'ltr';
  return `<!doctype html><html lang="${escapeHtml(form.language)}" dir="${direction}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body data-form="${escapeHtml(form.slug)}"${go ? ` data-go="${escapeHtml(go)}"` : ''}><main aria-labelledby="h">${body}</main><script>${SCRIPT}</script></body></html>`;
}

/** The form, with what was wrong said at its lines and above them. */
export function formPage({ form, company, questions, stamp, answers, wrong, consents, note, framed }: FormShown): string {
  const words = pageWords(form.language);
  const faults = questions.flatMap(({ ask, label }) => {
    const fault = wrong.get(ask);
    return fault ? [{ ask, text: `${label}: ${words[`wrong.${fault}`]}` }] : [];
  });
  const summary =
    faults.length === 0 && note === null
      ? ''
      : `<div class="w" role="alert"><h2>${escapeHtml(words[note ?? 'notSent'])}</h2>${
          faults.length > 0
            ? `<ul>${faults.map(({ ask, text }) => `<li><a href="#f-${escapeHtml(ask)}">${escapeHtml(text)}</a></li>`).join('')}</ul>`
            : ''
        }</div>`;
  const lines = questions.map((question) => line(question, answers.get(question.ask) ?? '', wrong.get(question.ask), words)).join('');
  const consent = form.consentText
    ? `<div class="f k"><input type="checkbox" id="f-consent" name="consent"${consents ? ' checked' : ''}><label for="f-consent">${escapeHtml(form.consentText)}</label></div>`
    : '';
  return page(
    form,
    form.heading,
    `<h1 id="h">${escapeHtml(form.heading)}</h1><p class="c">${escapeHtml(company)}</p>${form.intro ? `<p class="i">${escapeHtml(form.intro)}</p>` : ''}${summary}<form method="post" action="/f/${escapeHtml(form.slug)}${framed ? '?framed=1' : ''}" novalidate><input type="hidden" name="stamp" value="${escapeHtml(stamp)}">${honeypotHtml}${lines}${consent}<button type="submit">${escapeHtml(words.send)}</button></form>`,
  );
}

const TYPES: Record<string, string> = { email: 'email', tel: 'tel', date: 'date' };
const FILLED_BY: Record<string, string> = {
  name: 'name',
  company: 'organization',
  email: 'email',
  phone: 'tel',
  jobTitle: 'organization-title',
  city: 'address-level2',
};

function line(question: Question, value: string, fault: Fault | undefined, words: ReturnType<typeof pageWords>): string {
  const { ask, kind, label, required, max, options } = question;
  const id = `f-${escapeHtml(ask)}`;
  const common = `id="${id}" name="${escapeHtml(ask)}"${required ? ' required aria-required="true"' : ''}${fault ? ` aria-invalid="true" aria-describedby="${id}-e"` : ''}`;
  const error = fault ? `<p class="e" id="${id}-e">${escapeHtml(words[`wrong.${fault}`])}</p>` : '';
  const said = `<label for="${id}">${escapeHtml(label)}${required ? '' : ` <span class="o">(${escapeHtml(words.optional)})</span>`}</label>`;
  if (kind === 'check')
    return `<div class="f"><div class="k"><input type="checkbox" ${common}${value ? ' checked' : ''}>${said}</div>${error}</div>`;
  const filled = FILLED_BY[ask] ? ` autocomplete="${FILLED_BY[ask]}"` : '';
  const control =
    kind === 'area'
      ? `<textarea ${common} maxlength="${max}" rows="4">${escapeHtml(value)}</textarea>`
      : kind === 'choice'
        ? `<select ${common}><option value=""></option>${options
            .map(
              (one) =>
                `<option value="${escapeHtml(one.value)}"${one.value === value ? ' selected' : ''}>${escapeHtml(one.label)}</option>`,
            )
            .join('')}</select>`
        : `<input type="${TYPES[kind] ?? 'text'}" ${common} maxlength="${max}" value="${escapeHtml(value)}"${filled}${kind === 'number' ? ' inputmode="decimal"' : ''}>`;
  return `<div class="f">${said}${control}${error}</div>`;
}

/** What is said to everybody who sent the form, whoever they are. */
export function thanksPage(form: FormRow, company: string): string {
  const words = pageWords(form.language);
  const on = form.redirect
    ? `<p><a class="g" href="${escapeHtml(form.redirect)}" target="_top" rel="noopener">${escapeHtml(words.goOn)}</a></p>`
    : '';
  return page(
    form,
    form.heading,
    `<h1 id="h" role="status">${escapeHtml(words.thanks)}</h1><p class="c">${escapeHtml(company)}</p><p class="i">${escapeHtml(form.thanks ?? words.thanksIs)}</p>${on}`,
    form.redirect,
  );
}

/** There is no such form, or it is not in use. */
export const gonePage = (): string =>
  page(
    { language: 'en', slug: '' },
    'This form is closed',
    '<h1 id="h">This form is closed</h1><p class="c">It was taken back, or never was.</p>',
  );

/** The script that a web page takes in: it puts the form where the script stands, as high as it is. No cookies, nothing else is read. */
export const embedScript = (slug: string): string =>
  `(function(){var s=document.currentScript;if(!s)return;var base=new URL(s.src).origin,f=document.createElement('iframe');` +
  `f.src=base+'/f/${slug}?framed=1';f.title=s.getAttribute('data-title')||'Form';f.style.cssText='border:0;width:100%;height:480px;display:block';` +
  `window.addEventListener('message',function(e){if(e.source!==f.contentWindow||e.origin!==base||!e.data||e.data.perigonForm!=='${slug}')return;` +
  `var h=Number(e.data.height);if(h>0&&h<20000)f.style.height=Math.ceil(h)+'px';` +
  `if(typeof e.data.go==='string'&&/^https:\\/\\//.test(e.data.go))window.location.assign(e.data.go)});` +
  `s.parentNode.insertBefore(f,s.nextSibling)})();`;
