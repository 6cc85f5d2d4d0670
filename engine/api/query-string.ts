import type { Predicate } from '#engine/declare/condition.ts';
import { OPERATORS, type Operator } from '#engine/declare/field.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { type BindContext, resolvePath } from '#engine/declare/predicate.ts';
import { invalid } from '#kit/errors.ts';

const RESERVED = new Set(['limit', 'cursor', 'sort', 'fields', 'count', 'where', 'format']);

/**
 * Reads the filters of an address (`stage.category=won&amount[gte]=500&owner[in]=a,b`) into the predicate language. `where`
 * may hold a whole predicate as JSON; everything must be met.
 */
export function predicateOf(
  bind: Pick<BindContext, 'model' | 'readable'>,
  object: ModelObject,
  query: Record<string, unknown>,
): Predicate | undefined {
  const all: Predicate[] = [];
  for (const [key, raw] of Object.entries(query)) {
    if (RESERVED.has(key)) continue;
    const match = /^([A-Za-z][\w.]*)(?:\[([a-zA-Z]+)\])?$/.exec(key);
    if (!match)
      throw invalid('A filter cannot be read.', [
        { path: key.slice(0, 80), code: 'filter', detail: 'Write field=value or field[operator]=value.' },
      ]);
    const field = match[1] ?? '';
    const op = (match[2] ?? 'eq') as Operator;
    if (!OPERATORS.includes(op))
      throw invalid('A filter cannot be read.', [
        { path: key.slice(0, 80), code: 'operator', detail: `Operators: ${OPERATORS.join(', ')}.` },
      ]);
    const kind = resolvePath(bind, object, field)?.shape?.kind;
    for (const text of Array.isArray(raw) ? raw : [raw])
      all.push(op === 'isEmpty' || op === 'isNotEmpty' ? { field, op } : { field, op, value: operandOf(String(text), op, kind) });
  }
  if (typeof query.where === 'string' && query.where !== '') {
    try {
      all.push(JSON.parse(query.where) as Predicate);
    } catch {
      throw invalid('The condition cannot be read.', [{ path: 'where', code: 'json', detail: 'Not valid JSON.' }]);
    }
  }
  return all.length === 0 ? undefined : all.length === 1 ? all[0] : { all };
}

function operandOf(text: string, op: Operator, kind: string | undefined): unknown {
  const one = (part: string): unknown => {
    if (kind === 'boolean') return part === 'true' ? true : part === 'false' ? false : part;
    if ((kind === 'date' || kind === 'instant') && /^[[{"]/.test(part)) {
      try {
        return JSON.parse(part) as unknown;
      } catch {
        return part;
      }
    }
    return part;
  };
  if (op === 'in' || op === 'notIn' || op === 'between') return text.split(',').map((part) => one(part.trim()));
  return one(text);
}
