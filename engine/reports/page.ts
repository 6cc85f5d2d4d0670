import { createHash } from 'node:crypto';
import { escapeHtml } from '#kit/html.ts';
import { cellSaid } from './said.ts';
import type { ReportTable } from './table.ts';

/** Reports as a page for those without an account: words and figures alone, no script, nothing fetched. Pure. */

export interface PagePart {
  name: string;
  /** A single figure rather than rows. */
  figure: boolean;
  /** Null where it is not there for whoever made the link. */
  table: ReportTable | null;
  /** What could not be told. */
  note: string | null;
}

export interface PageSaid {
  title: string;
  company: string;
  /** The days that count, and when it was read. */
  days: string;
  language: string;
  fromRight: boolean;
  parts: readonly PagePart[];
}

const STYLE = `:root{color-scheme:light dark;--t:#1B1C1E;--s:#5A5C60;--c:#F7F7F5;--h:#E4E4E0;--a:#0B7A7A}
@media(prefers-color-scheme:dark){:root{--t:#ECEDEE;--s:#A9ACB2;--c:#131416;--h:#2C2E33;--a:#4FC4BC}}
body{margin:0;padding:24px;background:var(--c);color:var(--t);font:13px/20px system-ui,sans-serif}
h1{font-size:18px;line-height:24px;margin:0}header p{margin:0 0 24px;color:var(--s)}
main{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,260px),1fr));gap:24px 32px}
section{border-top:1px solid var(--h);padding-top:12px;min-width:0;overflow:auto}section.wide{grid-column:1/-1}
h2{font-size:14px;line-height:20px;margin:0 0 4px}.figure{font-size:28px;line-height:32px;font-weight:600;margin:0;font-variant-numeric:tabular-nums}
.s{color:var(--s);font-size:12px;margin:0}table{border-collapse:collapse;width:100%}th,td{padding:4px 8px;text-align:start;border-bottom:1px solid var(--h);font-weight:400;white-space:nowrap}
thead th{color:var(--s);font-size:12px}.n{text-align:end;font-variant-numeric:tabular-nums}rect{fill:var(--a)}svg{display:block}`;
/** The one style that the page's policy lets in. */
export const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

const BAR = 120;

function rows(table: ReportTable, language: string): string {
  const first = table.columns.findIndex(({ kind }) => kind !== 'text');
  const most = Math.max(0, ...table.rows.map((row) => Number(row[first] ?? 0)));
  const bar = (value: string | number | null): string =>
    `<td><svg width="${BAR}" height="12" aria-hidden="true"><rect width="${most > 0 ? Math.max(0, Math.round((BAR * Number(value ?? 0)) / most)) : 0}" height="12" rx="2"/></svg></td>`;
  const head = table.columns
    .map(({ name, kind }) => `<th scope="col"${kind === 'text' ? '' : ' class="n"'}>${escapeHtml(name)}</th>`)
    .join('');
  const line = (cells: readonly (string | number | null)[]): string =>
    cells
      .map((cell, i) => {
        const column = table.columns[i];
        const text = escapeHtml(cellSaid(column, cell, language));
        return column?.kind === 'text' ? `<td>${text}</td>` : `<td class="n">${text}</td>`;
      })
      .join('');
  return `<table><thead><tr>${head}<td></td></tr></thead><tbody>${table.rows.map((row) => `<tr>${line(row)}${bar(row[first] ?? null)}</tr>`).join('')}</tbody></table>`;
}

function part({ name, figure, table, note }: PagePart, language: string): string {
  const body = !table
    ? ''
    : figure
      ? (table.total ?? [])
          .map((value, i) => ({ value, column: table.columns[i] }))
          .filter(({ column }) => column?.kind !== 'text')
          .map(({ value, column }, i) =>
            i === 0
              ? `<p class="figure">${escapeHtml(cellSaid(column, value, language))}</p>`
              : `<p class="s">${escapeHtml(column?.name ?? '')}: ${escapeHtml(cellSaid(column, value, language))}</p>`,
          )
          .join('')
      : rows(table, language);
  return `<section${figure ? '' : ' class="wide"'}><h2>${escapeHtml(name)}</h2>${body}${note ? `<p class="s">${escapeHtml(note)}</p>` : ''}</section>`;
}

/** The page. */
export const pageOf = ({ title, company, days, language, fromRight, parts }: PageSaid): string =>
  `<!doctype html><html lang="${escapeHtml(language)}" dir="${fromRight ? 'rtl' : 'ltr'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(company)} · ${escapeHtml(days)}</p></header><main>${parts.map((one) => part(one, language)).join('')}</main></body></html>`;
