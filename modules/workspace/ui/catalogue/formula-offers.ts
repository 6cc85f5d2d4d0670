import type { CatalogueField, CatalogueObject } from './catalogue.ts';

/** What is offered while a formula is typed: the fields a path may go on with, and functions. Pure. */
export interface Offer {
  insert: string;
  object: string;
  /** Key of the field; null for a function. */
  field: string | null;
  /** Where it leads: one goes on behind a point. */
  leads: boolean;
}

const MOST = 8;
/** Fields that every record has. */
const ALWAYS = ['createdAt', 'updatedAt'];

/** The name that stands before the caret. */
const nameBefore = (text: string, caret: number): string => /[A-Za-z_][\w.]*$/.exec(text.slice(0, caret))?.[0] ?? '';

const targetOf = (field: CatalogueField | undefined): string | null =>
  field?.type === 'user' ? 'user' : field?.type === 'reference' && typeof field.with.to === 'string' ? field.with.to : null;

/** What the name before the caret may become; nothing inside a text. */
export function offersAt(
  objects: readonly Pick<CatalogueObject, 'key' | 'fields'>[],
  functions: readonly string[],
  object: string,
  text: string,
  caret: number,
): Offer[] {
  const name = nameBefore(text, caret);
  const quotes = text.slice(0, caret).replace(/\\./g, '').replace(/[^"]/g, '').length;
  if (name === '' || quotes % 2 === 1) return [];
  const way = name.split('.');
  const last = (way.pop() ?? '').toLowerCase();
  let at = objects.find(({ key }) => key === object);
  for (const step of way) {
    const target = targetOf(at?.fields.find(({ key }) => key === step));
    at = objects.find(({ key }) => key === target);
  }
  const fields = (at?.fields ?? []).filter((field) => !field.retired && (field.reckons === true || targetOf(field) !== null));
  const before = way.map((step) => `${step}.`).join('');
  const offers: Offer[] = [
    ...fields.map((field) => ({
      insert: before + field.key,
      object: at?.key ?? object,
      field: field.key,
      leads: targetOf(field) !== null,
    })),
    ...(at ? ALWAYS.map((key) => ({ insert: before + key, object: at.key, field: key, leads: false })) : []),
    ...(way.length === 0 ? functions.map((key) => ({ insert: key, object, field: null, leads: false })) : []),
  ];
  const rank = ({ insert }: Offer): number => {
    const key = insert.slice(before.length).toLowerCase();
    return key.startsWith(last) ? 0 : key.includes(last) ? 1 : 2;
  };
  const found = offers.filter((one) => rank(one) < 2).sort((a, b) => rank(a) - rank(b) || Number(a.leads) - Number(b.leads));
  // Who has typed a name to its end is left alone.
  return found.some(({ insert, leads }) => insert === name && !leads) && found.length === 1 ? [] : found.slice(0, MOST);
}

/** The text with an offer in the place of the name before the caret, and where the caret stands then. */
export function completed(text: string, caret: number, offer: Offer): { text: string; caret: number } {
  const start = caret - nameBefore(text, caret).length;
  const goesOn = offer.field === null ? '(' : offer.leads ? '.' : '';
  const put = text.charAt(caret) === goesOn ? offer.insert : offer.insert + goesOn;
  return { text: text.slice(0, start) + put + text.slice(caret), caret: start + put.length };
}
