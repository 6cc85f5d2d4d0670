import { isObject, type JsonObject } from '#kit/json.ts';

/** The readable page of an export: the same facts as the JSON beside it, as tables. It loads nothing and runs nothing. */
export function* summaryPage(o: {
  title: string;
  at: Date;
  by: string;
  samples: readonly { object: string; rows: readonly Record<string, unknown>[] }[];
  about: JsonObject;
}): Generator<string> {
  const names = isObject(o.about.names) ? o.about.names : {};
  const records = isObject(o.about.records) ? o.about.records : {};
  const text = (value: unknown): string => {
    if (value === null || value === undefined) return '';
    if (typeof value === 'string') return Object.hasOwn(names, value) ? String(names[value]) : value.replace(/<[^>]*>/g, ' ');
    if (Array.isArray(value)) return value.map(text).join('; ');
    if (typeof value === 'object')
      return Object.entries(value)
        .filter(([, part]) => part !== null && part !== '' && part !== false)
        .map(([key, part]) => (typeof part === 'object' ? text(part) : `${labelOf(key)}: ${text(part)}`))
        .join(', ');
    return String(value);
  };
  yield `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(o.title)}</title><style>
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}h2{margin-top:2.5rem}
table{border-collapse:collapse;width:100%;margin-bottom:1rem}th,td{text-align:start;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ddd;overflow-wrap:anywhere}th{width:14rem;font-weight:600}
</style></head><body><h1>${escaped(o.title)}</h1>
<p>Everything held about this party, as of ${o.at.toISOString().slice(0, 16).replace('T', ' ')} UTC, exported by ${escaped(o.by)}.
The same in full, for machines: person.json, the folder records, history.json (every change, when and by whom); attached files are in the folder files.</p>`;
  for (const { object, rows } of o.samples) {
    yield `<h2>${escaped(labelOf(object))} (${String(records[object] ?? rows.length)})</h2>`;
    for (const row of rows) {
      const lines = Object.entries(row)
        .map(([key, value]) => [key, text(value)] as const)
        .filter(([key, value]) => value !== '' && key !== 'id' && key !== 'version')
        .map(([key, value]) => `<tr><th scope="row">${escaped(labelOf(key))}</th><td>${escaped(value)}</td></tr>`);
      yield `<table>${lines.join('')}</table>`;
    }
    if (Number(records[object] ?? 0) > rows.length) yield `<p>The first ${rows.length}; all of them are in the folder records.</p>`;
  }
  for (const key of ['files', 'identifiers', 'externalIds', 'merges', 'sentToOthers', 'automations', 'handling', 'withheld']) {
    const list = o.about[key];
    if (!Array.isArray(list) || list.length === 0) continue;
    yield `<h2>${escaped(labelOf(key))} (${list.length})</h2><ul>${list
      .slice(0, 200)
      .map((one) => `<li>${escaped(text(one))}</li>`)
      .join('')}</ul>`;
  }
  yield '</body></html>\n';
}

/** `annualRevenue` as “Annual revenue”. */
const labelOf = (key: string): string => {
  const words = key.replace(/([a-z\d])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
