import { fold } from '#kit/fold.ts';
import { isId } from '#kit/ids.ts';
import { isObject } from '#kit/json.ts';
import { type BoundField, FieldProblem, type FieldType, fieldOf, folded, type Operator } from '../../field.ts';

export interface FileOptions {
  /** Several files, in their order; then the value is a list. */
  many?: boolean;
  /** Media types it takes, as `application/pdf` or `image/*`; all unless given. */
  accept?: string[];
  /** Largest file in bytes; the server's own limit unless given. */
  maxBytes?: number;
}

/** A file as it reads on the wire; it is written by its id. */
export interface FileValue {
  id: string;
  name: string;
  /** Media type, as the content shows it. */
  type: string;
  size: number;
  url: string;
  /** Of pictures. */
  width?: number;
  height?: number;
  thumbnail?: string;
}

/** Files of any kind. `file({ many: true })` holds a list. */
export const file = fieldOf<FileValue, FileOptions & { many?: false }>('file');
export const files = (options: Parameters<typeof manyFiles>[0] = {}) => manyFiles({ ...options, many: true });
const manyFiles = fieldOf<FileValue[], FileOptions>('file');

/** A picture. */
export const image = fieldOf<FileValue, Pick<FileOptions, 'maxBytes'>>('image');

/** Media types that a browser shows and thumbnails are made of. */
export const PICTURES: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'];

/** What a field takes: media types, largest size. */
export const accepted = (field: Pick<BoundField, 'type' | 'with'>): { accept: readonly string[]; maxBytes: number | null } => ({
  accept: field.type === 'image' ? PICTURES : ((field.with.accept as string[] | undefined) ?? []),
  maxBytes: (field.with.maxBytes as number | undefined) ?? null,
});

/** Whether a media type is among those accepted; an empty list accepts all. */
export const accepts = (accept: readonly string[], type: string): boolean =>
  accept.length === 0 || accept.some((one) => one === type || (one.endsWith('/*') && type.startsWith(one.slice(0, -1))));

const MOST = 50;
const isMany = (field: BoundField): boolean => field.with.many === true;

/** The files in a value of either form. */
const listOf = (value: unknown): { id: string; name?: unknown }[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is { id: string } => isObject(item) && typeof item.id === 'string');

/** Reads one written file: its id, or what a read gave back. The write pipeline makes the whole value of it. */
function one(input: unknown, part = ''): { id: string } {
  const id = isObject(input) ? input.id : input;
  if (typeof id !== 'string' || !isId(id.toLowerCase()))
    throw new FieldProblem('type', 'Expected the id of a file that was sent to /api/v1/files.', part);
  return { id: id.toLowerCase() };
}

function parse(input: unknown, field: BoundField): FileValue | FileValue[] | null {
  if (!isMany(field)) return one(input) as FileValue;
  if (!Array.isArray(input)) throw new FieldProblem('type', 'Expected a list of files.');
  if (input.length > MOST) throw new FieldProblem('tooLong', `At most ${MOST} files.`);
  const found = input.map((item, i) => one(item, String(i)));
  const distinct = found.filter(({ id }, i) => found.findIndex((other) => other.id === id) === i);
  return distinct.length > 0 ? (distinct as FileValue[]) : null;
}

const words = (value: FileValue): string => `${value.name} ${value.url}`;

const valueSchema = {
  type: 'object',
  properties: {
    id: { type: 'string', format: 'uuid' },
    name: { type: 'string' },
    type: { type: 'string' },
    size: { type: 'integer' },
    url: { type: 'string' },
    width: { type: 'integer' },
    height: { type: 'integer' },
    thumbnail: { type: 'string' },
  },
  required: ['id', 'name', 'type', 'size', 'url'],
};

/** Files are asked for by name; what a read gave back stands for its name too. */
const operand = (input: unknown): string => {
  const name = isObject(input) ? input.name : input;
  if (typeof name !== 'string' || name === '') throw new FieldProblem('type', 'Expected the name of a file.');
  return fold(name.normalize('NFC').trim());
};

const OPERATORS: readonly Operator[] = ['contains', 'eq', 'ne', 'in', 'notIn', 'isEmpty', 'isNotEmpty'];

/** One column of ids: the files themselves, with name, type and size, are rows of `files`, the same for all who hold them. */
export const fileType: FieldType<FileValue | FileValue[]> = {
  key: 'file',
  storage: 'columns',
  columns: (field) => [{ suffix: '', type: isMany(field) ? 'uuid[]' : 'uuid' }],
  store: (value, field) => {
    const ids = listOf(value).map(({ id }) => id);
    return [ids.length === 0 ? null : isMany(field) ? ids : (ids[0] ?? null)];
  },
  // Most records hold none: those cost no call.
  read: (field, t) => {
    const column = `${t}.${field.column}`;
    const value = isMany(field)
      ? `(select jsonb_agg(perigon_file(held.id) order by held.n) from unnest(${column}) with ordinality held(id, n))`
      : `perigon_file(${column})`;
    return `case when ${column} is not null then ${value} end`;
  },
  parse,
  fromText: () => {
    throw new FieldProblem(
      'notImported',
      'Files do not come by import: a table holds their names only. Send them to /api/v1/files and name their ids.',
    );
  },
  toText: (value) => (Array.isArray(value) ? value : [value]).map(words).join('; '),
  reckons: null,
  shape: {
    kind: 'text',
    many: false,
    sql: (field, t) => folded(`(select f.name from files f where f.id = ${t}.${field.column})`),
    of: (value) => (listOf(value)[0]?.name as string | undefined) ?? null,
    operand,
  },
  operators: OPERATORS,
  sortable: false,
  aggregates: [],
  words: (field, t) =>
    `(select string_agg(f.name, ' ') from files f where f.id = ${isMany(field) ? `any(${t}.${field.column})` : `${t}.${field.column}`})`,
  schema: (field) => (isMany(field) ? { type: 'array', items: valueSchema } : valueSchema),
  writeSchema: (field) => {
    const id = { type: 'string', format: 'uuid' };
    return isMany(field) ? { type: 'array', items: id, maxItems: MOST } : id;
  },
  cell: 'text',
  importable: false,
  files: (value) => listOf(value).map(({ id }) => id),
  client: (field) => {
    const { accept, maxBytes } = accepted(field);
    return { ...(accept.length > 0 ? { accept: [...accept] } : {}), ...(maxBytes === null ? {} : { maxBytes }) };
  },
  forField: (field) =>
    isMany(field)
      ? {
          shape: {
            kind: 'text',
            many: true,
            sql: (bound, t) =>
              `(select array_agg(perigon_fold(f.name) order by held.n) from unnest(${t}.${bound.column}) with ordinality held(id, n) join files f on f.id = held.id)`,
            of: (value) => listOf(value).map(({ name }) => String(name ?? '')),
            operand,
          },
        }
      : {},
  // Files lie in a store: the conformance suite sends some and says so itself.
  samples: (field) => ({ good: [], bad: isMany(field) ? ['x', [7], ['no id']] : [7, 'no id', {}, ['x']] }),
};

export const imageType: FieldType<FileValue | FileValue[]> = { ...fileType, key: 'image' };
