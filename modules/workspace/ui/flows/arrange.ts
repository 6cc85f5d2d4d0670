import dagre from '@dagrejs/dagre';
import type { Edge, FlowShape } from '#engine/declare/flow.ts';
import { allEdges, type Place } from './drawing.ts';

export const WIDTH = 232;
export const HEIGHT = 64;
const END = 28;

/** The node that stands for what starts the flow; no step can be called so. */
export const TRIGGER = '$trigger';
/** The node of an open end. */
export const endId = ({ from, edge }: Place): string => `$end ${from ?? ''} ${edge}`;

export interface Point {
  x: number;
  y: number;
}

export interface Arrangement {
  /** Where each node stands. */
  nodes: Map<string, Point>;
  /** What an edge passes between its ends, by `wayId`; none where an end was moved by hand. */
  ways: Map<string, Point[]>;
  /** The edges that leave a step, from left to right, so that none crosses another at its beginning. */
  sides: Map<string, Edge[]>;
}

export const wayId = ({ from, edge }: Place): string => `${from ?? TRIGGER} ${edge}`;

/** Room that the word of an edge takes. */
const WORD = { width: 96, height: 28, labelpos: 'c' } as const;

/**
 * Where everything stands: top-down, as the edges lead. A step somebody moved stands where they put it, and what hangs on it
 * and was not moved goes along.
 */
export function arrange(shape: FlowShape): Arrangement {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 48, ranksep: 48 });
  graph.setDefaultEdgeLabel(() => ({}));
  graph.setNode(TRIGGER, { width: WIDTH, height: HEIGHT });
  for (const id of Object.keys(shape.steps)) graph.setNode(id, { width: WIDTH, height: HEIGHT });
  const before = new Map<string, string>();
  for (const { from, edge, to } of allEdges(shape)) {
    const source = from ?? TRIGGER;
    const node = to !== null && to in shape.steps ? to : endId({ from, edge });
    if (node !== to) graph.setNode(node, { width: END, height: END });
    graph.setEdge(source, node, { ...WORD }, edge);
    if (!before.has(node)) before.set(node, source);
  }
  dagre.layout(graph);
  const drawn = (id: string): Point => {
    const { x, y, width, height } = graph.node(id) as Point & { width: number; height: number };
    return { x: Math.round(x - width / 2), y: Math.round(y - height / 2) };
  };
  const placed = new Map<string, Point>();
  const place = (id: string, way: ReadonlySet<string>): Point => {
    const known = placed.get(id) ?? shape.layout?.[id];
    if (known) {
      placed.set(id, known);
      return known;
    }
    const own = drawn(id);
    const source = before.get(id);
    let point = own;
    if (source !== undefined && !way.has(source)) {
      const was = drawn(source);
      const now = place(source, new Set([...way, id]));
      point = { x: own.x + now.x - was.x, y: own.y + now.y - was.y };
    }
    placed.set(id, point);
    return point;
  };
  for (const id of graph.nodes()) place(id, new Set());
  const asDrawn = (id: string): boolean => {
    const [was, now] = [drawn(id), placed.get(id)];
    return was.x === now?.x && was.y === now.y;
  };
  const ways = new Map<string, Point[]>();
  const sides = new Map<string, { edge: Edge; x: number }[]>();
  for (const { from, edge, to } of allEdges(shape)) {
    const source = from ?? TRIGGER;
    const node = to !== null && to in shape.steps ? to : endId({ from, edge });
    const { points } = graph.edge(source, node, edge) as { points: Point[] };
    const straight = asDrawn(source) && asDrawn(node);
    if (straight) ways.set(wayId({ from, edge }), points.slice(1, -1));
    const x = straight ? (points[1]?.x ?? 0) : (placed.get(node)?.x ?? 0) + (node === to ? WIDTH : END) / 2;
    if (from !== null) sides.set(from, [...(sides.get(from) ?? []), { edge, x }]);
  }
  return {
    nodes: placed,
    ways,
    sides: new Map([...sides].map(([id, of]) => [id, of.sort((a, b) => a.x - b.x).map(({ edge }) => edge)])),
  };
}

/** A line that leaves downwards, passes some points and arrives from above. */
export function lineThrough(points: readonly Point[]): string {
  return points
    .map(({ x, y }, at) => {
      const before = points[at - 1];
      if (!before) return `M ${x} ${y}`;
      const half = (before.y + y) / 2;
      return `C ${before.x} ${half} ${x} ${half} ${x} ${y}`;
    })
    .join(' ');
}
