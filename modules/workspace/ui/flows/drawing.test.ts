import { describe, expect, it } from 'vitest';
import type { FlowShape } from '#engine/declare/flow.ts';
import { arrange, endId, lineThrough, TRIGGER, WIDTH, wayId } from './arrange.ts';
import { BEGIN, begin, blank, connect, draw, insert, objectsAt, outline, redo, remove, target, undo } from './drawing.ts';

const empty: FlowShape = { object: 'opportunity', trigger: { on: 'change', deeds: ['created'] }, start: null, steps: {} };
const set = { do: 'set', values: { name: { value: 'x' } } } as const;
const chain: FlowShape = {
  ...empty,
  start: 'a',
  steps: { a: { ...set, next: 'b' }, b: { do: 'wait', for: { days: 1 }, next: 'c' }, c: { ...set, next: null } },
};
const forked: FlowShape = {
  ...empty,
  start: 'fork',
  steps: {
    fork: { do: 'branch', branches: [{ id: 'big', when: { all: [] }, next: 'a' }], else: 'b' },
    a: { ...set, next: 'b' },
    b: { do: 'approve', by: {}, text: '', next: null, refused: 'a' },
  },
};

describe('drawing', () => {
  it('a step put on an edge leads to what followed', () => {
    const first = insert(empty, BEGIN, blank('set'));
    expect(first).toMatchObject({ id: 'set1', shape: { start: 'set1', steps: { set1: { do: 'set', next: null } } } });
    const second = insert(chain, { from: 'a', edge: 'next' }, blank('branch'));
    expect(target(second.shape, { from: 'a', edge: 'next' })).toBe('branch1');
    expect(second.shape.steps['branch1']).toEqual({ do: 'branch', branches: [], else: 'b' });
    expect(chain.steps['a']?.do === 'set' && chain.steps['a'].next).toBe('b');
  });

  it('names are not given twice', () => {
    const { shape } = insert(empty, BEGIN, blank('set'));
    expect(insert(shape, BEGIN, blank('set')).id).toBe('set2');
  });

  it('what led to a step that is taken away leads to what followed it', () => {
    const healed = remove({ ...chain, layout: { b: { x: 1, y: 2 } } }, 'b');
    expect(target(healed, { from: 'a', edge: 'next' })).toBe('c');
    expect(healed.layout).toEqual({});
    expect(remove(chain, 'a').start).toBe('b');
    const fork = remove(forked, 'b');
    expect(target(fork, { from: 'fork', edge: 'else' })).toBeNull();
    expect(target(fork, { from: 'a', edge: 'next' })).toBeNull();
    expect(remove(forked, 'fork').start).toBe('b');
  });

  it('a step that leads to itself leaves nothing behind', () => {
    const circle = connect(chain, { from: 'b', edge: 'next' }, 'b');
    expect(target(remove(circle, 'b'), { from: 'a', edge: 'next' })).toBeNull();
  });

  it('any edge can be led elsewhere, one that is not there leads nowhere', () => {
    expect(target(connect(forked, { from: 'fork', edge: 'branch:big' }, 'b'), { from: 'fork', edge: 'branch:big' })).toBe('b');
    expect(target(connect(forked, { from: 'b', edge: 'refused' }, null), { from: 'b', edge: 'refused' })).toBeNull();
    expect(connect(forked, { from: 'b', edge: 'timeout' }, 'a')).toEqual(forked);
    const when = { field: 'name', op: 'eq', value: 'x' } as const;
    const waits = { ...chain, steps: { ...chain.steps, b: { do: 'wait', when, timeout: { after: { days: 1 } }, next: 'c' } as const } };
    expect(connect(waits, { from: 'b', edge: 'timeout' }, 'a').steps['b']).toMatchObject({
      timeout: { after: { days: 1 }, next: 'a' },
      next: 'c',
    });
  });

  it('is written down as it runs, side ways indented, each step once', () => {
    expect(outline(forked).map(({ kind, id, depth }) => `${depth} ${kind} ${id ?? ''}`.trim())).toEqual([
      '0 step fork',
      '1 step a',
      '1 step b',
      '2 jump a',
      '1 end',
      '1 jump b',
    ]);
    expect(outline({ ...chain, start: null }).map(({ kind, id, place }) => [kind, id, place?.from ?? null])).toEqual([
      ['end', null, null],
      ['step', 'a', null],
      ['step', 'b', 'a'],
      ['step', 'c', 'b'],
      ['end', null, 'c'],
    ]);
  });

  it('within a loop the steps are about the related records', () => {
    const looping: FlowShape = {
      ...empty,
      start: 'l',
      steps: { l: { do: 'loop', over: 'tasks', each: 'in', next: 'out' }, in: set, out: set },
    };
    const objects = objectsAt(looping, (_, field) => (field === 'tasks' ? 'task' : undefined));
    expect([objects.get('l'), objects.get('in'), objects.get('out')]).toEqual(['opportunity', 'task', 'opportunity']);
  });

  it('strokes are taken back and done again', () => {
    const one = draw(begin(empty), chain);
    expect(undo(one).now).toBe(empty);
    expect(redo(undo(one)).now).toBe(chain);
    expect(redo(draw(undo(one), forked)).now).toBe(forked);
    expect(undo(begin(empty)).now).toBe(empty);
    expect(undo(draw(one, forked, true)).now).toBe(empty);
  });
});

describe('arrangement', () => {
  it('runs top-down, open ends included', () => {
    const at = arrange(chain).nodes;
    const y = (id: string) => at.get(id)?.y ?? Number.NaN;
    expect(y(TRIGGER)).toBeLessThan(y('a'));
    expect(y('a')).toBeLessThan(y('b'));
    expect(y('c')).toBeLessThan(y(endId({ from: 'c', edge: 'next' })));
  });

  it('what was moved stays, and what hangs on it goes along', () => {
    const [was, now] = [arrange(chain).nodes, arrange({ ...chain, layout: { a: { x: 500, y: 500 } } }).nodes];
    expect(now.get('a')).toEqual({ x: 500, y: 500 });
    const by = 500 - (was.get('a')?.x ?? 0);
    expect(now.get('c')?.x).toBe((was.get('c')?.x ?? 0) + by);
    expect(now.get(TRIGGER)).toEqual(was.get(TRIGGER));
  });

  it('an edge over several ranks passes beside what stands there', () => {
    const past: FlowShape = {
      ...empty,
      start: 'fork',
      steps: {
        fork: { do: 'branch', branches: [{ id: 'big', when: { all: [] }, next: 'a' }], else: 'b' },
        a: { ...set, next: 'b' },
        b: set,
      },
    };
    const { nodes, ways, sides } = arrange(past);
    const left = nodes.get('a')?.x ?? 0;
    const beside = (ways.get(wayId({ from: 'fork', edge: 'else' })) ?? []).filter(
      ({ y }) => Math.abs(y - (nodes.get('a')?.y ?? 0) - 32) < 20,
    );
    expect(beside.length).toBeGreaterThan(0);
    for (const { x } of beside) expect(x < left || x > left + WIDTH).toBe(true);
    const first = (beside[0]?.x ?? 0) < left ? 'else' : 'branch:big';
    expect(sides.get('fork')?.[0]).toBe(first);
    expect(arrange({ ...past, layout: { b: { x: 900, y: 900 } } }).ways.has(wayId({ from: 'fork', edge: 'else' }))).toBe(false);
  });

  it('a line leaves downwards and arrives from above', () => {
    expect(
      lineThrough([
        { x: 0, y: 0 },
        { x: 10, y: 20 },
      ]),
    ).toBe('M 0 0 C 0 10 10 10 10 20');
  });
});
