import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allows, parseScopes, SPECIAL_SCOPES, within } from './scopes.ts';

describe('scopes', () => {
  it('allow what they name and nothing else', () => {
    expect(allows(['read'], { object: 'parties', act: 'read' })).toBe(true);
    expect(allows(['read'], { object: 'parties', act: 'write' })).toBe(false);
    expect(allows(['read:parties'], { object: 'parties', act: 'read' })).toBe(true);
    expect(allows(['read:parties'], { object: 'cases', act: 'read' })).toBe(false);
    expect(allows(['write:parties'], { object: 'parties', act: 'read' })).toBe(true);
    expect(allows(['import'], { act: 'import' })).toBe(true);
    expect(allows(['import'], { object: 'parties', act: 'read' })).toBe(false);
  });

  it('say nothing about everything where they name one object', () => {
    expect(allows(['write:parties'], { act: 'write' })).toBe(false);
    expect(allows(['write'], { act: 'write' })).toBe(true);
  });

  it('need each special act by its name', () => {
    for (const act of SPECIAL_SCOPES) {
      expect(allows(['read', 'write'], { act })).toBe(false);
      expect(allows([act], { act })).toBe(true);
    }
  });

  it('that are none leave everything, those that are empty nothing', () => {
    expect(allows(null, { act: 'admin' })).toBe(true);
    expect(allows([], { object: 'parties', act: 'read' })).toBe(false);
  });

  it('are read in both spellings and kept in one', () => {
    expect(parseScopes(['parties:write', ' read', 'read', 'export'])).toEqual({ scopes: ['export', 'read', 'write:parties'], bad: [] });
    expect(parseScopes(['delete', 'read:', 'read:Parties', 'read:*', 'admin:parties', '', 'read write']).bad).toHaveLength(7);
    expect(allows(['parties:read'], { object: 'parties', act: 'read' })).toBe(true);
  });

  it('lie within others exactly where these allow every act of them', () => {
    const act = fc.oneof(
      fc.record({ act: fc.constantFrom('read' as const, 'write' as const), object: fc.constantFrom(undefined, 'parties', 'cases') }),
      fc.record({ act: fc.constantFrom(...SPECIAL_SCOPES) }),
    );
    const scopes = fc.array(
      act.map((a) => ('object' in a && a.object ? `${a.act}:${a.object}` : a.act)),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(scopes, scopes, act, (asked, given, what) => {
        if (within(asked, given) && allows(asked, what)) expect(allows(given, what)).toBe(true);
      }),
    );
    expect(within(['read:parties'], ['read'])).toBe(true);
    expect(within(['read'], ['read:parties'])).toBe(false);
    expect(within(null, ['write', 'admin'])).toBe(false);
    expect(within(['anything else'], ['write'])).toBe(false);
    expect(within(null, null)).toBe(true);
  });
});
