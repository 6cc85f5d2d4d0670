import { defineMeasure, type Measure } from '#engine/declare/measure.ts';

const DIMENSIONS = ['owner', 'owner.team', 'kind', 'priority', 'party', 'party.territory'] as const;
const OPEN = { field: 'status', op: 'eq', value: 'open' } as const;

/** What is done and what is left undone, by whom. */
export const taskMeasures: readonly Measure[] = [
  defineMeasure({
    key: 'tasksDone',
    object: 'task',
    at: 'doneAt',
    where: { field: 'status', op: 'eq', value: 'done' },
    value: { op: 'count' },
    unit: 'count',
    dimensions: DIMENSIONS,
    better: 'more',
  }),
  defineMeasure({ key: 'tasksOpen', object: 'task', where: OPEN, value: { op: 'count' }, unit: 'count', dimensions: DIMENSIONS }),
  defineMeasure({
    key: 'tasksOverdue',
    object: 'task',
    where: { all: [OPEN, { field: 'dueOn', op: 'lt', value: 'today' }] },
    value: { op: 'count' },
    unit: 'count',
    dimensions: DIMENSIONS,
    better: 'less',
  }),
];
