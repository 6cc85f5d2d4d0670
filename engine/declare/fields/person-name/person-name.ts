import { isObject } from '#kit/json.ts';
import { cleanText, FieldProblem, type FieldType, fieldOf, folded, type Part, WORDS } from '../../field.ts';

export interface PersonName {
  prefix: string | null;
  given: string | null;
  middle: string | null;
  family: string | null;
  suffix: string | null;
}

/** A person's name in its parts. Sorts by family name, then given name. */
export const personName = fieldOf<PersonName>('personName');

const PARTS = ['prefix', 'given', 'middle', 'family', 'suffix'] as const;
const PREFIXES = new Set(['dr', 'prof', 'mr', 'mrs', 'ms', 'herr', 'frau', 'sir', 'dame']);
/** Particles that begin a family name. */
const PARTICLES = new Set([
  'van',
  'von',
  'de',
  'del',
  'della',
  'di',
  'da',
  'dos',
  'du',
  'la',
  'le',
  'ter',
  'ten',
  'der',
  'den',
  'bin',
  'ibn',
  'al',
  'el',
  'zu',
  'zur',
  'af',
  'av',
]);

/** How a name is written out: prefix, given, middle, family, suffix. */
export const fullName = (name: Partial<PersonName> | null): string | null =>
  (name &&
    PARTS.map((part) => name[part])
      .filter(Boolean)
      .join(' ')) ||
  null;

/** Reads "Dr. Ana de la Cruz" or "Cruz, Ana" into parts. */
export function splitName(text: string): PersonName {
  const name: PersonName = { prefix: null, given: null, middle: null, family: null, suffix: null };
  const comma = text.split(',').map((part) => part.trim());
  if (comma.length === 2 && comma[0] && comma[1]) return { ...splitName(comma[1]), ...splitTail(comma[1]), family: comma[0] };
  const words = text.split(/\s+/).filter(Boolean);
  const prefix: string[] = [];
  while (words.length > 1 && PREFIXES.has((words[0] ?? '').toLowerCase().replace('.', ''))) prefix.push(words.shift() ?? '');
  name.prefix = prefix.join(' ') || null;
  if (words.length === 1) return { ...name, family: words[0] ?? null };
  name.given = words.shift() ?? null;
  const particle = words.findIndex((word, i) => i < words.length - 1 && PARTICLES.has(word.toLowerCase()));
  const start = particle >= 0 ? particle : words.length - 1;
  name.middle = words.slice(0, start).join(' ') || null;
  name.family = words.slice(start).join(' ') || null;
  return name;
}

const splitTail = (text: string) => {
  const [given = null, ...middle] = text.split(/\s+/).filter(Boolean);
  return { given, middle: middle.join(' ') || null };
};

const partShape = (key: (typeof PARTS)[number]): Part => ({
  kind: 'text',
  many: false,
  sql: (field, t) => folded(`${t}.${field.column}->>'${key}'`),
  read: (field, t) => `(${t}.${field.column}->>'${key}')`,
  of: (value) => (isObject(value) ? ((value[key] as string | null | undefined) ?? null) : null),
});

export const personNameType: FieldType<PersonName> = {
  key: 'personName',
  storage: 'columns',
  columns: () => [{ suffix: '', type: 'jsonb' }],
  store: (value) => [value as unknown as { [key: string]: string | null } | null],
  read: (field, t) => `${t}.${field.column}`,
  parse: (input) => {
    if (typeof input === 'string') {
      const text = cleanText(input, 300);
      return text === null ? null : splitName(text);
    }
    if (!isObject(input)) throw new FieldProblem('type', 'Expected a name, as {"given","family"}.');
    const name: PersonName = { prefix: null, given: null, middle: null, family: null, suffix: null };
    for (const part of PARTS) {
      if (input[part] === null || input[part] === undefined) continue;
      try {
        name[part] = cleanText(input[part], 100);
      } catch (problem) {
        throw problem instanceof FieldProblem ? new FieldProblem(problem.code, problem.message, part) : problem;
      }
    }
    return PARTS.some((part) => name[part] !== null) ? name : null;
  },
  fromText: (text) => (text.trim() ? splitName(text.trim()) : null),
  toText: (value) => fullName(value) ?? '',
  reckons: null,
  shape: {
    kind: 'text',
    many: false,
    sql: (field, t) => folded(`perigon_sort_name(${t}.${field.column})`),
    of: (value) => (isObject(value) ? [value.family, value.given, value.middle].filter(Boolean).join(' ') || null : null),
  },
  operators: WORDS,
  sortable: true,
  aggregates: [],
  parts: {
    prefix: partShape('prefix'),
    given: partShape('given'),
    middle: partShape('middle'),
    family: partShape('family'),
    suffix: partShape('suffix'),
  },
  words: (field, t) => `perigon_sort_name(${t}.${field.column})`,
  schema: () => ({ type: 'object', properties: Object.fromEntries(PARTS.map((part) => [part, { type: ['string', 'null'] }])) }),
  samples: () => ({
    good: [
      { input: { given: 'Zoë', family: 'Abel' }, value: { prefix: null, given: 'Zoë', middle: null, family: 'Abel', suffix: null } },
      {
        input: { prefix: 'Dr', given: 'Ana', family: 'Öztürk' },
        value: { prefix: 'Dr', given: 'Ana', middle: null, family: 'Öztürk', suffix: null },
      },
    ],
    bad: [7, { given: 3 }, ['Ana']],
  }),
};
