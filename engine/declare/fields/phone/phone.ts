import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { isObject } from '#kit/json.ts';
import { type CommonOptions, cleanText, type Field, FieldProblem, fieldOf, type ValueEnv } from '../../field.ts';
import { type ContactOptions, type ContactPoint, contactType } from '../contact-points.ts';

export interface Phone {
  /** E.164 where the number is understood. */
  value: string;
  typed: string;
}

/** A telephone number, normalised to E.164, with what was typed beside it; with `many` a list of them. */
export const phone = fieldOf<Phone, ContactOptions>('phone');
/** Several telephone numbers, one of them primary. */
export const phones = (options: CommonOptions = {}): Field<ContactPoint[], false> =>
  fieldOf<ContactPoint[], ContactOptions>('phone')({ ...options, required: false, many: true });

/** Normalises one number: E.164 for what the world's numbering plans know, digits for short and internal numbers. */
export function phoneNumber(input: unknown, env: Pick<ValueEnv, 'country'>): { value: string; typed: string } | null {
  const typed = cleanText(isObject(input) ? (input.typed ?? input.value) : input, 60);
  if (!typed) return null;
  const known = understood(typed, env.country);
  if (known !== null) return { value: known, typed };
  const digits = typed.replace(/[\s().\-/]/g, '');
  if (!/^\+?\d{3,15}$/.test(digits)) throw new FieldProblem('phone', `“${typed}” is not a telephone number.`);
  return { value: digits, typed };
}

/** E.164 with its extension; null where the world's numbering plans do not know the number. */
function understood(typed: string, country: string): string | null {
  const key = `${country} ${typed}`;
  const held = recent.get(key);
  if (held !== undefined) return held;
  const parsed = parsePhoneNumberFromString(typed, { defaultCountry: country as CountryCode, extract: false });
  const value = parsed?.isPossible() ? String(parsed.ext ? `${parsed.number};ext=${parsed.ext}` : parsed.number) : null;
  if (recent.size >= 512) recent.clear();
  recent.set(key, value);
  return value;
}

/** A number is read several times on its way in: from its cell, by the form, by the write pipeline. */
const recent = new Map<string, string | null>();

export const phoneType = contactType({
  key: 'phone',
  one: phoneNumber,
  single: {
    column: 'jsonb',
    write: (one) => ({ value: one.value, typed: one.typed ?? one.value }),
    shape: (column) => `${column}->>'value'`,
    of: (value) => (isObject(value) && typeof value.value === 'string' ? value.value : null),
    schema: { type: 'object', properties: { value: { type: 'string' }, typed: { type: 'string' } } },
  },
  samples: (field) =>
    field.with.many === true
      ? {
          good: [
            { input: ['+49 30 901820'], value: [{ value: '+4930901820', label: null, primary: true, typed: '+49 30 901820' }] },
            {
              input: [{ value: '+1 212 555 2368', label: 'work' }],
              value: [{ value: '+12125552368', label: 'work', primary: true, typed: '+1 212 555 2368' }],
            },
          ],
          bad: [['none'], [{ value: {} }]],
        }
      : {
          good: [
            { input: '+1 (212) 555-2368', value: { value: '+12125552368', typed: '+1 (212) 555-2368' } },
            { input: { value: '+49 30 901820' }, value: { value: '+4930901820', typed: '+49 30 901820' } },
          ],
          bad: ['none', '12', {}],
        },
});
