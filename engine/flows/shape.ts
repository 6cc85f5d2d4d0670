import { z } from 'zod';
import { DEEDS, type FlowShape } from '#engine/declare/flow.ts';
import { ANCHORS, type Offset, type RelativeDate, UNITS } from '#kit/calendar.ts';
import { invalid } from '#kit/errors.ts';
import type { Json } from '#kit/json.ts';

/** Reads a flow as it is posted: the shape alone. What it says is judged by `flowFindings`, so that half a drawing can be saved. */

const Id = z.string().regex(/^[A-Za-z][\w-]{0,59}$/, 'A step is named by letters, digits, dashes.');
const Key = z.string().max(200);
const Text = z.string().max(5000);
const To = Id.nullish();
const Whole = z.number().int().min(-99_999).max(99_999).optional();
const Span = z.strictObject({
  ...(Object.fromEntries(UNITS.map((unit) => [unit, Whole])) as { [unit in (typeof UNITS)[number]]: typeof Whole }),
  from: z.enum(ANCHORS).optional(),
}) satisfies z.ZodType<Offset>;
const Relative: z.ZodType<RelativeDate> = z.union([z.enum(ANCHORS), Span]);
const Condition = z.custom<never>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'Expected a condition.');
const Value = z.union([
  z.strictObject({ value: z.json() as z.ZodType<Json> }),
  z.strictObject({ field: Key }),
  z.strictObject({ date: Relative }),
  z.strictObject({ text: Text }),
]);
const Values = z.record(z.string().max(60), Value);
const People = z.strictObject({ users: z.array(z.string().max(40)).max(200).optional(), field: Key.optional() });
const Timeout = z.strictObject({ after: Span, next: To });
const common = { label: z.string().max(120).optional(), next: To };

const Step = z.discriminatedUnion('do', [
  z.strictObject({ ...common, do: z.literal('set'), values: Values }),
  z.strictObject({ ...common, do: z.literal('create'), object: Key, values: Values }),
  z.strictObject({ ...common, do: z.literal('act'), action: Key, input: Values }),
  z.strictObject({ ...common, do: z.literal('assign'), field: Key.optional(), users: z.array(z.string().max(40)).max(200) }),
  z.strictObject({ ...common, do: z.literal('notify'), to: People, text: Text }),
  z.strictObject({
    ...common,
    do: z.literal('wait'),
    for: Span.optional(),
    until: Key.optional(),
    shift: Span.optional(),
    when: Condition.optional(),
    timeout: Timeout.optional(),
  }),
  z.strictObject({
    label: common.label,
    do: z.literal('branch'),
    branches: z.array(z.strictObject({ id: Id, label: common.label, when: Condition, next: To })).max(50),
    else: To,
  }),
  z.strictObject({
    ...common,
    do: z.literal('approve'),
    by: People,
    text: Text,
    refused: To,
    timeout: Timeout.optional(),
  }),
  z.strictObject({ ...common, do: z.literal('webhook'), url: z.string().max(2000), body: Values.optional() }),
  z.strictObject({ ...common, do: z.literal('loop'), over: Key, when: Condition.optional(), each: Id.nullable() }),
]);

const Path = z.string().max(200);
const Trigger = z.discriminatedUnion('on', [
  z.strictObject({
    on: z.literal('change'),
    deeds: z.array(z.enum(DEEDS)).max(3),
    fields: z.array(Key).max(100).optional(),
    was: Condition.optional(),
  }),
  z.strictObject({
    on: z.literal('schedule'),
    every: z.enum(['day', 'week', 'month']),
    at: z.string().max(5),
    day: z.number().int().optional(),
  }),
  z.strictObject({
    on: z.literal('inbound'),
    match: z
      .union([
        z.strictObject({ by: z.enum(['id', 'email', 'phone', 'handle']), path: Path }),
        z.strictObject({ by: z.literal('externalId'), system: z.string().max(60), path: Path }),
      ])
      .optional(),
    fields: z.record(z.string().max(60), Path),
    perMinute: z.number().int().min(1).max(100_000).optional(),
  }),
  z.strictObject({ on: z.literal('hand'), roles: z.array(z.string().max(60)).max(50).optional() }),
]);

export const Flow = z.strictObject({
  object: Key,
  trigger: Trigger,
  when: Condition.optional(),
  start: Id.nullable(),
  steps: z.record(Id, Step),
  limits: z.strictObject({ perHour: z.number().int().min(1).max(1_000_000).optional() }).optional(),
  layout: z.record(Id, z.strictObject({ x: z.number(), y: z.number() })).optional(),
});

/** Reads a flow; throws `invalid` with every place that cannot be read, below `at`. */
export function readFlow(input: unknown, at = ''): FlowShape {
  const parsed = Flow.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalid(
    'The flow cannot be read.',
    parsed.error.issues
      .slice(0, 100)
      .map((issue) => ({ path: [at, ...issue.path].filter((part) => part !== '').join('.'), code: issue.code, detail: issue.message })),
  );
}
