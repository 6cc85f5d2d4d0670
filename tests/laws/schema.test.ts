import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildModel } from '#engine/declare/model.ts';
import { schemaLock } from '#engine/store/schema-lock.ts';
import { modules } from '#modules/index.ts';
import { repositoryRoot } from '#tests/harness/places.ts';

const text = readFileSync(join(repositoryRoot, 'schema.lock.json'), 'utf8');

it('schema.lock.json says what the declarations make of the database (npm run schema writes it)', () => {
  expect(schemaLock(buildModel(modules))).toBe(text);
});

it('refuses declarations that do not hold together, with all their faults at once', () => {
  const [first] = modules;
  const broken = {
    key: 'broken',
    objects: [
      {
        key: 'x',
        plural: 'xs',
        title: 'nope',
        icon: 'box',
        fields: { 'bad key': { type: 'nope', with: {} }, to: { type: 'reference', with: { to: 'nowhere' } } },
        list: { columns: ['gone'], sort: [] },
        form: [],
      },
    ],
  };
  expect(() => buildModel([...(first ? [first] : []), broken])).toThrow(/unknown field nope[\s\S]*|bad key|nowhere|gone/);
});
