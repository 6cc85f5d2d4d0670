import { isObject, type Json } from '#kit/json.ts';
import { type BoundField, FieldProblem, type FieldType, folded, MEMBERS, type Operator, type ValueEnv, WORDS } from '../field.ts';

/** What e-mail and phone fields share: one value, or (`many`) a list of `{value, label, primary}` with exactly one primary. */
export interface ContactPoint {
  value: string;
  label: string | null;
  primary: boolean;
  /** Telephone numbers keep what was typed beside the normalised form. */
  typed?: string;
}
export interface ContactOptions {
  many?: boolean;
}

const MANY_OPERATORS: readonly Operator[] = [...MEMBERS, 'startsWith'];

/** Builds the descriptor from how one value is read. */
export function contactType(o: {
  key: string;
  one(input: unknown, env: ValueEnv): { value: string; typed?: string } | null;
  single: {
    write(value: { value: string; typed?: string }): Json;
    column: string;
    shape: (column: string) => string;
    of(value: unknown): string | null;
    schema: Json;
  };
  samples: FieldType['samples'];
}): FieldType<Json> {
  const many = (field: BoundField) => field.with.many === true;
  const parseMany = (input: unknown, env: ValueEnv): Json => {
    const list = Array.isArray(input) ? input : [input];
    const points = new Map<string, ContactPoint>();
    list.forEach((item, i) => {
      const at = (problem: unknown) =>
        problem instanceof FieldProblem ? new FieldProblem(problem.code, problem.message, `${i}.value`) : problem;
      try {
        const one = o.one(
          isObject(item) && 'value' in item && !('typed' in item && item.value === undefined) ? (item.value as unknown) : item,
          env,
        );
        if (one === null || points.has(one.value)) return;
        const label = isObject(item) && typeof item.label === 'string' && item.label.trim() ? item.label.trim().slice(0, 60) : null;
        const typed = isObject(item) && typeof item.typed === 'string' ? item.typed.slice(0, 60) : one.typed;
        points.set(one.value, {
          value: one.value,
          label,
          primary: isObject(item) && item.primary === true,
          ...(typed === undefined ? {} : { typed }),
        });
      } catch (problem) {
        throw at(problem);
      }
    });
    const result = [...points.values()];
    if (result.length > 50) throw new FieldProblem('tooLong', 'At most 50 values.');
    // The primary one stands first, so that a file, which only has an order, says the same.
    result.unshift(
      ...result.splice(
        Math.max(
          result.findIndex((point) => point.primary),
          0,
        ),
        1,
      ),
    );
    result.forEach((point, i) => {
      point.primary = i === 0;
    });
    return result.length > 0 ? (result as unknown as Json) : null;
  };
  return {
    key: o.key,
    storage: 'columns',
    columns: (field) => [{ suffix: '', type: many(field) ? 'jsonb' : o.single.column }],
    store: (value) => [value],
    read: (field, t) => `${t}.${field.column}`,
    parse: (input, field, env) => {
      if (many(field)) return parseMany(input, env);
      const one = o.one(input, env);
      return one && o.single.write(one);
    },
    fromText: (text, field, env) => {
      if (!many(field)) {
        const one = o.one(text, env);
        return one && o.single.write(one);
      }
      const points = text
        .split(/[;\n]/)
        .map((part) => part.trim())
        .filter(Boolean);
      return parseMany(points.map(labelled), env);
    },
    // As typed where that is kept: it reads back to the same value, and to the same text.
    toText: (value) =>
      Array.isArray(value)
        ? (value as unknown as ContactPoint[])
            .map((point) => (point.typed ?? point.value) + (point.label ? ` (${point.label})` : ''))
            .join('; ')
        : isObject(value) && typeof value.typed === 'string'
          ? value.typed
          : (o.single.of(value) ?? ''),
    shape: undefined,
    reckons: null,
    operators: WORDS,
    sortable: true,
    aggregates: [],
    words: (field, t) =>
      many(field)
        ? `(select string_agg(e->>'value', ' ') from jsonb_array_elements(${t}.${field.column}) e)`
        : o.single.shape(`${t}.${field.column}`),
    schema: (field) => (many(field) ? POINTS : (o.single.schema as { [key: string]: Json })),
    samples: o.samples,
    ...variants(o),
  };
}

/** "a@b.de (work)" as value and label; the parentheses of an area code hold no letters. */
function labelled(text: string): Json {
  const match = /^(.*?)\s*\(([^()]*\p{L}[^()]*)\)$/u.exec(text);
  return match ? { value: match[1], label: match[2] } : { value: text };
}

/** The parts of the descriptor that depend on `many` are decided per field by `forField` (fields/registry.ts). */
function variants(o: { single: { shape: (column: string) => string; of(value: unknown): string | null } }) {
  return {
    forField: (field: BoundField): Partial<FieldType<Json>> =>
      field.with.many === true
        ? {
            shape: {
              kind: 'text',
              many: true,
              sql: (f, t) => `perigon_fold_values(${t}.${f.column})`,
              of: (value) => (Array.isArray(value) ? (value as unknown as ContactPoint[]).map((point) => point.value) : []),
            },
            operators: MANY_OPERATORS,
            sortable: false,
          }
        : {
            shape: {
              kind: 'text',
              many: false,
              sql: (f, t) => folded(o.single.shape(`${t}.${f.column}`)),
              of: (value) => o.single.of(value),
            },
          },
  };
}

const POINTS = {
  type: 'array',
  items: {
    type: 'object',
    properties: { value: { type: 'string' }, label: { type: ['string', 'null'] }, primary: { type: 'boolean' }, typed: { type: 'string' } },
    required: ['value'],
  },
};
