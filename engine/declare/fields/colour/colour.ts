import { CHOOSE, FieldProblem, fieldOf, scalarType } from '../../field.ts';
import { COLOUR_NAMES } from './names.ts';

/** A colour: `#RRGGBB`. */
export const colour = fieldOf<string>('colour');

function hex(input: unknown): string | null {
  const text = typeof input === 'string' ? input.trim() : '?';
  if (text === '') return null;
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text)?.[1];
  if (!digits) throw new FieldProblem('colour', `“${String(input).slice(0, 40)}” is not a colour such as #0B6B6B.`);
  return `#${(digits.length === 3 ? digits.replace(/./g, '$&$&') : digits).toUpperCase()}`;
}

export const colourType = scalarType<string>({
  key: 'colour',
  column: 'text',
  kind: 'key',
  parse: hex,
  // A file may also say it as CSS does: by name, or without the sign in front.
  fromText: (text) => {
    const named = COLOUR_NAMES.get(text.toLowerCase().replace(/[\s-]/g, ''));
    return hex(named ? `#${named}` : /^([0-9a-f]{3}){1,2}$/i.test(text.trim()) ? `#${text.trim()}` : text);
  },
  operators: CHOOSE,
  schema: () => ({ type: 'string', pattern: '^#[0-9A-F]{6}$' }),
  samples: () => ({
    good: [
      { input: '#0b6', value: '#00BB66' },
      { input: '#4Fc4Bc', value: '#4FC4BC' },
    ],
    bad: ['teal', '#12', '#GG0000', 'rgb(1,2,3)', 7],
  }),
});
