import type { JsonObject } from '#kit/json.ts';
import { type BoundField, FieldProblem, instantText } from '../../field.ts';
import { instant } from '../date-time/date-time.ts';

/** What a membership opens: reading alone, or everything that the roles of the member allow. */
export const LEVELS = ['read', 'write'] as const;

/**
 * When a link holds and what it opens. In its canonical form what goes without saying is absent (no beginning, no end, `write`), so
 * links made before there were memberships, in the base and in the log, are what they always were.
 */
export interface Membership {
  since?: string;
  until?: string;
  level?: 'read';
}

/** Whether links of a field begin, end and have a level. */
export const membershipOf = (field: Pick<BoundField, 'with'>): boolean => field.with.membership === true;

/** Reads the terms of one link as they came; the links of fields without memberships have none. */
export function parseMembership(item: Record<string, unknown>, field: BoundField, at: number): Membership {
  const given = (['since', 'until', 'level'] as const).filter((key) => item[key] !== null && item[key] !== undefined);
  if (given.length === 0) return {};
  if (!membershipOf(field)) throw new FieldProblem('unknownField', 'These links carry no dates and no level.', `${at}.${given[0]}`);
  const moment = (key: 'since' | 'until'): Membership => {
    if (!given.includes(key)) return {};
    try {
      return { [key]: instant(item[key]) };
    } catch (problem) {
      if (!(problem instanceof FieldProblem)) throw problem;
      throw new FieldProblem(problem.code, problem.message, `${at}.${key}`);
    }
  };
  const found: Membership = { ...moment('since'), ...moment('until') };
  if (found.since !== undefined && found.until !== undefined && found.until <= found.since)
    throw new FieldProblem('range', 'The end is not after the beginning.', `${at}.until`);
  if (!given.includes('level') || item.level === 'write') return found;
  if (item.level !== 'read') throw new FieldProblem('option', `The level is one of: ${LEVELS.join(', ')}.`, `${at}.level`);
  return { ...found, level: 'read' };
}

/** The terms as a file has them, behind the link: `|read|2026-01-01T00:00:00.000Z|2026-12-31T23:00:00.000Z`. */
export const membershipText = ({ level, since, until }: Membership): string =>
  level || since || until ? [level ?? 'write', since ?? '', until ?? ''].map((part) => `|${part}`).join('') : '';

export const membershipFromText = ([level, since, until]: readonly string[]): Record<string, string | null> =>
  level || since || until ? { level: level || null, since: since || null, until: until || null } : {};

export const membershipSchema: JsonObject = {
  since: { type: ['string', 'null'], format: 'date-time', description: 'It opens nothing before this moment.' },
  until: { type: ['string', 'null'], format: 'date-time', description: 'It opens nothing from this moment on.' },
  level: { type: 'string', enum: [...LEVELS], default: 'write', description: 'read: opens reading alone.' },
};

/** Columns of a table of links beside from, to and role; what an older server leaves out stands for always and everything. */
export const membershipColumns = (field: Pick<BoundField, 'with'>): { name: string; type: string }[] =>
  membershipOf(field)
    ? [
        { name: 'since', type: 'timestamptz(3)' },
        { name: 'until', type: 'timestamptz(3)' },
        { name: 'level', type: `text not null default 'write'` },
      ]
    : [];

/** SQL: a link (alias `l`) holds at this very moment. */
export const holdsNow = (field: Pick<BoundField, 'with'>, l: string): string =>
  membershipOf(field) ? `(${l}.since is null or ${l}.since <= now()) and (${l}.until is null or ${l}.until > now())` : 'true';

/** SQL: one link as rules, the log and undo see it. */
export const storedLink = (field: Pick<BoundField, 'with'>, l: string): string => {
  const plain = `'id', ${l}.to_id, 'role', ${l}.role`;
  if (!membershipOf(field)) return `json_build_object(${plain})`;
  const terms = `'since', ${instantText(`${l}.since`)}, 'until', ${instantText(`${l}.until`)}, 'level', nullif(${l}.level, 'write')`;
  return `(jsonb_build_object(${plain}) || jsonb_strip_nulls(jsonb_build_object(${terms})))`;
};

/** SQL: one link as readers get it, with the name of the far record. */
export const namedLink = (field: Pick<BoundField, 'with'>, l: string, name: string): string => {
  const terms = membershipOf(field)
    ? `, 'since', ${instantText(`${l}.since`)}, 'until', ${instantText(`${l}.until`)}, 'level', ${l}.level`
    : '';
  return `json_build_object('id', ${l}.to_id, 'name', ${name}, 'role', ${l}.role${terms})`;
};
