import { expect, it } from 'vitest';
import { readDue } from './hand-over.ts';

it('what is due stands by customer: promises apart, with the first day of all', () => {
  const acme = { id: 'a', name: 'Acme' };
  const due = readDue([
    { party: acme, kind: 'promise', n: 2, first: '2026-03-04' },
    { party: acme, kind: 'task', n: 1, first: null },
    { party: acme, kind: 'call', n: 1, first: '2026-02-01' },
    { party: null, kind: 'task', n: 9, first: null },
  ]);
  expect([...due]).toEqual([['a', { promises: 2, tasks: 2, first: '2026-02-01' }]]);
});
