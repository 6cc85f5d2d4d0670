import { describe, expect, it } from 'vitest';
import {
  fieldRight,
  follows,
  isKept,
  keyFrom,
  lineChanged,
  type Rights,
  resetLine,
  scopeOf,
  withField,
  withPermission,
  withScope,
} from './rights.ts';

const saved: Rights = {
  objects: { '*': { read: 'all' }, party: { read: 'team', update: 'own' } },
  fields: { party: { birthDate: 'hidden' } },
  may: ['export'],
};

describe('the rights of a role in its editor', () => {
  it('follow everything else verb by verb until a line says otherwise', () => {
    expect([scopeOf(saved, 'case', 'read'), scopeOf(saved, 'party', 'read'), scopeOf(saved, 'party', 'delete')]).toEqual([
      'all',
      'team',
      'none',
    ]);
    expect([follows(saved, 'case', 'read'), follows(saved, 'party', 'read'), follows(saved, '*', 'delete')]).toEqual([true, false, false]);
    const draft = withScope(saved, 'case', 'update', 'own');
    expect([scopeOf(draft, 'case', 'read'), scopeOf(draft, 'case', 'update')]).toEqual(['all', 'own']);
    expect([lineChanged(saved, draft, 'case'), lineChanged(saved, draft, 'party')]).toEqual([true, false]);
    // Everything else takes along what follows it.
    expect(lineChanged(saved, withScope(saved, '*', 'read', 'none'), 'case')).toBe(true);
    expect(lineChanged(saved, withScope(saved, '*', 'read', 'none'), 'party')).toBe(false);
  });

  it('hold fields back and let them go, and a line goes back to what was saved', () => {
    const draft = withField(withField(saved, 'party', 'birthDate', null), 'party', 'owner', 'readOnly');
    expect([fieldRight(draft, 'party', 'birthDate'), fieldRight(draft, 'party', 'owner')]).toEqual([null, 'readOnly']);
    expect(resetLine(withScope(draft, 'party', 'read', 'all'), saved, 'party')).toEqual(saved);
    expect(withField(withField(saved, 'case', 'subject', 'hidden'), 'case', 'subject', null).fields).toEqual(saved.fields);
    expect(withPermission(saved, 'import', true).may).toEqual(['import', 'export']);
  });

  it('keep open what an administrator needs', () => {
    const admin = withPermission(saved, 'administer', true);
    expect([isKept(admin, 'role', 'update'), isKept(admin, 'role', 'delete'), isKept(saved, 'role', 'update')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('get a key that is free', () => {
    expect(keyFrom('Key accounts, south', [])).toBe('keyAccountsSouth');
    expect(keyFrom('Größe 2', ['große2'])).toMatch(/^[a-z][A-Za-z0-9]*$/);
    expect(keyFrom('Sales', ['sales', 'sales2'])).toBe('sales3');
    expect(keyFrom('42', [])).toBe('role42');
  });
});
