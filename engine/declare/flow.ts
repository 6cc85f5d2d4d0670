import type { Offset, RelativeDate } from '#kit/calendar.ts';
import type { Json } from '#kit/json.ts';
import type { Predicate } from './condition.ts';

/**
 * A flow as it is drawn: what starts it, for which records, and what then happens to each of them, step by step. Plain data, kept in
 * rows; steps are named by ids that stay when the drawing changes, and an edge is the id of the step it leads to. Where an edge is
 * missing or null the run ends. Pure; what is wrong with a flow tells `flow-findings.ts`.
 */
export interface FlowShape {
  /** Key of the object whose records run. */
  object: string;
  trigger: Trigger;
  /** Which records; read under the rights the flow has. */
  when?: Predicate;
  /** The step a run begins with. */
  start: string | null;
  steps: { [id: string]: Step };
  limits?: {
    /** So many runs begin within an hour; those above wait for their hour. */
    perHour?: number;
  };
  /** Where the canvas drew the steps; nothing here reads it. */
  layout?: { [id: string]: { x: number; y: number } };
}

export const DEEDS = ['created', 'changed', 'deleted'] as const;
export type Deed = (typeof DEEDS)[number];

export type Trigger =
  /** A record was created, changed (one of the fields, any unless named) or deleted; `was` is asked of the record before. */
  | { on: 'change'; deeds: readonly Deed[]; fields?: readonly string[]; was?: Predicate }
  /** At a time of the company's zone: every day, on a day of the week (1 is Monday), on a day of the month (31 is its last). */
  | { on: 'schedule'; every: 'day' | 'week' | 'month'; at: string; day?: number }
  /** Somebody else's program posts JSON: the record is found by what it is recognised by, or created. */
  | { on: 'inbound'; match?: Match; fields: { [field: string]: string }; perMinute?: number }
  /** Somebody starts it for chosen records: administrators, and holders of these roles. */
  | { on: 'hand'; roles?: readonly string[] };

/** By what an inbound call names its record; `path` leads to the value in what was posted. */
export type Match = { by: 'id' | 'email' | 'phone' | 'handle'; path: string } | { by: 'externalId'; system: string; path: string };

/** What a field is given: a value, a copy of a field reached by a path, a date reckoned from now, a text with `{{path}}` in it. */
export type FlowValue = { value: Json } | { field: string } | { date: RelativeDate } | { text: string };

/** Users: named, or those in a user field reached by a path. */
export type People = { users?: readonly string[]; field?: string };

interface Common {
  /** What the canvas calls it. */
  label?: string;
  next?: string | null;
}

export type Step =
  | (Common & { do: 'set'; values: { [field: string]: FlowValue } })
  | (Common & { do: 'create'; object: string; values: { [field: string]: FlowValue } })
  | (Common & { do: 'act'; action: string; input: { [field: string]: FlowValue } })
  /** One user, or several in turn; `field` is the object's owner unless named. */
  | (Common & { do: 'assign'; field?: string; users: readonly string[] })
  | (Common & { do: 'notify'; to: People; text: string })
  /** A span of time, until the date in a field, moved by `shift`, or until a condition holds, or after so long goes on by another edge. */
  | (Common & { do: 'wait'; for?: Offset; until?: string; shift?: Offset; when?: Predicate; timeout?: Timeout })
  | (Omit<Common, 'next'> & { do: 'branch'; branches: readonly Branch[]; else?: string | null })
  /** `next` once one approver agreed. */
  | (Common & { do: 'approve'; by: People; text: string; refused?: string | null; timeout?: Timeout })
  | (Common & { do: 'webhook'; url: string; body?: { [key: string]: FlowValue } })
  /** The steps from `each` on run for every related record that meets the condition; then this run goes on. */
  | (Common & { do: 'loop'; over: string; when?: Predicate; each: string | null });

/** How long at most, and where it goes on then. */
export interface Timeout {
  after: Offset;
  next?: string | null;
}

export interface Branch {
  id: string;
  label?: string;
  when: Predicate;
  next?: string | null;
}

/** What became of a step, as an edge: `next`, `else`, `refused`, `timeout`, `each`, or `branch:` and its id. */
export type Edge = 'next' | 'else' | 'refused' | 'timeout' | 'each' | `branch:${string}`;

/** The edges that leave a step, in the order they are drawn. */
export function edgesOf(step: Step): { edge: Edge; to: string | null }[] {
  switch (step.do) {
    case 'branch':
      return [
        ...step.branches.map((branch) => ({ edge: `branch:${branch.id}` as const, to: branch.next ?? null })),
        { edge: 'else', to: step.else ?? null },
      ];
    case 'approve':
      return [
        { edge: 'next', to: step.next ?? null },
        { edge: 'refused', to: step.refused ?? null },
        ...(step.timeout ? [{ edge: 'timeout' as const, to: step.timeout.next ?? null }] : []),
      ];
    case 'wait':
      return [
        { edge: 'next', to: step.next ?? null },
        ...(step.when && step.timeout ? [{ edge: 'timeout' as const, to: step.timeout.next ?? null }] : []),
      ];
    case 'loop':
      return [
        { edge: 'each', to: step.each },
        { edge: 'next', to: step.next ?? null },
      ];
    default:
      return [{ edge: 'next', to: step.next ?? null }];
  }
}

/** Where a run goes behind a step; null where it ends. */
export const nextStep = (step: Step, edge: Edge): string | null => edgesOf(step).find((one) => one.edge === edge)?.to ?? null;

/**
 * Whether time passes before a step is left along an edge: a circle that leads along it does not run away. A wait for a date or for a
 * condition does not count, for it may be over at once.
 */
export function takesTime(step: Step, edge: Edge): boolean {
  if (step.do !== 'wait' && step.do !== 'approve') return false;
  if (edge === 'timeout') return step.timeout !== undefined && isAhead(step.timeout.after);
  return step.do === 'approve' || (step.for !== undefined && isAhead(step.for));
}

/** Whether a span leads to a later moment whenever it is reckoned. */
function isAhead({ from, ...span }: Offset): boolean {
  const parts = Object.values(span);
  return (from === undefined || from === 'now') && parts.some((n) => n > 0) && parts.every((n) => n >= 0);
}

const PLACE = /\{\{\s*([\w.]+)\s*\}\}/g;

/** Paths that stand in a text between double braces. */
export const placesOf = (text: string): string[] => [...new Set([...text.matchAll(PLACE)].map(([, path = '']) => path))];

/** A text with its places filled; what is empty leaves nothing. */
export const filled = (text: string, at: (path: string) => string): string => text.replace(PLACE, (_, path: string) => at(path));

/** What a step reads of its record: values as they are stored, and values as text. */
export function pathsOf(step: Step): { stored: string[]; named: string[] } {
  const stored = new Set<string>();
  const named = new Set<string>();
  const read = (value: FlowValue) => {
    if ('field' in value) stored.add(value.field);
    if ('text' in value) for (const path of placesOf(value.text)) named.add(path);
  };
  if (step.do === 'set' || step.do === 'create') Object.values(step.values).forEach(read);
  if (step.do === 'act') Object.values(step.input).forEach(read);
  if (step.do === 'webhook') {
    Object.values(step.body ?? {}).forEach(read);
    read({ text: step.url });
  }
  if (step.do === 'notify' || step.do === 'approve') {
    read({ text: step.text });
    const people = step.do === 'notify' ? step.to : step.by;
    if (people.field) stored.add(people.field);
  }
  if (step.do === 'wait' && step.until) stored.add(step.until);
  return { stored: [...stored], named: [...named] };
}
