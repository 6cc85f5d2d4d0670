import { isId } from '#kit/ids.ts';
import { isObject } from '#kit/json.ts';
import { CHOOSE, FieldProblem, type FieldType, fieldOf } from '../../field.ts';

export interface ReferenceOptions {
  /** Key of the object it points to. */
  to: string;
  /** Name of the far end on the target, a to-many field there; none when the target does not list it. */
  inverse?: string;
}

/** How a reference reads on the wire. */
export interface Ref {
  id: string;
  name: string | null;
}

/** A reference in rules and before-images is the bare id. */
export const reference = fieldOf<string, ReferenceOptions>('reference');

export interface ExternalKey {
  system: string;
  value: string;
}

/**
 * Reads a written reference: an id, what a read gave back (`{id}`), or `{externalId:{system,value}}`, which the write
 * pipeline resolves (`pendingReference`) for the whole batch at once.
 */
export const referenceType: FieldType<string> = {
  key: 'reference',
  storage: 'columns',
  columns: () => [{ suffix: '_id', type: 'uuid' }],
  store: (value) => [value],
  read: (field, t) => `${t}.${field.column}_id`,
  parse: (input) => {
    if (typeof input === 'string' && isId(input.toLowerCase())) return input.toLowerCase();
    if (isObject(input) && isId(input.id)) return input.id;
    const external = externalKeyOf(input);
    if (external) return pendingReference(external);
    throw new FieldProblem('type', 'Expected the id of a record, or {"externalId":{"system","value"}}.');
  },
  fromText: (text, field, env) => referenceType.parse(text.trim(), field, env),
  toText: (value) => value,
  shape: { kind: 'uuid', many: false, sql: (field, t) => `${t}.${field.column}_id`, of: (value) => idOf(value) },
  operators: CHOOSE,
  sortable: true,
  aggregates: [],
  schema: () => ({ type: 'object', properties: { id: { type: 'string', format: 'uuid' }, name: { type: ['string', 'null'] } } }),
  writeSchema: () => ({
    oneOf: [
      { type: 'string', format: 'uuid' },
      {
        type: 'object',
        properties: {
          externalId: {
            type: 'object',
            properties: { system: { type: 'string' }, value: { type: 'string' } },
            required: ['system', 'value'],
          },
        },
        required: ['externalId'],
      },
    ],
  }),
  // Real ids exist only in a real base: the conformance suite makes the target records and says so itself.
  samples: () => ({ good: [], bad: [7, 'no id', { name: 'x' }] }),
};

/** The id in a wire or stored reference; null where there is none. */
export const idOf = (value: unknown): string | null =>
  typeof value === 'string' ? value : isObject(value) && typeof value.id === 'string' ? value.id : null;

const PENDING = 'external:';

/** A reference by external id that the write pipeline has yet to look up. */
export const pendingReference = (key: ExternalKey): string => PENDING + JSON.stringify([key.system, key.value]);

/** The external id inside a pending reference; null for a plain id. */
export function pendingKey(value: string): ExternalKey | null {
  if (!value.startsWith(PENDING)) return null;
  const [system, key] = JSON.parse(value.slice(PENDING.length)) as [string, string];
  return { system, value: key };
}

function externalKeyOf(input: unknown): ExternalKey | null {
  if (!isObject(input) || !isObject(input.externalId)) return null;
  const { system, value } = input.externalId;
  return typeof system === 'string' && typeof value === 'string' && system !== '' && value !== '' ? { system, value } : null;
}
