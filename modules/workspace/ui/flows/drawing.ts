import { type Edge, edgesOf, type FlowShape, type Step } from '#engine/declare/flow.ts';

/** Drawing a flow: what each stroke makes of its shape. Pure; a shape is never changed, each stroke gives a new one. */

/** Where an edge begins: at a step, or at what starts the flow. */
export interface Place {
  from: string | null;
  edge: Edge;
}

export const KINDS = ['set', 'create', 'assign', 'notify', 'wait', 'branch', 'approve', 'loop', 'act', 'webhook'] as const;
export type Kind = (typeof KINDS)[number];

/** The first edge of a flow: from what starts it to its first step. */
export const BEGIN: Place = { from: null, edge: 'next' };

/** A step of a kind with nothing said yet. */
export function blank(kind: Kind): Step {
  switch (kind) {
    case 'set':
      return { do: 'set', values: {} };
    case 'create':
      return { do: 'create', object: 'task', values: {} };
    case 'assign':
      return { do: 'assign', users: [] };
    case 'notify':
      return { do: 'notify', to: {}, text: '' };
    case 'wait':
      return { do: 'wait', for: { days: 1 } };
    case 'branch':
      return { do: 'branch', branches: [] };
    case 'approve':
      return { do: 'approve', by: {}, text: '' };
    case 'loop':
      return { do: 'loop', over: '', each: null };
    case 'act':
      return { do: 'act', action: '', input: {} };
    case 'webhook':
      return { do: 'webhook', url: 'https://' };
  }
}

/** A name that none has yet: `set1`, `set2`, … */
export function freeId(stem: string, taken: (id: string) => boolean): string {
  for (let n = 1; ; n++) if (!taken(`${stem}${n}`)) return `${stem}${n}`;
}

/** All edges, the first one leading in. */
export function allEdges(shape: FlowShape): (Place & { to: string | null })[] {
  return [
    { ...BEGIN, to: shape.start },
    ...Object.entries(shape.steps).flatMap(([from, step]) => edgesOf(step).map((one) => ({ from, ...one }))),
  ];
}

/** Where an edge leads. */
export const target = (shape: FlowShape, { from, edge }: Place): string | null =>
  allEdges(shape).find((one) => one.from === from && one.edge === edge)?.to ?? null;

function led(step: Step, edge: Edge, to: string | null): Step {
  if (step.do === 'branch') {
    if (edge === 'else') return { ...step, else: to };
    return { ...step, branches: step.branches.map((one) => (edge === `branch:${one.id}` ? { ...one, next: to } : one)) };
  }
  if (step.do === 'approve' && edge === 'refused') return { ...step, refused: to };
  if ((step.do === 'approve' || step.do === 'wait') && edge === 'timeout')
    return step.timeout ? { ...step, timeout: { ...step.timeout, next: to } } : step;
  if (step.do === 'loop' && edge === 'each') return { ...step, each: to };
  return edge === 'next' ? { ...step, next: to } : step;
}

/** Leads an edge to a step, or to the end. */
export function connect(shape: FlowShape, { from, edge }: Place, to: string | null): FlowShape {
  if (from === null) return { ...shape, start: to };
  const step = shape.steps[from];
  return step ? { ...shape, steps: { ...shape.steps, [from]: led(step, edge, to) } } : shape;
}

/** The edge of a step that what followed goes on from when the step is put in between. */
const through = (step: Step): Edge => (step.do === 'branch' ? 'else' : 'next');

/** Puts a new step on an edge: what the edge led to follows it. */
export function insert(shape: FlowShape, place: Place, step: Step): { shape: FlowShape; id: string } {
  const id = freeId(step.do, (one) => one in shape.steps);
  const follows = target(shape, place);
  const added: FlowShape = { ...shape, steps: { ...shape.steps, [id]: led(step, through(step), follows) } };
  return { shape: connect(added, place, id), id };
}

/** Takes a step away; what led to it leads to what followed it. */
export function remove(shape: FlowShape, id: string): FlowShape {
  const step = shape.steps[id];
  if (!step) return shape;
  const next = edgesOf(step).find(({ edge }) => edge === through(step))?.to ?? null;
  const healed = next === id ? null : next;
  const { [id]: _gone, ...steps } = shape.steps;
  const { [id]: _place, ...layout } = shape.layout ?? {};
  const pointing = allEdges(shape).filter(({ from, to }) => to === id && from !== id);
  const rest: FlowShape = { ...shape, steps, ...(shape.layout ? { layout } : {}) };
  return pointing.reduce((was, place) => connect(was, place, healed), rest);
}

/** One line of a flow written down: a step, an open end, or that it goes on at a step written above. */
export interface Line {
  kind: 'step' | 'end' | 'jump';
  /** The step, or where it goes on; null at an end. */
  id: string | null;
  depth: number;
  /** The edge that leads here; null for a step nothing leads to. */
  place: Place | null;
  /** Whether the edge is one of several and has to be named. */
  named: boolean;
}

/** Edges that go on at the same depth as their step. */
const straight = (step: Step, edge: Edge): boolean => edge === 'next' && step.do !== 'branch';

/** A flow from top to bottom as it runs, side ways indented; what nothing leads to stands last. */
export function outline(shape: FlowShape): Line[] {
  const lines: Line[] = [];
  const seen = new Set<string>();
  const walk = (place: Place | null, id: string | null, depth: number, named: boolean): void => {
    const step = id === null ? undefined : shape.steps[id];
    if (id === null || !step) {
      lines.push({ kind: 'end', id: null, depth, place, named });
      return;
    }
    if (seen.has(id)) {
      lines.push({ kind: 'jump', id, depth, place, named });
      return;
    }
    seen.add(id);
    lines.push({ kind: 'step', id, depth, place, named });
    const edges = edgesOf(step);
    const sides = edges.filter(({ edge }) => !straight(step, edge));
    for (const { edge, to } of sides) walk({ from: id, edge }, to, depth + 1, true);
    for (const { edge, to } of edges) if (straight(step, edge)) walk({ from: id, edge }, to, depth, edges.length > 1);
  };
  walk(BEGIN, shape.start, 0, false);
  for (const id of Object.keys(shape.steps)) if (!seen.has(id)) walk(null, id, 0, false);
  return lines;
}

/** The object whose record each step is about, by key; in a loop it is that of the related records. */
export function objectsAt(shape: FlowShape, far: (object: string, field: string) => string | undefined): Map<string, string> {
  const reached = new Map<string, string>();
  const open: [string | null, string][] = [[shape.start, shape.object]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [id, object] = next;
    const step = id === null ? undefined : shape.steps[id];
    if (id === null || !step || reached.has(id)) continue;
    reached.set(id, object);
    for (const { edge, to } of edgesOf(step))
      open.push([to, edge === 'each' && step.do === 'loop' ? (far(object, step.over) ?? object) : object]);
  }
  return reached;
}

/** The strokes so far, with those taken back. */
export interface Strokes {
  past: readonly FlowShape[];
  now: FlowShape;
  future: readonly FlowShape[];
}

const KEPT = 100;

export const begin = (now: FlowShape): Strokes => ({ past: [], now, future: [] });
/** One more stroke; `going` where it goes on with the last one, as typing does. */
export const draw = ({ past, now }: Strokes, next: FlowShape, going = false): Strokes => ({
  past: going ? past : [...past, now].slice(-KEPT),
  now: next,
  future: [],
});
export function undo(strokes: Strokes): Strokes {
  const last = strokes.past.at(-1);
  return last ? { past: strokes.past.slice(0, -1), now: last, future: [strokes.now, ...strokes.future] } : strokes;
}
export function redo(strokes: Strokes): Strokes {
  const [next, ...future] = strokes.future;
  return next ? { past: [...strokes.past, strokes.now], now: next, future } : strokes;
}
