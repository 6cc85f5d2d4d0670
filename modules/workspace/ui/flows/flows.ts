import { infiniteQueryOptions, queryOptions, useQuery } from '@tanstack/react-query';
import type { FlowShape, Step } from '#engine/declare/flow.ts';
import { type FieldProblem, get, post } from '#ui/api.ts';
import { problemText } from '#ui/failure.ts';
import { formatList } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { queryClient } from '#ui/query-client.ts';
import { isObject, type Named, type Page, type RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';

export interface Flow extends RecordData {
  name: string;
  description: string | null;
  object: string | null;
  active: boolean | null;
  activeVersion: number | null;
  activatedAt: string | null;
  definition: FlowShape | null;
}

export const RUN_STATES = ['due', 'waiting', 'approval', 'children', 'done', 'failed', 'stopped'] as const;
export type RunState = (typeof RUN_STATES)[number];

export interface Run {
  id: string;
  flow: Named;
  version: number;
  object: string;
  record: { id: string; name: string | null };
  state: RunState;
  held: boolean;
  step: string | null;
  wakeAt: string | null;
  /** The condition that it waits for, until `wakeAt` at the latest. */
  waitsFor: unknown;
  error: string | null;
  createdAt: string;
  finishedAt: string | null;
}

export interface RunWhole extends Run {
  steps: { n: number; step: string; at: string; outcome: string; detail: unknown }[];
  shape: FlowShape;
}

export interface Approval extends Run {
  text: string;
}

export interface Counts {
  states: Record<RunState, { value: number; exact: boolean }>;
  held: number;
  problem: string | null;
  /** What is drawn is another thing than what runs. */
  edited: boolean;
  deliveries: { open: number; dead: number };
}

/** What is wrong with a drawing, at the step and the place in it. */
export interface Finding extends FieldProblem {
  step: string | null;
}

export interface Trial {
  starts: number;
  tried: number;
  since: string | null;
  steps: Record<string, { outcomes: Record<string, number>; faults: string[] }>;
  items: {
    record: { id: string; name: string | null };
    at: string | null;
    steps: {
      step: string;
      outcome: string;
      detail: unknown;
      changes: { object: string; action: string; fields: Record<string, { from: unknown; to: unknown }> }[];
    }[];
  }[];
}

export const flowsQuery = queryOptions({
  queryKey: ['flows'],
  queryFn: async ({ signal }) => (await get<Page<Flow>>('/flows', { limit: 200, sort: 'name' }, signal)).items,
});

export const flowQuery = (id: string) =>
  queryOptions({ queryKey: ['flows', id], queryFn: ({ signal }) => get<Flow>(`/flows/${id}`, {}, signal) });

export const countsQuery = (id: string) =>
  queryOptions({
    queryKey: ['flows', id, 'counts'],
    queryFn: ({ signal }) => get<Counts>(`/flows/${id}/counts`, {}, signal),
    refetchInterval: 10_000,
  });

export const runsQuery = (flow: string, state: RunState | '') =>
  infiniteQueryOptions({
    queryKey: ['flows', flow, 'runs', state],
    queryFn: ({ signal, pageParam }) => get<Page<Run>>('/flow-runs', { flow, state, cursor: pageParam, limit: 50 }, signal),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    // Runs go on by themselves; whoever has read on is left in peace.
    refetchInterval: ({ state: { data } }) => ((data?.pages.length ?? 0) > 1 ? false : 3000),
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['flow-run', id],
    queryFn: ({ signal }) => get<RunWhole>(`/flow-runs/${id}`, {}, signal),
    refetchInterval: ({ state: { data } }) => (data?.finishedAt ? false : 3000),
  });

export const approvalsQuery = queryOptions({
  queryKey: ['approvals'],
  queryFn: async ({ signal }) => (await get<{ items: Approval[] }>('/approvals', {}, signal)).items,
});

export const findingsQuery = (definition: FlowShape) =>
  queryOptions({
    queryKey: ['flow-findings', JSON.stringify({ ...definition, layout: undefined })],
    queryFn: async ({ signal }) => (await post<{ findings: Finding[] }>('/flows/check', { definition }, signal)).findings,
    staleTime: 60_000,
    gcTime: 60_000,
  });

/** Fetches flows, their runs and what waits for a decision anew. */
export async function refresh(): Promise<void> {
  await Promise.all([['flows'], ['flow-run'], ['approvals']].map((queryKey) => queryClient.invalidateQueries({ queryKey })));
}

/** Names of records by id. */
export function useNames(object: string, ids: readonly string[]): Map<string, string> {
  const target = useMeta().object(object);
  const query = useQuery({
    queryKey: ['names', object, ...ids],
    queryFn: async ({ signal }) => {
      if (!target) return [];
      const body = { where: { field: 'id', op: 'in', value: ids }, fields: [target.title], limit: 200 };
      return (await post<Page>(`/${target.plural}/query`, body, signal)).items.map(
        (item) => [item.id, String(item[target.title] ?? '')] as const,
      );
    },
    enabled: ids.length > 0 && target !== undefined,
    placeholderData: (was) => was,
  });
  return new Map(query.data ?? []);
}

/** The words of a step: its own name or its kind, and what it is about. */
export function useStepWords(): {
  title: (step: Step) => string;
  about: (step: Step, object: string) => string;
  edge: (step: Step | undefined, edge: string) => string;
  /** What became of a step. */
  outcome: (step: Step | undefined, outcome: string) => string;
} {
  const { t, field, object: objectWord, label, has } = useWords();
  const meta = useMeta();
  const title = (step: Step): string => step.label || t(`flows.kind.${step.do}`);
  const span = (of: Record<string, unknown> | undefined): string =>
    Object.entries(of ?? {})
      .filter(([unit, n]) => unit !== 'from' && n !== 0)
      .map(([unit, n]) => `${n} ${t(`flows.unit.${unit}`)}`)
      .join(', ');
  const about = (step: Step, object: string): string => {
    switch (step.do) {
      case 'set':
        return Object.keys(step.values)
          .map((key) => field(object, key))
          .join(', ');
      case 'create':
        return objectWord(step.object);
      case 'act': {
        const known = meta.actions.find(({ key }) => key === step.action);
        return known && has(`action.${known.key}`) ? t(`action.${known.key}`) : step.action && label(`action.${step.action}`);
      }
      case 'assign':
        return t('flows.colleagues', { count: step.users.length });
      case 'notify':
      case 'approve':
        return step.text;
      case 'wait':
        return step.until === undefined ? span(step.for) : !step.until ? '' : t('flows.untilField', { field: field(object, step.until) });
      case 'branch':
        return t('flows.branchCount', { count: step.branches.length });
      case 'webhook':
        return step.url;
      case 'loop':
        return step.over && field(object, step.over);
    }
  };
  const edge = (step: Step | undefined, of: string): string => {
    if (step?.do === 'wait' && step.when) return t(of === 'timeout' ? 'flows.edge.late' : 'flows.edge.holds');
    if (!of.startsWith('branch:')) return t(`flows.edge.${of === 'next' && step?.do === 'approve' ? 'approved' : of}`);
    const branches = step?.do === 'branch' ? step.branches : [];
    const at = branches.findIndex(({ id }) => `branch:${id}` === of);
    return branches[at]?.label || t('flows.branchN', { n: at + 1 });
  };
  const outcome = (step: Step | undefined, of: string): string => {
    if (of === 'next' && step?.do !== 'approve') return t('flows.did');
    return ENDS.has(of) ? t(`flows.outcome.${of}`) : edge(step, of);
  };
  return { title, about, edge, outcome };
}

/** Outcomes that are no edges. */
const ENDS = new Set(['failed', 'again', 'waiting', 'approval', 'children', 'stopped', 'due']);

/** What starts a flow, in a few words. */
export function useTriggerWords(): (shape: FlowShape) => string {
  const { t, object } = useWords();
  return ({ trigger, object: key }) => {
    const name = object(key);
    if (trigger.on === 'change')
      return t('flows.whenDeed', { object: name, deeds: formatList(trigger.deeds.map((deed) => t(`flows.deed.${deed}`).toLowerCase())) });
    if (trigger.on === 'schedule')
      return t('flows.whenSchedule', { object: name, every: t(`flows.each.${trigger.every}`), at: trigger.at });
    return t(trigger.on === 'inbound' ? 'flows.whenInbound' : 'flows.whenHand', { object: name });
  };
}

/** The finding at a place of a step, in the reader's language. */
export function problemAt(findings: readonly Finding[], step: string | null, path: string): string | undefined {
  const found = findings.find((one) => one.step === step && (one.path === path || one.path.startsWith(`${path}.`)));
  return found && problemText(found);
}

/** A detail of a step as words, as far as it has any. */
export function detailText(detail: unknown): string {
  if (typeof detail === 'string') return detail;
  return isObject(detail) && typeof detail.error === 'string' ? detail.error : '';
}
