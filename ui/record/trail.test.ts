import { describe, expect, it } from 'vitest';
import type { Page } from '../wire.ts';
import { extended, placeOn, readTrail, type Trail, trailOver } from './trail.ts';

const request = { sort: ['name'], fields: ['name'] };
const page = (ids: string[], next: string | null, count?: Page['count']): Page => ({
  items: ids.map((id) => ({ id, version: 1, createdAt: '', updatedAt: '' })),
  next,
  ...(count ? { count } : {}),
});
const trail: Trail = { id: 't', plural: 'parties', request, ids: ['a', 'b', 'c'], start: 0, next: null, count: null };

describe('the trail of a list', () => {
  it('knows what stands before and after a record', () => {
    expect(placeOn(trail, 'b')).toEqual({ at: 2, previous: 'a', next: 'c', nearEnd: false });
    expect(placeOn(trail, 'a')?.previous).toBeNull();
    expect(placeOn(trail, 'c')?.next).toBeNull();
    expect(placeOn(trail, 'z')).toBeNull();
  });
  it('counts from the beginning of the list, not from the first row kept', () => {
    expect(placeOn({ ...trail, start: 400 }, 'c')?.at).toBe(403);
  });
  it('asks for the next page before its end is reached, if there is one', () => {
    const ids = Array.from({ length: 20 }, (_, at) => `r${at}`);
    expect(placeOn({ ...trail, ids, next: 'cursor' }, 'r14')?.nearEnd).toBe(false);
    expect(placeOn({ ...trail, ids, next: 'cursor' }, 'r15')?.nearEnd).toBe(true);
    expect(placeOn({ ...trail, ids, next: null }, 'r19')?.nearEnd).toBe(false);
  });
  it('grows by pages and holds a row that moved only once', () => {
    expect(extended({ ...trail, next: 'p2' }, page(['c', 'd'], 'p3'))).toMatchObject({ ids: ['a', 'b', 'c', 'd'], next: 'p3' });
  });
  it('is laid over the pages that have come, around the record', () => {
    const pages = [page(['a', 'b'], 'p2', { value: 3, exact: true }), page(['b', 'c'], null)];
    expect(trailOver('t', 'parties', request, pages, 'c')).toEqual({ ...trail, count: { value: 3, exact: true } });
    expect(trailOver('t', 'parties', request, pages, 'x')).toBeNull();
    const many = [
      page(
        Array.from({ length: 3000 }, (_, at) => `r${at}`),
        'on',
      ),
    ];
    const far = trailOver('t', 'parties', request, many, 'r2500');
    expect([far?.start, far?.ids.length, far?.next]).toEqual([1500, 1500, 'on']);
    expect(far && placeOn(far, 'r2500')?.at).toBe(2501);
  });
  it('is read back as it was kept, and nothing else is', () => {
    expect(readTrail(JSON.stringify(trail))).toEqual(trail);
    for (const text of [null, '', '{}', '[]', '{"id":"t","plural":"p","start":0,"ids":[1]}']) expect(readTrail(text)).toBeNull();
  });
});
