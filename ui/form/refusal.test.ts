import { expect, it } from 'vitest';
import { ApiError } from '../api.ts';
import { refusalOf } from './refusal.ts';

const refused = (...paths: string[]) =>
  new ApiError(
    422,
    'invalid',
    'It cannot be saved.',
    paths.map((path) => ({ path, code: 'x', detail: `wrong at ${path}` })),
  );

it('what is wrong stands at its field, what lies inside of a value too', () => {
  const refusal = refusalOf(refused('name', 'condition.all.0.field'), ['name', 'condition']);
  expect(refusal.at('name')).toBe('wrong at name');
  expect(refusal.at('condition')).toBe('wrong at condition.all.0.field');
  expect(refusal.at('url')).toBeUndefined();
  expect(refusal.whole).toBeNull();
});

it('what belongs to no field of the form is said of the whole, and so is every other failure', () => {
  const refusal = refusalOf(refused('name', 'version'), ['name']);
  expect(refusal.whole).toBe('wrong at version');
  expect(refusalOf(new ApiError(403, 'denied', 'Only an administrator may.', [{ path: '', code: 'x', detail: '' }]), ['name']).whole).toBe(
    'Only an administrator may.',
  );
  expect(refusalOf(null, ['name'])).toMatchObject({ whole: null });
});
