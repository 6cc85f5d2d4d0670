import {
  Background,
  BaseEdge,
  Controls,
  EdgeLabelRenderer,
  type EdgeProps,
  type Edge as FlowEdge,
  getSmoothStepPath,
  Handle,
  type Node,
  type NodeChange,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { type Edge, edgesOf, type FlowShape } from '#engine/declare/flow.ts';
import { formatNumber } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { useWords } from '#ui/words.ts';
import { About } from './about.tsx';
import { arrange, endId, HEIGHT, lineThrough, type Point, TRIGGER, WIDTH, wayId } from './arrange.ts';
import { allEdges, BEGIN, type Place } from './drawing.ts';
import classes from './flows.module.css';
import { useStepWords } from './flows.ts';
import { kindIcon } from './kinds.ts';
import { AddStep, type DrawingView, useTally, Wrong } from './outline.tsx';

interface Props extends DrawingView {
  onConnect: (place: Place, to: string) => void;
  onMove: (id: string, to: Point) => void;
}

const View = createContext<DrawingView | null>(null);
const useView = (): DrawingView => {
  const view = useContext(View);
  if (!view) throw new Error('A node is drawn outside a canvas.');
  return view;
};

type Data = { place: Place; sides: Edge[] } & Record<string, unknown>;

/** A flow as a drawing: steps are put on edges, dragged, led elsewhere by their handles; each can be reached and opened by key. */
export default function Canvas(props: Props): ReactNode {
  return (
    <ReactFlowProvider>
      <View.Provider value={props}>
        <Sheet {...props} />
      </View.Provider>
    </ReactFlowProvider>
  );
}

const nodeTypes = { trigger: TriggerNode, step: StepNode, end: EndNode };
const edgeTypes = { way: Way };

function Sheet({ shape, chosen, onChoose, onRemove, onConnect, onMove }: Props): ReactNode {
  const { t } = useWords();
  const { title, edge: edgeWord } = useStepWords();
  const { fitView } = useReactFlow();
  const width = useStore((store) => store.width);
  const [held, setHeld] = useState<{ id: string; at: Point } | null>(null);
  const { nodes: places, ways, sides } = useMemo(() => arrange(shape), [shape]);
  const count = Object.keys(shape.steps).length;
  // A step that was added or taken away is to be seen, beside an open panel too; one that was moved stays under the hand.
  useEffect(() => {
    if (count >= 0 && width > 0) void fitView({ padding: 0.15, maxZoom: 1 });
  }, [count, width, fitView]);
  const nodes: Node[] = [...places].map(([id, at]) => {
    const end = id.startsWith('$end ');
    const step = shape.steps[id];
    return {
      id,
      type: id === TRIGGER ? 'trigger' : end ? 'end' : 'step',
      position: held?.id === id ? held.at : at,
      data: { place: allEdges(shape).find((one) => endId(one) === id) ?? BEGIN, sides: sides.get(id) ?? [] } satisfies Data,
      selected: id === TRIGGER ? chosen === '' : chosen === id,
      draggable: step !== undefined,
      deletable: step !== undefined,
      connectable: true,
      selectable: !end,
      focusable: !end,
      width: end ? 28 : WIDTH,
      ...(end ? { height: 28 } : {}),
      initialHeight: end ? 28 : HEIGHT,
      ariaLabel: step ? title(step) : id === TRIGGER ? t('flows.trigger') : undefined,
      ariaRole: end ? 'presentation' : 'group',
    } as Node;
  });
  const edges: FlowEdge[] = allEdges(shape).map((one) => {
    const step = one.from === null ? undefined : shape.steps[one.from];
    const named = step !== undefined && edgesOf(step).length > 1;
    const there = one.to !== null && one.to in shape.steps;
    return {
      id: wayId(one),
      type: 'way',
      source: one.from ?? TRIGGER,
      sourceHandle: one.edge,
      target: there && one.to !== null ? one.to : endId(one),
      focusable: false,
      deletable: false,
      selectable: false,
      data: {
        place: { from: one.from, edge: one.edge },
        word: named ? edgeWord(step, one.edge) : '',
        there,
        by: held ? null : (ways.get(wayId(one)) ?? null),
      },
    };
  });
  const changed = (changes: NodeChange[]): void => {
    for (const change of changes) {
      if (change.type === 'select' && change.selected) onChoose(change.id === TRIGGER ? '' : change.id);
      if (change.type === 'remove') onRemove(change.id);
      if (change.type !== 'position' || !change.position) continue;
      const at = { x: Math.round(change.position.x), y: Math.round(change.position.y) };
      if (change.dragging) setHeld({ id: change.id, at });
      else {
        setHeld(null);
        const was = places.get(change.id);
        if (!was || was.x !== at.x || was.y !== at.y) onMove(change.id, at);
      }
    }
  };
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      onNodesChange={changed}
      onConnect={({ source, sourceHandle, target }) => {
        if (!(target in shape.steps)) return;
        onConnect({ from: source === TRIGGER ? null : source, edge: (sourceHandle ?? 'next') as Edge }, target);
      }}
      onPaneClick={() => onChoose(null)}
      deleteKeyCode={['Delete', 'Backspace']}
      multiSelectionKeyCode={null}
      selectionKeyCode={null}
      fitView
      fitViewOptions={{ padding: 0.15, maxZoom: 1 }}
      minZoom={0.2}
      maxZoom={1.5}
      proOptions={{ hideAttribution: true }}
      ariaLabelConfig={{
        'node.a11yDescription.default': t('flows.nodeKeys'),
        'node.a11yDescription.keyboardDisabled': t('flows.nodeKeys'),
        'controls.ariaLabel': t('flows.view'),
        'controls.zoomIn.ariaLabel': t('flows.zoomIn'),
        'controls.zoomOut.ariaLabel': t('flows.zoomOut'),
        'controls.fitView.ariaLabel': t('flows.fit'),
      }}
    >
      <Background gap={20} color="var(--pg-hairline)" />
      <Controls showInteractive={false} />
    </ReactFlow>
  );
}

function TriggerNode(): ReactNode {
  const { t } = useWords();
  const view = useView();
  const own = view.findings.filter(({ step, path }) => step === null && path !== 'start');
  return (
    <div className={classes.node} data-chosen={view.chosen === '' || undefined} data-wrong={own.length > 0 || undefined}>
      <span className={classes.kind}>{t('flows.trigger')}</span>
      <span className={classes.nodeTitle}>{view.trigger}</span>
      {view.trial && (
        <span className={classes.tally}>{t('flows.wouldStart', { count: view.trial.starts, n: formatNumber(view.trial.starts) })}</span>
      )}
      <Wrong findings={own} />
      <Handle type="source" id="next" position={Position.Bottom} />
    </div>
  );
}

function StepNode({ id, data }: NodeProps<Node<Data>>): ReactNode {
  const view = useView();
  const { t } = useWords();
  const { title, edge: edgeWord } = useStepWords();
  const tally = useTally();
  const step = view.shape.steps[id];
  if (!step) return null;
  const Icon = kindIcon[step.do];
  const edges = data.sides;
  const found = view.findings.filter((one) => one.step === id);
  return (
    <div className={classes.node} data-chosen={view.chosen === id || undefined} data-wrong={found.length > 0 || undefined}>
      <Handle type="target" position={Position.Top} />
      <span className={classes.stepHead}>
        <Icon {...iconLook} />
        <span className={classes.nodeTitle}>{title(step)}</span>
      </span>
      <span className={classes.about}>
        <About step={step} object={view.objectOf(id)} />
      </span>
      {view.trial && <span className={classes.tally}>{tally(step, view.trial.steps[id]) || t('flows.notReached')}</span>}
      <Wrong findings={found} />
      {edges.map((edge, at) => (
        <Handle
          key={edge}
          type="source"
          id={edge}
          position={Position.Bottom}
          // physical: a drawing has coordinates, the same in every direction of writing.
          style={{ left: `${((at + 1) / (edges.length + 1)) * 100}%` }}
          title={edges.length > 1 ? edgeWord(step, edge) : undefined}
        />
      ))}
    </div>
  );
}

/** An open end: the next step is put here. */
function EndNode({ data }: NodeProps<Node<Data>>): ReactNode {
  const { t } = useWords();
  const view = useView();
  return (
    <div className={classes.stub}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <AddStep label={useAddWords(view.shape, data.place, t)} onAdd={(kind) => view.onInsert(data.place, kind)} />
    </div>
  );
}

function useAddWords(shape: FlowShape, { from, edge }: Place, t: (key: string, values?: Record<string, unknown>) => string): string {
  const words = useStepWords();
  const step = from === null ? undefined : shape.steps[from];
  if (!step) return t('flows.addFirst');
  return edgesOf(step).length > 1
    ? t('flows.addAt', { edge: words.edge(step, edge), step: words.title(step) })
    : t('flows.addAfter', { step: words.title(step) });
}

/** An edge with its word and, between two steps, the place for one more. */
function Way({ data, ...way }: EdgeProps<FlowEdge<{ place: Place; word: string; there: boolean; by: Point[] | null }>>): ReactNode {
  const { t } = useWords();
  const view = useView();
  const { sourceX, sourceY, targetX, targetY } = way;
  const by = data?.by;
  const [straight, midX, midY] = getSmoothStepPath({ ...way, borderRadius: 8 });
  const path = by ? lineThrough([{ x: sourceX, y: sourceY }, ...by, { x: targetX, y: targetY }]) : straight;
  const { x, y } = by?.[Math.floor(by.length / 2)] ?? { x: midX, y: midY };
  const add = useAddWords(view.shape, data?.place ?? BEGIN, t);
  if (!data) return null;
  return (
    <>
      <BaseEdge path={path} style={{ stroke: 'var(--pg-control)' }} />
      {(data.word || data.there) && (
        <EdgeLabelRenderer>
          <div className={`${classes.way} nodrag nopan`} style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}>
            {data.word && <span className={classes.edge}>{data.word}</span>}
            {data.there && <AddStep label={add} onAdd={(kind) => view.onInsert(data.place, kind)} className={classes.wayAdd} />}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
}
