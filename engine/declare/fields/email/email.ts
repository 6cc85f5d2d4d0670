import { type CommonOptions, cleanText, type Field, FieldProblem, fieldOf } from '../../field.ts';
import { type ContactOptions, type ContactPoint, contactType } from '../contact-points.ts';

/** An e-mail address, or with `many` a list of them. */
export const email = fieldOf<string, ContactOptions>('email');
/** Several e-mail addresses, one of them primary. */
export const emails = (options: CommonOptions = {}): Field<ContactPoint[], false> =>
  fieldOf<ContactPoint[], ContactOptions>('email')({ ...options, required: false, many: true });

// The practical part of RFC 5321: dot-atom, a domain with a dot, lengths 64 and 254.
const ADDRESS =
  /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*@([\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u;

function address(input: unknown): { value: string } | null {
  const text = cleanText(input, 320)
    ?.replace(/^.*<([^<>]+)>$/, '$1')
    .replace(/^mailto:/i, '');
  if (!text) return null;
  const at = text.lastIndexOf('@');
  if (!ADDRESS.test(text) || at > 64 || text.length > 254)
    throw new FieldProblem('email', `“${text.slice(0, 60)}” is not an e-mail address.`);
  // Domains have no case; local parts have none in practice, and Perigon compares without case.
  return { value: text.toLowerCase() };
}

export const emailType = contactType({
  key: 'email',
  one: address,
  single: {
    column: 'text',
    write: (one) => one.value,
    shape: (column) => column,
    of: (value) => (typeof value === 'string' ? value : null),
    schema: { type: 'string', format: 'email' },
  },
  samples: (field) =>
    field.with.many === true
      ? {
          good: [
            { input: [{ value: 'Ana@Example.org' }], value: [{ value: 'ana@example.org', label: null, primary: true }] },
            {
              input: ['a@b.de', { value: 'c@d.fr', label: 'work', primary: true }],
              value: [
                { value: 'c@d.fr', label: 'work', primary: true },
                { value: 'a@b.de', label: null, primary: false },
              ],
            },
          ],
          bad: [['nobody'], [{ value: 3 }]],
        }
      : {
          good: [
            { input: 'Ana.Maria+crm@Example.org', value: 'ana.maria+crm@example.org' },
            { input: 'zoe@exämple.de', value: 'zoe@exämple.de' },
          ],
          bad: ['nobody', 'a@b', 'a b@c.de', 5],
        },
});
