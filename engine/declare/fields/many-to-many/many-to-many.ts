import { isId } from '#kit/ids.ts';
import { isObject } from '#kit/json.ts';
import { type BoundField, FieldProblem, type FieldType, fieldOf, MEMBERS } from '../../field.ts';
import { type Membership, membershipFromText, membershipOf, membershipSchema, membershipText, parseMembership } from './membership.ts';

export interface ManyToManyOptions {
  to: string;
  /** Roles a link may have; none means links carry no role. */
  roles?: string[];
  /** Links begin, end and open something to read or to change: who is in an account team, and how far. */
  membership?: boolean;
}

/** One link: the id of the far record and its role in this one; of a membership, when it holds and what it opens. */
export interface Link extends Membership {
  id: string;
  role: string | null;
}

/** Links to any number of records, each with a role: an account team, contact roles. Kept in a table of its own. */
export const manyToMany = fieldOf<Link[], ManyToManyOptions>('manyToMany');

/** The table that holds a field's links: (from_id, to_id, role), and of memberships (since, until, level). */
export const linkTable = (field: Pick<BoundField, 'table' | 'column'>): string => `${field.table}_${field.column}`;

/** Orders links for comparison: they are a set. */
export const sortedLinks = (links: Link[]): Link[] => [...links].sort((a, b) => (a.id + (a.role ?? '') < b.id + (b.role ?? '') ? -1 : 1));

export const manyToManyType: FieldType<Link[]> = {
  key: 'manyToMany',
  storage: 'link',
  columns: () => [],
  store: () => [],
  read: () => 'null::json',
  parse: (input, field) => {
    if (!Array.isArray(input)) throw new FieldProblem('type', 'Expected a list of links, as [{"id":"…","role":"…"}].');
    const roles = field.with.roles as string[] | undefined;
    const links = new Map<string, Link>();
    input.forEach((item, i) => {
      const id = typeof item === 'string' ? item : isObject(item) ? item.id : null;
      if (!isId(id)) throw new FieldProblem('type', 'Expected the id of a record.', `${i}.id`);
      const role = isObject(item) && item.role !== undefined && item.role !== null ? item.role : null;
      if (role !== null && (typeof role !== 'string' || !roles?.includes(role)))
        throw new FieldProblem('option', `“${String(role).slice(0, 40)}” is not one of: ${(roles ?? []).join(', ')}.`, `${i}.role`);
      links.set(`${id} ${role}`, { id, role, ...(isObject(item) ? parseMembership(item, field, i) : {}) });
    });
    return links.size > 0 ? sortedLinks([...links.values()]) : null;
  },
  fromText: (text, field, env) =>
    manyToManyType.parse(
      text
        .split(';')
        .map((part) => part.trim())
        .filter(Boolean)
        .map((part) => {
          const [link = '', ...terms] = part.split('|');
          const [id, role] = link.split(':');
          return { id, ...(role ? { role } : {}), ...membershipFromText(terms) };
        }),
      field,
      env,
    ),
  toText: (value) => value.map((link) => (link.role ? `${link.id}:${link.role}` : link.id) + membershipText(link)).join('; '),
  shape: {
    kind: 'uuid',
    many: true,
    sql: (field, t) => `array(select l.to_id from ${linkTable(field)} l where l.from_id = ${t}.id)`,
    of: (value) => (Array.isArray(value) ? value.map((link) => (link as Link).id) : []),
  },
  operators: MEMBERS,
  sortable: false,
  aggregates: [],
  schema: (field) => ({
    type: 'array',
    items: {
      type: 'object',
      properties: {
        id: { type: 'string', format: 'uuid' },
        name: { type: ['string', 'null'] },
        role: { type: ['string', 'null'] },
        ...(membershipOf(field) ? membershipSchema : {}),
      },
    },
  }),
  client: (field) => (membershipOf(field) ? { membership: true } : {}),
  samples: () => ({ good: [], bad: ['x', [{ id: 'no id' }], [1]] }),
};
