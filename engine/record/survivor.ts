import { typeOf } from '#engine/declare/fields/index.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { isObject, type Json, sameJson } from '#kit/json.ts';
import type { Values } from './context.ts';

/** Whose value a field keeps when two records become one; `both` where it holds a list. */
export type Keep = 'survivor' | 'loser' | 'both';
export type Choice = Readonly<Record<string, Keep>>;

const isEmpty = (value: unknown): boolean => value === null || value === undefined || (Array.isArray(value) && value.length === 0);

/** What happens to a field where nobody chose: lists are put together, a gap is filled, otherwise what stays keeps its own. */
export function usualChoice(survivor: unknown, loser: unknown): Keep {
  if (isEmpty(loser)) return 'survivor';
  if (isEmpty(survivor)) return 'loser';
  return Array.isArray(survivor) && Array.isArray(loser) ? 'both' : 'survivor';
}

/** What tells two members of a list apart: an address or number by itself, a link by whom it names. */
function memberKey(member: unknown): string {
  if (!isObject(member)) return JSON.stringify(member);
  if (typeof member.value === 'string') return JSON.stringify([member.system ?? null, member.value]);
  if (typeof member.id === 'string') return JSON.stringify([member.id, member.role ?? null]);
  const { primary: _, label: __, ...rest } = member;
  return JSON.stringify(rest);
}

function together(survivor: readonly unknown[], loser: readonly unknown[]): unknown[] {
  const known = new Set(survivor.map(memberKey));
  const added = loser.filter((member) => !known.has(memberKey(member)));
  const hasPrimary = survivor.some((member) => isObject(member) && member.primary === true);
  return [
    ...survivor,
    ...added.map((member) => (hasPrimary && isObject(member) && 'primary' in member ? { ...member, primary: false } : member)),
  ];
}

/** The values that the surviving record gets: only those that differ from what it has. Values as rules see them. */
export function survivingValues(object: ModelObject, survivor: Values, loser: Values, choice: Choice): Values {
  const values: Values = {};
  for (const field of object.declared) {
    if (typeOf(field).storage === 'inverse') continue;
    const [own, other] = [survivor[field.key] ?? null, loser[field.key] ?? null];
    const keep = choice[field.key] ?? usualChoice(own, other);
    const value = keep === 'survivor' ? own : keep === 'both' && Array.isArray(own) && Array.isArray(other) ? together(own, other) : other;
    if (!sameJson(value as Json, own as Json)) values[field.key] = value;
  }
  return values;
}
