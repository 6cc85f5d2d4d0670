import { describe, expect, it } from 'vitest';
import { linesOf, type MyDay } from './my-day.ts';

const none = { items: [], more: false };
const day = (of: Partial<MyDay>): MyDay => ({
  today: '2026-11-22',
  timeZone: 'UTC',
  tasks: none,
  meetings: none,
  mentioned: none,
  promised: none,
  customers: none,
  deals: null,
  events: [],
  ...of,
});
const system = (id: string) => ({ id, version: 1, createdAt: '', updatedAt: '' });
const task = (id: string, values: object) => ({ ...system(id), subject: id, ...values });

describe('the lines of a day', () => {
  it('part what is overdue from what is due, the hours of the day first', () => {
    const lines = linesOf(
      day({
        tasks: {
          items: [
            task('late', { dueOn: '2026-11-20' }),
            task('whenever', { dueOn: '2026-11-22' }),
            task('afternoon', { dueOn: '2026-11-22', dueAt: '2026-11-22T15:00:00Z' }),
            task('morning', { dueOn: '2026-11-22', dueAt: '2026-11-22T08:00:00Z' }),
          ],
          more: false,
        },
      }),
      '2026-11-22T09:00:00Z',
    );
    expect(lines.get('overdue')?.map(({ id, late }) => [id, late])).toEqual([['late', true]]);
    expect(lines.get('today')?.map(({ id, late }) => [id, late])).toEqual([
      ['morning', true],
      ['afternoon', false],
      ['whenever', false],
    ]);
    expect(lines.get('deals')).toEqual([]);
  });
  it('know whom they are about', () => {
    const lines = linesOf(
      day({
        customers: { items: [{ ...system('p'), name: 'Harbour', lastContactAt: null }], more: false },
        deals: { items: [{ ...system('d'), name: 'Crane', customer: { id: 'p', name: 'Harbour' } }], more: false },
      }),
      '2026-11-22T09:00:00Z',
    );
    expect(lines.get('customers')?.[0]?.party).toEqual({ id: 'p', name: 'Harbour' });
    expect(lines.get('deals')?.[0]?.party).toEqual({ id: 'p', name: 'Harbour' });
  });
});
