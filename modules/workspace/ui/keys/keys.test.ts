import { expect, it } from 'vitest';
import { partsOf, scopesOf } from './keys.ts';

it('a wish becomes scopes, and scopes are taken apart', () => {
  const wish = { preset: 'some', reads: ['cases'], writes: ['parties'], special: ['export'] } as const;
  expect(scopesOf(wish)).toEqual(['read:cases', 'write:parties', 'export']);
  expect(scopesOf({ ...wish, preset: 'read' })).toEqual(['read', 'export']);
  expect(scopesOf({ ...wish, preset: 'all' })).toBeNull();
  expect(partsOf(['read:cases', 'parties:write', 'export'])).toEqual({ whole: ['export'], reads: ['cases'], writes: ['parties'] });
});
