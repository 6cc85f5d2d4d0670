import { cleanText, FieldProblem, fieldOf, scalarType, WORDS } from '../../field.ts';

/** A web address; http and https only, so that no stored link can run a script. */
export const url = fieldOf<string>('url');

export const urlType = scalarType<string>({
  key: 'url',
  column: 'text',
  kind: 'text',
  parse: (input) => {
    const text = cleanText(input, 2000);
    if (text === null) return null;
    const full = /^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^/]+:\d+/.test(text) ? text : `https://${text}`;
    let parsed: URL;
    try {
      parsed = new URL(full);
    } catch {
      throw new FieldProblem('url', `“${text.slice(0, 60)}” is not a web address.`);
    }
    if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') throw new FieldProblem('url', 'Only http and https addresses.');
    if (!parsed.hostname.includes('.') && parsed.hostname !== 'localhost')
      throw new FieldProblem('url', `“${text.slice(0, 60)}” is not a web address.`);
    return parsed.pathname === '/' && parsed.search === '' && parsed.hash === '' ? parsed.origin : parsed.href;
  },
  operators: WORDS,
  schema: () => ({ type: 'string', format: 'uri' }),
  samples: () => ({
    good: [
      { input: 'example.org/a?b=1', value: 'https://example.org/a?b=1' },
      { input: 'https://Perigon.example/', value: 'https://perigon.example' },
    ],
    bad: ['javascript:alert(1)', 'not an address', 5, 'data:text/html,x'],
  }),
});
