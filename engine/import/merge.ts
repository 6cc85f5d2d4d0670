import type { ModelObject } from '#engine/declare/object.ts';
import { isObject } from '#kit/json.ts';

/**
 * A file often says less than a record holds: an address without its label, a postal code alone, one external id of two.
 * What it does not speak of stays. Pure; `values` are changed in place, to full wire values.
 */
export function mergeValues(
  object: ModelObject,
  fields: ReadonlySet<string>,
  stored: Record<string, unknown>,
  values: Record<string, unknown>,
): void {
  for (const key of fields) {
    const given = values[key];
    const field = object.fields.get(key);
    if (given === null || given === undefined || !field) continue;
    const held = stored[key];
    if (key === 'externalIds') values[key] = mergeList(list(held), list(given), (item) => `${item.system}\u0001${item.value}`);
    else if (field.type === 'address')
      values[key] =
        field.with.many === true ? mergeAddresses(list(held), list(given)) : { ...(isObject(held) ? held : {}), ...(given as object) };
    else if (field.type === 'email' || field.type === 'phone')
      values[key] = field.with.many === true ? keepPoints(list(held), list(given)) : keepPoint(held, given);
    else if (isObject(held) && isObject(given)) values[key] = { ...held, ...given };
  }
}

type Item = Record<string, unknown>;
const list = (value: unknown): Item[] => (Array.isArray(value) ? (value as Item[]) : []);

function mergeList(held: Item[], given: Item[], name: (item: Item) => string): Item[] {
  const known = new Set(held.map(name));
  return [...held, ...given.filter((item) => !known.has(name(item)))];
}

/** Parts go to the address of the same label, those without a label to the primary one. */
function mergeAddresses(held: Item[], given: Item[]): Item[] {
  const result = held.map((item) => ({ ...item }));
  for (const item of given) {
    const same =
      item.label === null || item.label === undefined
        ? result.find((one) => one.primary === true)
        : result.find((one) => one.label === item.label);
    if (same) {
      const { label: _label, primary: _primary, ...parts } = item;
      Object.assign(same, parts);
    } else result.push({ ...item });
  }
  return result;
}

/** Addresses and numbers in a cell are bare: those known keep their label and how they were typed, new ones are added. */
function keepPoints(held: Item[], given: Item[]): Item[] {
  const known = new Map(held.map((item) => [item.value, item]));
  return [
    ...held,
    ...given.filter((item) => !known.has(item.value)).map((item) => ({ ...item, primary: held.length === 0 && item.primary === true })),
  ];
}

const keepPoint = (held: unknown, given: unknown): unknown =>
  isObject(held) && isObject(given) && held.value === given.value ? held : given;
